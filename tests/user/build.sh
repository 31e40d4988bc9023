#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - compile the contract tests and pack their ramdisk.
#
#   BUILD=DIR ARCH=arm64 tests/user/build.sh [PATTERN...]
#
# Each tests/user/FAMILY/NAME.c becomes the static program $BUILD/tests/user/FAMILY/NAME; runner.c
# becomes /init of $BUILD/tests/user/ramdisk.cpio. A file whose first lines contain "TEST-LIBC: musl"
# is built with musl-gcc of the target where there is one. Only what changed is compiled again.
# With PATTERNs (shell patterns of FAMILY/NAME) only those programs are compiled and packed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
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
list=
queue=$out/.queue
: > "$queue"
for source in $(cd "$here" && find . -mindepth 2 -maxdepth 2 -name '*.c' | sed 's|^\./||' | sort); do
	name=${source%.c}
	wanted "$name" || continue
	list="$list $name"
	mkdir -p "$out/${name%/*}"
	if [ ! -e "$out/$name" ] || [ -n "$(find "$here/$source" "$here/harness.h" -newer "$out/$name")" ]; then
		echo "$name" >> "$queue"
	fi
done
# The quotes are for the inner shell: each program is one compiler run, two at a time.
# shellcheck disable=SC2016
xargs -r -n 1 -P "${JOBS:-2}" sh -c 'set -e; echo "  CC      tests/user/$4" >&2
	"$1"gcc $2 -pthread -o "$3/$4.tmp" "'"$here"'/$4.c"; mv "$3/$4.tmp" "$3/$4"' \
	build "$cross" "$cflags" "$out" < "$queue"
rm -f "$queue"
if [ ! -e "$out/runner" ] || [ "$here/runner.c" -nt "$out/runner" ]; then
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
	ln "$out/$name" "$root/tests/$name"
	echo "$name"
done > "$root/tests/list"
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) > "$out/ramdisk.cpio.tmp"
mv "$out/ramdisk.cpio.tmp" "$out/ramdisk.cpio"
