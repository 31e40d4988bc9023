#!/bin/sh
# SPDX-License-Identifier: MIT
#
# setup.sh [ARCH...] [PACKAGE:FILE...]: install what building, running and testing need, on Debian 12, through apt; for arm64 unless told otherwise.
# PACKAGE:FILE are more of them, which only some targets need.
# Does nothing, and costs a few milliseconds, when everything is there. SETUP=0: never install.
# On another system, or without rights to install, it says what is missing and goes on.
set -eu
[ "${SETUP:-1}" = 0 ] && exit 0

# package:file that proves it is there
common="
gcc:/usr/bin/gcc
libc6-dev:/usr/include/stdlib.h
clang-14:/usr/bin/clang-14
libclang-rt-14-dev:/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a
lld-14:/usr/bin/ld.lld-14
clang-format-14:/usr/bin/clang-format-14
sparse:/usr/bin/sparse
shellcheck:/usr/bin/shellcheck
device-tree-compiler:/usr/bin/dtc
u-boot-tools:/usr/bin/mkimage
cpio:/usr/bin/cpio
zstd:/usr/bin/zstd
xz-utils:/usr/bin/xz
bzip2:/usr/bin/bzip2
file:/usr/bin/file
python3:/usr/bin/python3
gdb-multiarch:/usr/bin/gdb-multiarch
dpkg-dev:/usr/bin/dpkg-source
tshark:/usr/bin/tshark
openssl:/usr/bin/openssl
openssh-client:/usr/bin/ssh
curl:/usr/bin/curl
iperf3:/usr/bin/iperf3
dnsmasq-base:/usr/sbin/dnsmasq
busybox:/usr/bin/busybox
"
arm64="
gcc-aarch64-linux-gnu:/usr/bin/aarch64-linux-gnu-gcc
libc6-dev-arm64-cross:/usr/aarch64-linux-gnu/lib/libc.a
qemu-system-arm:/usr/bin/qemu-system-aarch64
u-boot-qemu:/usr/lib/u-boot/qemu_arm64/u-boot.bin
"
x86_64="
gcc-x86-64-linux-gnu:/usr/bin/x86_64-linux-gnu-gcc
libc6-dev-amd64-cross:/usr/x86_64-linux-gnu/lib/libc.a
qemu-system-x86:/usr/bin/qemu-system-x86_64
grub-pc-bin:/usr/lib/grub/i386-pc/boot.img
grub-common:/usr/bin/grub-mkrescue
xorriso:/usr/bin/xorriso
mtools:/usr/bin/mformat
"
# On a PC the system's own compiler is the one for x86_64.
[ "$(uname -m)" != x86_64 ] || x86_64=$(echo "$x86_64" | grep -v -e gcc-x86-64 -e amd64-cross)
list=$common
case ${1:-:} in *:*) set -- arm64 "$@" ;; esac
for arch in "$@"; do
	case $arch in
	*:*) list="$list $arch" ;;
	arm64) list=$list$arm64 ;;
	x86_64) list=$list$x86_64 ;;
	*) echo "setup: no architecture $arch" >&2; exit 2 ;;
	esac
done
[ "$(uname -m)" = x86_64 ] || list=$(echo "$list" | grep -v libclang-rt)

missing=
for pair in $list; do
	[ -e "${pair#*:}" ] || missing="$missing ${pair%%:*}"
done
[ -z "$missing" ] && exit 0

echo "setup: not here yet:$missing"
if ! command -v apt-get >/dev/null; then
	echo "setup: no apt-get; install these by this system's own means, or set SETUP=0" >&2
	exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || { echo "setup: neither root nor sudo; as root: apt-get install$missing" >&2; exit 1; }
	as_root=sudo
fi
echo "setup: installing them with apt-get${as_root:+ through sudo} (SETUP=0 to do it yourself)"
$as_root apt-get -q update
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing
