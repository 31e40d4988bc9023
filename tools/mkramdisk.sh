#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mkramdisk.sh [-a ARCH] -o OUT [-I INIT] [-l LIST]... : a newc cpio root file system around
# Debian's own busybox-static. Adds the entries of every LIST (see mkcpio.py); -I replaces the
# /init script of tools/init.sh.
set -eu
cd "$(dirname "$0")/.."
arch=arm64
out=
init=tools/init.sh
lists=
while getopts a:o:I:l: opt; do
	case $opt in
	a) arch=$OPTARG ;;
	o) out=$OPTARG ;;
	I) init=$OPTARG ;;
	l) lists="$lists $OPTARG" ;;
	*) exit 2 ;;
	esac
done
[ -n "$out" ] || { echo "mkramdisk: -o OUT is missing" >&2; exit 2; }
case $arch in x86_64) deb=amd64 ;; *) deb=$arch ;; esac
busybox=$(tools/get-deb.sh "$deb" busybox-static)/bin/busybox
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
{
	for d in / /bin /dev /etc /proc /root /run /sbin /sys /usr /usr/bin /var /var/tmp /mnt; do
		echo "dir $d 0755 0 0"
	done
	echo "dir /tmp 1777 0 0"
	echo "nod /dev/console 0600 0 0 c 5 1"
	echo "file /init $init 0755 0 0"
	echo "file /bin/busybox $busybox 0755 0 0"
	tools/applets.py "$busybox" | grep -v '^busybox$' | sed 's|.*|slink /bin/& busybox 0777 0 0|'
	printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$tmp/passwd"
	printf 'root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n' >"$tmp/group"
	echo "file /etc/passwd $tmp/passwd 0644 0 0"
	echo "file /etc/group $tmp/group 0644 0 0"
	for l in $lists; do cat "$l"; done
} >"$tmp/list"
mkdir -p "$(dirname "$out")"
tools/mkcpio.py -o "$out.new" "$tmp/list"
mv "$out.new" "$out"
