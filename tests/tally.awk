# SPDX-License-Identifier: ISC
# Reads TAP. Shows the first failures with their reasons and every skipped test, writes "passed failed skipped" to the
# file "counts". Several plans may follow each other; one that was not kept, or a nonzero exit "status" that no failed
# test explains, is a failure too.
/^1\.\.[0-9]+/ { planned += substr($1, 4); next }
/^ok .*# skip/ { skipped++; print; next }
/^ok / { passed++; telling = 0; next }
/^not ok / { telling = ++failed <= 20 }
telling || !/^(#|not ok )/
END {
	if (failed > 20) print "... and " failed - 20 " more"
	if (planned != passed + failed + skipped) {
		printf "not ok %d tests were planned, %d ran\n", planned, passed + failed + skipped
		failed++
	} else if (status != 0 && !failed) {
		printf "not ok ended with status %d\n", status
		failed++
	}
	print passed + 0, failed + 0, skipped + 0 >counts
}
