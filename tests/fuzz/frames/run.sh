#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run.sh [-k IMAGE] [--linux] [SECONDS [SEED]]: the frame fuzzer: malformed Ethernet, ARP, IPv4, IPv6, ICMP, UDP, TCP, DHCP and DNS go to the
# debug build, while a connection carries data. The same seed makes the same frames; without one, each day has another.
set -eu
cd "$(dirname "$0")/../../.."
arch=${ARCH:-arm64} image='' linux=''
while [ $# -gt 0 ]; do
	case $1 in
	-k) image=$2; shift ;;
	--linux) linux=--linux ;;
	*) break ;;
	esac
	shift
done
if [ -z "$image$linux" ]; then
	env -u BUILD -u IMAGE make -s -j2 ARCH="$arch" CONFIG=debug
	case $arch in x86_64) image=build/x86_64-debug/bzImage ;; *) image=build/$arch-debug/Image ;; esac
fi
# shellcheck disable=SC2086
exec tests/packets/run.sh ${image:+-k "$image"} $linux --program tests/fuzz/frames/frames.py --seconds "${1:-15}" --seed "${2:-$(date -u +%Y%m%d)}"
