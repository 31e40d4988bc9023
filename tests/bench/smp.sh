#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make bench-smp: wall time of operations between CPUs, Debian's kernel and ours booted in turn, the least of each.
#
#	smp.sh [--linux-only | --ours-only] [-n ROUNDS] [-s CPUS] [-o OPERATION]
# Prints `OPERATION Debian Aramid /Debian', nanoseconds. Other work on the machine shows: repeat before you believe.
set -eu
cd "$(dirname "$0")/../.."
arch=${ARCH:-arm64}
build=${BUILD:-build/$arch}
case $arch in
arm64) cc=aarch64-linux-gnu-gcc image=${IMAGE:-$build/Image} ;;
x86_64) cc=x86_64-linux-gnu-gcc image=${IMAGE:-$build/bzImage} ;;
*) echo "smp: no recipe for $arch" >&2; exit 2 ;;
esac
linux=1 ours=1 rounds=3 cpus=4 op=
while [ $# -gt 0 ]; do
	case $1 in
	--ours-only) linux= ;;
	--linux-only) ours= ;;
	-n) rounds=$2; shift ;;
	-s) cpus=$2; shift ;;
	-o) op="op=$2"; shift ;;
	*) sed -n '3,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
	shift
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$cc -static -O2 -Wall -Wextra -o "$work/smp" tests/bench/smp.c -lpthread
{
	for d in / /dev /proc /tmp; do echo "dir $d 0755 0 0"; done
	echo "nod /dev/console 0600 0 0 c 5 1"
	echo "file /init $work/smp 0755 0 0"
} | tools/mkcpio.py -o "$work/ramdisk"

boot() {	# NAME ARGS...
	name=$1
	shift
	[ ! -t 2 ] || echo "smp: $name..." >&2
	ARCH=$arch tools/qemu.sh "$@" -r "$work/ramdisk" -s "$cpus" -m 512 -t 180 -o "$work/log" -a "quiet loglevel=1 $op" || true
	tr -d '\r' <"$work/log" | grep -a '^smp ' >>"$work/$name" || true
	grep -aq '^smp done' "$work/log" || { echo "# $name did not get to the end:"; tail -n 5 "$work/log"; }
}
: >"$work/linux"
: >"$work/ours"
for round in $(seq "$rounds"); do
	[ -z "$linux" ] || boot linux --linux
	[ -z "$ours" ] || boot ours -k "$image"
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
