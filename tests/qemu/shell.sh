#!/bin/sh
# SPDX-License-Identifier: MIT
#
# shell.sh [-k IMAGE | --linux]: what `make run' promises, tried at the console. ARCH=x86_64 for that architecture.
set -eu
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tools/mkramdisk.sh -a "${ARCH:-arm64}" -o "$tmp/ramdisk"
RAMDISK=$tmp/ramdisk timeout 200 tests/qemu/interactive.py tools/qemu.sh -i -a quiet "$@"
