# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
#
# What the machine says about itself on x86_64, the loader's memory map and the firmware's ACPI tables: part of badinput.sh.
# pcloader.py is loader and firmware.

pc() {	# pc NAME "PCLOADER ARGS" PATTERN...
	local name=$1 more=$2 args
	want "$name" || return 0
	shift 2
	log=$work/log.$name
	# shellcheck disable=SC2086 # a list of words
	mapfile -t args < <(tests/qemu/pcloader.py -k "$image" -d "$log.d" -r "$work/good.gz" -a "console=ttyS0 panic=-1 ${WORDS:-} rdinit=/init -- one two" \
		$more)
	boot -k none -c "${CPU:-max}" -s 2 -m 256 -t 60 -- "${args[@]}"
	verdict "$name" "$@"
}
qemu() {	# qemu NAME "QEMU ARGS" PATTERN...: with its own firmware
	local name=$1 more=$2
	want "$name" || return 0
	shift 2
	log=$work/log.$name
	# shellcheck disable=SC2086 # a list of words
	boot -k "$image" -M "${MACHINE:-q35}" -c "${CPU:-max}" -r "$work/good.gz" -s 2 -m 256 -t 60 -a "panic=-1 ${WORDS:-} rdinit=/init -- one two" -- $more
	verdict "$name" "$@"
}
two='matrix: cpus=2' one='matrix: cpus=1'
outside='Kernel panic: the kernel at .* is outside of memory'

# ---- memory maps: start:size:type; REST is what lies above 1 MiB
low=0:0x9fc00:1,0xf0000:0x10000:2
pc map_unsorted '--map 0x100000:REST:1,0xf0000:0x10000:2,0:0x9fc00:1' "$two"
pc map_overlaps "--map $low,0x100000:REST:1,0:TOP:1,0x80000:REST:1,0x8000000:0x100000:2,0x8080000:0x100000:4" "$two"
pc map_empty_entries "--map 0:0:1,$low,0x100000:0:2,0x100000:REST:1,0x5000000:0:2,0xffffffffffffffff:0:1" "$two"
pc map_wraps "--map $low,0x100000:REST:1,0xfffffffffffff000:0x2000:1,0xfffffffff0000000:0xffffffffffffffff:2" "$two"
pc map_huge_reserved "--map $low,0x100000:REST:1,0x100000000:0xffffffffffffffff:2" "$two"
pc map_kinds "--map $low,0x100000:REST:1,0x4000000:0x10000:3,0x4010000:0x10000:4,0x4020000:0x10000:5,0x4030000:0x1000:7,0x4040000:0x1000:0xffffffff" "$two"
pc map_ragged "--map 0x1:0x9fbfe:1,0xf0000:0x10000:2,0x100001:0xefffff:1,0x1000000:0xefff3ff:1" "$two"
pc map_of_pages "--map $low,0x100000:REST:1,$(for i in $(seq 0 120); do printf '%#x:0x1000:2,' $((0x6000000 + i * 0x3000)); done)0:0:1" "$two"
pc map_extension "--map $low,0x100000:REST:1,0x8000000:0x1000:2 --map-by extension" "$two"
pc map_chain_loops '--map-by loop' "$two"
pc map_chain_wild '--map-by wild' "$two"
pc map_none '--map-by none' "$two"
pc map_nothing '--map 0:0:1 --map-by none --zero-page 0x1e0:00000000' "$outside"
pc map_all_reserved "--map $low,0x100000:REST:1,0:0xffffffffffffffff:2" 'Kernel panic: the device tree names no memory'
pc map_kernel_reserved "--map $low,0x100000:REST:1,0x1000000:0x800000:2" "$outside"
pc map_elsewhere '--map 0:0x9fc00:1,0x8000000:0x8000000:1' "$outside"
pc map_tiny '--map 0:0x1000:1,0x1000000:0x400000:1 --ramdisk-at 0x1390000' 'Kernel panic|Out of memory'
pc map_no_low_memory '--map 0x100000:REST:1' 'CPU1 .* failed to start: error 12' "$one"

