#!/bin/sh
# SPDX-License-Identifier: MIT
# record.sh - the oracle: what does Linux print for the contract tests?
#
#   tests/user/record.sh [--update] [--only PATTERN[,PATTERN]...] [--repeat N]
#
# Runs the tests on Debian's kernel on 1 and on 4 processors (N times each). A test whose output differs
# between runs, that fails an expectation, or that does not end by itself is an error of the test. With
# --update it becomes what is expected; without, any difference from that is reported.
#
# One file holds for every architecture: expected/FAMILY/NAME.txt. Recording on arm64 writes it; another
# architecture writes it where there is none, and where its output differs writes
# expected/ARCH/FAMILY/NAME.txt, which then holds for that architecture. The file of a test that is for one
# architecture only (see build.sh) is in expected/ARCH too. Each test with such a file, except the latter,
# needs its reason in tests/arch-differences. After changing a test, record it on each architecture.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
ARCH=${ARCH:-arm64}
BUILD=${BUILD:-$top/build/$ARCH}
update=0 only='' repeat=1 smps="1 4"
while [ $# -gt 0 ]; do
	case $1 in
	--update) update=1 ;;
	--only) only=$2; shift ;;
	--repeat) repeat=$2; shift ;;
	--smp) smps=$(echo "$2" | tr , ' '); shift ;;
	*) sed -n '3,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
	shift
done

mkdir -p "$BUILD/tests/user"
work=$BUILD/tests/user/record.$$
mkdir "$work"
trap 'rm -rf "$work"' EXIT
bad=0 good=0 first=''
i=0
while [ $i -lt "$repeat" ]; do
	i=$((i + 1))
	for smp in $smps; do
		run=$work/$i.$smp
		mkdir "$run"
		ARCH=$ARCH BUILD=$BUILD "$here/run.sh" --linux --smp "$smp" --raw "$run" \
			${only:+--only "$only"}
		[ -n "$first" ] || first=$run
	done
done

complain() {
	bad=$((bad + 1))
	echo "not ok - $1: $2"
	head -n "${LINES_SHOWN:-30}" | sed 's/^/#   /'
}

# update_expected OUTPUT: of the test whose files are $shared and $own.
update_expected() {
	if [ -n "$("$here/build.sh" --arch-of "$name")" ] || { [ "$ARCH" = arm64 ] && [ -e "$own" ]; }; then
		want=$own
	elif [ "$ARCH" = arm64 ] || [ ! -e "$shared" ] || cmp -s "$1" "$shared"; then
		want=$shared
		rm -f "$own"
	else
		want=$own
	fi
	mkdir -p "${want%/*}"
	cp "$1" "$want"
}

for file in $(cd "$first" && find . -name '*.txt' | sed 's|^\./||' | sort); do
	name=${file%.txt}
	shared=$here/expected/$file
	own=$here/expected/$ARCH/$file
	want=$shared
	[ ! -e "$own" ] || want=$own
	stable=1
	for run in "$work"/*.*; do
		diff "$first/$file" "$run/$file" > "$work/diff" 2>&1 && continue
		complain "$name" "differs between runs (${run##*/})" < "$work/diff"
		stable=0
		break
	done
	[ $stable = 1 ] || continue
	if grep -q -e '^| .*: FAIL' -e '^| *FAIL' "$first/$file" ||
	   ! tail -n 1 "$first/$file" | grep -q '^! exit=0$'; then
		grep -e FAIL -e '^!' "$first/$file" > "$work/diff" || true
		complain "$name" "fails on Linux" < "$work/diff"
		continue
	fi
	if [ $update = 1 ]; then
		update_expected "$first/$file"
	elif ! diff -u "$want" "$first/$file" > "$work/diff" 2>&1; then
		complain "$name" "Linux prints something else than recorded" < "$work/diff"
		continue
	fi
	good=$((good + 1))
done
echo "$good passed, $bad failed"
[ "$bad" = 0 ]
