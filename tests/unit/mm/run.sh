#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Host tests of kernel/mm: builds each with ASan and UBSan, with and without CONFIG_DEBUG, and runs it. Prints TAP.
#	tests/unit/mm/run.sh [NAME...]
set -u
cd "$(dirname "$0")/../../.."
out=${UNIT_BUILD:-build/unit}/mm
mkdir -p "$out"
here=tests/unit/mm
flags="-std=gnu11 -ffreestanding -fno-builtin -nostdinc -isystem $(${HOSTCC:-cc} -print-file-name=include) -O1 -g -fno-strict-aliasing -fwrapv -fsanitize=address,undefined -fno-sanitize=alignment,shift-base
	-fno-sanitize-recover=undefined -Wall -Wextra -Wno-unused-parameter -Wno-unused-function -I$here/include -Ikernel/include -I$here
	-include $here/config.h"
sources_memblock='kernel/mm/memblock.c'
sources_gaptree='kernel/mm/gaptree.c kernel/lib/rbtree.c'
sources_page_alloc='kernel/mm/memblock.c kernel/mm/page_alloc.c'
sources_slab='kernel/mm/memblock.c kernel/mm/page_alloc.c kernel/mm/slab.c kernel/mm/slab_util.c'
n=0 failed=0
for t in ${*:-memblock gaptree page_alloc slab}; do
	eval "src=\$sources_$t"
	for debug in 0 1; do
		n=$((n + 1))
		exe=$out/$t-$debug
		# shellcheck disable=SC2086 # lists of words
		if ${HOSTCC:-cc} $flags -DCONFIG_DEBUG=$debug -o "$exe" $here/${t}_test.c $here/host.c $src >"$exe.log" 2>&1 &&
			ASAN_OPTIONS=detect_leaks=0 timeout 120 "$exe" >>"$exe.log" 2>&1; then
			echo "ok $n - mm/$t debug=$debug"
		else
			echo "not ok $n - mm/$t debug=$debug"
			sed 's/^/# /' "$exe.log" | head -20
			failed=$((failed + 1))
		fi
	done
done
echo "1..$n"
[ $failed = 0 ]
