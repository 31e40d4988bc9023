# SPDX-License-Identifier: MIT
#
# Turn the output of `nm -n` into the kernel's own symbol table, as assembly.
#
#	ksyms_count	uint32_t
#	ksyms_offset[]	uint32_t, ascending, from _text
#	ksyms_name[]	uint32_t, where in ksyms_strings the name starts
#	ksyms_strings[]	names, each ended by a zero byte
#
# Functions only.  The table lies in section .ksyms, which the linker script puts behind all
# text, so that filling it in the second link moves no function.  Without input: empty.

function hexval(s,    i, v) {
	v = 0
	s = tolower(s)
	for (i = 1; i <= length(s); i++)
		v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return v
}

# A kernel address needs more than the 53 bits that awk's numbers hold: subtract the low words.
function low(s) { return hexval(substr(s, length(s) - 7)) }

$3 == "_text" { base = low($1); seen = 1 }
$2 ~ /^[tTwW]$/ && $3 !~ /^\$|^\.L|^_text$|^_etext$|^__/ { addr[n] = $1; name[n++] = $3 }

END {
	print ".section .ksyms, \"a\""
	print ".balign 4"
	print ".global ksyms_count, ksyms_offset, ksyms_name, ksyms_strings"
	m = 0
	for (i = 0; i < n && seen; i++) {
		off = low(addr[i]) - base
		if (off < 0)
			off += 4294967296
		if (off >= 268435456)
			continue	# an absolute or a boot-time address, far from _text
		if (m && off == offs[m - 1])
			continue	# a second name for the same place
		offs[m] = off
		names[m++] = name[i]
	}
	printf "ksyms_count: .4byte %d\n", m
	print "ksyms_offset:"
	for (i = 0; i < m; i++)
		printf ".4byte %d\n", offs[i]
	print ".4byte 0\nksyms_name:"
	at = 0
	for (i = 0; i < m; i++) {
		printf ".4byte %d\n", at
		at += length(names[i]) + 1
	}
	print ".4byte 0\nksyms_strings:"
	for (i = 0; i < m; i++)
		printf ".asciz \"%s\"\n", names[i]
	print ".byte 0"
}
