#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make bench-scale: what an operation costs against the size of what surrounds it, on Debian's kernel and on ours, under -icount.
#
#	scale.sh [--linux-only | --ours-only] [-c CURVE] [-o OUT.svg]
# Prints `CURVE SIZE Debian Aramid'; with -o (and gnuplot) draws the curves.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/lib.sh
out='' curve=
while [ $# -gt 0 ]; do
	case $1 in
	--ours-only) linux= ;;
	--linux-only) ours= ;;
	-c) curve="curve=$2"; shift ;;
	-o) out=$2; shift ;;
	*) usage ;;
	esac
	shift
done
ramdisk scale
[ -z "$linux" ] || boot scale linux "$curve" --linux --icount -m 2048 -t 1200
[ -z "$ours" ] || boot scale ours "$curve" -k "$image" --icount -m 2048 -t 1200
awk '
	$2 == "FAILED" { print "# " FILENAME ": " $0; next }
	$2 == "done" { next }
	FILENAME ~ /linux$/ { linux[$2, $3] = $4 }
	FILENAME ~ /ours$/ { ours[$2, $3] = $4 }
	!(($2, $3) in seen) { seen[$2, $3] = 1; name[++n] = $2; size[n] = $3 }
	function show(v) { return v == "" ? "-" : v }
	END {
		printf "%-18s %8s %12s %12s\n", "curve", "size", "Debian", "Aramid"
		for (i = 1; i <= n; i++)
			printf "%-18s %8d %12s %12s\n", name[i], size[i], show(linux[name[i], size[i]]), show(ours[name[i], size[i]])
	}' "$work/linux" "$work/ours" | tee "$work/table"

[ -n "$out" ] || exit 0
command -v gnuplot >/dev/null || { echo "scale: no gnuplot (package gnuplot-nox): no chart" >&2; exit 0; }
{
	echo "set terminal svg size 960,900 font 'sans,11' background 'white'"
	echo "set output '$out'"
	echo "set datafile missing '-'"
	echo "set multiplot layout 4,2 title 'Instructions an operation against size ($arch)'"
	echo "set logscale xy; set key top left; set format x '%.0f'; set format y '%.0s%c'; set yrange [100:*]"
	awk 'NR > 1 && !s[$1]++ { print $1 }' "$work/table" | while read -r name; do
		awk -v n="$name" '$1 == n' "$work/table" >"$work/$name.dat"
		echo "set title '$name' noenhanced"
		echo "plot '$work/$name.dat' using 2:3 with linespoints title 'Debian', '' using 2:4 with linespoints title 'Aramid'"
	done
} >"$work/plot"
gnuplot "$work/plot"
