#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The BusyBox suite: Debian's busybox-static runs every case of cases/*.sh in one boot; the
# output of each must equal, byte for byte, what it was on Debian's kernel (expected/).
#
#	run.sh [-k IMAGE] [-s SMP] [-l] [CASE...]	compare; -l keeps the console log
#	run.sh --record [CASE...]			write expected/ anew, on Debian's kernel
#							(which file: as tests/user/record.sh)
#	run.sh --linux [CASE...]			compare a new run on Debian's kernel
set -eu
cd "$(dirname "$0")/../.."
dir=tests/busybox
arch=${ARCH:-arm64}
case $arch in
x86_64) cc=x86_64-linux-gnu-gcc image=bzImage ;;
*) cc=aarch64-linux-gnu-gcc image=Image ;;
esac
image=${IMAGE:-build/$arch/$image}
APPEND=${APPEND:-}
smp=4 record= linux= keep=
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

# One script a case; only the cases asked for.
mkdir "$work/suite"
awk -v out="$work/suite" -v want=" $* " '
	/^#: / {
		if (file) close(file)
		name = $2
		file = ""
		if (want != "  " && !index(want, " " name " ")) next
		group = name
		sub(/\/.*/, "", group)
		if (!(group in made)) { system("mkdir -p " out "/" group); made[group] = 1 }
		file = out "/" name ".sh"
		print name >(out "/list")
		next
	}
	file { print >file }' $dir/cases/*.sh
[ -s "$work/suite/list" ] || { echo "busybox: no such case" >&2; exit 2; }
cp $dir/guest.sh "$work/suite/"
$cc -static -O1 -Wall -Wextra -Werror -o "$work/ptyrun" $dir/ptyrun.c
if [ -n "$linux" ]; then set -- --linux; else set -- -k "$image"; fi
mkdir "$work/got"
cp "$work/suite/list" "$work/all"
: >"$work/whole-log"
# One boot runs all. A kernel that dies or hangs in a case costs that case: the rest run in another.
boots=0
while [ -s "$work/suite/list" ] && [ $boots -lt "${BOOTS:-12}" ]; do
	boots=$((boots + 1))
	{
		echo "dir /suite 0755 0 0"
		echo "tree /suite $work/suite"
		echo "file /bin/ptyrun $work/ptyrun 0755 0 0"
	} >"$work/list"
	tools/mkramdisk.sh -a "$arch" -o "$work/ramdisk" -l "$work/list"
	ARCH=$arch tools/qemu.sh "$@" -r "$work/ramdisk" -s "$smp" -t "${BOOT_SECONDS:-600}" -o "$work/log" \
		-a "quiet loglevel=1 panic=-1 autorun=/suite/guest.sh $APPEND" || true
	cat "$work/log" >>"$work/whole-log"
	# Cut the log into one file a case.
	tr -d '\r' <"$work/log" | awk -v out="$work/got" '
		/^=== / { name = $2; gsub("/", "_", name); file = out "/" name; next }
		/^--- / { print "exit " $NF >file; close(file); print "" >(file ".done"); close(file ".done"); file = ""; next }
		file && /^\| / { print substr($0, 3) >file }'
	died=
	for c in $(cat "$work/suite/list"); do
		if [ -n "$died" ]; then
			echo "$c"
		elif [ ! -e "$work/got/$(echo "$c" | tr / _).done" ]; then
			died=$c
			echo "# boot $boots ended in $c:" >&2
			tail -n 12 "$work/log" | tr -d '\r' | sed 's/^/#   /' >&2
		fi
	done >"$work/rest"
	mv "$work/rest" "$work/suite/list"
done
mv "$work/all" "$work/suite/list"
[ -z "$keep" ] || { cp "$work/whole-log" busybox.log; echo "# console log: busybox.log"; }

passed=0 failed=0
for c in $(cat "$work/suite/list"); do
	got=$work/got/$(echo "$c" | tr / _)
	own=$dir/expected/$arch/$c.txt
	want=$dir/expected/$c.txt
	[ ! -e "$own" ] || want=$own
	if [ -n "$record" ]; then
		[ -e "$got.done" ] || { echo "not ok - $c: did not end"; failed=$((failed + 1)); continue; }
		# arm64 writes the file for all; another writes its own where it differs.
		if [ "$arch" != arm64 ]; then
			want=$dir/expected/$c.txt
			if [ ! -e "$want" ] || cmp -s "$got" "$want"; then rm -f "$own"; else want=$own; fi
		fi
		mkdir -p "$(dirname "$want")"
		cp "$got" "$want"
		passed=$((passed + 1))
	elif [ -e "$got.done" ] && cmp -s "$got" "$want"; then
		echo "ok - busybox $c"
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		if [ -e "$got.done" ]; then
			echo "not ok - busybox $c"
			diff -u --label linux --label here "$want" "$got" | sed 's/^/#   /' | head -40
		else
			echo "not ok - busybox $c: did not end"
		fi
	fi
done
[ $boots = 1 ] || echo "# it took $boots boots"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
