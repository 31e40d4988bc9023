#!/bin/sh
# SPDX-License-Identifier: MIT
#
# gdb.sh [ARGUMENT-OF-GDB...]: boot $IMAGE with gdb's stub open on a socket file and attach gdb-multiarch with the
# kernel's helpers. The kernel waits at its first instruction; `c' lets it run. The console goes
# to $BUILD/gdb-console.log. QEMU ends with gdb.
set -eu
here=$(dirname "$0")
arch=${ARCH:-arm64}
build=${BUILD:-build/$arch}
case $arch in
x86_64) gdbarch=i386:x86-64 name=bzImage ;;
*) gdbarch=aarch64 name=Image ;;
esac
image=${IMAGE:-$build/$name}
tmp=$(mktemp -d)
socket=$tmp/gdb
stop() {
	[ ! -s "$tmp/pid" ] || kill "$(cat "$tmp/pid")" 2>/dev/null || true
	rm -rf "$tmp"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP
"$here/qemu.sh" -k "$image" ${RAMDISK:+-r "$RAMDISK"} -t 86400 -o "$build/gdb-console.log" ${APPEND:+-a "$APPEND"} \
	-- -S -pidfile "$tmp/pid" -chardev "socket,path=$socket,server=on,wait=off,id=gdb" -gdb chardev:gdb >/dev/null 2>&1 &
i=0
while [ ! -S "$socket" ] && [ $i -lt 50 ]; do i=$((i + 1)); sleep 0.1; done
echo "gdb: console in $build/gdb-console.log"
gdb-multiarch -q -ex "set architecture $gdbarch" -ex "file $build/aramid.elf" -ex "target remote $socket" \
	-ex "source $here/gdb/aramid.py" "$@"
