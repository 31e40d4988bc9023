#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The boot matrix: the same Image on every form of QEMU's virt machine that the project
# promises, loaded in every way that Linux may be loaded. Each boot ends in probe.c, which says
# what it found and powers off. Two at a time.
#
#	matrix.sh [-k IMAGE] [--linux] [NAME...]	names may be patterns
set -eu
cd "$(dirname "$0")/../.."
image=${IMAGE:-build/arm64/Image}
linux=
while [ $# -gt 0 ]; do
	case $1 in
	-k) image=$2; shift ;;
	--linux) linux=1 image=$(tools/get-deb.sh arm64 linux-image-arm64)/vmlinuz ;;
	*) break ;;
	esac
	shift
done
wanted=("$@")
[ -r "$image" ] || { echo "matrix: no $image" >&2; exit 1; }
work=$(mktemp -d)
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT

# ---- ramdisks: plain, with one of everything, compressed, concatenated
aarch64-linux-gnu-gcc -static -O1 -Wall -Wextra -Werror -o "$work/probe" tests/qemu/probe.c
echo content >"$work/content"
echo second >"$work/second"
: >"$work/empty"
long=/t/$(printf 'n%.0s' $(seq 200))
cat >"$work/base" <<E
dir / 0755 0 0
dir /dev 0755 0 0
dir /proc 0755 0 0
nod /dev/console 0600 0 0 c 5 1
file /init $work/probe 0755 0 0
file /over $work/content 0644 0 0
E
cat >"$work/tree" <<E
dir /t 0755 0 0
file /t/file $work/content 0644 0 0 /t/link1 /t/link2
slink /t/sym file 0777 0 0
dir /t/dir 1751 0 0
dir /t/dir/sub 0700 0 0
nod /t/chr 0620 0 0 c 1 3
nod /t/blk 0600 0 0 b 7 300
pipe /t/fifo 0644 0 0
sock /t/sock 0777 0 0
file /t/suid $work/content 4755 12 34
file /t/empty $work/empty 0644 0 0
file $long $work/content 0644 0 0
E
cat >"$work/more" <<E
file /second $work/second 0644 0 0
file /over $work/second 0644 0 0
E
tools/mkcpio.py -o "$work/plain" "$work/base"
tools/mkcpio.py -o "$work/full" "$work/base" "$work/tree"
tools/mkcpio.py -o "$work/extra" "$work/more"
gzip -nc "$work/full" >"$work/full.gz"
zstd -qc19 "$work/full" >"$work/full.zst"
gzip -nc "$work/extra" >"$work/extra.gz"
zstd -qc "$work/extra" >"$work/extra.zst"
cat "$work/full" "$work/extra" >"$work/cat-plain"
cat "$work/full.gz" "$work/extra.gz" >"$work/cat-gz"
cat "$work/full" "$work/extra.gz" >"$work/cat-plain-gz"

# ---- kinds of boot. Each writes its console to $log and must not outlive $limit.
limit=60
words="${WORDS:-quiet loglevel=1} probe=env rdinit=/init -- one two"

direct() {	# direct MACHINE CPU SMP MEM RAMDISK [WORDS] [QEMU ARGS...]
	local m=$1 c=$2 s=$3 mem=$4 r=$5 w=${6:-}
	shift 5
	[ $# = 0 ] || shift
	tools/qemu.sh -k "$image" -M "$m" -c "$c" -s "$s" -m "$mem" -r "$work/$r" -t $limit -o "$log" -a "$w $words" -- "$@" || true
}

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
	tools/qemu.sh -k none -c cortex-a57 -s "$s" -m "$mem" -t $limit -o "$log" -- \
		-device loader,file="$log.stub",addr=0x49ff0000,cpu-num=0,force-raw=on \
		-device loader,file="$image",addr="$at",force-raw=on -device loader,file="$dtb",addr=0x49f00000,force-raw=on \
		-device loader,file="$work/full.gz",addr=0x4a000000,force-raw=on || true
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

# ---- the cases: run NAME CPUS MEM_MIB TREE -- KIND ARGS...
cases=()
add() { cases+=("$(printf '%q ' "$@")"); }
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

one() {	# run one case; the verdict goes to standard output
	eval "set -- $1"
	local name=$1 cpus=$2 mem=$3 tree=$4 got cpu
	shift 5
	log=$work/log.$name
	cpu=${3:-}
	if [ "$1" = direct ] && ! qemu-system-aarch64 -M virt -cpu help | grep -qw -- "${cpu%%,*}"; then
		echo "ok - boot $name # skip: this QEMU has no ${cpu%%,*}"
		return
	fi
	"$@" >"$log.out" 2>&1
	got=$(tr -d '\r' <"$log" 2>/dev/null | grep -a '^matrix: ' | tail -n 1) || true
	# What the kernel keeps for itself is not in the figure, but most of the memory must be.
	if [[ $got =~ ^matrix:\ cpus=$cpus\ mem=([0-9]+)\ tree=([^ ]*)\ fork=ok\ args=.*one,two,\ env=env$ ]] &&
		[ "${BASH_REMATCH[2]}" = "$tree" ] && [ "${BASH_REMATCH[1]}" -le "$mem" ] &&
		[ "${BASH_REMATCH[1]}" -ge $((mem * 7 / 10)) ]; then
		echo "ok - boot $name"
	else
		echo "not ok - boot $name: wanted cpus=$cpus mem=$mem tree=$tree, got ${got:-nothing}"
		tail -n 8 "$log" 2>/dev/null | tr -d '\r' | sed 's/^/#   /'
		head -n 3 "$log.out" | sed 's/^/#   /'
	fi
}

want() {
	local p
	[ ${#wanted[@]} -gt 0 ] || return 0
	# shellcheck disable=SC2254
	for p in "${wanted[@]}"; do case ${1%% *} in $p) return 0 ;; esac; done
	return 1
}
worker() {	# every second case
	local i
	for ((i = $1; i < ${#cases[@]}; i += 2)); do
		if want "${cases[i]}"; then one "${cases[i]}"; fi
	done
}
worker 0 >"$work/results.0" &
worker 1 >"$work/results.1"
wait
cat "$work"/results.?
passed=$(cat "$work"/results.? | grep -c '^ok' || true)
failed=$(cat "$work"/results.? | grep -c '^not ok' || true)
skipped=$(cat "$work"/results.? | grep -c '# skip' || true)
echo "$((passed - skipped)) passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
