# SPDX-License-Identifier: ISC
# Prints the commands of a manual page as a script, in their order: the lines of literal blocks and of .Dl that begin with
# a prompt, # or $, and those that continue them. With -v section=NAME, those of one section.

function type(line) {
	if (line ~ /^[#$] /)
		line = substr(line, 3)
	gsub(/\\e/, "\\", line)
	gsub(/\\&/, "", line)
	print line
}

/^\.Sh/ { chosen = section == "" || $0 == ".Sh " section }
! chosen { next }
/^\.Bd/ { inside = 1; first = 1; next }
/^\.Ed/ { inside = 0; next }
inside && first { shown = /^[#$] /; first = 0 }
inside && shown { type($0) }
/^\.Dl [#$] / { type(substr($0, 5)) }
