#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Debian's python3.11 runs its own test modules (package libpython3.11-testsuite); the result of each test must be
# what it was on Debian's kernel: expected/MODULE.txt ("STATUS ID" sorted), or expected/ARCH/MODULE.txt where a result is
# another one there.
#
#	run.sh [-k IMAGE] [-s SMP] [MODULE...]	compare; the console goes to build/ARCH/programs/MODULE.log
#	run.sh --record [MODULE...]		write expected/ anew, on Debian's kernel (arm64: the shared file)
#	run.sh --linux [MODULE...]		compare a new run on Debian's kernel
#
# Differences listed in known-differences ("MODULE ID reason") may differ and must. One boot a module: a kernel that
# dies costs that module only. This takes more than an hour on two cores and is part of `make test-long'.
set -eu
cd "$(dirname "$0")/../../.."
dir=tests/programs/python
ARCH=${ARCH:-arm64}
export ARCH LC_ALL=C
case $ARCH in
arm64) image=${IMAGE:-build/arm64/Image} ;;
*) image=${IMAGE:-build/$ARCH/bzImage} ;;
esac
smp=${SMP:-4} record='' linux=''
while [ $# -gt 0 ]; do
	case $1 in
	-k) image=$2; shift ;;
	-s) smp=$2; shift ;;
	--record) record=1 linux=1 ;;
	--linux) linux=1 ;;
	*) break ;;
	esac
	shift
done
all="test_os test_posix test_signal test_subprocess test_threading test_thread test_mmap test_select test_poll
	test_epoll test_pty test_fcntl test_time test_tempfile test_shutil test_pathlib test_resource test_pwd
	test_asyncio test_multiprocessing_fork
	test_eintr test_faulthandler test_file test_fileinput test_fileio test_fork1 test_genericpath test_glob test_grp
	test_largefile test_openpty test_popen test_posixpath test_selectors test_stat test_threading_local
	test_threadsignals test_wait3 test_wait4"
modules=${*:-$all}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
store=build/$ARCH/programs
mkdir -p "$store" "$work/over/suite"
root=$store/python.cpio
if [ -z "$(find "$root" -newer tools/mkroot-debian.sh -newer tools/mkroot.py 2>/dev/null)" ]; then
	tools/mkroot-debian.sh -a "$ARCH" -o "$root" -p libpython3.11-testsuite
fi
cp $dir/guest.sh $dir/runmod.py "$work/over/suite/"
passed=0 failed=0
for m in $modules; do
	echo "$m" >"$work/over/suite/list"
	tools/mkroot.py -o "$work/over.cpio" -a tools/root-init.sh=.aramid-init "$work/over"
	cat "$root" "$work/over.cpio" >"$work/ramdisk"
	if [ -n "$linux" ]; then log=$store/$m.linux.log; set -- --linux; else log=$store/$m.log; set -- -k "$image"; fi
	tools/qemu.sh "$@" -r "$work/ramdisk" -s "$smp" -m "${MEM:-2048}" -t "${LIMIT:-3000}" -o "$log" \
		-a "quiet loglevel=1 panic=-1 rdinit=/.aramid-init autorun=/suite/guest.sh seconds=${SECONDS_EACH:-1200}" || true
	tr -d '\r' <"$log" | sed -n 's/^= //p' | sort -u >"$work/got"
	shared=$dir/expected/$m.txt own=$dir/expected/$ARCH/$m.txt
	want=$shared
	[ ! -e "$own" ] || want=$own
	if ! grep -q "^--- $m" "$log"; then
		echo "not ok - python $m: the machine ended before the module"
		tail -n 5 "$log" | sed 's/^/#   /'
		failed=$((failed + 1))
	elif [ -n "$record" ]; then
		if [ "$ARCH" = arm64 ]; then
			cp "$work/got" "$shared"
		elif cmp -s "$work/got" "$shared"; then
			rm -f "$own"
		else
			mkdir -p "$dir/expected/$ARCH"
			cp "$work/got" "$own"
		fi
		passed=$((passed + $(wc -l <"$work/got")))
		cut -d' ' -f1 "$work/got" | sort | uniq -c | sed 's/^/# /'
	elif [ ! -e "$want" ]; then
		echo "not ok - python $m: what Linux does is not recorded: run.sh --record $m"
		failed=$((failed + 1))
	else
		# A test differs when its line is not in both; it counts once.
		sed -n "s/^$m  *\([^ ]*\).*/\1/p" $dir/known-differences 2>/dev/null | sort -u >"$work/known"
		comm -3 "$want" "$work/got" | tr -d '\t' | awk '{ print $2 }' | sort -u >"$work/differ"
		comm -23 "$work/differ" "$work/known" >"$work/bad"
		comm -13 "$work/differ" "$work/known" >"$work/gone"
		while read -r id; do
			echo "not ok - python $id: $(grep -F " $id" "$work/got" | cut -d' ' -f1 | paste -sd,) here," \
				"$(grep -F " $id" "$want" | cut -d' ' -f1 | paste -sd,) on Linux"
		done <"$work/bad"
		sed 's/^/not ok - python /; s/$/: as on Linux: remove its row from known-differences/' "$work/gone"
		n=$(($(wc -l <"$work/bad") + $(wc -l <"$work/gone")))
		failed=$((failed + n))
		passed=$((passed + $(wc -l <"$want") - n))
		[ $n -gt 0 ] || echo "ok - python $m ($(wc -l <"$want") tests)"
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
