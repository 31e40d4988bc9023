#!/bin/sh
# SPDX-License-Identifier: MIT
# Host unit tests: each tests/unit/*/*.c is a program, built with ASan and UBSan from itself and the kernel sources it
# names in a comment line of its first ten ("UNIT-SOURCES: kernel/lib/x.c ..."; "UNIT-FLAGS: ..." adds compiler flags).
# Prints TAP and "N passed, N failed". Usage: run.sh [-b BUILDDIR] [NAME]
set -u
cd "$(dirname "$0")/../.." || exit 1
build=build/unit
while getopts b: o; do
	case $o in
	b) build=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
only=${1:-}
cc=${HOSTCC:-gcc}
flags="-std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -fsanitize=address,undefined
	-fno-sanitize-recover=undefined -fno-strict-aliasing -fno-builtin -include tests/unit/include/config.h
	-Itests/unit/include -Itests/unit -Ikernel/include"
# Unpacked third-party sources: @TP@ in the two comment lines.
tp=${THIRD_PARTY:-${XDG_CACHE_HOME:-$HOME/.cache}/aramid/third-party}
mkdir -p "$build"
passed=0
failed=0
n=0
for src in tests/unit/*/*.c; do
	name=$(echo "$src" | sed 's,tests/unit/,,; s,/,-,g; s,\.c$,,')
	case $name in
	*"$only"*) ;;
	*) continue ;;
	esac
	grep -q 'UNIT-SOURCES:' "$src" || continue
	n=$((n + 1))
	sources=$(sed -n '1,10s,.*UNIT-SOURCES:\(.*\)$,\1,p' "$src" | sed "s,\*/,,; s,@TP@,$tp,g")
	extra=$(sed -n '1,10s,.*UNIT-FLAGS:\(.*\)$,\1,p' "$src" | sed "s,\*/,,; s,@TP@,$tp,g")
	# shellcheck disable=SC2086 # lists of words
	if $cc $flags $extra -o "$build/$name" "$src" $sources >"$build/$name.log" 2>&1 &&
		UNIT_DIR="$build" timeout 120 "$build/$name" >>"$build/$name.log" 2>&1; then
		echo "ok $n - unit/$name"
		passed=$((passed + 1))
	else
		echo "not ok $n - unit/$name"
		tail -n 15 "$build/$name.log" | sed 's/^/# /'
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
