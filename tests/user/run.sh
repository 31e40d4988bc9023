#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - run the contract tests on a kernel and compare with what Linux printed.
#
#   tests/user/run.sh [options]
#     --linux          Debian's kernel instead of $IMAGE or that of build/ARCH (fetched by tools/get-deb.sh)
#     --kernel FILE    this kernel
#     --smp N          processors (default 1,4: both, one after the other)
#     --only PATTERN   shell pattern of FAMILY/NAME, comma for several
#     --cpu MODEL --machine OPTIONS --memory MIB     of the machine; the defaults are those of tools/qemu.sh
#     --timeout S      seconds for a whole boot (default 900; the runner stops a program after 180)
#     --raw DIR        keep the blocks as DIR/FAMILY/NAME.txt and compare nothing
#     --verbose        show whole differences
#     --oracle [...]   record.sh with the options that follow
# ARCH=x86_64 in the environment is for that architecture. What a test must print is expected/ARCH/FAMILY/NAME.txt,
# or where there is no such file expected/FAMILY/NAME.txt.
# Prints "ok N - FAMILY/NAME (smp=1)" or "not ok ..." with the head of the difference, and at the end
# "N passed, N failed". A test listed in tests/known-divergences ("FAMILY/NAME  reason") may differ on
# our kernel and must: one that passes although listed is a failure, so that the list shrinks.
# If there is a file diverging/FAMILY/NAME.txt, a listed test must print just that on our kernel.
# A kernel that dies in a test costs that test: the machine is started again behind it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/compare.sh"
ARCH=${ARCH:-arm64}
BUILD=${BUILD:-$top/build/$ARCH}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
kernel='' linux=0 smps="1 4" only='' memory=1024 limit=${BOOT_SECONDS:-900} raw='' verbose=0 machine='' cpu=''
restarts=${RESTARTS:-30}

while [ $# -gt 0 ]; do
	case $1 in
	--linux) linux=1 ;;
	--kernel) kernel=$2; shift ;;
	--smp) smps=$(echo "$2" | tr , ' '); shift ;;
	--only) only=$2; shift ;;
	--cpu) cpu=$2; shift ;;
	--machine) machine=$2; shift ;;
	--memory) memory=$2; shift ;;
	--timeout) limit=$2; shift ;;
	--raw) raw=$2; shift ;;
	--verbose) verbose=1 ;;
	--oracle) shift; exec "$here/record.sh" "$@" ;;
	*) sed -n '3,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
	shift
done

if [ "$linux" = 1 ] && [ -z "$kernel" ]; then
	case $ARCH in x86_64) deb=amd64 ;; *) deb=$ARCH ;; esac
	kernel=${LINUX_IMAGE:-$("$top/tools/get-deb.sh" "$deb" "linux-image-$deb")/vmlinuz}
fi
# On x86_64 both kernels get what both have: no five levels of page tables, no protection keys, no bounds registers.
case $ARCH in
x86_64) image=bzImage cpu=${cpu:-max,la57=off,pku=off,mpx=off} ;;
*) image=Image ;;
esac
kernel=${kernel:-${IMAGE:-$BUILD/$image}}
[ -r "$kernel" ] || { echo "run.sh: no kernel $kernel" >&2; exit 2; }

set -f
# shellcheck disable=SC2046
ARCH=$ARCH BUILD=$BUILD "$here/build.sh" $(echo "$only" | tr , ' ')
set +f
work=$BUILD/tests/user/run.$$
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
# A copy of its own: another run may pack another selection meanwhile.
ramdisk=$work/ramdisk.cpio
cp "$BUILD/tests/user/ramdisk.cpio" "$ramdisk"
tests=$(cpio -i --quiet --to-stdout tests/list < "$ramdisk")
# What Debian's kernel has as modules: a test's line `/* modules: NAME... */' says which, in the order in which they load.
modules=$(for name in $tests; do sed -n '1,3s|^/\* modules: \(.*\) \*/$|\1|p' "$here/$name.c"; done | tr ' ' '\n' | awk 'NF && !seen[$0]++')
if [ "$linux" = 1 ] && [ -n "${modules:-}" ]; then
	# shellcheck disable=SC2086
	"$top/tools/get-modules.sh" "$ARCH" "$work/add/modules" $modules
	(cd "$work/add" && find modules | sort | cpio -o -H newc -R 0:0 --quiet) >> "$ramdisk"
