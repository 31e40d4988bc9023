#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run.sh [-k IMAGE] [--linux] [--offload] [-v] [--seed N] [CASE...]: scripted packets. The guest runs guest.c; the other machine on its wire is
# peer.py, which says what is on the wire, right or wrong, and looks at what comes. $ARCH as elsewhere. CASEs may be patterns.
# MACHINE: another of QEMU's machines. --linux runs the cases on Debian's kernel. -v prints times and where a case failed.
# --offload: TCP over a device that sums and cuts segments, a tap: as root, where /dev/net/tun is; else skipped.
set -eu
cd "$(dirname "$0")/../.."
arch=${ARCH:-arm64}
case $arch in
x86_64) cross=x86_64-linux-gnu- image=${IMAGE:-build/x86_64/bzImage} deb=amd64 ;;
*) cross=aarch64-linux-gnu- image=${IMAGE:-build/$arch/Image} deb=arm64 ;;
esac
linux='' args=() netns=() program=tests/packets/run.py
while [ $# -gt 0 ]; do
	case $1 in
	-k) image=$2; shift ;;
	--linux) linux=1 ;;
	-v) args+=(-v) ;;
	--offload) args+=(--offload) netns=(unshare -n) ;;
	--seed | --seconds) args+=("$1" "$2"); shift ;;
	--program) program=$2; shift ;;	# another one that has a guest like this (tests/fuzz/frames)
	*) break ;;
	esac
	shift
done
if [ ${#netns[@]} -gt 0 ] && ! "${netns[@]}" ip tuntap add t0 mode tap vnet_hdr 2>/dev/null; then
	echo "ok - packets over a tap # skip: no tap devices here"
	exit 0
fi
work=$(mktemp -d)
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
[ -z "${KEEP:-}" ] || echo "# $work"
${cross}gcc -static -O1 -Wall -Wextra -Werror -Wno-unused-result -s -o "$work/guest" tests/packets/guest.c
{
	echo "dir /dev 0755 0 0"
	echo "nod /dev/console 0600 0 0 c 5 1"
	echo "file /init $work/guest 0755 0 0"
	if [ -n "$linux" ]; then
		# The device's driver is in modules there.
		echo "dir /modules 0755 0 0"
		image=$(tools/get-deb.sh $deb linux-image-$deb)/vmlinuz
		n=0
		deb_file=$(tools/get-deb.sh -d $deb linux-image-$deb | grep '/linux-image-[0-9]' | tail -n 1)
		mkdir "$work/deb"
		dpkg-deb --fsys-tarfile "$deb_file" | tar -x -C "$work/deb" --wildcards '*/virtio_pci*.ko' '*/virtio_net.ko' '*failover.ko' \
			'*/virtio.ko' '*/virtio_ring.ko' 2>/dev/null || true
		find "$work/deb" -name '*.ko' >"$work/modules"
		while read -r f; do
			echo "file /modules/$n.ko $f 0644 0 0"
			n=$((n + 1))
		done <"$work/modules"
	fi
} >"$work/list"
tools/mkcpio.py -o "$work/ramdisk" "$work/list"
case $arch in
x86_64) qemu="qemu-system-x86_64 -M ${MACHINE:-q35} -cpu max" console=ttyS0 ;;
*) qemu="qemu-system-aarch64 -M ${MACHINE:-virt} -cpu max,pauth-impdef=on" console=ttyAMA0 ;;
esac
words="console=$console quiet ${WORDS:-}"
[ -z "$linux" ] || [ "$program" != tests/packets/run.py ] || args+=(--linux)
timeout "${PACKETS_LIMIT:-400}" "${netns[@]}" python3 -u "$program" "${args[@]}" --work "$work" \
	--command "$qemu -m 256 -smp 2 -accel tcg,thread=multi -kernel $image -initrd $work/ramdisk -append '$words'" ${1:+-- "$@"}
