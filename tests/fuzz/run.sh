#!/bin/sh
# SPDX-License-Identifier: MIT
# Host fuzzers: each tests/fuzz/fuzz_*.c is a libFuzzer target, built by clang 14 with ASan and UBSan from itself and what
# its first lines name:
#	FUZZ-SOURCES: kernel files		FUZZ-FLAGS: compiler flags (@TP@: the third-party sources)
#	FUZZ-SEEDS: a command that fills the folder given as its last argument
# Each runs for SECONDS (default 20). Prints TAP and "N passed, N failed"; a finding is kept in BUILDDIR/NAME.crash*.
# Usage: run.sh [-b BUILDDIR] [SECONDS [NAME]]
set -u
cd "$(dirname "$0")/../.." || exit 1
build=build/fuzz
while getopts b: o; do
	case $o in
	b) build=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
seconds=${1:-20}
only=${2:-}
cc=${FUZZCC:-clang-14}
tp=${THIRD_PARTY:-${XDG_CACHE_HOME:-$HOME/.cache}/aramid/third-party}
flags="-std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -fno-strict-aliasing
	-include tests/unit/include/config.h -Itests/unit/include -Itests/unit -Ikernel/include"
mkdir -p "$build"
words() {
	sed -n "1,10s,.*$2:\(.*\)\$,\1,p" "$1" | sed "s,\*/,,; s,@TP@,$tp,g"
}
passed=0
failed=0
for src in tests/fuzz/fuzz_*.c; do
	name=$(basename "$src" .c)
	case $name in
	*"$only"*) ;;
	*) continue ;;
	esac
	n=$((passed + failed + 1))
	rm -rf "${build:?}/$name.corpus"
	mkdir -p "$build/$name.corpus"
	seeds=$(words "$src" FUZZ-SEEDS)
	# shellcheck disable=SC2086 # a command with its words
	[ -z "$seeds" ] || $seeds "$build/$name.corpus" >"$build/$name.log" 2>&1
	# shellcheck disable=SC2046,SC2086 # lists of words
	if $cc $flags $(words "$src" FUZZ-FLAGS) -o "$build/$name" "$src" $(words "$src" FUZZ-SOURCES) >"$build/$name.log" 2>&1 &&
		timeout $((seconds + 60)) "$build/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
			-artifact_prefix="$build/$name." "$build/$name.corpus" >>"$build/$name.log" 2>&1; then
		echo "ok $n - fuzz/$name # $(grep -c . "$build/$name.log") lines, $(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$build/$name.log") runs"
		passed=$((passed + 1))
	else
		echo "not ok $n - fuzz/$name"
		tail -n 20 "$build/$name.log" | sed 's/^/# /'
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
