#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make.sh DIR: write device tree blobs to DIR. good-*.dtb must be read to the end; bad-*.dtb are
# broken in the way their names say and must be refused, or read as far as they are whole,
# without a crash, a hang or an access outside the blob.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
mkdir -p "$out"
dtc -q -I dts -O dtb -o "$out/good-board.dtb" "$here/board.dts"
dtc -q -I dts -O dtb -o "$out/good-virt.dtb" "$here/../../dts/qemu-virt-arm64.dts"
dtc -q -S 65536 -I dts -O dtb -o "$out/good-padded.dtb" "$here/board.dts"
dtc -q -V 16 -I dts -O dtb -o "$out/bad-version-16.dtb" "$here/board.dts"
dts() { printf '/dts-v1/;\n/ {\n%s\n};\n' "$2" | dtc -q -f -I dts -O dtb -o "$out/$1.dtb" -; }

dts good-empty ''
dts good-no-memory 'cpus { };'
dts bad-cells-huge '#address-cells = <0x10000000>; #size-cells = <2>; memory@0 { device_type = "memory"; reg = <0 0 0 0>; };'
dts bad-cells-zero '#address-cells = <0>; #size-cells = <0>; memory { device_type = "memory"; reg = <>; };'
dts bad-reg-odd '#address-cells = <2>; #size-cells = <2>; memory@0 { device_type = "memory"; reg = <0 0x40000000 0>; };'
dts bad-memory-overlap '#address-cells = <1>; #size-cells = <1>; memory@0 { device_type = "memory"; reg = <0x40000000 0x10000000 0x48000000 0x10000000>; };'
dts bad-memory-wraps '#address-cells = <2>; #size-cells = <2>; memory@0 { device_type = "memory"; reg = <0xffffffff 0xfffff000 0x0 0x10000>; };'
dts bad-initrd-backwards 'chosen { linux,initrd-start = <0x50000000>; linux,initrd-end = <0x40000000>; };'
dts bad-string-unterminated 'compatible = [61 62 63]; chosen { bootargs = [71 75]; };'
dts bad-parent-loop '#address-cells = <1>; #size-cells = <1>; a { phandle = <1>; interrupt-parent = <2>; interrupts = <1>; }; b { phandle = <2>; interrupt-parent = <1>; };'
dts bad-ranges-odd '#address-cells = <1>; #size-cells = <1>; soc { #address-cells = <1>; #size-cells = <1>; ranges = <1 2>; d@0 { reg = <0 1>; }; };'
deep=
i=0
while [ $i -lt 200 ]; do deep="$deep n { "; i=$((i + 1)); done
while [ $i -gt 0 ]; do deep="$deep }; "; i=$((i - 1)); done
dts bad-deep "$deep"

# Broken as bytes: field N of the header, or a place, overwritten; or cut short.
size=$(stat -c %s "$out/good-board.dtb")
poke() {	# poke NAME OFFSET HEX...
	cp "$out/good-board.dtb" "$out/bad-$1.dtb"
	printf "$(echo "$3" | sed 's/../\\x&/g')" | dd of="$out/bad-$1.dtb" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
poke magic 0 deadbeef
poke totalsize-huge 4 7fffffff
poke totalsize-zero 4 00000000
poke structure-outside 8 00ffff00
poke strings-outside 12 00ffff00
poke reserve-map-unaligned 16 00000003
poke version-future 20 00000099
poke last-compatible-future 24 00000099
poke strings-size-huge 32 7fffffff
poke structure-size-huge 36 7fffffff
poke structure-size-zero 36 00000000
# The first property of the root follows its token and its empty name.
first=$(($(od -An -tu1 -j 8 -N 4 "$out/good-board.dtb" | awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }') + 8))
poke length-negative $((first + 4)) fffffff8
poke length-leads-back $((first + 4)) fffffff4
poke length-outside $((first + 4)) 00100000
poke structure-unaligned 8 00000039
for cut in 4 39 40 100 $((size / 2)) $((size - 1)); do head -c "$cut" "$out/good-board.dtb" >"$out/bad-cut-$cut.dtb"; done
: >"$out/bad-nothing.dtb"
