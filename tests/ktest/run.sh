#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The tests inside the kernel: boots the debug build with `ktest' on 4 CPUs and on 1. ARCH=x86_64 for that architecture.
#
#	run.sh [-k IMAGE] [-s "SMP..."] [SEED[,FILTER]]
set -eu
cd "$(dirname "$0")/../.."
arch=${ARCH:-arm64}
image='' smps='4 1'
while getopts k:s: o; do
	case $o in
	k) image=$OPTARG ;;
	s) smps=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
if [ -z "$image" ]; then
	env -u BUILD -u IMAGE make -s -j2 ARCH="$arch" CONFIG=debug
	image=build/$arch-debug/Image
	[ "$arch" != x86_64 ] || image=build/$arch-debug/bzImage
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0
for smp in $smps; do
	ARCH=$arch tools/qemu.sh -k "$image" -s "$smp" -t 90 -o "$log" -a "ktest${1:+=$1} panic=-1" || true
	tr -d '\r' <"$log" | sed 's/^\[ *[0-9.]*\] //' >"$log.txt"
	# Where there is no last line, the kernel died: show how.
	if ! grep -qE '^[0-9]+ passed, [0-9]+ failed$' "$log.txt"; then
		echo "not ok - ktest on $smp CPUs did not end; last lines of the console:"
		tail -n 25 "$log.txt" | sed 's/^/#   /'
		failed=$((failed + 1))
	fi
	grep -E '^(ok|not ok|#|1\.\.)' "$log.txt" | sed "s/^\(ok\|not ok\) .*/& (smp=$smp)/"
	passed=$((passed + $(grep -c '^ok ' "$log.txt" || true)))
	failed=$((failed + $(grep -c '^not ok ' "$log.txt" || true)))
	rm -f "$log.txt"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
