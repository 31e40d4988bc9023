#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Bad input: damaged ramdisks, wrong descriptions of the machine (badinput-$ARCH.sh: device trees; memory maps and ACPI tables), words
# nobody knows, memory and processes without end. Each must end in the message named here: with a boot that goes on, or a
# panic that says why.
#
#	[ARCH=x86_64] badinput.sh [-k IMAGE] [NAME...]	names may be patterns
set -eu
cd "$(dirname "$0")/../.."
export ARCH=${ARCH:-arm64}
case $ARCH in
arm64) cross=aarch64-linux-gnu- image=${IMAGE:-build/arm64/Image} ;;
*) cross=x86_64-linux-gnu- image=${IMAGE:-build/$ARCH/bzImage} ;;
esac
if [ "${1:-}" = -k ]; then image=$2; shift 2; fi
wanted=("$@")
[ -r "$image" ] || { echo "badinput: no $image" >&2; exit 1; }
work=$(mktemp -d)
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
passed=0 failed=0

want() {
	local p
	[ ${#wanted[@]} -gt 0 ] || return 0
	# shellcheck disable=SC2254
	for p in "${wanted[@]}"; do case $1 in $p) return 0 ;; esac; done
	return 1
}
# The console log of the boot in $log must have every pattern, in this order.
verdict() {	# verdict NAME PATTERN...
	local name=$1 p rest
	shift
	rest=$(tr -d '\r' <"$log" 2>/dev/null || true)
	for p in "$@"; do
		if ! [[ $rest =~ $p ]]; then
			echo "not ok - bad input: $name: no \`$p' in"
			tr -d '\r' <"$log" | tail -n 15 | sed 's/^/#   /'
			failed=$((failed + 1))
			return
		fi
		rest=${rest#*"${BASH_REMATCH[0]}"}
	done
	echo "ok - bad input: $name"
	passed=$((passed + 1))
}

# tools/qemu.sh with a console in $log, until QEMU ends, or the kernel halts: a panic before power is known can do nothing else.
boot() {	# boot ARGS... -- [QEMU ARGS...]
	local job
	: >"$log"
	tools/qemu.sh -o "$log" "$@" -pidfile "$log.pid" >"$log.out" 2>&1 &
	job=$!
	while kill -0 $job 2>/dev/null && ! grep -aq 'halted' "$log"; do sleep 0.1; done
	[ ! -s "$log.pid" ] || kill "$(cat "$log.pid")" 2>/dev/null || true
	wait $job || true
}

# ---- ramdisks. probe.c ends the boot where there is an /init; otherwise the panic restarts.
"${cross}gcc" -static -O1 -Wall -Wextra -Werror -o "$work/probe" tests/qemu/probe.c
head -c 300000 /dev/urandom >"$work/noise"
cat >"$work/base" <<E
dir / 0755 0 0
dir /dev 0755 0 0
dir /proc 0755 0 0
nod /dev/console 0600 0 0 c 5 1
file /noise $work/noise 0644 0 0
file /init $work/probe 0755 0 0
E
tools/mkcpio.py -o "$work/good" "$work/base"
gzip -nc "$work/good" >"$work/good.gz"
zstd -qc "$work/good" >"$work/good.zst"
size=$(stat -c %s "$work/good.gz")
head -c $((size / 2)) "$work/good.gz" >"$work/gzip_cut"
head -c $((size / 2)) "$work/good.zst" >"$work/zstd_cut"
head -c $(($(stat -c %s "$work/good") / 3)) "$work/good" >"$work/cpio_cut"
damage() {	# damage FROM TO OFFSET BYTES: overwrite
	cp "$1" "$2"
	printf %b "$4" | dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}
damage "$work/good.gz" "$work/gzip_damaged" 100000 '\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff'
damage "$work/good.zst" "$work/zstd_garbage" 4 '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff'
# Fields of the first header, 8 digits each: file size at 54, name size at 94.
damage "$work/good" "$work/cpio_wild_size" 54 FFFFFFFF
damage "$work/good" "$work/cpio_wild_name" 94 FFFFFFF0
damage "$work/good" "$work/cpio_no_digit" 54 0000zz00
xz -c "$work/good" >"$work/xz"
cp "$work/noise" "$work/noise_only"
damage "$work/noise" "$work/noise_only" 0 'noise'
printf "file /more %s 0644 0 0\n" "$work/noise" >"$work/more.list"
tools/mkcpio.py -o /dev/stdout "$work/more.list" | gzip -nc | head -c 100000 >"$work/more"
cat "$work/good" "$work/more" >"$work/good_then_cut"
# A file of 600 MB, in a machine of 256.
truncate -s 600M "$work/zeros"
printf 'file /zeros %s 0644 0 0\n' "$work/zeros" >"$work/bomb.list"
tools/mkcpio.py -o /dev/stdout "$work/bomb.list" | gzip -1nc >"$work/gzip_bomb"
rm "$work/zeros"
cat "$work/good.gz" "$work/gzip_bomb" >"$work/good_then_bomb"

ramdisk() {	# ramdisk NAME PATTERN...
	local name=$1
	want "ramdisk_$name" || return 0
	shift
	log=$work/log.ramdisk_$name
	tools/qemu.sh -k "$image" -r "$work/$name" -s 2 -m 256 -t 60 -o "$log" -a "panic=-1 rdinit=/init -- one two" >"$log.out" 2>&1 || true
	verdict "ramdisk_$name" "$@"
}
no_init='Kernel panic: no init found'
ramdisk gzip_cut 'ramdisk: the gzip stream is truncated'
ramdisk gzip_damaged 'ramdisk: the gzip stream is corrupt'
ramdisk zstd_cut 'ramdisk: the zstd stream is (truncated|corrupt)'
ramdisk zstd_garbage 'ramdisk: .*zstd' "$no_init"
ramdisk cpio_cut 'ramdisk: it ends in the middle of an entry' "$no_init"
ramdisk cpio_wild_size 'ramdisk: it ends in the middle of an entry' "$no_init"
ramdisk cpio_wild_name 'ramdisk: it ends in the middle of an entry' "$no_init"
ramdisk cpio_no_digit 'ramdisk: a header field is not hexadecimal' "$no_init"
ramdisk xz 'ramdisk: xz compression is not supported' "$no_init"
ramdisk noise_only 'ramdisk: neither a cpio archive nor a known compression' "$no_init"
ramdisk good_then_cut 'ramdisk: the gzip stream is truncated' 'matrix: cpus=2'
ramdisk good_then_bomb 'ramdisk: there is not enough memory for its files' 'matrix: cpus=2'

# ---- what the machine says about itself
# shellcheck source=/dev/null
. "tests/qemu/badinput-$ARCH.sh"

# ---- a machine with nothing left
cat >"$work/oom.sh" <<'E'
dd if=/dev/zero of=/tmp/fill bs=1M; echo "tmp $?"; rm -f /tmp/fill
mkdir /big; mount -t tmpfs -o size=200% none /big
dd if=/dev/zero of=/big/fill bs=1M; echo "big $?"; rm -f /big/fill
tail /dev/zero; echo "hog $?"
[ "$(awk '/^MemFree/ { print $2 }' /proc/meminfo)" -gt 100000 ] && echo "all came back"
E
cat >"$work/bomb" <<'E'
b() { b | b & }
b
E
cat >"$work/bomb_user.sh" <<'E'
printf 'root:x:0:0::/:/bin/sh\nu:x:1000:1000::/:/bin/sh\n' >/etc/passwd
su u -c 'ulimit -u 60; exec sh /bomb </dev/null >/dev/null 2>&1' &
sleep 3
echo "root still works"
kill -9 -1
E
# Without a limit even root's fork(2) may fail meanwhile, on any kernel: from the bomb on only what the shell has built in.
cat >"$work/bomb_root.sh" <<'E'
sh /bomb </dev/null >/dev/null 2>&1 &
read -t 4 x </dev/console
echo "root still works"
kill -9 -1
i=0
while set -- /proc/[0-9]*; [ $# -ge 15 ] && [ $i -lt 40 ]; do
	read -t 1 x </dev/console
	i=$((i + 1))
done
[ $# -lt 15 ] && echo "all are gone"
E
{
	echo "dir /etc 0755 0 0"
	for f in oom.sh bomb bomb_user.sh bomb_root.sh; do echo "file /$f $work/$f 0755 0 0"; done
} >"$work/scripts"
tools/mkramdisk.sh -a "$ARCH" -o "$work/tools" -l "$work/scripts"
script() {	# script NAME MEM PATTERN...
	local name=$1 mem=$2
	want "$name" || return 0
	shift 2
	log=$work/log.$name
	tools/qemu.sh -k "$image" -r "$work/tools" -s 2 -m "$mem" -t 90 -o "$log" -a "panic=-1 autorun=/$name.sh" >"$log.out" 2>&1 || true
	verdict "$name" "$@" 'power: off'
}
script oom 128 'No space left on device' 'tmp 1' 'Out of memory: Killed process [0-9]+ \(dd\)' 'big 137' \
	'Out of memory: Killed process [0-9]+ \(tail\)' 'hog 137' 'all came back'
script bomb_user 256 'root still works'
script bomb_root 256 'root still works' 'all are gone'

echo "$passed passed, $failed failed"
[ $failed = 0 ]
