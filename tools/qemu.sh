#!/bin/sh
# SPDX-License-Identifier: MIT
#
# qemu.sh: boot a kernel in QEMU.
#
#	-i		interactive: console on this terminal (Ctrl-A x leaves)
#	-t SECONDS	stop after so long (default 60; none when interactive); exit status 124
#	-o LOG		console output goes to this file (default: standard output)
#	-S CHARDEV	the console is there (-serial of QEMU, unix:PATH say); ended by SIGTERM to this process
#	-k KERNEL	kernel image (default $IMAGE, then build/$ARCH/Image or bzImage)
#	--linux		Debian's kernel instead
#	-r RAMDISK	(default $RAMDISK)	-a WORDS	more kernel command line
#	-s SMP		(4)	-m MEM	(512)	-c CPU	(max,pauth-impdef=on)
#	-M MACHINE	(virt, q35)
#	--icount	one CPU, one instruction a nanosecond: repeatable
#	--dry		print the command
#	-- ...		more QEMU arguments
#
# Never uses KVM: a result must not depend on the host. QEMU is ended by its process id only.
set -eu
here=$(dirname "$0")
arch=${ARCH:-arm64}
kernel=${IMAGE:-}
ramdisk=${RAMDISK:-}
smp=${SMP:-4} mem=${MEM:-512} cpu=${CPU:-max,pauth-impdef=on} machine=virt
limit= log= serial= append= interactive= icount= dry=
case $arch in
arm64) qemu=qemu-system-aarch64 deb=arm64 console=ttyAMA0 image=Image ;;
x86_64)
	qemu=qemu-system-x86_64 deb=amd64 console=ttyS0 image=bzImage machine=q35
	cpu=${cpu%,pauth-impdef=on}	# the default of the Makefile is Arm's
	;;
*) echo "qemu: no recipe for $arch" >&2; exit 2 ;;
esac
[ -n "$kernel" ] || kernel=$here/../build/$arch/$image
while [ $# -gt 0 ]; do
	case $1 in
	-i) interactive=1 ;;
	-t) limit=$2; shift ;;
	-o) log=$2; shift ;;
	-S) serial=$2; shift ;;
	-k) kernel=$2; shift ;;
	--linux) kernel=$("$here/get-deb.sh" $deb linux-image-$deb)/vmlinuz ;;
	-r) ramdisk=$2; shift ;;
	-a) append="$append${2:+ $2}"; shift ;;
	-s) smp=$2; shift ;;
	-m) mem=$2; shift ;;
	-c) cpu=$2; shift ;;
	-M) machine=$2; shift ;;
	--icount) icount=1 ;;
	--dry) dry=1 ;;
	--) shift; break ;;
	*) echo "qemu: unknown argument $1" >&2; exit 2 ;;
	esac
	shift
done

# The serial line does not say how large the terminal is; /init of the default ramdisk listens.
if [ -n "$interactive" ] && size=$(stty size 2>/dev/null) && [ "${size%% *}" -gt 0 ]; then
	append="$append rows=${size% *} cols=${size#* }"
fi
set -- -M "$machine" -cpu "$cpu" -m "$mem" -nic none -no-reboot "$@"
if [ -n "$icount" ]; then
	set -- -icount shift=0,sleep=off -smp 1 "$@"
else
	set -- -accel tcg,thread=multi -smp "$smp" "$@"
fi
[ "$kernel" = none ] || set -- -kernel "$kernel" -append "console=$console$append" "$@"
[ -z "$ramdisk" ] || set -- -initrd "$ramdisk" "$@"

if [ -n "$dry" ]; then
	echo $qemu "$@"
elif [ -n "$interactive" ]; then
	echo "qemu: $machine, $cpu, $smp CPUs, $mem MiB. Leave with \`exit' in the shell, or Ctrl-A x."
	exec $qemu -nographic -serial mon:stdio "$@"
elif [ -n "$serial" ]; then
	exec timeout -k 5 "${limit:-60}" $qemu -display none -monitor none -serial "$serial" "$@" </dev/null
else
	# -display none and a serial port of its own: nothing reads this terminal.
	out=${log:-/dev/stdout}
	status=0
	timeout -k 5 "${limit:-60}" $qemu -display none -monitor none -serial "file:$out" "$@" </dev/null || status=$?
	[ $status != 124 ] || echo "qemu: stopped after ${limit:-60} s" >&2
	exit $status
fi