# ---- ramdisk and words
pc ramdisk_elsewhere '--ramdisk-say 0x9a000000:0x100000' 'ramdisk: what the device tree names, .* is not in memory: ignored' "$no_init"
pc ramdisk_on_kernel '--ramdisk-say 0x1000000:0x800000' 'ramdisk: what the device tree names, .* overlaps the kernel: ignored' "$no_init"
pc ramdisk_wraps '--ramdisk-say 0xfffffffffffff000:0x2000' "$no_init"
pc ramdisk_huge '--ramdisk-say 0xa000000:0xffffffff00000000' "$no_init"
pc words_nowhere '--zero-page 0x228:f0ffffff' "$two .* args= env="
WORDS=mem=1M pc word_mem_tiny '' "$outside"
WORDS='nonsense=1 foo.bar=2 =x "" "a b' pc word_unknown '' 'left to init: nonsense=1' 'no module here takes: foo.bar=2'
WORDS=maxcpus=1 pc word_maxcpus '' "$one"

# ---- ACPI: the root
none='acpi: no tables: one CPU'
pc acpi_none '--rsdp none' "$none" "$one" 'nothing here can do it'
pc acpi_hint_lies '--rsdp lie' "$none" "$one"
pc acpi_hint '--rsdp tell' "$two" 'power: off'
pc acpi_xsdt '--xsdt' "$two" 'power: off'
pc acpi_rsdp_checksum '--poke-raw RSDP:9:ff' "$none" "$one"
pc acpi_rsdp2_checksum '--xsdt --poke-raw RSDP:33:ff' "$none" "$one"
pc acpi_root_checksum '--poke-raw ROOT:20:ff' 'acpi: RSDT has a wrong checksum: left out' "$none" "$one"
pc acpi_root_length_0 '--poke-raw ROOT:4:00000000' 'acpi: RSDT has a wrong length: left out' "$none" "$one"
pc acpi_root_length_huge '--poke-raw ROOT:4:ffffffff' 'acpi: RSDT has a wrong length: left out' "$none" "$one"
pc acpi_root_elsewhere '--poke RSDP:16:00000090' 'acpi: RSDT is not where the tables say: left out' "$none" "$one"
pc acpi_root_has_itself '--tables SELF,SELF,0xf0100,FACP,SELF,APIC,APIC' "$two"
pc acpi_root_wild '--tables 0,0xffffffff,0xfee00000,0x9000000,FACP,APIC' 'acpi: .* left out' "$two"
pc acpi_root_empty '--tables=' 'acpi: no table of CPUs: one CPU' "$one"

# ---- MADT. Two CPUs at 44 and 52, the I/O APIC at 60, overrides from 72 on
no_cpus='acpi: no table of CPUs: one CPU'
pc madt_checksum '--poke-raw APIC:50:ff' 'acpi: APIC has a wrong checksum: left out' "$no_cpus" "$one"
pc madt_length_small '--poke APIC:4:20000000' 'acpi: APIC has a wrong length: left out' "$no_cpus" "$one"
pc madt_length_huge '--poke-raw APIC:4:ffffff7f' 'acpi: APIC has a wrong length: left out' "$no_cpus" "$one"
pc madt_entry_of_nothing '--poke APIC:45:00' "$no_cpus" "$one"
pc madt_entry_too_long '--poke APIC:53:ff' "$one"
pc madt_same_cpu_twice '--poke APIC:55:00' "$one"
pc madt_cpu_that_is_none '--poke APIC:55:07' 'CPU1 \(0x7\) failed to start: error 110' "$one"
pc madt_boot_cpu_missing '--poke APIC:48:00' "$two"
pc madt_many_cpus '--cpus 100' "$two"
pc madt_ioapic_in_memory '--poke APIC:64:00000001' 'acpi: APIC names an address that is memory: left out' "$two"
pc madt_ioapic_nowhere '--poke APIC:64:000000d0' 'ttyS0: no interrupt .*: polled' "$two"
pc madt_lapic_in_memory '--poke APIC:36:00000001' 'acpi: APIC names an address that is memory: left out' "$two"
pc madt_override_wild '--poke APIC:85:04ffffff7f' 'ttyS0: no interrupt .*: polled' "$two"

