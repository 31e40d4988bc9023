#!/bin/sh
# SPDX-License-Identifier: MIT
# Run inside the guest by its first program: every case of the suite, each as a script of its own in
# an empty directory, its output between markers and each line of it behind a bar.
cd /suite || exit
shell=bash
command -v bash >/dev/null || shell="sh"
export LC_ALL=C.UTF-8 TZ=UTC0 HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PYTHONDONTWRITEBYTECODE=1 GIT_CONFIG_NOSYSTEM=1
unset autorun rows cols hostname
for m in modules/*.ko; do
	[ ! -e "$m" ] || busybox insmod "$m"
done
while read -r c; do
	d=/tmp/case
	rm -rf $d
	mkdir $d
	echo "=== $c"
	(cd $d && umask 022 && timeout -s KILL 150 $shell "/suite/$c.sh" </dev/null >/tmp/out 2>&1; echo "exit $?" >/tmp/status)
	[ -z "$timing" ] || echo "... $(cut -d" " -f1 /proc/uptime)"
	# What a shell says of a job that a signal ended names it by its id.
	# shellcheck disable=SC1003
	sed -E 's/^(.*: line [0-9]+:) +[0-9]+ /\1 PID /; s/^/| /; $a\' /tmp/out
	echo "--- $c $(cat /tmp/status)"
done <list
echo "=== end of suite"
