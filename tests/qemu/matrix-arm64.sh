# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
#
# Ways to load and cases of the boot matrix on arm64: part of matrix.sh.

# Without QEMU's own loader: image, tree and ramdisk are put into memory and a stub jumps to the
# image with x0 as the boot protocol says. This way the tree is ours, byte for byte.
loaded() {	# loaded IMAGE_ADDRESS SMP MEM [EDIT]   EDIT: a function that changes the tree $dtb
	local at=$1 s=$2 mem=$3 edit=${4:-:} dtb=$log.dtb size
	qemu-system-aarch64 -M virt,dumpdtb="$dtb" -cpu cortex-a57 -smp "$s" -m "$mem" -nic none -display none 2>"$work/dumpdtb" || { cat "$work/dumpdtb" >&2; exit 1; }
	size=$(stat -c %s "$work/full.gz")
	fdtput -t x "$dtb" /chosen linux,initrd-start 4a000000
	fdtput -t x "$dtb" /chosen linux,initrd-end "$(printf %x $((0x4a000000 + size)))"
	fdtput -t s "$dtb" /chosen bootargs "console=ttyAMA0 $words"
	$edit "$dtb"
	printf '.word 0x580000c0,0xaa1f03e1,0xaa1f03e2,0xaa1f03e3,0x58000084,0xd61f0080\n.quad 0x49f00000,%s\n' "$at" >"$log.S"
	aarch64-linux-gnu-gcc -c -o "$log.o" "$log.S"
	aarch64-linux-gnu-objcopy -O binary -j .text "$log.o" "$log.stub"
	boot -k none -c cortex-a57 -s "$s" -m "$mem" -- \
		-device loader,file="$log.stub",addr=0x49ff0000,cpu-num=0,force-raw=on \
		-device loader,file="$image",addr="$at",force-raw=on -device loader,file="$dtb",addr=0x49f00000,force-raw=on \
		-device loader,file="$work/full.gz",addr=0x4a000000,force-raw=on
}

# 256 MiB and 192 MiB with a hole between them, and a reserved area without mapping in the first.
edit_banks() {
	fdtput -t x "$1" /memory@40000000 reg 0 40000000 0 10000000 0 60000000 0 c000000
	edit_reserved "$1"
}
edit_reserved() {
	fdtput -c "$1" /reserved-memory
	fdtput -t x "$1" /reserved-memory '#address-cells' 2
	fdtput -t x "$1" /reserved-memory '#size-cells' 2
	fdtput "$1" /reserved-memory ranges
	fdtput -c "$1" /reserved-memory/fw@4c000000
	fdtput -t x "$1" /reserved-memory/fw@4c000000 reg 0 4c000000 0 2000000
	fdtput "$1" /reserved-memory/fw@4c000000 no-map
}
# Several memory nodes of one bank each, one of them of no size, and a disabled one.
edit_nodes() {
	fdtput -t x "$1" /memory@40000000 reg 0 40000000 0 10000000
	for n in 50000000 58000000; do
		fdtput -c "$1" /memory@$n
		fdtput -t s "$1" /memory@$n device_type memory
	done
	fdtput -t x "$1" /memory@50000000 reg 0 50000000 0 0
	fdtput -t x "$1" /memory@58000000 reg 0 58000000 0 8000000
}

uboot() {	# uboot KERNEL_FILE COMMAND...; files lie at 0x60000000 and 0x68000000
	local file=$1
	shift
	tests/qemu/uboot.py $((limit + 30)) "$log" "setenv bootargs console=ttyAMA0 $words" "$@" -- \
		qemu-system-aarch64 -M virt -cpu cortex-a57 -smp 2 -m 1024 -nic none -no-reboot \
		-bios /usr/lib/u-boot/qemu_arm64/u-boot.bin -device loader,file="$file",addr=0x60000000,force-raw=on \
		-device loader,file="$work/full.gz",addr=0x68000000,force-raw=on || true
}

