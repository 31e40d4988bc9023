#!/bin/sh
# SPDX-License-Identifier: MIT
# Host unit tests: each tests/unit/*/*.c with a line "UNIT-SOURCES:" in its first ten is a program, built with ASan and
# UBSan from itself and what its comment lines name:
#	UNIT-SOURCES: files		UNIT-FLAGS: compiler flags (@TP@: the third-party sources)
#	UNIT-VARIANTS: flags; the program is built and run once with each
# A folder with a config.h and an include/ of its own has those in place of tests/unit/include.
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
	-fno-sanitize-recover=undefined -fno-strict-aliasing -fno-builtin"
# Unpacked third-party sources: @TP@ in the two comment lines.
tp=${THIRD_PARTY:-${XDG_CACHE_HOME:-$HOME/.cache}/aramid/third-party}
mkdir -p "$build"
passed=0
failed=0
n=0
words() {
	sed -n "1,10s,.*$2:\(.*\)\$,\1,p" "$1" | sed "s,\*/,,; s,@TP@,$tp,g"
}
for src in tests/unit/*/*.c; do
	name=$(echo "$src" | sed 's,tests/unit/,,; s,/,-,g; s,\.c$,,')
	case $name in
	*"$only"*) ;;
	*) continue ;;
	esac
	grep -q 'UNIT-SOURCES:' "$src" || continue
	around=$(dirname "$src")
	[ -e "$around/config.h" ] || around=tests/unit/include
	case $around in */include) inc=$around ;; *) inc=$around/include ;; esac
	sources=$(words "$src" UNIT-SOURCES)
	extra="-include $around/config.h -I$inc -Itests/unit -Ikernel/include $(words "$src" UNIT-FLAGS)"
	variants=$(words "$src" UNIT-VARIANTS)
	for variant in ${variants:--DUNIT}; do
		n=$((n + 1))
		title=$name${variants:+ ${variant#-D}}
		exe=$build/$name${variants:+$variant}
		# shellcheck disable=SC2086 # lists of words
		if $cc $flags $extra "$variant" -o "$exe" "$src" $sources >"$exe.log" 2>&1 &&
			UNIT_DIR="$build" timeout 120 "$exe" >>"$exe.log" 2>&1; then
			echo "ok $n - unit/$title"
			passed=$((passed + 1))
		else
			echo "not ok $n - unit/$title"
			tail -n 15 "$exe.log" | sed 's/^/# /'
			failed=$((failed + 1))
		fi
	done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
