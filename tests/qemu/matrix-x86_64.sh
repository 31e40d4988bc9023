# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
#
# Ways to load and cases of the boot matrix on x86_64: part of matrix.sh.

# Without QEMU's loader and firmware: the entry points at offset 0 and 0x200, an image at any place, a memory map of ours.
loaded() {	# loaded MACHINE BITS IMAGE_ADDRESS SMP MEM [PCLOADER ARGS...]
	local m=$1 bits=$2 at=$3 s=$4 mem=$5 args
	shift 5
	mapfile -t args < <(tests/qemu/pcloader.py -k "$image" -d "$log.d" -r "$work/full.gz" -a "console=ttyS0 $words" --bits "$bits" \
		--at "$at" --cpus "$s" --memory "$mem" "$@")
	boot -k none -M "$m" -s "$s" -m "$mem" -- "${args[@]}"
}

# GRUB, from a CD or from a disk of the same contents. Its menu speaks on the serial line too.
grub() {	# grub cdrom|hda MACHINE SMP MEM RAMDISK...
	local medium=$1 m=$2 s=$3 mem=$4 r args=()
	shift 4
	for r; do args+=(-r "$work/$r"); done
	tools/mkiso.sh -k "$image" "${args[@]}" -o "$log.iso" -a "console=ttyS0 $words"
	if [ "$medium" = hda ]; then
		set -- -drive "file=$log.iso,format=raw,if=ide,media=disk"
	else
		set -- -cdrom "$log.iso" -boot d
	fi
	boot -k none -M "$m" -s "$s" -m "$mem" -- "$@"
	rm -f "$log.iso"
}

# ---- the cases
[ -n "$linux" ] || add machine_q35_no_acpi 2 512 none -- direct q35,acpi=off max 2 512 plain	# SeaBIOS makes tables of its own
[ -n "$linux" ] || add machine_pc_no_acpi 1 512 none -- direct pc,acpi=off max 2 512 plain
for m in q35 pc; do
	add "machine_$m" 4 512 none -- direct $m max 4 512 plain
	add "machine_${m}_no_hpet" 2 512 none -- direct $m,hpet=off max 2 512 plain
	add "machine_${m}_qemu64" 2 512 none -- direct $m qemu64 2 512 plain
done
for c in kvm64 core2duo phenom Conroe Penryn Nehalem Westmere SandyBridge IvyBridge Haswell Broadwell Skylake-Client Icelake-Server \
	Denverton Snowridge Opteron_G1 Opteron_G3 EPYC EPYC-Rome EPYC-Milan; do
	add "cpu_$c" 2 512 none -- direct q35 $c 2 512 plain
done
add machine_microvm 2 512 none -- direct microvm max 2 512 plain
add cpu_qemu64_bare 2 512 none -- direct q35 qemu64,-pge,-rdtscp,-cx16,-lahf_lm 2 512 plain
[ -n "$linux" ] || add cpu_no_xsave 2 512 none -- direct q35 max,-xsave,-fsgsbase,-smep,-smap,-umip,-erms,-pcid,-pdpe1gb 2 512 plain
add cpu_x2apic 2 512 none -- direct q35 max,+x2apic 2 512 plain
add cpu_no_tsc_deadline 2 512 none -- direct q35 max,-tsc-deadline 2 512 plain
for n in 1 2 3 5 6 7; do add "cpus_$n" $n 256 none -- direct q35 max $n 256 plain; done
for m in q35 pc; do add "cpus_8_$m" 8 512 none -- direct $m max 8 512 plain; done
add cpus_sparse_ids 6 512 none -- direct q35 max 6,sockets=2,cores=3,threads=1 512 plain
for m in 128 1024 3072 8192; do add "mem_$m" 2 $m none -- direct q35 max 2 $m plain; done
for m in 128 4096; do add "mem_${m}_pc" 2 $m none -- direct pc max 2 $m plain; done
[ -n "$linux" ] || add mem_64 2 64 none -- direct q35 max 2 64 plain
add word_maxcpus 2 512 none -- direct q35 max 4 512 plain maxcpus=2
add word_maxcpus_1 1 512 none -- direct q35 max 4 512 plain maxcpus=1
add word_nosmp 1 512 none -- direct q35 max 4 512 plain nosmp
add word_nr_cpus 3 512 none -- direct q35 max 4 512 plain nr_cpus=3
add word_mem 2 200 none -- direct q35 max 2 512 plain mem=200M
add word_acpi_off 1 512 none -- direct q35 max 2 512 plain acpi=off
add word_unknown 2 512 none -- direct q35 max 2 512 plain 'nonsense=1 foo.bar=2 =x'
add word_noapic 2 512 none -- direct q35 max 2 512 plain 'noapic nolapic'
add earlycon 2 512 none -- direct q35 max 2 512 plain earlycon=uart8250,io,0x3f8
add ramdisk_every_type 2 512 ok -- direct q35 max 2 512 full
add ramdisk_gzip 2 512 ok -- direct q35 max 2 512 full.gz
add ramdisk_zstd 2 512 ok -- direct q35 max 2 512 full.zst
add ramdisk_two 2 512 ok+second -- direct q35 max 2 512 cat-plain
add ramdisk_two_gzip 2 512 ok+second -- direct q35 max 2 512 cat-gz
add ramdisk_plain_then_gzip 2 512 ok+second -- direct q35 max 2 512 cat-plain-gz
add numa_banks 2 512 none -- direct q35 max 2 512 plain '' -object memory-backend-ram,id=m0,size=256M \
	-object memory-backend-ram,id=m1,size=256M -numa node,memdev=m0 -numa node,memdev=m1
for bits in 32 64; do
	for a in 0x100000 0x1000000 0xbe00000; do add "load_${bits}_$a" 2 256 ok -- loaded q35 $bits $a 2 256; done
done
add load_pc 2 256 ok -- loaded pc 32 0x1000000 2 256
add load_pc_64 2 256 ok -- loaded pc 64 0x1000000 2 256
[ -n "$linux" ] || add load_32_4k_aligned 2 256 ok -- loaded q35 32 0x1357000 2 256
add load_high 2 3500 ok -- loaded pc 64 0xc0000000 2 3500 --map 0:0x9fc00:1,0x100000:0xbff00000:1,0xc0000000:0x1ac00000:1 --ramdisk-at 0xd0000000
if tools/mkiso.sh -n 2>/dev/null; then
	add grub_cd 2 512 ok -- grub cdrom q35 2 512 full.gz
	add grub_disk 2 512 ok -- grub hda pc 2 512 full
	add grub_parts 2 512 ok+second -- grub cdrom pc 2 512 full.gz extra
	add grub_parts_compressed 2 512 ok+second -- grub hda q35 2 512 full.zst extra.gz
else
	for c in cd disk parts parts_compressed; do skip grub_$c 'no grub-pc-bin, grub-common, xorriso, mtools'; done
fi