# ---- the cases
fast=max,pauth-impdef=on
add gicv2 4 512 none -- direct virt,gic-version=2 $fast 4 512 plain
add gicv3 4 512 none -- direct virt,gic-version=3 $fast 4 512 plain
add secure_off 4 512 none -- direct virt,secure=off $fast 4 512 plain
add el2_vhe 4 512 none -- direct virt,virtualization=on,gic-version=3 $fast 4 512 plain
add el2_vhe_gicv2 2 512 none -- direct virt,virtualization=on,gic-version=2 $fast 2 512 plain
add el2_no_vhe_a57 2 512 none -- direct virt,virtualization=on,gic-version=2 cortex-a57 2 512 plain
add el2_no_vhe_a72 4 512 none -- direct virt,virtualization=on,gic-version=3 cortex-a72 4 512 plain
for c in cortex-a35 cortex-a53 cortex-a57 cortex-a72 cortex-a76 neoverse-n1; do
	add "cpu_$c" 2 512 none -- direct virt $c 2 512 plain
done
add cpu_max_plain 1 512 none -- direct virt max 1 512 plain
for n in 1 2 3 5 6 7; do add "cpus_$n" $n 256 none -- direct virt $fast $n 256 plain; done
add cpus_8_gicv2 8 512 none -- direct virt,gic-version=2 $fast 8 512 plain
add cpus_8_gicv3 8 512 none -- direct virt,gic-version=3 $fast 8 512 plain
for m in 128 1024 3072 8192; do add "mem_$m" 2 $m none -- direct virt $fast 2 $m plain; done
[ -n "$linux" ] || add mem_64 2 64 none -- direct virt $fast 2 64 plain	# Debian's kernel alone needs more
add word_maxcpus 2 512 none -- direct virt $fast 4 512 plain maxcpus=2
add word_nr_cpus 3 512 none -- direct virt $fast 4 512 plain nr_cpus=3
add word_mem 2 200 none -- direct virt $fast 2 512 plain mem=200M
add word_unknown 2 512 none -- direct virt $fast 2 512 plain 'nonsense=1 foo.bar=2 =x'
add earlycon 2 512 none -- direct virt $fast 2 512 plain earlycon
add ramdisk_every_type 2 512 ok -- direct virt $fast 2 512 full
add ramdisk_gzip 2 512 ok -- direct virt $fast 2 512 full.gz
add ramdisk_zstd 2 512 ok -- direct virt $fast 2 512 full.zst
add ramdisk_two 2 512 ok+second -- direct virt $fast 2 512 cat-plain
add ramdisk_two_gzip 2 512 ok+second -- direct virt $fast 2 512 cat-gz
add ramdisk_plain_then_gzip 2 512 ok+second -- direct virt $fast 2 512 cat-plain-gz
add numa_banks 2 512 none -- direct virt $fast 2 512 plain '' -object memory-backend-ram,id=m0,size=256M \
	-object memory-backend-ram,id=m1,size=256M -numa node,memdev=m0 -numa node,memdev=m1
for a in 0x40200000 0x44600000 0x52400000 0x5ba00000; do add "load_$a" 2 512 ok -- loaded $a 2 512; done
add dt_banks_and_hole 2 416 ok -- loaded 0x40200000 2 1024 edit_banks
add dt_reserved_memory 2 480 ok -- loaded 0x40200000 2 512 edit_reserved
add dt_memory_nodes 2 384 ok -- loaded 0x40200000 2 512 edit_nodes
add uboot_booti 2 1024 ok -- uboot "$image" "booti 0x60000000 0x68000000:$(printf %x "$(stat -c %s "$work/full.gz")") \${fdtcontroladdr}"
add uboot_bootm_fit 2 1024 ok -- uboot "$work/plain.itb" "bootm 0x60000000#conf 0x60000000#conf \${fdtcontroladdr}"
add uboot_bootm_fit_dtb 2 1024 ok -- uboot "$work/dtb.itb" "bootm 0x60000000"

# With firmware the machine has other devices: the tree must be of the very machine that boots.
qemu-system-aarch64 -M virt,dumpdtb="$work/virt.dtb" -cpu cortex-a57 -smp 2 -m 1024 \
	-bios /usr/lib/u-boot/qemu_arm64/u-boot.bin -nic none -display none 2>"$work/dumpdtb" || { cat "$work/dumpdtb" >&2; exit 1; }
tools/mkimage.sh -k "$image" -r "$work/full.gz" -o "$work/plain.itb"
tools/mkimage.sh -k "$image" -r "$work/full.gz" -d "$work/virt.dtb" -o "$work/dtb.itb"

