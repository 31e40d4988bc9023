#!/bin/sh
# SPDX-License-Identifier: MIT
# contracts.sh - Linux and Aramid on both architectures, side by side: `make contracts'.
#
#   tests/user/contracts.sh [--saved] [--oracle] [PATTERN...]
#     --saved     take the output of the last runs of run.sh instead of running the tests
#     --oracle    boot Linux too; otherwise its columns are what was recorded of it
#
# One row a test, one column for each of Linux arm64, Aramid arm64, Linux amd64, Aramid x86_64:
#     ok        prints what is expected on every architecture
#     arch      prints what is expected on this architecture alone (tests/arch-differences has the reason)
#     known     differs as tests/known-divergences says it does
#     -         the test is not for this architecture
#     differs   anything else, on 1 or on 4 processors: a failure
#     absent    there is no output: a failure
# A row with a failure is a failed one. So is a file expected/ARCH/... without a reason, or that says what the
# shared one says, and a reason without a file. The last line is "N passed, N failed".
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/compare.sh"
saved=0 oracle=0
while [ $# -gt 0 ]; do
	case $1 in
	--saved) saved=1 ;;
	--oracle) oracle=1 ;;
	-*) sed -n '3,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	*) break ;;
	esac
	shift
done
set -f
patterns=${*:-*}
only=$(echo "$*" | tr ' ' ,)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
arches="arm64 x86_64"
build_of() { echo "$top/build/$1"; }

# ---- run what is to be run; what the runs say is in their logs
if [ $saved = 0 ]; then
	for arch in $arches; do
		make -s -C "$top" -j2 ARCH="$arch"
		env -u IMAGE ARCH="$arch" BUILD="$(build_of "$arch")" "$here/run.sh" ${only:+--only "$only"} > "$work/run.$arch" 2>&1 || true
	done
fi
if [ $oracle = 1 ]; then
	for arch in $arches; do
		env -u IMAGE ARCH="$arch" BUILD="$(build_of "$arch")" "$here/run.sh" --linux ${only:+--only "$only"} > "$work/linux.$arch" 2>&1 || true
	done
fi
# Output of another kernel than the one that is there now says nothing.
if [ $saved = 1 ]; then
	for arch in $arches; do
		case $arch in x86_64) image=bzImage ;; *) image=Image ;; esac
		results=$(build_of "$arch")/tests/user/results
		[ -e "$results/kernel" ] || { echo "contracts: no results for $arch: run tests/user/run.sh" >&2; continue; }
		cksum < "$(build_of "$arch")/$image" | cmp -s - "$results/kernel" ||
			{ echo "contracts: the results for $arch are of another kernel" >&2; rm -rf "$results"; }
	done
fi

# cell ARCH NAME OURS: what to print for one system. Both numbers of processors must agree with the expectation.
cell() {
	case $only_for in '' | "$1") ;; *) echo -; return ;; esac
	good=ok
	[ -n "$only_for" ] || [ ! -e "$here/expected/$1/$2.txt" ] || good=arch
	results=$(build_of "$1")/tests/user/results
	if [ "$3" = 0 ]; then
		if [ $oracle = 0 ]; then
			if [ -e "$(expected_of "$1" "$2")" ]; then echo $good; else echo absent; fi
			return
		fi
		results=$results.linux
	fi
	verdict=absent
	for smp in 1 4; do
		[ -e "$results/$smp/$2.txt" ] || { echo absent; return; }
		verdict=$(judge_output "$1" "$2" "$results/$smp/$2.txt" "$3" "$work/diff")
		case $verdict in ok | known) ;; *) echo differs; return ;; esac
	done
	case $verdict in ok) echo $good ;; *) echo "$verdict" ;; esac
}

passed=0 failed=0
complain() {
	failed=$((failed + 1))
	echo "not ok - $*"
}

printf '%-32s %-12s %-12s %-12s %s\n' test 'Linux arm64' 'Aramid arm64' 'Linux amd64' 'Aramid x86_64'
for name in $(cd "$here" && find . -mindepth 2 -maxdepth 2 -name '*.c' | sed 's|^\./||; s|\.c$||' | sort); do
	wanted=0
	for pattern in $patterns; do
		# shellcheck disable=SC2254
		case $name in $pattern) wanted=1 ;; esac
	done
	[ $wanted = 1 ] || continue
	only_for=$("$here/build.sh" --arch-of "$name")
	la=$(cell arm64 "$name" 0) aa=$(cell arm64 "$name" 1) lx=$(cell x86_64 "$name" 0) ax=$(cell x86_64 "$name" 1)
	printf '%-32s %-12s %-12s %-12s %s\n' "$name" "$la" "$aa" "$lx" "$ax"
	case "$la $aa $lx $ax" in
	*differs* | *absent*) failed=$((failed + 1)) ;;
	*) passed=$((passed + 1)) ;;
	esac
done

# ---- differences of architecture, each with its reason
reasons=$top/tests/arch-differences
for suite in user busybox; do
	for arch in $arches; do
		dir=$top/tests/$suite/expected
		[ -d "$dir/$arch" ] || continue
		for file in $(cd "$dir/$arch" && find . -name '*.txt' | sed 's|^\./||' | sort); do
			name=${file%.txt}
			[ $suite = user ] && [ -n "$("$here/build.sh" --arch-of "$name")" ] && continue
			if ! grep -q "^$suite/$name $arch  *[^ ]" "$reasons"; then
				complain "$suite/$name: differs on $arch, and tests/arch-differences does not say why"
			elif cmp -s "$dir/$arch/$file" "$dir/$file"; then
				complain "$suite/$name: tests/$suite/expected/$arch/$file says what is expected anyway"
			fi
		done
	done
done
grep -v '^#' "$reasons" > "$work/reasons" || true
while read -r name arch reason; do
	suite=${name%%/*}
	[ -z "$name" ] || [ -e "$top/tests/$suite/expected/$arch/${name#*/}.txt" ] ||
		complain "$name: tests/arch-differences has a reason ($reason) for a difference on $arch that is not there"
done < "$work/reasons"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
