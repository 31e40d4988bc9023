#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make bench-smp: wall time of operations between CPUs, Debian's kernel and ours booted in turn, the least of each.
#
#	smp.sh [--linux-only | --ours-only] [-n ROUNDS] [-s CPUS] [-o OPERATION]
# Prints `OPERATION Debian Aramid /Debian', nanoseconds. Other work on the machine shows: repeat before you believe.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
rounds=3 cpus=4 op=
while [ $# -gt 0 ]; do
	case $1 in
	--ours-only) linux= ;;
	--linux-only) ours= ;;
	-n) rounds=$2; shift ;;
	-s) cpus=$2; shift ;;
	-o) op="op=$2"; shift ;;
	*) usage ;;
	esac
	shift
done
ramdisk smp
for _ in $(seq "$rounds"); do
	[ -z "$linux" ] || boot smp linux "$op" --linux -s "$cpus" -m 512 -t 180
	[ -z "$ours" ] || boot smp ours "$op" -k "$image" -s "$cpus" -m 512 -t 180
done
awk '
	$2 == "FAILED" { print "# " FILENAME ": " $0; next }
	$2 == "done" { next }
	!($2 in seen) { seen[$2] = 1; name[++n] = $2 }
	FILENAME ~ /linux$/ && (!($2 in linux) || $3 < linux[$2]) { linux[$2] = $3 }
	FILENAME ~ /ours$/ && (!($2 in ours) || $3 < ours[$2]) { ours[$2] = $3 }
	function show(v) { return v == "" ? "-" : v }
	END {
		printf "%-18s %12s %12s %9s\n", "operation", "Debian", "Aramid", "/Debian"
		for (i = 1; i <= n; i++) {
			o = name[i]
			printf "%-18s %12s %12s %9s\n", o, show(linux[o]), show(ours[o]), linux[o] && ours[o] ? sprintf("%.2f", ours[o] / linux[o]) : "-"
		}
	}' "$work/linux" "$work/ours"
