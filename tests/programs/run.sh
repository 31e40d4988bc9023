#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The programs suite: Debian's own dynamically linked packages, and Alpine's, run every case of
# cases/*.sh; the output of each must equal, byte for byte, what it was on Debian's kernel
# (expected/NAME.txt; expected/NAME.ARCH.txt where architectures differ).
#
#	run.sh [-k IMAGE] [-s SMP] [-l] [CASE...]	compare; -l keeps the console log
#	run.sh --record [CASE...]			write expected/ anew, on Debian's kernel
#	run.sh --linux [CASE...]			compare a new run on Debian's kernel
#
# CASE is GROUP/NAME or GROUP. Cases of the group alpine run in Alpine's minirootfs: $ALPINE, or the
# one in the cache folder or in ../shared/data; without any they are skipped. The Debian root is
# packed once into build/ARCH/programs.
set -eu
cd "$(dirname "$0")/../.."
dir=tests/programs
ARCH=${ARCH:-arm64}
export ARCH
case $ARCH in
arm64) cc=aarch64-linux-gnu-gcc image=${IMAGE:-build/arm64/Image} alpine_arch=aarch64 ;;
*) cc=gcc image=${IMAGE:-build/$ARCH/bzImage} alpine_arch=$ARCH ;;
esac
APPEND=${APPEND:-}
smp=${SMP:-4} record='' linux='' keep=''
while [ $# -gt 0 ]; do
	case $1 in
	-k) image=$2; shift ;;
	-s) smp=$2; shift ;;
	-l) keep=1 ;;
	--record) record=1 linux=1 ;;
	--linux) linux=1 ;;
	*) break ;;
	esac
	shift
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
store=build/$ARCH/programs
mkdir -p "$store" "$work/got" "$work/none"
want=" $* "

# split GROUP-PATTERN DIR: one script a case, only the cases asked for.
split() {
	mkdir "$2"
	awk -v out="$2" -v want="$want" -v mine="$1" '
		/^#: / {
			if (file) close(file)
			name = $2
			file = ""
			group = name
			sub(/\/.*/, "", group)
			if ((group == "alpine") != (mine == "alpine")) next
			if (want !~ /^ *$/ && !index(want, " " name " ") && !index(want, " " group " ")) next
			if (!(group in made)) { system("mkdir -p " out "/" group); made[group] = 1 }
			file = out "/" name ".sh"
			print name >(out "/list")
			next
		}
		file { print >file }' $dir/cases/*.sh
	cp $dir/guest.sh "$2/"
	cp "$work/ptyrun" "$2/"
}

# boot_all NAME ROOT: run the cases of $work/NAME/list in boots of ROOT, until each has had its turn.
boot_all() {
	suite=$work/$1
	# What ss asks is in modules there.
	[ -z "$linux" ] || tools/get-modules.sh "$ARCH" "$suite/modules" inet_diag tcp_diag udp_diag raw_diag unix_diag
	cp "$suite/list" "$work/all.$1"
	boots=0
	while [ -s "$suite/list" ] && [ $boots -lt "${BOOTS:-12}" ]; do
		boots=$((boots + 1))
		mkdir -p "$work/over"
		rm -rf "$work/over/suite"
		cp -R "$suite" "$work/over/suite"
		tools/mkroot.py -o "$work/over.cpio" -a tools/root-init.sh=.aramid-init "$work/over"
		cat "$2" "$work/over.cpio" >"$work/ramdisk"
		if [ -n "$linux" ]; then set -- "$1" "$2" --linux; else set -- "$1" "$2" -k "$image"; fi
		name=$1 root=$2
		shift 2
		tools/qemu.sh "$@" -r "$work/ramdisk" -s "$smp" -m "${MEM:-1536}" -t "${LIMIT:-1000}" -o "$work/log" \
			-a "quiet loglevel=1 panic=-1 rdinit=/.aramid-init autorun=/suite/guest.sh $APPEND" || true
		set -- "$name" "$root"
		cat "$work/log" >>"$work/whole-log"
		# Cut the log into one file a case.
		tr -d '\r' <"$work/log" | awk -v out="$work/got" '
			/^=== / { name = $2; gsub("/", "_", name); file = out "/" name; printf "" >file; next }
			/^--- / { print "exit " $NF >file; close(file); print "" >(file ".done"); close(file ".done"); file = ""; next }
			file && /^\| / { print substr($0, 3) >file }'
		died=
		while read -r c; do
			if [ -n "$died" ]; then
				echo "$c"
			elif [ ! -e "$work/got/$(echo "$c" | tr / _).done" ]; then
				died=$c
				echo "# boot $boots ended in $c:" >&2
				tail -n 12 "$work/log" | tr -d '\r' | sed 's/^/#   /' >&2
			fi
		done <"$suite/list" >"$work/rest"
		mv "$work/rest" "$suite/list"
	done
	[ $boots -le 1 ] || echo "# $1: it took $boots boots"
}

$cc -static -O1 -Wall -Wextra -Werror -o "$work/ptyrun" tests/busybox/ptyrun.c
: >"$work/whole-log"
split debian "$work/debian"
split alpine "$work/alpine"
: >"$work/todo"
skipped=0
if [ -s "$work/debian/list" ]; then
	root=$store/debian.cpio
	if [ -z "$(find "$root" -newer tools/mkroot-debian.sh -newer tools/mkroot.py 2>/dev/null)" ]; then
		tools/mkroot-debian.sh -a "$ARCH" -o "$root"
	fi
	boot_all debian "$root"
	cat "$work/all.debian" >>"$work/todo"
fi
if [ -s "$work/alpine/list" ]; then
	found=
	for f in "${ALPINE:-}" "${XDG_CACHE_HOME:-$HOME/.cache}"/aramid/alpine-minirootfs-*-$alpine_arch.tar.gz \
		../shared/data/alpine-minirootfs-*-$alpine_arch.tar.gz; do
		if [ -e "$f" ]; then found=$f; break; fi
	done
	if [ -n "$found" ]; then
		tools/mkroot.py -o "$work/alpine.cpio" "$found"
		boot_all alpine "$work/alpine.cpio"
		cat "$work/all.alpine" >>"$work/todo"
	else
		skipped=$(wc -l <"$work/alpine/list")
		echo "# no Alpine root file system here: ALPINE=FILE names one"
	fi
fi
[ -s "$work/todo" ] || [ "$skipped" -gt 0 ] || { echo "programs: no such case" >&2; exit 2; }
[ -z "$keep" ] || { cp "$work/whole-log" "$store/log"; echo "# console log: $store/log"; }

passed=0 failed=0
while read -r c; do
	got=$work/got/$(echo "$c" | tr / _)
	want=$dir/expected/$c.txt
	[ ! -e "$dir/expected/$c.$ARCH.txt" ] || want=$dir/expected/$c.$ARCH.txt
	if [ -n "$record" ]; then
		[ -e "$got.done" ] || { echo "not ok - $c: did not end"; failed=$((failed + 1)); continue; }
		mkdir -p "$(dirname "$want")"
		cp "$got" "$want"
		passed=$((passed + 1))
	elif [ -e "$got.done" ] && cmp -s "$got" "$want"; then
		echo "ok - programs $c"
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		if [ -e "$got.done" ]; then
			echo "not ok - programs $c"
			diff -u --label linux --label here "$want" "$got" | sed 's/^/#   /' | head -40
		else
			echo "not ok - programs $c: did not end"
		fi
	fi
done <"$work/todo"
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ $failed = 0 ]
