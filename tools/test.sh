#!/bin/bash
# SPDX-License-Identifier: MIT
#
# test.sh [-a ARCH] [STAGE...]: everything that proves the tree, one stage after the other.
# Each stage prints its own lines and ends with `N passed, N failed[, N skipped]'; the last line
# of this script is their sum. Exit status 0 only if nothing failed.
#
# Stages: build lint unit fuzz ktest user busybox shell trace boot badinput fatal
set -u
cd "$(dirname "$0")/.." || exit
arch=arm64
if [ "${1:-}" = -a ]; then arch=$2; shift 2; fi
stages=${*:-build lint unit fuzz ktest user busybox shell trace boot badinput fatal}
export ARCH=$arch
logs=build/test
mkdir -p $logs
passed=0 failed=0 skipped=0
start=$SECONDS

# Both compilers, both configurations; a warning is an error.
stage_build() {
	local p=0 f=0 cc config
	for cc in gcc clang; do
		for config in release debug; do
			set -- CONFIG=$config
			[ $cc = gcc ] || set -- "$@" CC=clang
			if env -u BUILD -u IMAGE make -s -j2 ARCH=$arch "$@" >"$logs/build-$cc-$config.log" 2>&1 &&
				! grep -qi 'warning:' "$logs/build-$cc-$config.log"; then
				echo "ok - build $cc $config"
				p=$((p + 1))
			else
				echo "not ok - build $cc $config"
				grep -iE 'error|warning|undefined' "$logs/build-$cc-$config.log" | head -n 15 | sed 's/^/#   /'
				f=$((f + 1))
			fi
		done
	done
	# The limit on the size of the image belongs to the release build.
	if [ "$(stat -c %s build/$arch/Image 2>/dev/null || echo 9999999)" -le 1572864 ]; then
		echo "ok - image of at most 1.5 MiB"
		p=$((p + 1))
	else
		echo "not ok - image of at most 1.5 MiB"
		f=$((f + 1))
	fi
	echo "$p passed, $f failed"
	[ $f = 0 ]
}

# run NAME SECONDS COMMAND...
run() {
	local name=$1 limit=$2 line status=0 s=$SECONDS
	shift 2
	echo "=== $name"
	if [ "$name" = build ]; then
		stage_build 2>&1 | tee $logs/$name.log
		status=${PIPESTATUS[0]}
	elif [ ! -e "$1" ]; then
		echo "not ok - $name: $1 does not exist"
		failed=$((failed + 1))
		return
	else
		timeout -k 10 "$limit" "$@" 2>&1 </dev/null | tee $logs/$name.log
		status=${PIPESTATUS[0]}
	fi
	[ "$status" != 124 ] || echo "not ok - $name: stopped after $limit s"
	# Several summaries (one for each number of CPUs, say) add up.
	line=$(grep -aE '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' $logs/$name.log |
		awk '{ p += $1; f += $3; s += $5 } END { if (NR) print p, f, s + 0 }')
	if [ -z "$line" ]; then
		echo "not ok - $name: no result (exit status $status)"
		failed=$((failed + 1))
	else
		# shellcheck disable=SC2086
		set -- $line
		passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
		[ "$status" = 0 ] || [ "$2" -gt 0 ] || failed=$((failed + 1))
	fi
	echo "--- $name: $((SECONDS - s)) s"
}

export BUILD=build/$arch IMAGE=build/$arch/Image
for stage in $stages; do
	case $stage in
	build) run build 1200 ;;
	lint) run lint 600 tools/lint.sh ;;
	unit) run unit 400 tests/unit/run.sh ;;
	fuzz) run fuzz 400 tests/fuzz/run.sh "${FUZZ_SECONDS:-10}" ;;
	ktest) run ktest 600 tests/ktest/run.sh ;;
	user) run user 1500 tests/user/run.sh ;;
	busybox) run busybox 600 tests/busybox/run.sh ;;
	shell) run shell 500 tests/qemu/shell.sh -k "$IMAGE" ;;
	trace) run trace 300 tests/qemu/ktrace.sh ;;
	boot) run boot 1200 tests/qemu/matrix.sh ;;
	badinput) run badinput 400 tests/qemu/badinput.sh ;;
	fatal) run fatal 300 tests/qemu/fatal.sh ;;
	*) echo "test: no stage $stage" >&2; exit 2 ;;
	esac
done
echo "--- all: $((SECONDS - start)) s"
if [ $skipped -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ $failed = 0 ]
