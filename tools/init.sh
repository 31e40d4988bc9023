#!/bin/sh
# The first program of the default ramdisk: mounts, then a shell with job control.
# autorun=PATH on the kernel command line runs that script instead and powers off.
export PATH=/bin:/sbin:/usr/bin HOME=/root TERM="${TERM:-linux}"
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
hostname "${hostname:-aramid}"
ifconfig lo up
! grep -qs ^nameserver /proc/net/pnp || grep ^nameserver /proc/net/pnp >/etc/resolv.conf
if [ -n "$autorun" ]; then
	sh "$autorun"
	poweroff -f
fi
[ -z "$rows" ] || stty rows "$rows" cols "$cols"
cd "$HOME" || exit
export PS1='\u@\h:\w\$ '
# A shell that is killed comes back; one that is left (exit, Ctrl-D) ends it all.
while :; do
	setsid cttyhack sh
	[ $? -lt 128 ] && break
done
sync
poweroff -f
