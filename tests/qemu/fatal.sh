#!/bin/bash
# SPDX-License-Identifier: MIT
#
# fatal.sh [-k IMAGE] [NAME...]: kernels that do what they may not (ktest "fatal/NAME") must say so and stop; on x86_64 also NMIs and
# machine checks that QEMU injects. Each line below: what the last screen has to show, as extended regular expressions.
set -u
cd "$(dirname "$0")/../.." || exit 2
arch=${ARCH:-arm64}
image=
[ "${1:-}" != -k ] || { image=$2; shift 2; }
case $arch in arm64) file=Image ;; *) file=bzImage ;; esac
if [ -z "$image" ]; then
	env -u BUILD -u IMAGE make -s -j2 ARCH="$arch" CONFIG=debug || exit 2
	image=build/$arch-debug/$file
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap '' PIPE	# a QEMU that has ended reads no command
passed=0 failed=0 only=" $* "

verdict() {	# verdict NAME PATTERN...: of the console in $work/log
	local name=$1 p missing=
	shift
	for p; do grep -qaE "$p" "$work/log" || missing="$missing [$p]"; done
	if [ -z "$missing" ]; then
		passed=$((passed + 1))
		echo "ok - fatal/$name"
	else
		failed=$((failed + 1))
		tail -n 25 "$work/log" | tr -d '\r' | sed 's/^/#   /'
		echo "not ok - fatal/$name: missing$missing"
	fi
}
wanted() { [ "$only" = '  ' ] || [[ $only == *" $1 "* ]]; }
fatal() {	# fatal NAME PATTERN...
	wanted "$1" || return 0
	ARCH=$arch tools/qemu.sh -k "$image" -s 2 -m 256 -t 60 -o "$work/log" -a "ktest=1,fatal/$1 panic=-1" >/dev/null 2>&1
	verdict "$@"
}
# injected NAME WORDS PATTERN-TO-WAIT-FOR COMMAND PATTERN...: COMMAND goes to QEMU's monitor once the console shows the first pattern
injected() {
	local name=$1 words=$2 ready=$3 command=$4 pid i
	shift 4
	wanted "$name" || return 0
	rm -f "$work/mon" "$work/log"
	mkfifo "$work/mon"
	# shellcheck disable=SC2046
	timeout 60 $(ARCH=$arch tools/qemu.sh --dry -k "$image" -s 2 -m 256) -append "console=ttyS0 panic=-1 $words" -display none \
		-serial "file:$work/log" -monitor stdio <"$work/mon" >/dev/null 2>&1 &
	pid=$!
	exec 7>"$work/mon"
	for ((i = 0; i < 300; i++)); do grep -qaE "$ready" "$work/log" 2>/dev/null && break; sleep 0.1; done
	echo "$command" >&7
	for ((i = 0; i < 300; i++)); do grep -qaE "${!#}" "$work/log" 2>/dev/null && break; sleep 0.1; done
	echo quit >&7 2>/dev/null
	exec 7>&-
	wait $pid
	verdict "$name" "$@"
}

back='backtrace of'
fatal stack_overflow 'kernel stack of .* overflowed' "$back" 'recurse'
fatal null_pointer 'null pointer' "$back" 'ktest_fatal_null_pointer'
fatal wild_write 'Kernel panic: (bad write|.*fault)' 'ktest_fatal_wild_write'
fatal not_canonical 'Kernel panic: (general protection fault|bad (read|address)|.*fault)' 'ktest_fatal_not_canonical'
fatal jump_to_null 'Kernel panic: bad jump' "$back" 'ktest_fatal_jump_to_null'
fatal jump_to_data 'Kernel panic: bad jump' "$back" 'ktest_fatal_jump_to_data'
fatal write_to_text 'Kernel panic: (bad write|.*fault)' 'ktest_fatal_write_to_text'
fatal user_memory_without_leave 'Kernel panic: user memory touched without leave' 'ktest_fatal_user_memory_without_leave'
fatal trap 'Kernel panic: ' 'ktest_fatal_trap'
if [ "$arch" = x86_64 ]; then
	stuck='ktest seed'
	injected nmi 'ktest=1,fatal/sleep_for_ever' "$stuck" nmi 'x86: NMI on CPU[01] at 0x.*reason'
	injected nmi_panics 'unknown_nmi_panic ktest=1,fatal/interrupts_off_for_ever' "$stuck" nmi 'Kernel panic: NMI, reason' \
		'CPU 0(,| runs).* init' 'ktest_fatal_interrupts_off_for_ever'
	injected machine_check 'ktest=1,fatal/interrupts_off_for_ever' "$stuck" 'mce 0 1 0xbd00000000000134 0x5 0x1234000 0x8c' \
		'Kernel panic: machine check: .* state 0x5, bank 1: status 0xbd00000000000134, address 0x1234000'
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
