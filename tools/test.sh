#!/bin/bash
# SPDX-License-Identifier: MIT
#
# test.sh [-a "ARCH..."] [STAGE...]: everything that proves the tree, for arm64 and x86_64 unless told otherwise.
# Each stage ends with `N passed, N failed[, N skipped]'; the last line of this script is their sum. Exit status 0 only if
# nothing failed.
#
# Stages that are the same for every architecture come first, once: lint unit fuzz
# Then, for each architecture: build ktest sysfuzz user rows busybox programs net shell trace gdb packets frames boot badinput fatal
# Last, once, if the stage user ran for both: contracts
# Only when asked for (make test-long), because it takes hours: python net-long
#
# The architectures go side by side: most tests wait more than they compute. A stage's lines appear together when it is over,
# so that those of the two do not mix; while it runs they are in build/test/STAGE[-ARCH].log.
set -u
cd "$(dirname "$0")/.." || exit
arches="arm64 x86_64"
if [ "${1:-}" = -a ]; then arches=$2; shift 2; fi
stages=${*:-lint unit fuzz build ktest sysfuzz user rows busybox programs net shell trace gdb packets frames boot badinput fatal contracts}
unset BUILD IMAGE ARCH
logs=build/test
mkdir -p $logs
start=$SECONDS

declare -A unpack=([x86_64]=boot/x86_64/unpack/setup.S.o)
image_of() { case $1 in x86_64) echo build/x86_64/bzImage ;; *) echo "build/$1/Image" ;; esac; }

# Both compilers, both configurations; a warning is an error. The limit on the size belongs to the release build.
stage_build() {
	local p=0 f=0 cc config log limit=1572864 arch=$ARCH
	[ "$arch" != x86_64 ] || limit=1048576
	for cc in gcc clang; do
		for config in release debug; do
			log=$logs/build-$arch-$cc-$config.log
			set -- CONFIG=$config
			[ $cc = gcc ] || set -- "$@" CC=clang
			if env -u BUILD -u IMAGE make -s -j2 ARCH="$arch" "$@" >"$log" 2>&1 && ! grep -qi 'warning:' "$log"; then
				echo "ok - build $arch $cc $config"
				p=$((p + 1))
			else
				echo "not ok - build $arch $cc $config"
				grep -iE 'error|warning|undefined' "$log" | head -n 15 | sed 's/^/#   /'
				f=$((f + 1))
			fi
		done
	done
	# What one object needs is made for it, also when it is the first of all, as with make -j1.
	for cc in arch/$arch/entry.S.o kernel/sched/core.o ${unpack[$arch]:-} generated/syscall_table.o; do
		rm -rf $logs/alone-$arch
		if env -u IMAGE make -s ARCH="$arch" BUILD=$logs/alone-$arch $logs/alone-$arch/"$cc" >$logs/alone-$arch.log 2>&1; then
			echo "ok - build $arch $cc alone"
			p=$((p + 1))
		else
			echo "not ok - build $arch $cc alone"
			tail -n 5 $logs/alone-$arch.log | sed 's/^/#   /'
			f=$((f + 1))
		fi
	done
	if [ "$(stat -c %s "$(image_of "$arch")" 2>/dev/null || echo 9999999)" -le $limit ]; then
		echo "ok - $arch image of at most $((limit / 1024)) KiB"
		p=$((p + 1))
	else
		echo "not ok - $arch image of at most $((limit / 1024)) KiB"
		f=$((f + 1))
	fi
	echo "$p passed, $f failed"
	[ $f = 0 ]
}

