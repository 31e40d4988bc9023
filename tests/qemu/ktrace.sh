#!/bin/bash
# SPDX-License-Identifier: MIT
#
# ktrace.sh [-k IMAGE]: the recorder, from /proc/ktrace in a guest to what tools/ktrace prints. $ARCH as elsewhere.
# shellcheck disable=SC2016  # programs for awk and sh in single quotes
set -eu
cd "$(dirname "$0")/../.."
arch=${ARCH:-arm64}
case $arch in x86_64) image=bzImage ;; *) image=Image ;; esac
image=${IMAGE:-build/$arch/$image}
[ "${1:-}" != -k ] || image=$2
work=$(mktemp -d)
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
passed=0 failed=0

check() {	# NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		passed=$((passed + 1))
		echo "ok - ktrace: $name"
	else
		failed=$((failed + 1))
		echo "not ok - ktrace: $name"
		head -n 5 "$work/out" | sed 's/^/#   /'
	fi
}

cat >"$work/init" <<'E'
#!/bin/sh
mount -t proc proc /proc
mount -t tmpfs tmpfs /tmp
echo off >/proc/ktrace
echo syscalls,signals,switches,irqs,faults >/proc/ktrace
cat /etc/passwd >/dev/null
head -n 1 /etc/passwd >/dev/null
sh -c 'kill -USR1 $$'
echo 'mark half way' >/proc/ktrace
ls /nonexistent 2>/dev/null
(exit 3)
echo off >/proc/ktrace
echo nonsense >/proc/ktrace && echo "nonsense was taken"
echo "record one"
base64 /proc/ktrace
echo "second reading: $(sed '1,/^data$/d' /proc/ktrace | wc -c)"
head -n 6 /proc/ktrace | grep -a ^events
su -s /bin/cat user /proc/ktrace 2>&1 | sed 's/.*: //'
echo size=16 >/proc/ktrace; echo syscalls >/proc/ktrace
i=0; while [ $i -lt 300 ]; do : </etc/passwd; i=$((i + 1)); done
echo off >/proc/ktrace
echo "record two"
base64 /proc/ktrace
echo frames >/proc/ktrace
ping -c 2 -W 10 10.0.2.2 >/dev/null 2>&1
ping -c 1 -W 10 127.0.0.1 >/dev/null 2>&1
echo off >/proc/ktrace
echo "record three"
base64 /proc/ktrace
poweroff -f
E
tools/mkramdisk.sh -a "$arch" -o "$work/ramdisk" -I "$work/init"
for run in plain boot; do
	words=quiet
	[ $run = plain ] || words='quiet ktrace=syscalls'
	words="$words ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off"
	ARCH=$arch tools/qemu.sh -t 100 -s 2 -k "$image" -r "$work/ramdisk" -a "$words" -o "$work/log" -- \
		-netdev user,id=n,restrict=on -device virtio-net-pci,netdev=n,romfile= || true
	# The records: each in a file of its own.
	tr -d '\r' <"$work/log" | tee "$work/$run.console" |
		awk -v out="$work/$run." '/^record (one|two|three)$/ { file = out $2; next } /^second/ { file = "" } file { print >file }'
done
for part in plain.one plain.two boot.one; do
	tools/ktrace strace "$work/$part" >"$work/$part.txt" 2>"$work/$part.err" || true
done
one=$work/plain.one two=$work/plain.two

check 'an open file with its name and result' grep -E 'cat/[0-9]+ +open(at\(AT_FDCWD, |\()"/etc/passwd", O_RDONLY.* = 3 <' "$one.txt"
check 'what was read' grep -F 'root:x:0:0:root:/root:/bin/sh\n' "$one.txt"
check 'an error by name' grep -E 'ls/[0-9]+ .*"/nonexistent".* = -1 ENOENT <' "$one.txt"
check 'a signal by name' grep -F -- '+++ killed by SIGUSR1 +++' "$one.txt"
check 'an exit status' grep -F -- '+++ exited with 3 +++' "$one.txt"
check 'a mark' grep -F '=== half way ===' "$one.txt"
check 'new tasks' grep -E -- '\+\+\+ new task [0-9]+ \+\+\+' "$one.txt"
check 'times never go back' awk '$1 < last { exit 1 } { last = $1 } END { exit !NR }' "$one.txt"
check 'switches, interrupts and faults' sh -c 'tools/ktrace dump "$1" | awk "{ n[\$4]++ }
	END { exit !(n[\"switch\"] && n[\"irq\"] && n[\"fault\"] && n[\"irq\"] == n[\"irq-end\"]) }"' sh "$one"
check 'off: no events named' grep -x 'events' "$work/plain.console"
check 'words that are not known are refused' sh -c '! grep "nonsense was taken" "$1"' sh "$work/plain.console"
check 'root only' grep -x 'Permission denied' "$work/plain.console"
check 'what was read is gone' grep -x 'second reading: 0' "$work/plain.console"
check 'a small ring keeps the newest and counts the rest' sh -c 'grep -q "older records were overwritten" "$1.err" &&
	tail -n 3 "$1.txt" | grep -q "off.n"' sh "$two"
check 'from the command line: init from its first call' sh -c 'head -n 1 "$1" | grep -E "init/1 +(brk|set_tid_address|arch_prctl)\\("' sh \
	"$work/boot.one.txt"
check 'frames, as a capture file' tools/ktrace pcap "$work/plain.three" -o "$work/frames.pcapng"
frames() {	# frames FILTER COUNT: so many frames of the capture are like that to tshark
	local n
	n=$(tshark -r "$work/frames.pcapng" -Y "$1" 2>"$work/tshark.err" | wc -l)
	[ "$n" = "$2" ] || { echo "$n frames, not $2: $1"; tshark -r "$work/frames.pcapng" 2>&1 | head -n 20; return 1; }
}
check 'tshark: requests on the wire' frames 'icmp.type == 8 && ip.dst == 10.0.2.2 && ip.src == 10.0.2.15' 2
check 'tshark: their answers' frames 'icmp.type == 0 && ip.dst == 10.0.2.15' 2
check 'tshark: loopback, sent and received' frames 'icmp && ip.dst == 127.0.0.1 && eth.dst == 00:00:00:00:00:00' 4
check 'tshark: which interface' frames 'frame.interface_name == "if1" && icmp' 4
check 'tshark: nothing malformed' frames '_ws.malformed || icmp.checksum.status == 0' 0
check 'a time line that parses, with CPUs, tasks and calls' python3 - "$one" "$work/line.json" <<'E'
import json, subprocess, sys
subprocess.run(['tools/ktrace', 'timeline', sys.argv[1], '-o', sys.argv[2]], check=True)
events = json.load(open(sys.argv[2]))['traceEvents']
tracks = {e['args']['name'] for e in events if e['ph'] == 'M'}
assert {'CPUs', 'CPU 0', 'CPU 1', 'cat'} <= tracks, tracks
slices = [e for e in events if e['ph'] == 'X']
assert any(e['name'] in ('openat', 'open') for e in slices)
assert any(e['pid'] == 0 and e['name'].startswith('cat/') for e in slices), 'no task on a CPU'
assert any(e['name'].startswith('irq ') for e in slices)
assert all(e['dur'] > 0 for e in slices)
E
echo "$passed passed, $failed failed"
[ $failed = 0 ]
