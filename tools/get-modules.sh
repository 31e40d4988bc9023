#!/bin/sh
# SPDX-License-Identifier: MIT
#
# get-modules.sh ARCH FOLDER NAME...: modules of Debian's kernel that are below kernel/net, as FOLDER/10.ko, 11.ko ... in the order
# that is given, which is that in which they have to be loaded. For runs that compare with Linux.
set -eu
arch=$1 folder=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
case $arch in x86_64) arch=amd64 ;; esac
file=$("$here/get-deb.sh" -d "$arch" "linux-image-$arch" | grep '/linux-image-[0-9]' | tail -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dpkg-deb --fsys-tarfile "$file" | tar -x -C "$work" --wildcards './lib/modules/*/kernel/net/*'
mkdir -p "$folder"
n=10
for module in "$@"; do
	mv "$(find "$work" -name "$module.ko")" "$folder/$n.ko"
	n=$((n + 1))
done
