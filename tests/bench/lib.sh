# SPDX-License-Identifier: MIT
#
# lib.sh: what mem.sh, scale.sh and smp.sh have in common; sourced at the root of the tree.
# shellcheck shell=sh disable=SC2034  # what it sets is for others
#
# Sets arch, cc, image, linux and ours (empty: not asked for), and work, a folder that goes with the script.

arch=${ARCH:-arm64}
build=${BUILD:-build/$arch}
case $arch in
arm64) cc=aarch64-linux-gnu-gcc image=${IMAGE:-$build/Image} ;;
x86_64) cc=x86_64-linux-gnu-gcc image=${IMAGE:-$build/bzImage} ;;
*) echo "${0##*/}: no recipe for $arch" >&2; exit 2 ;;
esac
linux=1 ours=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The opening comment of the script, and the end.
usage() {
	sed -n '3,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# ramdisk NAME: tests/bench/NAME.c as /init
ramdisk() {
	$cc -static -O2 -Wall -Wextra -Wno-unused-parameter -o "$work/$1.bin" "tests/bench/$1.c" -lpthread
	{
		for d in / /dev /proc /tmp; do echo "dir $d 0755 0 0"; done
		echo "nod /dev/console 0600 0 0 c 5 1"
		echo "file /init $work/$1.bin 0755 0 0"
	} | tools/mkcpio.py -o "$work/ramdisk"
}

# boot PROGRAM WHERE WORDS ARGUMENTS...: run the ramdisk with these arguments of qemu.sh and more words on the command line;
# lines that start with the program's name are added to $work/WHERE
boot() {
	program=$1 where=$2 words=$3
	shift 3
	[ ! -t 2 ] || echo "$program: $where..." >&2
	ARCH=$arch tools/qemu.sh "$@" -r "$work/ramdisk" -o "$work/log" -a "quiet loglevel=1 $words" || true
	tr -d '\r' <"$work/log" | grep -a "^$program " >>"$work/$where" || true
	grep -aq "^$program done" "$work/log" || { echo "# $where did not get to the end:"; tail -n 5 "$work/log"; }
}
: >"$work/linux"
: >"$work/ours"
