#!/bin/sh
# SPDX-License-Identifier: MIT
#
# [ARCH=x86_64] gdb.sh: the helpers of tools/gdb/aramid.py on a machine stopped in a system call, by tools/gdb.sh as
# `make gdb' starts it.
set -eu
cd "$(dirname "$0")/../.."
arch=${ARCH:-arm64}
case $arch in
arm64) cross=aarch64-linux-gnu- image=Image ;;
*) cross=x86_64-linux-gnu- image=bzImage ;;
esac
image=${IMAGE:-build/$arch/$image}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

${cross}gcc -static -O1 -Wall -Wextra -Werror -o "$work/init" tests/qemu/gdb.c
cat >"$work/list" <<X
dir / 0755 0 0
dir /dev 0755 0 0
dir /proc 0755 0 0
nod /dev/console 0600 0 0 c 5 1
file /init $work/init 0755 0 0
X
tools/mkcpio.py -o "$work/cpio" "$work/list"
set --
for c in bt ar-tasks "ar-bt 1" "ar-bt 2" ar-cpu "ar-pt &init_task" "ar-pt 0x400000 1" ar-mounts ar-locks ar-dmesg; do
	set -- "$@" -ex "echo \\n== $c\\n" -ex "$c"
done
ARCH=$arch BUILD=build/$arch IMAGE=$image RAMDISK=$work/cpio SMP=2 timeout -k 5 120 tools/gdb.sh -batch -ex 'set pagination off' \
	-ex 'hbreak sys_reboot' -ex continue "$@" -ex kill >"$work/text" 2>&1 </dev/null || true

# part COMMAND: what it printed
part() { awk -v c="== $1" '/^== / { on = $0 == c; next } on' "$work/text"; }
expect() {	# expect COMMAND PATTERN
	if part "$1" | grep -qE -- "$2"; then
		echo "ok - gdb, $arch: $1: $2"
		passed=$((passed + 1))
	else
		echo "not ok - gdb, $arch: $1: $2"
		part "$1" | head -n 20 | sed 's/^/#   /'
		failed=$((failed + 1))
	fi
}
expect bt 'sys_reboot'
expect ar-tasks '^ +1 +1 +R .* init'
expect ar-tasks ' S +[01] .* sleeper +(sys_legacy_pause|poll_loop)'
expect ar-tasks ' 2 +2 +D .* rcu +rcu_thread'
expect "ar-bt 2" 'schedule'
expect "ar-bt 2" 'rcu_thread .*kernel/sync/rcu.c:[0-9]'
expect "ar-bt 1" '^init runs on CPU [01]'
expect ar-cpu '^CPU [01]: init \(1\)'
expect "ar-pt &init_task" '^level [123] .* kernel .*rw'
expect "ar-pt 0x400000 1" '^level 3 .* user ro'
expect ar-mounts ' proc +proc .* /proc$'
expect ar-locks 'only the debug build'
expect ar-dmesg '> *\[ .*Aramid'
[ $failed = 0 ] || tail -n 30 "$work/text" | sed 's/^/#   /'
echo "$passed passed, $failed failed"
[ $failed = 0 ]
