#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The system-call fuzzer: boots the debug build (4 CPUs) with tests/fuzz/syscalls/fuzz.c as /init.
#
#	run.sh [-k IMAGE] [-s SMP] [--linux] [SECONDS [SEED [WORD...]]]
#
# SEED defaults to the day, so that every day has other calls and all runs of a day the same. WORDs go to the fuzzer
# (only=NAME,... calls=N trace=1 workers=N). A failure prints the command that repeats it.
set -eu
cd "$(dirname "$0")/../../.."
arch=${ARCH:-arm64}
image='' smp=4 linux=''
while [ $# -gt 0 ]; do
	case $1 in
	-k) image=$2; shift 2 ;;
	-s) smp=$2; shift 2 ;;
	--linux) linux=--linux; shift ;;
	*) break ;;
	esac
done
seconds=${1:-40}
seed=${2:-$(date -u +%Y%m%d)}
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift
case $arch in
arm64) cc=${CROSS_COMPILE:-aarch64-linux-gnu-}gcc name=Image ;;
x86_64) cc=${CROSS_COMPILE:-x86_64-linux-gnu-}gcc name=bzImage ;;
esac
if [ -z "$image$linux" ]; then
	env -u BUILD -u IMAGE make -s -j2 ARCH="$arch" CONFIG=debug
	image=build/$arch-debug/$name
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk -f tests/fuzz/syscalls/table.awk kernel/syscall/syscalls.def "arch/$arch/syscalls.tbl" >"$work/table.h"
$cc -std=gnu11 -O1 -g -static -Wall -Wextra -Werror -I"$work" -o "$work/fuzz" tests/fuzz/syscalls/fuzz.c -lpthread
{
	for d in / /dev /proc /tmp; do echo "dir $d 0755 0 0"; done
	echo "nod /dev/console 0600 0 0 c 5 1"
	echo "file /init $work/fuzz 0755 0 0"
} | tools/mkcpio.py -o "$work/ramdisk"
# shellcheck disable=SC2086
ARCH=$arch tools/qemu.sh ${linux:--k $image} -s "$smp" -r "$work/ramdisk" -t $((seconds * 3 + 120)) -o "$work/log" \
	-a "quiet loglevel=1 panic=-1 rdinit=/init -- seed=$seed seconds=$seconds $*" >/dev/null 2>&1 || true
tr -d '\r' <"$work/log" >"$work/text"
grep -a '^sysfuzz:' "$work/text" | sed 's/^/# /'
if grep -qa '^sysfuzz: ok$' "$work/text"; then
	echo "ok - system calls with hostile arguments, $arch, $smp CPUs"
	echo "1 passed, 0 failed"
else
	grep -av '^sysfuzz:' "$work/text" | tail -n 60 | sed 's/^/#   /'
	echo "# again: ARCH=$arch tests/fuzz/syscalls/run.sh -s $smp $seconds $seed $*"
	echo "not ok - system calls with hostile arguments, $arch, $smp CPUs"
	echo "0 passed, 1 failed"
	exit 1
fi
