#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mkiso.sh -k IMAGE [-r RAMDISK]... -o OUT [-a COMMAND LINE]: a CD image from which GRUB boots the kernel on a PC (BIOS). It
# also boots from a disk of the same contents. Several ramdisks are handed over one behind the other, in that order.
# Needs grub-pc-bin, grub-common, xorriso, mtools; exit status 3 where they are missing; -n only says whether they are.
set -eu
for tool in grub-mkrescue xorriso mformat; do
	command -v $tool >/dev/null || missing=1
done
if [ -n "${missing:-}" ] || [ ! -d /usr/lib/grub/i386-pc ]; then
	echo "mkiso: install grub-pc-bin grub-common xorriso mtools" >&2
	exit 3
fi
[ "${1:-}" != -n ] || exit 0
image='' ramdisks='' out='' append=console=ttyS0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tree=$tmp/tree	# what is on the CD: not the log of making it, which grows meanwhile
mkdir -p "$tree/boot/grub"
n=0
while getopts k:r:o:a: opt; do
	case $opt in
	k) image=$OPTARG ;;
	r)
		cp "$OPTARG" "$tree/boot/ramdisk.$n"
		ramdisks="$ramdisks /boot/ramdisk.$n"
		n=$((n + 1))
		;;
	o) out=$OPTARG ;;
	a) append=$OPTARG ;;
	*) exit 2 ;;
	esac
done
if [ -z "$image" ] || [ -z "$out" ]; then echo "mkiso: -k IMAGE and -o OUT are needed" >&2; exit 2; fi
cp "$image" "$tree/boot/bzImage"
cat >"$tree/boot/grub/grub.cfg" <<END
serial --unit=0 --speed=115200
terminal_output serial
set timeout=0
menuentry Aramid {
	linux /boot/bzImage $append
${ramdisks:+	initrd$ramdisks}
}
END
grub-mkrescue -o "$out.new" "$tree" --install-modules="linux normal iso9660 biosdisk serial terminal part_msdos" >"$tmp/log" 2>&1 ||
	{ cat "$tmp/log" >&2; exit 1; }
mv "$out.new" "$out"
