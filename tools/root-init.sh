#!/bin/sh
# SPDX-License-Identifier: MIT
# The first program of a root file system booted by `make run ROOTFS=...': mounts what every
# system has, then runs its own init when rootinit=PATH is on the kernel command line, or a
# shell on the console. Uses nothing but the programs of that root: busybox's or util-linux'.
# autorun=PATH runs that script instead and powers off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p /proc /sys /dev /tmp /run /root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
for l in fd:/proc/self/fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do
	[ -L "/dev/${l%%:*}" ] || ln -s "${l#*:}" "/dev/${l%%:*}"
done
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /run
[ ! -w /etc ] || [ -s /etc/mtab ] || ln -sf /proc/self/mounts /etc/mtab
hostname "${hostname:-aramid}" 2>/dev/null || echo "${hostname:-aramid}" >/proc/sys/kernel/hostname
ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null
# What the kernel's own DHCP (ip=dhcp) was told, where the system does not know better.
if [ -w /etc ] && [ ! -s /etc/resolv.conf ] && grep -qs ^nameserver /proc/net/pnp; then
	grep ^nameserver /proc/net/pnp >/etc/resolv.conf
fi
# shellcheck disable=SC2093
[ -z "$rootinit" ] || exec "$rootinit"
export HOME=/root USER=root LOGNAME=root TERM="${TERM:-linux}"
# The power goes off by sysrq: not every root has a poweroff that works without its init.
off() {
	sync
	echo o >/proc/sysrq-trigger
	while :; do sleep 10; done
}
if [ -n "$autorun" ]; then
	sh "$autorun"
	off
fi
tty=$(sed 's/.* //' /sys/class/tty/console/active 2>/dev/null)
shell=$(sed -n 's/^root:.*://p' /etc/passwd 2>/dev/null)
[ -x "$shell" ] || shell=/bin/sh
cd /root || cd /
# shellcheck disable=SC2154  # rows and cols are words of the command line
[ -z "$rows" ] || stty rows "$rows" cols "$cols" <"/dev/${tty:-console}"
unset rows cols hostname
# Job control needs a terminal of the shell's own: the line behind the console, in a new session.
while :; do
	if [ -n "$tty" ]; then
		setsid -c "$shell" -l <"/dev/$tty" >"/dev/$tty" 2>&1
	else
		"$shell" -l
	fi
	[ $? -lt 128 ] && break
done
off
