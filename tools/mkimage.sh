#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mkimage.sh -k IMAGE -r RAMDISK [-d DTB]... [-l ADDRESS] -o OUT.itb: pack a U-Boot FIT.
#
# The kernel is gzip compressed; every part carries its SHA-256. Each -d makes a configuration
# `conf-NAME' (NAME.dtb), the first being the default. Without -d there is one, `conf', with
# which the user passes a device tree of U-Boot's own:
#
#	bootm ADDR#conf ADDR#conf ${fdtcontroladdr}
#
# U-Boot wants an address to unpack a compressed kernel at, though ours runs anywhere: 128 MiB
# above the start of the memory that the tree describes, 0x48000000 without a tree, or -l ADDRESS.
set -eu
kernel= ramdisk= dtbs= out= load=
usage() { echo "usage: mkimage.sh -k IMAGE -r RAMDISK [-d DTB]... [-l ADDRESS] -o OUT.itb" >&2; exit 2; }
while getopts k:r:d:o:l: opt; do
	case $opt in
	k) kernel=$OPTARG ;;
	r) ramdisk=$OPTARG ;;
	d) dtbs="$dtbs $OPTARG" ;;
	o) out=$OPTARG ;;
	l) load=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ -n "$kernel" ] && [ -n "$ramdisk" ] && [ -n "$out" ] && [ $# = 0 ] || usage
for f in "$kernel" "$ramdisk" $dtbs; do
	[ -r "$f" ] || { echo "mkimage: cannot read $f" >&2; exit 1; }
done
command -v mkimage >/dev/null || { echo "mkimage: U-Boot's mkimage is missing (Debian: u-boot-tools)" >&2; exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

gzip -9nc "$kernel" >"$tmp/kernel.gz"
part() {	# part NODE FILE TYPE COMPRESSION EXTRA
	printf '\t\t%s {\n\t\t\tdescription = "%s";\n\t\t\tdata = /incbin/("%s");\n\t\t\ttype = "%s";\n' "$1" "$1" "$2" "$3"
	printf '\t\t\tarch = "arm64";\n\t\t\tcompression = "%s";\n%s\t\t\thash { algo = "sha256"; };\n\t\t};\n' "$4" "$5"
}
conf() {	# conf NAME LOAD [FDT]
	printf '\t\t%s {\n\t\t\tkernel = "kernel-%s";\n\t\t\tramdisk = "ramdisk";\n%s\t\t};\n' "$1" "$2" "${3:+			fdt = \"$3\";
}"
}
# Where the memory of this tree starts, plus 128 MiB.
load_of() {
	if [ -n "$load" ] || [ -z "${1:-}" ]; then
		printf '%x' "${load:-0x48000000}"
		return
	fi
	node=$(fdtget -l "$1" / | grep '^memory' | head -n 1)
	cells=$(fdtget -t u "$1" / '#address-cells')
	set -- $(fdtget -t u "$1" "/$node" reg)
	[ "$cells" = 1 ] && base=$1 || base=$((($1 << 32) + $2))
	printf '%x' $((base + 0x8000000))
}
{
	printf '/dts-v1/;\n\n/ {\n\tdescription = "Aramid";\n\t#address-cells = <2>;\n\n\timages {\n'
	# One kernel a load address; trees with memory at the same place share it.
	for a in $(if [ -z "$dtbs" ]; then load_of; else for d in $dtbs; do load_of "$d"; echo; done; fi | sort -u); do
		part "kernel-$a" "$tmp/kernel.gz" kernel gzip "			os = \"linux\";
			load = <0x$(printf '%016x' "0x$a" | cut -c1-8) 0x$(printf '%016x' "0x$a" | cut -c9-16)>;
			entry = <0x$(printf '%016x' "0x$a" | cut -c1-8) 0x$(printf '%016x' "0x$a" | cut -c9-16)>;
"
	done
	part ramdisk "$(realpath "$ramdisk")" ramdisk none '			os = "linux";
'
	for d in $dtbs; do part "fdt-$(basename "$d" .dtb)" "$(realpath "$d")" flat_dt none ''; done
	printf '\t};\n\n\tconfigurations {\n'
	if [ -z "$dtbs" ]; then
		printf '\t\tdefault = "conf";\n'
		conf conf "$(load_of)"
	else
		first=
		for d in $dtbs; do
			n=$(basename "$d" .dtb)
			[ -n "$first" ] || printf '\t\tdefault = "conf-%s";\n' "$n"
			first=1
			conf "conf-$n" "$(load_of "$d")" "fdt-$n"
		done
	fi
	printf '\t};\n};\n'
} >"$tmp/image.its"
mkimage -f "$tmp/image.its" "$tmp/out.itb" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; exit 1; }
mv "$tmp/out.itb" "$out"
