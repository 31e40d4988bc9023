#!/bin/sh
# SPDX-License-Identifier: MIT
# Run inside the guest by its first program: Python's own test modules named in /suite/list, one process each. A test
# that does not end within the time is named, and the module runs again without it.
cd /suite || exit
export LC_ALL=C.UTF-8 TZ=UTC0 HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PYTHONDONTWRITEBYTECODE=1
limit=${seconds:-900} again=${again:-4}
unset autorun rows cols hostname seconds
# Up with the loopback (SIOCGIFFLAGS, SIOCSIFFLAGS): the address comes by itself.
python3 -c 'import fcntl, socket, struct
s = socket.socket()
r = fcntl.ioctl(s, 0x8913, struct.pack("16sH14x", b"lo", 0))
fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", struct.unpack("16sH14x", r)[1] | 1))' || echo "- no loopback"
while read -r m; do
	: >/tmp/skip
	n=0
	while :; do
		rm -rf /tmp/work
		mkdir /tmp/work
		echo "=== $m"
		timeout -s KILL "$limit" python3 -W ignore /suite/runmod.py "$m" /tmp/work /tmp/skip </dev/null 2>/tmp/err | tee /tmp/out
		grep -q '^# done' /tmp/out && break
		tail -n 5 /tmp/err | sed 's/^/- /'
		hung=$(sed -n 's/^> //p' /tmp/out | tail -n 1)
		echo "= did-not-end ${hung:-test.$m}"
		[ -n "$hung" ] || break
		echo "$hung" >>/tmp/skip
		n=$((n + 1))
		[ $n -lt "$again" ] || break
	done
	pkill -KILL -f runmod.py
	echo "--- $m $(cut -d' ' -f1 /proc/uptime)"
done <list
echo "=== end of suite"
