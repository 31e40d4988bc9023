#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make bench: the same static program on Debian's kernel and on ours, one CPU, one nanosecond an
# instruction. Prints instructions an operation and the ratio to Linux; nothing fails by being slow.
#
#	run.sh [--linux-only | --ours-only] [OPERATION...]
set -eu
cd "$(dirname "$0")/../.."
arch=${ARCH:-arm64}
build=${BUILD:-build/$arch}
case $arch in
arm64) cc=aarch64-linux-gnu-gcc deb=arm64 image=${IMAGE:-$build/Image} tuned=tests/bench/tuned.txt ;;
x86_64) cc=x86_64-linux-gnu-gcc deb=amd64 image=${IMAGE:-$build/bzImage} tuned= ;;
*) echo "bench: no recipe for $arch" >&2; exit 2 ;;
esac
linux=1 ours=1
case ${1:-} in
--linux-only) ours= ; shift ;;
--ours-only) linux= ; shift ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$cc -static -O2 -Wall -Wextra -o "$work/bench" tests/bench/bench.c -lpthread
$cc -static -O2 -o "$work/tiny" tests/bench/tiny.c
{
	for d in / /dev /proc /tmp; do echo "dir $d 0755 0 0"; done
	echo "nod /dev/console 0600 0 0 c 5 1"
	echo "file /init $work/bench 0755 0 0"
	echo "file /tiny $work/tiny 0755 0 0"
} | tools/mkcpio.py -o "$work/ramdisk"
cat >"$work/memory.sh" <<'E'
awk '/^(MemFree|Buffers|Cached|SReclaimable):/ { s += $2 } END { print "bench memory_gone", 524288 - s }' /proc/meminfo
E
echo "file /memory.sh $work/memory.sh 0644 0 0" >"$work/list"
tools/mkramdisk.sh -a $arch -o "$work/shell" -l "$work/list"

# boot NAME ARGS...: one run for the operations, one to a shell for the memory
boot() {
	name=$1
	shift
	[ ! -t 2 ] || echo "bench: $name..." >&2
	tools/qemu.sh "$@" -r "$work/ramdisk" --icount -m 512 -t 300 -o "$work/$name.log" -a "quiet loglevel=1 $ops" || true
	tools/qemu.sh "$@" -r "$work/shell" --icount -m 512 -t 60 -o "$work/$name.mem" \
		-a "quiet loglevel=1 autorun=/memory.sh" || true
	# What firmware and loader took (x86) is no kernel's work.
	cat "$work/handover" "$work/$name.log" "$work/$name.mem" | tr -d '\r' | grep -a '^bench ' |
		awk '$2 == "handover" { less = $3; next } $2 == "to_init" { $3 = sprintf("%.0f", $3 - less) } { print }' >"$work/$name" || true
	grep -q 'bench done' "$work/$name" || { echo "# $name did not get to the end:"; tail -n 5 "$work/$name.log"; }
}
ops=
[ $# = 0 ] || ops="ops=$(echo "$*" | tr ' ' ,)"
: >"$work/linux"
: >"$work/ours"
: >"$work/handover"
if [ "$arch" = x86_64 ]; then
	$cc -c -o "$work/handover.o" tests/bench/handover.S
	x86_64-linux-gnu-objcopy -O binary -j .text "$work/handover.o" "$work/handover.bin"
	tools/qemu.sh -k "$work/handover.bin" -r "$work/ramdisk" --icount -m 512 -t 60 -o "$work/handover" \
		-a "quiet loglevel=1 $ops" || true
fi
[ -z "$linux" ] || boot linux --linux
[ -z "$ours" ] || boot ours -k "$image"
vmlinuz=
[ -z "$linux" ] || vmlinuz=$(tools/get-deb.sh $deb linux-image-$deb)/vmlinuz
[ -z "$linux" ] || echo "bench image_size $(stat -c %s "$vmlinuz")" >>"$work/linux"
[ -z "$ours" ] || echo "bench image_size $(stat -c %s "$image")" >>"$work/ours"

awk -v rival="$tuned" '
	FILENAME ~ /tuned.txt$/ { if (!/^#/) tuned[$1] = $2; next }
	$2 == "FAILED" { print "# " FILENAME ": " $0; next }
	$2 == "done" { next }
	FILENAME ~ /linux$/ { linux[$2] = $3 }
	FILENAME ~ /ours$/ { ours[$2] = $3 }
	!($2 in seen) { seen[$2] = 1; order[++n] = $2 }
	function ratio(a, b) { return a && b ? sprintf("%.2f", a / b) : "-" }
	function show(v) { return v == "" ? "-" : v }
	END {
		if (!rival) {
			printf "%-22s %12s %12s %9s\n", "operation", "Debian", "Aramid", "/Debian"
			for (i = 1; i <= n; i++) {
				o = order[i]
				printf "%-22s %12s %12s %9s\n", o, show(linux[o]), show(ours[o]), ratio(ours[o], linux[o])
				if (ours[o] && linux[o]) { sum += log(ours[o] / linux[o]); cnt++; above += ours[o] > 0.8 * linux[o] }
			}
			if (cnt)
				printf "%d operations: geometric mean %.2f of Debian, %d above 0.8\n", cnt, exp(sum / cnt), above
			exit
		}
		printf "%-22s %12s %12s %12s %9s %9s\n", "operation", "tuned", "Debian", "Aramid", "/tuned", "/Debian"
		for (i = 1; i <= n; i++) {
			o = order[i]
			t = tuned[o]
			if (t == "" && linux[o] && o != "to_init" && o != "memory_gone" && o != "image_size")
				t = int(linux[o] * 0.6)
			printf "%-22s %12s %12s %12s %9s %9s\n", o, show(t), show(linux[o]), show(ours[o]), ratio(ours[o], t), ratio(ours[o], linux[o])
			if (ours[o] && t) { sum += log(ours[o] / t); cnt++; above += ours[o] > t }
		}
		if (cnt)
			printf "%d operations: geometric mean %.2f of tuned Linux, %d above it\n", cnt, exp(sum / cnt), above
		if (ours["mmap_touch_64k"] && ours["mmap_munmap"])
			printf "a touched anonymous page: %d instructions\n", (ours["mmap_touch_64k"] - ours["mmap_munmap"]) / 16
	}' $tuned "$work/linux" "$work/ours"
