#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - compile the contract tests and pack their ramdisk.
#
#   BUILD=DIR ARCH=arm64 tests/user/build.sh [PATTERN...]
#   tests/user/build.sh --arch-of FAMILY/NAME	the architecture that this test is for; nothing: all
#
# Each tests/user/FAMILY/NAME.c becomes the static program $BUILD/tests/user/FAMILY/NAME; runner.c
# becomes /init of $BUILD/tests/user/ramdisk.cpio. Programs of the family "musl" are built with Debian's
# musl-dev of the target, all others with the cross compiler's glibc. Only what changed is compiled again.
# A program with `/* arch: ARCH */' among its first three lines is for that architecture only.
# With PATTERNs (shell patterns of FAMILY/NAME) only those programs are compiled and packed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
arch_of() { sed -n '1,3s|^/\* arch: \([a-z0-9_]*\) \*/$|\1|p' "$here/$1.c"; }
if [ "${1:-}" = --arch-of ]; then arch_of "$2"; exit 0; fi
ARCH=${ARCH:-arm64}
BUILD=${BUILD:-$top/build/$ARCH}
case $ARCH in
arm64) cross=${CROSS_COMPILE:-aarch64-linux-gnu-} ;;
x86_64) cross=${CROSS_COMPILE:-x86_64-linux-gnu-} ;;
*) echo "build.sh: unknown ARCH $ARCH" >&2; exit 2 ;;
esac
out=$BUILD/tests/user
mkdir -p "$out"
out=$(cd "$out" && pwd)
set -f
patterns=${*:-*}

wanted() {
	for pattern in $patterns; do
		# shellcheck disable=SC2254
		case $1 in $pattern) return 0 ;; esac
	done
	return 1
}

cflags="-std=gnu11 -O1 -static -Wall -Wextra -Werror -Wno-unused-parameter -Wl,--gc-sections -s"
# The tests pass null, negative and out-of-range arguments on purpose.
cflags="$cflags -Wno-nonnull -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds"
cflags="$cflags -Wno-unused-result -Wno-format-truncation -Wno-missing-field-initializers -I$here"
list=''
queue=$out/.queue.$$
: > "$queue"
for source in $(cd "$here" && find . -mindepth 2 -maxdepth 2 -name '*.c' | sed 's|^\./||' | sort); do
	name=${source%.c}
	wanted "$name" || continue
	case $(arch_of "$name") in '' | "$ARCH") ;; *) continue ;; esac
	list="$list $name"
	mkdir -p "$out/${name%/*}"
	# Its own headers count, and those of process/, which other families share.
	if [ ! -e "$out/$name" ] || [ -n "$(find "$here/harness.h" "$here/${name%/*}" "$here/process" "$here/threads" -maxdepth 1 \
			\( -name '*.h' -o -path "$here/*/${source##*/}" \) -newer "$out/$name")" ]; then
		echo "$name" >> "$queue"
	fi
done
# musl: its headers and start files instead of the compiler's own; Linux's headers stay.
muslflags='' musllibs=''
if grep -q '^musl/' "$queue"; then
	case $ARCH in x86_64) deb=amd64 triplet=x86_64-linux-musl ;; *) deb=$ARCH triplet=aarch64-linux-musl ;; esac
	musl=${MUSL_DEV:-$("$top/tools/get-deb.sh" "$deb" musl-dev)}
	linux=$("${cross}gcc" -print-sysroot)/usr/include
	[ -d "$linux/linux" ] || linux=/usr/${triplet%-musl}-gnu/include
	mkdir -p "$out/include"
	for dir in linux asm asm-generic; do
		ln -sfn "$([ -d "$linux/$dir" ] || linux=$linux/${triplet%-musl}-gnu; echo "$linux/$dir")" "$out/include/$dir"
	done
	muslflags="-nostdinc -isystem $musl/usr/include/$triplet -isystem $("${cross}gcc" -print-file-name=include)"
	muslflags="$muslflags -isystem $out/include -nostdlib -mno-outline-atomics"
	[ "$ARCH" = arm64 ] || muslflags=${muslflags% -mno-outline-atomics}
	lib=$musl/usr/lib/$triplet
	musllibs="$lib/crt1.o $lib/crti.o -Wl,--start-group $lib/libc.a -lgcc -lgcc_eh -Wl,--end-group $lib/crtn.o"
fi
# The quotes are for the inner shell: each program is one compiler run, two at a time.
# shellcheck disable=SC2016
xargs -r -n 1 -P "${JOBS:-2}" sh -c 'set -e; cc=$1 flags=$2 out=$3 here=$4 name=$7 libs=-pthread
	echo "  CC      tests/user/$name" >&2
	case $name in musl/*) flags="$flags $5" libs=$6 ;; esac
	rm -f "$out/$name"
	"$cc" $flags -o "$out/$name.tmp" "$here/$name.c" $libs; mv "$out/$name.tmp" "$out/$name"' \
	build "${cross}gcc" "$cflags" "$out" "$here" "$muslflags" "$musllibs" < "$queue" ||
	echo "build.sh: some tests do not compile: they will fail with exit=127" >&2
rm -f "$queue"
if [ ! -e "$out/runner" ] || [ -n "$(find "$here/runner.c" -newer "$out/runner")" ]; then
	# shellcheck disable=SC2086
	"${cross}gcc" $cflags -o "$out/runner" "$here/runner.c"
fi

# The ramdisk: hard links cost nothing, cpio follows them into file contents.
root=$out/root.$$
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/tests" "$root/proc" "$root/sys" "$root/dev" "$root/tmp"
ln "$out/runner" "$root/init"
for name in $list; do
	mkdir -p "$root/tests/${name%/*}"
	[ ! -e "$out/$name" ] || ln "$out/$name" "$root/tests/$name"
	echo "$name"
done > "$root/tests/list"
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) > "$out/ramdisk.cpio.tmp"
mv "$out/ramdisk.cpio.tmp" "$out/ramdisk.cpio"
