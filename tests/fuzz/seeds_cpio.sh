#!/bin/sh
# SPDX-License-Identifier: MIT
# Seeds of fuzz_cpio: a real archive with every kind of entry, in three piece sizes. Usage: seeds_cpio.sh DIR
set -eu
cd "$(dirname "$0")/../.."
{
	echo "dir /d 0755 0 0"
	echo "nod /d/null 0666 0 0 c 1 3"
	echo "slink /d/link null 0777 0 0"
	echo "file /d/file $PWD/LICENSE 0644 1 2"
} | tools/mkcpio.py -o "$1/archive"
for piece in 1 7 0; do
	{ printf "\\$(printf %03o $piece)"; cat "$1/archive"; } > "$1/whole.$piece"
done
rm "$1/archive"
