#!/bin/sh
# SPDX-License-Identifier: MIT
# Run inside the guest by its first program: does what the host types, a line at a time. Each line is a number and
# a command for the shell; what it prints is followed by a line `@@ NUMBER STATUS'. A host that does not want to wait any longer
# ends the machine, or types on: the next line is read when this one is done. On Debian's kernel, whose drivers are modules, those of /suite/modules come first.
export LC_ALL=C.UTF-8 TZ=UTC0 HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset autorun rows cols hostname
cd /suite || exit
mkdir -p /var/log /var/lib /run /tmp
stty raw -echo -isig 2>/dev/null || stty -icanon -echo -isig
if [ -e modules ]; then
	while read -r m; do
		insmod "/suite/$m" || busybox insmod "/suite/$m"
	done <modules
fi
printf '\n@@ ready\n'
while read -r agent_number agent_line; do
	eval "$agent_line" </dev/null 2>&1
	printf '\n@@ %d %d\n' "$agent_number" $?
done
