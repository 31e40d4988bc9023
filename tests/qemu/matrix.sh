#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The boot matrix: the same image on every form of QEMU's machines that the project promises, loaded in every way that Linux
# may be loaded. Each boot ends in probe.c, which says what it found and powers off. Two at a time.
# Ways to load and cases are in matrix-$ARCH.sh.
#
#	[ARCH=x86_64] matrix.sh [-k IMAGE] [--linux] [NAME...]	names may be patterns
set -eu
cd "$(dirname "$0")/../.."
export ARCH=${ARCH:-arm64}
# shellcheck disable=SC2034 # read by the cases
linux=
case $ARCH in
arm64) deb=arm64 cross=aarch64-linux-gnu- list_cpus="qemu-system-aarch64 -M virt -cpu help" image=${IMAGE:-build/arm64/Image} ;;
*) deb=amd64 cross=x86_64-linux-gnu- list_cpus="qemu-system-x86_64 -cpu help" image=${IMAGE:-build/$ARCH/bzImage} ;;
esac
while [ $# -gt 0 ]; do
	case $1 in
	-k) image=$2; shift ;;
	--linux) linux=1 image=$(tools/get-deb.sh "$deb" "linux-image-$deb")/vmlinuz ;;
	*) break ;;
	esac
	shift
done
wanted=("$@")
[ -r "$image" ] || { echo "matrix: no $image" >&2; exit 1; }
work=$(mktemp -d)
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT

# ---- ramdisks: plain, with one of everything, compressed, concatenated
${cross}gcc -static -O1 -Wall -Wextra -Werror -o "$work/probe" tests/qemu/probe.c
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
limit=90
words="${WORDS:-quiet loglevel=1} probe=env rdinit=/init -- one two"

direct() {	# direct MACHINE CPU SMP MEM RAMDISK [WORDS] [QEMU ARGS...]
	local m=$1 c=$2 s=$3 mem=$4 r=$5 w=${6:-}
	shift 5
	[ $# = 0 ] || shift
	boot -k "$image" -M "$m" -c "$c" -s "$s" -m "$mem" -r "$work/$r" -a "$w $words" -- "$@"
}

# tools/qemu.sh with a console in $log, until QEMU ends, or the kernel says that it cannot switch this machine off.
boot() {	# boot ARGS... -- [QEMU ARGS...]
	local job
	: >"$log"
	tools/qemu.sh -t "$limit" -o "$log" "$@" -pidfile "$log.pid" &
	job=$!
	while kill -0 $job 2>/dev/null && ! grep -aqE 'halted|Power off not available' "$log"; do sleep 0.2; done
	[ ! -s "$log.pid" ] || kill "$(cat "$log.pid")" 2>/dev/null || true
	wait $job || true
}

# ---- the cases: add NAME CPUS MEM_MIB TREE -- KIND ARGS...
cases=()
add() { cases+=("$(printf '%q ' "$@")"); }
skip() { add "$1" 0 0 none -- skip "$2"; }	# skip NAME REASON
# shellcheck source=/dev/null
. "tests/qemu/matrix-$ARCH.sh"

one() {	# run one case; the verdict goes to standard output
	eval "set -- $1"
	local name=$1 cpus=$2 mem=$3 tree=$4 got cpu
	shift 5
	log=$work/log.$name
	cpu=${3:-}
	if [ "$1" = skip ]; then
		echo "ok - boot $name # skip: $2"
		return
	fi
	if [ "$1" = direct ] && ! $list_cpus | grep -qw -- "${cpu%%,*}"; then
		echo "ok - boot $name # skip: this QEMU has no ${cpu%%,*}"
		return
	fi
	"$@" >"$log.out" 2>&1 || true	# the verdict is by what the kernel says
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
