#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mkroot-debian.sh [-a ARCH] -o OUT [-b "PACKAGE..."] [-p PACKAGE]... [MKROOT-ARGUMENT...]: a root file system of
# Debian's own packages, those below (or those of -b and no others) and all they depend upon, as a newc cpio.
#
# Nothing is installed and no maintainer script runs: what those would have made and programs look
# for (users, alternatives, /bin/sh) is made here. Manuals, translations and the sanitizers' and
# the link-time optimiser's large libraries are left out.
set -eu
cd "$(dirname "$0")/.."
arch=arm64 out='' more='' base=''
while getopts a:b:o:p: opt; do
	case $opt in
	a) arch=$OPTARG ;;
	b) base=$OPTARG ;;
	o) out=$OPTARG ;;
	p) more="$more $OPTARG" ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ -n "$out" ] || { echo "mkroot-debian: -o OUT is missing" >&2; exit 2; }
case $arch in x86_64) deb=amd64 triplet=x86_64-linux-gnu ;; *) deb=$arch triplet=aarch64-linux-gnu ;; esac

packages="base-files base-passwd libc-bin bash dash coreutils findutils grep sed gawk mawk tar gzip bzip2
	xz-utils zstd perl python3 sqlite3 git make gcc libc6-dev procps util-linux util-linux-extra bsdutils
	bsdextrautils mount login sysvinit-utils hostname ncurses-base ncurses-bin less file diffutils patch bc
	iproute2 net-tools busybox-static"
[ -z "$base" ] || packages="base-files base-passwd libc-bin $base"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# shellcheck disable=SC2086
tools/get-deb.sh -d $deb $packages $more >"$tmp/debs"

# What the maintainer scripts would have made.
etc=$tmp/over/etc
mkdir -p "$etc" "$tmp/over/root" "$tmp/base"
dpkg-deb --fsys-tarfile "$(grep /base-passwd_ "$tmp/debs")" | tar -x -C "$tmp/base"
sed 's/^root:\*:/root::/' "$tmp/base/usr/share/base-passwd/passwd.master" >"$etc/passwd"
echo 'user:x:1000:1000:user:/home/user:/bin/bash' >>"$etc/passwd"
cat "$tmp/base/usr/share/base-passwd/group.master" >"$etc/group"
echo 'user:x:1000:' >>"$etc/group"
printf '127.0.0.1\tlocalhost\n' >"$etc/hosts"
echo 'passwd: files
group: files
hosts: files' >"$etc/nsswitch.conf"
printf 'UTC0\n' >"$etc/timezone"
printf '/bin/sh\n/bin/bash\n' >"$etc/shells"
cat >"$etc/profile" <<'END'
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
END
echo '[ -z "$PS1" ] || PS1="\u@\h:\w# "' >"$tmp/over/root/.bashrc"
echo '. ~/.bashrc' >"$tmp/over/root/.profile"

gcc=usr/lib/gcc/$triplet/12
for x in usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/lintian usr/share/bug \
	usr/share/gcc usr/share/python3/runtime.d usr/lib/udev usr/share/git-core/contrib \
	$gcc/lto1 $gcc/libasan.a $gcc/libhwasan.a $gcc/liblsan.a $gcc/libtsan.a $gcc/libubsan.a $gcc/libitm.a \
	$gcc/plugin usr/lib/$triplet/libasan.so.8.0.0 usr/lib/$triplet/libhwasan.so.0.0.0 \
	usr/lib/$triplet/liblsan.so.0.0.0 usr/lib/$triplet/libtsan.so.2.0.0 usr/lib/$triplet/libubsan.so.1.0.0 \
	usr/lib/$triplet/libgprofng.so.0.0.0 usr/bin/$triplet-gp-archive usr/bin/$triplet-dwp \
	usr/bin/$triplet-ld.gold usr/bin/$triplet-lto-dump-12; do
	echo "-x$x"
done >"$tmp/args"
for l in bin=usr/bin sbin=usr/sbin lib=usr/lib lib64=usr/lib64 etc/mtab=/proc/self/mounts \
	usr/bin/awk=gawk usr/bin/pager=less usr/bin/cc=gcc usr/bin/c99=gcc usr/bin/which=which.debianutils; do
	echo "-l$l"
done >>"$tmp/args"
mkdir -p "$(dirname "$out")" "$tmp/over/home/user" "$tmp/over/mnt"
xargs tools/mkroot.py -o "$out.new" -m -a tools/root-init.sh=.aramid-init "$@" "$tmp/over" <<END >"$out.mem"
$(cat "$tmp/args" "$tmp/debs")
END
mv "$out.new" "$out"