# ---- the others. FADT: DSDT at 40, PM1a at 64; HPET's address at 44, MCFG's at 44
pc fadt_checksum '--poke-raw FACP:70:ff' 'acpi: FACP has a wrong checksum: left out' "$two" 'nothing here can do it'
pc fadt_short '--poke FACP:4:60000000' "$two" 'nothing here can do it'
pc fadt_no_dsdt '--poke FACP:40:00000000' "$two" 'nothing here can do it'
pc fadt_dsdt_wild '--poke FACP:40:00f0ffff' 'acpi: DSDT is not where the tables say' "$two" 'nothing here can do it'
pc fadt_dsdt_is_itself '--poke FACP:40:00000f00' 'acpi: DSDT is not where the tables say' "$two"
pc fadt_reset_in_memory '--poke FACP:116:00080001000000010000000000' 'acpi: FACP names an address that is memory' "$two"
pc dsdt_checksum '--poke-raw DSDT:40:ff' 'acpi: DSDT has a wrong checksum: left out' "$two" 'nothing here can do it'
pc dsdt_noise '--poke DSDT:36:085f53355f12ffffffffff' "$two"
pc hpet_in_memory '--poke HPET:44:0000000100000000' 'acpi: HPET names an address that is memory: left out' 'tsc: .* by acpi_pm' "$two"
pc hpet_nowhere '--poke HPET:44:000000d000000000' 'tsc: .* by acpi_pm' "$two"
pc hpet_none '--tables FACP,APIC' 'tsc: .* by acpi_pm' "$two"
pc hpet_none_pm_none '--tables APIC' 'tsc: .* by pit' "$two"
pc mcfg_in_memory '--poke MCFG:44:0000000100000000' 'acpi: MCFG names an address that is memory: left out' "$two"
pc mcfg_wild '--poke MCFG:44:0000f0ffffffffff0000ff00' "$two"
pc mcfg_short '--poke MCFG:4:2d000000' "$two"

# ---- QEMU's own machines and firmware
printf 'APIC' >"$work/few"
head -c 30000 "$work/noise" >"$work/table"
qemu acpi_table_twice "-acpitable sig=APIC,data=$work/table" "$two"
qemu acpi_table_of_noise "-acpitable sig=SSDT,data=$work/table -acpitable sig=HPET,data=$work/few -acpitable sig=MCFG,data=$work/few" "$two"
WORDS=acpi=off qemu word_acpi_off '' 'acpi: off: one CPU' "$one"
MACHINE=q35,hpet=off qemu no_hpet '' 'tsc: .* by acpi_pm' "$two"
MACHINE=pc,hpet=off,acpi=off qemu no_hpet_no_acpi '' "$none" 'tsc: .* by pit' "$one"
CPU=qemu64 qemu cpu_qemu64 '' "$two"
CPU=max,-apic qemu cpu_no_apic '' 'apic: this CPU has no local APIC' 'Kernel panic: no clock'
CPU=max,-nx qemu cpu_no_nx '' 'Aramid: this CPU has no execute-disable \(NX\): halted'
CPU=max,-lm qemu cpu_32_bits '' 'Aramid: this CPU has no 64-bit mode: halted'
WORDS='noapic nolapic' qemu word_noapic '' 'noapic, nolapic: ignored' "$two"
MACHINE=microvm qemu microvm '' 'tsc: .* by pit' "$two" 'power: off'
MACHINE=microvm,acpi=off qemu microvm_no_acpi '' "$none" "$one"
MACHINE=microvm,pit=off,pic=off qemu microvm_no_pit '' 'tsc: no HPET, ACPI timer or PIT runs' 'Kernel panic: no clock'
