#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mkiso.sh IMAGE RAMDISK OUT [COMMAND LINE]: a CD image from which GRUB boots the kernel on a PC (BIOS). Also boots from a
# disk of the same contents. Needs grub-pc-bin, grub-common, xorriso, mtools.
set -eu
image=$1
ramdisk=$2
out=$3
append=${4:-console=ttyS0}
command -v grub-mkrescue >/dev/null || { echo "mkiso: grub-mkrescue is missing: install grub-pc-bin grub-common xorriso mtools" >&2; exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/boot/grub"
cp "$image" "$tmp/boot/bzImage"
cp "$ramdisk" "$tmp/boot/ramdisk.cpio"
cat >"$tmp/boot/grub/grub.cfg" <<END
serial --unit=0 --speed=115200
terminal_output serial
set timeout=0
menuentry Aramid {
	linux /boot/bzImage $append
	initrd /boot/ramdisk.cpio
}
END
grub-mkrescue -o "$out.new" "$tmp" --install-modules="linux normal iso9660 biosdisk serial terminal part_msdos" >"$tmp/log" 2>&1 ||
	{ cat "$tmp/log" >&2; exit 1; }
mv "$out.new" "$out"
