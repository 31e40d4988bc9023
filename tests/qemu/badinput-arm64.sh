# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
#
# What the machine says about itself on arm64, the device tree: part of badinput.sh.

# ---- device trees, put into memory beside the image as a boot loader would
qemu-system-aarch64 -M virt,dumpdtb="$work/virt.dtb" -cpu cortex-a57 -smp 2 -m 256 -nic none -display none 2>"$work/dumpdtb" || { cat "$work/dumpdtb" >&2; exit 1; }
printf '.word 0x580000c0,0xaa1f03e1,0xaa1f03e2,0xaa1f03e3,0x58000084,0xd61f0080\n.quad 0x49f00000,0x40200000\n' >"$work/stub.S"
aarch64-linux-gnu-gcc -c -o "$work/stub.o" "$work/stub.S"
aarch64-linux-gnu-objcopy -O binary -j .text "$work/stub.o" "$work/stub"

tree() {	# tree NAME EDIT PATTERN...; EDIT changes the tree $1
	local name=$1 edit=$2 size dtb
	want "tree_$name" || return 0
	shift 2
	log=$work/log.tree_$name
	dtb=$log.dtb
	cp "$work/virt.dtb" "$dtb"
	size=$(stat -c %s "$work/good.gz")
	fdtput -t x "$dtb" /chosen linux,initrd-start 4a000000
	fdtput -t x "$dtb" /chosen linux,initrd-end "$(printf %x $((0x4a000000 + size)))"
	fdtput -t s "$dtb" /chosen bootargs "console=ttyAMA0 panic=-1 ${WORDS:-} rdinit=/init -- one two"
	$edit "$dtb"
	boot -k none -c cortex-a57 -s 2 -m 256 -t 30 -- \
		-device loader,file="$work/stub",addr=0x49ff0000,cpu-num=0,force-raw=on \
		-device loader,file="$image",addr=0x40200000,force-raw=on -device loader,file="$dtb",addr=0x49f00000,force-raw=on \
		-device loader,file="$work/good.gz",addr=0x4a000000,force-raw=on
	verdict "tree_$name" "$@"
}
no_memory() { fdtput -r "$1" /memory@40000000; }
memory_elsewhere() { fdtput -t x "$1" /memory@40000000 reg 0 48000000 0 8000000; }
memory_wraps() { fdtput -t x "$1" /memory@40000000 reg 0 40000000 0 10000000 ffffffff fff00000 0 200000; }
memory_overlaps() { fdtput -t x "$1" /memory@40000000 reg 0 40000000 0 8000000 0 44000000 0 c000000 0 40000000 0 10000000; }
memory_cut_off() { fdtput -t x "$1" /memory@40000000 reg 0 40000000 0 10000000 0 50000000 0; }
all_reserved() {
	fdtput -c "$1" /reserved-memory
	fdtput -t x "$1" /reserved-memory '#address-cells' 2
	fdtput -t x "$1" /reserved-memory '#size-cells' 2
	fdtput "$1" /reserved-memory ranges
	fdtput -c "$1" /reserved-memory/all@0
	fdtput -t x "$1" /reserved-memory/all@0 reg 0 0 ffffffff ffffffff
	fdtput "$1" /reserved-memory/all@0 no-map
}
ramdisk_elsewhere() {
	fdtput -t x "$1" /chosen linux,initrd-start 0 9a000000
	fdtput -t x "$1" /chosen linux,initrd-end 0 9a100000
}
ramdisk_on_kernel() {
	fdtput -t x "$1" /chosen linux,initrd-start 40210000
	fdtput -t x "$1" /chosen linux,initrd-end 40220000
}
no_timer() { fdtput -r "$1" /timer; }
no_intc() { fdtput -r "$1" /intc@8000000; }
no_cpus() { fdtput -r "$1" /cpus; }
cells_of_nonsense() { fdtput -t x "$1" /cpus '#address-cells' 77777777; }
tree no_memory no_memory 'Kernel panic: the device tree names no memory'
tree memory_elsewhere memory_elsewhere 'Kernel panic: the kernel at .* is outside of memory'
tree memory_wraps memory_wraps 'matrix: cpus=2'
tree memory_overlaps memory_overlaps 'matrix: cpus=2'
tree memory_cut_off memory_cut_off 'matrix: cpus=2'
tree all_reserved all_reserved 'Kernel panic: the device tree names no memory'
tree ramdisk_elsewhere ramdisk_elsewhere 'ramdisk: what the device tree names, .* is not in memory: ignored' "$no_init"
tree ramdisk_on_kernel ramdisk_on_kernel 'ramdisk: what the device tree names, .* overlaps the kernel: ignored' "$no_init"
tree no_timer no_timer 'Kernel panic: .*(clock|timer)'
tree no_intc no_intc 'Kernel panic: .*(interrupt|clock|timer)'
tree no_cpus no_cpus 'matrix: cpus=1'
tree cells_of_nonsense cells_of_nonsense 'matrix: cpus='
WORDS=mem=1M tree word_mem_tiny : 'Kernel panic: the kernel at .* is outside of memory'
WORDS=mem=100M tree word_mem_cuts_ramdisk : 'matrix: cpus=2'
WORDS='nonsense=1 foo.bar=2 =x "" "a b' tree word_unknown : 'left to init: nonsense=1' 'no module here takes: foo.bar=2'
