#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make bench-mem: bytes of memory that a process, a thread, an open file ... takes, on Debian's kernel and on ours.
#
#	mem.sh [--linux-only | --ours-only]
set -eu
cd "$(dirname "$0")/../.."
arch=${ARCH:-arm64}
build=${BUILD:-build/$arch}
case $arch in
arm64) cc=aarch64-linux-gnu-gcc image=${IMAGE:-$build/Image} ;;
x86_64) cc=x86_64-linux-gnu-gcc image=${IMAGE:-$build/bzImage} ;;
*) echo "mem: no recipe for $arch" >&2; exit 2 ;;
esac
linux=1 ours=1
case ${1:-} in
--linux-only) ours= ;;
--ours-only) linux= ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$cc -static -O2 -Wall -Wextra -o "$work/mem" tests/bench/mem.c -lpthread
{
	for d in / /dev /proc /tmp; do echo "dir $d 0755 0 0"; done
	echo "nod /dev/console 0600 0 0 c 5 1"
	echo "file /init $work/mem 0755 0 0"
} | tools/mkcpio.py -o "$work/ramdisk"

boot() {	# NAME ARGS...
	name=$1
	shift
	[ ! -t 2 ] || echo "mem: $name..." >&2
	ARCH=$arch tools/qemu.sh "$@" -r "$work/ramdisk" --icount -m 512 -t 300 -o "$work/$name.log" -a "quiet loglevel=1" || true
	tr -d '\r' <"$work/$name.log" | grep -a '^mem ' >"$work/$name" || true
	grep -q '^mem done' "$work/$name" || { echo "# $name did not get to the end:"; tail -n 5 "$work/$name.log"; }
}
: >"$work/linux"
: >"$work/ours"
[ -z "$linux" ] || boot linux --linux
[ -z "$ours" ] || boot ours -k "$image"
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
