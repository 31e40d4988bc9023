#!/bin/sh
# SPDX-License-Identifier: MIT
#
# lint.sh: what a machine can say about style. Each check prints its findings and one line
# `ok' or `not ok'; those marked `note' never fail. LINT="name name" runs a part.
#
#	lint.sh [ARCH...]	what depends on the architecture is done for each (default $ARCH, then arm64)
set -u
cd "$(dirname "$0")/.." || exit 1
arches=${*:-${ARCH:-arm64}}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
sources() { git ls-files -co --exclude-standard -- "$@" | grep -v '^tests/.*/expected/'; }

check() {	# check NAME: findings on standard input fail it
	cat >"$tmp/out"
	if [ -s "$tmp/out" ]; then
		sed 's/^/#   /' "$tmp/out" | head -n 40
		echo "not ok - lint $1 ($(wc -l <"$tmp/out") findings)"
		echo bad >>"$tmp/verdicts"
	else
		echo "ok - lint $1"
		echo good >>"$tmp/verdicts"
	fi
}
note() { cat >"$tmp/out"; [ ! -s "$tmp/out" ] || { sed 's/^/#   /' "$tmp/out" | head -n 10; echo "# note: $1: $(wc -l <"$tmp/out")"; }; }
want() { case " ${LINT:-$1} " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

c_files=$(sources 'kernel/*.[ch]' 'net/*.[ch]' 'arch/*.[chS]' 'boot/*.[chS]' 'tests/*.[ch]')
want machine && grep -nE '#include *[<"]machine/' $(sources 'kernel/*.[ch]' 'net/*.[ch]' 'tests/ktest/*.[ch]') /dev/null |
	grep -v '^kernel/include/arch/' | check 'machine/ headers only behind the contract'
want asm && grep -nE '\basm\b[^-]|\b__asm__\b|__aarch64__|__x86_64__' $(sources 'kernel/*.[ch]' 'net/*.[ch]') /dev/null |
	grep -v '^kernel/include/kernel/compiler.h:' | check 'kernel/ names no machine'
want space && grep -nE '[[:space:]]$' $c_files $(sources 'tools/*.sh' 'tests/*.sh' '*.mk' '*.awk' '*.py' Makefile) | grep -vE '^tests/(busybox|programs)/cases/' | check 'no trailing space'
want xxx && grep -nE '\bXXX\b' $c_files | check 'no XXX'
want spdx && for f in $c_files; do head -n 1 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f"; done | check 'licence line'
want ifdef && for f in $(sources 'kernel/*.c' 'net/*.c' 'arch/*.c'); do
	awk '/^[a-z].*\)$/ || /^{/ { body = /^{/ } /^}/ { body = 0 } body && /^#[ \t]*if/ { print FILENAME ":" FNR ": " $0 }' "$f"
done | note '#if inside functions'
want docs && { make -s docs-text | cmp -s - docs/SYSCALLS.md || echo 'docs/SYSCALLS.md: out of date, run make docs'; } | check 'docs/SYSCALLS.md'
want numbers && for arch in $arches; do {
	echo '#include <asm/unistd.h>'
	awk '/^[0-9]/ { sub(/=.*/, "", $2); print "@ " $2, $1, "__NR_" $2 }' "arch/$arch/syscalls.tbl"
} | "$(make -s ARCH="$arch" BUILD="$tmp/b-$arch" print-CROSS)gcc" -E -P - |
	awk '/^@/ && $4 !~ /^__NR_/ && $3 != $4 { print $2 ": " $3 " here, " $4 " in asm/unistd.h" }' | check "system call numbers of $arch"
done
want dts && for f in $(sources 'dts/*.dts' 'tests/dt/*.dts'); do
	dtc -q -E unit_address_vs_reg -E simple_bus_reg -E interrupts_property -E ranges_format -E reg_format -o /dev/null "$f" 2>&1
done | check 'device trees'
want shell && shellcheck -S warning -e SC1007,SC2046,SC2034,SC3013,SC2086,SC1091 $(sources 'tools/*.sh' 'tests/*.sh' .ci/run |
	grep -v -e tests/busybox/cases -e tests/programs/cases -e tests/busybox/guest.sh -e tools/init.sh) 2>&1 | check shellcheck
want python && for f in $(sources 'tools/*.py' 'tests/*.py'); do python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$f" 2>&1 | tail -n 1; done | check 'python compiles'
want headers && for arch in $arches; do
	make -s headers-check ARCH="$arch" BUILD="$tmp/b-$arch" 2>&1 | grep 'does not compile alone' | check "each header compiles alone ($arch)"
done

# The same flags as the build, less what sparse and the analysis do not know.
want sparse && for arch in $arches; do {
	flags=-ffreestanding\ $(make -s ARCH="$arch" BUILD="$tmp/b-$arch" print-KERNEL_CFLAGS | tr ' ' '\n' |
		grep -vE '^(-W|-f|-m|-O|-g|--param|-Werror)' | tr '\n' ' ')
	# shellcheck disable=SC2086
	for f in $(sources 'kernel/*.c' 'net/*.c'); do
		sparse --arch=$arch $flags -Wno-decl -Wno-declaration-after-statement -Wno-transparent-union -Wno-unknown-attribute "$f" 2>&1
	done | grep -E 'error:|warning:.*(address space|noderef|restricted|base type)' | check "sparse ($arch)"
} done
want threads && for arch in $arches; do {
	flags=$(make -s ARCH="$arch" CC=clang THREAD_SAFETY=1 BUILD="$tmp/t-$arch" print-KERNEL_CFLAGS)
	target=$(make -s ARCH="$arch" print-CLANG_TARGET BUILD="$tmp/t-$arch")
	# shellcheck disable=SC2086
	for f in $(sources 'kernel/*.c'); do
		clang-14 --target="$target" $flags -Wno-error -w -Wthread-safety -fsyntax-only "$f" 2>&1
	done | grep -E 'thread-safety' | check "lock annotations (clang -Wthread-safety, $arch)"
} done

want barriers && for f in $(sources 'kernel/*.c' 'net/*.c' 'arch/*.c'); do
	awk '/\*\/|\/\*/ { seen = FNR } /\b(smp|dma)_(mb|rmb|wmb)\(\)|\b(dsb|tlbi)\(/ && (!seen || FNR - seen > 4) { print FILENAME ":" FNR ": " $0 }' "$f"
done | note 'barriers without a comment near'
want wide && grep -nE '^.{111,}$' $c_files | note 'lines above 110 columns'
want format && git diff -U0 HEAD -- 'kernel/*.[ch]' 'arch/*.[ch]' | { clang-format-diff-14 -p1 2>/dev/null || :; } | note 'clang-format would change these lines'

echo "$(grep -c good "$tmp/verdicts") passed, $(grep -c bad "$tmp/verdicts") failed"
! grep -q bad "$tmp/verdicts"
