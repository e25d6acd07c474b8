# SPDX-License-Identifier: ISC
# explain.txt to the table of explain.c. A text begins after "= NAME REFERENCE" and ends before the next one; blank lines
# at its end do not count.

function quote(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}

function finish() {
	if (name != "")
		printf "\t{ %s, %s,%s },\n", quote(name), ref == "" ? "NULL" : quote(ref), text
	name = text = held = ""
}

BEGIN { print "#include \"text/explain.h\"\n\n#include <stddef.h>\n\nextern const struct explanation explanations[];\nconst struct explanation explanations[] = {" }
/^= / {
	finish()
	name = $2
	ref = substr($0, length($2) + 4)
	next
}
name == "" { next } # what the file begins with
/^$/ { held = held "\n\t\t\"\\n\""; next }
{
	text = text (text == "" ? "" : held "\n\t\t\"\\n\"") "\n\t\t" quote($0)
	held = ""
}
END { finish(); print "\t{ NULL, NULL, NULL }\n};" }
