#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make bench-mem: bytes of memory that a process, a thread, an open file ... takes, on Debian's kernel and on ours.
#
#	mem.sh [--linux-only | --ours-only]
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
case ${1:-} in
--linux-only) ours= ;;
--ours-only) linux= ;;
esac
ramdisk mem
[ -z "$linux" ] || boot mem linux '' --linux --icount -m 512 -t 300
[ -z "$ours" ] || boot mem ours '' -k "$image" --icount -m 512 -t 300
awk '
	$2 == "FAILED" { print "# " FILENAME ": " $0; next }
	$2 == "done" { next }
	FILENAME ~ /linux$/ { linux[$2] = $3 }
	FILENAME ~ /ours$/ { ours[$2] = $3 }
	!($2 in seen) { seen[$2] = 1; name[++n] = $2 }
	function show(v) { return v == "" ? "-" : v }
	END {
		printf "%-18s %12s %12s %9s\n", "object", "Debian", "Aramid", "/Debian"
		for (i = 1; i <= n; i++) {
			o = name[i]
			printf "%-18s %12s %12s %9s\n", o, show(linux[o]), show(ours[o]), linux[o] && ours[o] ? sprintf("%.2f", ours[o] / linux[o]) : "-"
		}
	}' "$work/linux" "$work/ours"