fi

# boot SMP CONSOLE AFTER: one run of the machine, its console in a file.
boot() {
	ARCH=$ARCH "$top/tools/qemu.sh" -k "$kernel" -r "$ramdisk" -s "$1" -m "$memory" -t "$limit" -o "$2" \
		${machine:+-M "$machine"} ${cpu:+-c "$cpu"} \
		-a "quiet loglevel=0 panic=-1 rdinit=/init -- after=$3" \
		> "$2.qemu" 2>&1 < /dev/null || echo "qemu: ended with $?" >> "$2.qemu"
}

# run_all SMP DIR: blocks of every test in DIR/FAMILY/NAME.txt, starting again behind a fatal one.
run_all() {
	after=''
	boots=0
	at=$work/boot.$1
	mkdir -p "$at"
	while :; do
		boots=$((boots + 1))
		: > "$at/console"
		boot "$1" "$at/console" "$after"
		tr -d '\r' < "$at/console" > "$at/log"
		cp "$at/log" "$BUILD/tests/user/console.smp$1.$boots"
		awk -v dir="$2" '
		match($0, /^[a-z0-9_]+\/[a-zA-Z0-9_]+[?|!]/) {
			name = substr($0, 1, RLENGTH - 1)
			mark = substr($0, RLENGTH, 1)
			if (mark == "?") {
				current = name; file = dir "/" name ".txt"; printf "" > file
				next
			}
			if (name == current) {
				print substr($0, RLENGTH) > file
				if (mark == "!") { close(file); current = "" }
			}
			next
		}
		current != "" && !/^$/ { stray[++strays] = $0 }
		END {
			if (current != "") {
				print "! the machine ended here" > file
				for (i = 1; i <= strays && i <= 60; i++)
					print "# " stray[i] > file
				print current
			}
		}' "$at/log" > "$at/died"
		grep -q '^runner: done' "$at/log" && break
		if [ ! -s "$at/died" ]; then
			echo "# smp=$1: the machine did not reach its tests:"
			tail -n 40 "$at/log" "$at/console.qemu" | sed 's/^/# /'
			break
		fi
		after=$(cat "$at/died")
		echo "# smp=$1: the machine ended in $after"
		[ "$boots" -ge "$restarts" ] && break
	done
}

number=0 passed=0 failed=0
judge() {	# SMP NAME
	number=$((number + 1))
	got=$work/$1/$2.txt
	[ -e "$got" ] || echo "! not run" > "$got"
	verdict=$(judge_output "$ARCH" "$2" "$got" $((!linux)) "$work/diff")
	case $verdict in
	ok)
		passed=$((passed + 1))
		echo "ok $number - $2 (smp=$1)" ;;
	known)
		passed=$((passed + 1))
		echo "ok $number - $2 (smp=$1) # known divergence" ;;
	passes)
		failed=$((failed + 1))
		echo "not ok $number - $2 (smp=$1) # passes: remove its row from known-divergences" ;;
	*)
		failed=$((failed + 1))
		echo "not ok $number - $2 (smp=$1)"
		if [ "$verbose" = 1 ]; then cat "$work/diff"; else
			grep -v '^\(---\|+++\|@@\| \)' "$work/diff" | head -n 12
		fi | sed 's/^/#   /' ;;
	esac
}

# Two machines at a time: the one with one processor leaves the other alone for most of the time.
pids=''
for smp in $smps; do
	dir=${raw:-$work/$smp}
	for name in $tests; do mkdir -p "$dir/${name%/*}"; done
	if [ -n "$raw" ]; then run_all "$smp" "$dir"; else run_all "$smp" "$dir" & pids="$pids $!"; fi
done
for pid in $pids; do wait "$pid" || true; done
[ -n "$raw" ] && exit 0
for smp in $smps; do
	for name in $tests; do judge "$smp" "$name"; done
done
# What was printed stays, for `make contracts': of our kernel, or of Linux beside it.
results=$BUILD/tests/user/results
[ "$linux" = 0 ] || results=$results.linux
sum=$(cksum < "$kernel")
[ "$(cat "$results/kernel" 2> /dev/null)" = "$sum" ] || rm -rf "$results"
for smp in $smps; do
	mkdir -p "$results/$smp"
	cp -R "$work/$smp/." "$results/$smp/"
done
echo "$sum" > "$results/kernel"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