# run NAME SECONDS COMMAND...: one stage; its numbers go to a file of the same name.
run() {
	local name=$1 limit=$2 log=$logs/$1.log status=0 s=$SECONDS line
	shift 2
	if [ "$1" = stage_build ]; then
		stage_build >"$log" 2>&1 || status=$?
	elif [ ! -e "$1" ]; then
		echo "not ok - $1 does not exist" >"$log"
		status=1
	else
		timeout -k 10 "$limit" "$@" >"$log" 2>&1 </dev/null || status=$?
	fi
	[ "$status" != 124 ] || echo "not ok - $name: stopped after $limit s" >>"$log"
	# Several summaries (one for each number of CPUs, say) add up.
	line=$(grep -aE '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$log" |
		awk '{ p += $1; f += $3; s += $5 } END { if (NR) print p, f, s + 0 }')
	if [ -z "$line" ]; then
		echo "not ok - $name: no result (exit status $status)" >>"$log"
		line="0 1 0"
	elif [ "$status" != 0 ] && [ "$(echo "$line" | cut -d' ' -f2)" = 0 ]; then
		echo "not ok - $name: exit status $status" >>"$log"
		line="${line%% *} 1 ${line##* }"
	fi
	echo "$line" >"$logs/$name.count"
	(
		flock 9
		echo "=== $name"
		cat "$log"
		echo "--- $name: $((SECONDS - s)) s"
	) 9>"$logs/output.lock"
}

has() { case " $stages " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

lane() {	# lane ARCH: its stages, one after the other
	local stage arch=$1
	IMAGE=$(image_of "$arch")
	export ARCH=$arch BUILD=build/$arch IMAGE
	for stage in $stages; do
		case $stage in
		build) run "build-$arch" 1200 stage_build ;;
		ktest) run "ktest-$arch" 600 tests/ktest/run.sh ;;
		sysfuzz) run "sysfuzz-$arch" 600 tests/fuzz/syscalls/run.sh "${SYSFUZZ_SECONDS:-40}" ;;
		user) run "user-$arch" 2400 tests/user/run.sh ;;
		rows) run "rows-$arch" 200 tests/qemu/rows.sh ;;
		busybox) run "busybox-$arch" 900 tests/busybox/run.sh ;;
		programs) run "programs-$arch" 1500 tests/programs/run.sh ;;
		net) run "net-$arch" 600 tests/net/run.py ;;
		net-long) run "net-long-$arch" 1800 tests/net/run.py --long ;;
		python) run "python-$arch" 14400 tests/programs/python/run.sh ;;
		shell) run "shell-$arch" 500 tests/qemu/shell.sh -k "$IMAGE" ;;
		trace) run "trace-$arch" 300 tests/qemu/ktrace.sh ;;
		gdb) run "gdb-$arch" 200 tests/qemu/gdb.sh ;;
		packets)
			run "packets-$arch" 300 tests/packets/run.sh
			run "packets-tap-$arch" 300 tests/packets/run.sh --offload
			;;
		frames) run "frames-$arch" 300 tests/fuzz/frames/run.sh "${FRAMES_SECONDS:-10}" ;;
		fatal) run "fatal-$arch" 300 tests/qemu/fatal.sh ;;
		boot) run "boot-$arch" 1200 tests/qemu/matrix.sh ;;
		badinput) run "badinput-$arch" 600 tests/qemu/badinput.sh ;;
		esac
	done
}

for stage in $stages; do
	case $stage in
	lint | unit | fuzz | build | ktest | sysfuzz | user | rows | busybox | programs | net | net-long | python | shell | trace | gdb | packets | frames | boot | badinput | fatal | contracts) ;;
	*) echo "test: no stage $stage" >&2; exit 2 ;;
	esac
done
rm -f $logs/*.count
has lint && run lint 900 tools/lint.sh $arches
has unit && run unit 400 tests/unit/run.sh
has fuzz && run fuzz 400 tests/fuzz/run.sh "${FUZZ_SECONDS:-10}"
for arch in $arches; do
	lane "$arch" &
done
wait
if has contracts; then
	if [ "$arches" != "arm64 x86_64" ] || ! has user; then
		[ "$stages" != contracts ] || run contracts 1500 tests/user/contracts.sh
	else
		run contracts 300 tests/user/contracts.sh --saved
	fi
fi
echo "--- all: $((SECONDS - start)) s"
cat $logs/*.count | awk '{ p += $1; f += $2; s += $3 } END {
	printf "%d passed, %d failed", p, f
	if (s) printf ", %d skipped", s
	print ""
	exit f > 0 || !NR }'
