#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run-ssh.sh: boot Debian's programs with a network card, log in by ssh; the machine ends with the session.
#
# The machine gets its address by ip=dhcp from QEMU's user network, where it also finds the internet if the host has it.
# Debian's dropbear serves port 22, which is a port of this host's loopback: $SSH_PORT, or the first free one from 2222 on. The key
# that is let in, and what ssh has to know of the server, are made in build/ssh. $PACKAGES: more Debian packages. $SSH_COMMAND: run
# that instead of a shell. Used by `make run-ssh', which passes ARCH, IMAGE, SMP, MEM and CPU.
set -eu
cd "$(dirname "$0")/.."
arch=${ARCH:-arm64}
dir=build/ssh
store=build/$arch/ssh
mkdir -p $dir "$store"
[ -e $dir/id ] || ssh-keygen -q -t ed25519 -N '' -C "aramid's root" -f $dir/id

packages="bash dash coreutils findutils grep sed gawk tar gzip less file procps util-linux mount ncurses-base netbase busybox
	vim-tiny iproute2 iputils-ping net-tools curl dropbear-bin openssh-client openssh-sftp-server iperf3 ${PACKAGES:-}"
if [ -z "$(find "$store/root.cpio" -newer tools/mkroot-debian.sh -newer tools/run-ssh.sh 2>/dev/null)" ] ||
	[ "$packages" != "$(cat "$store/packages")" ]; then
	echo "run-ssh: packing a root file system of Debian's packages"
	tools/mkroot-debian.sh -a "$arch" -o "$store/root.cpio" -b "$packages"
	echo "$packages" >"$store/packages"
fi
over=$(mktemp -d)
qemu=
trap '[ -z "$qemu" ] || kill $qemu 2>/dev/null; rm -rf "$over"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$over/root/.ssh" "$over/etc/dropbear"
chmod 700 "$over/root" "$over/root/.ssh"
cp $dir/id.pub "$over/root/.ssh/authorized_keys"
cat >"$over/etc/serve-ssh" <<'END'
ip link set lo up
sed -n '/^nameserver/p' /proc/net/pnp >/etc/resolv.conf
printf 'hosts: files dns\n' >>/etc/nsswitch.conf
dropbearkey -t ed25519 -f /etc/dropbear/key >/etc/dropbear/key.pub
dropbear -F -E -s -r /etc/dropbear/key &
# The key is the sign to come in: first there must be somebody at the door; a server that has ended ends the machine.
until grep -q ':0016 0*:0000 0A' /proc/net/tcp; do kill -0 $! || exit; sleep 0.1; done
sed -n 's/^ssh-ed25519/hostkey: &/p' /etc/dropbear/key.pub
wait
END
tools/mkroot.py -o "$store/over.cpio" -a tools/root-init.sh=.aramid-init "$over"
cat "$store/root.cpio" "$store/over.cpio" >"$store/ramdisk"

port=${SSH_PORT:-2222}
last=$((port + 20))
[ -z "${SSH_PORT:-}" ] || last=$port
while :; do
	: >"$store/console.log"
	tools/qemu.sh -S "file:$store/console.log" -t 0 -r "$store/ramdisk" -m "${MEM:-1024}" -a \
		"quiet loglevel=4 panic=-1 rdinit=/.aramid-init autorun=/etc/serve-ssh ip=dhcp ${APPEND:-}" -- \
		-netdev "user,id=net0,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=net0 2>"$store/qemu.log" &
	qemu=$!
	waited=0
	while kill -0 $qemu 2>/dev/null && ! grep -q '^hostkey: ' "$store/console.log"; do
		waited=$((waited + 1))
		[ $waited -lt 1200 ] || { echo "run-ssh: nothing in two minutes; see $store/console.log" >&2; exit 1; }
		sleep 0.1
	done
	if kill -0 $qemu 2>/dev/null; then break; fi
	qemu=
	# Somebody else has that port.
	if [ "$port" = "$last" ] || ! grep -q 'host forwarding rule' "$store/qemu.log"; then
		cat "$store/qemu.log" "$store/console.log" >&2
		exit 1
	fi
	port=$((port + 1))
done
tr -d '\r' <"$store/console.log" | sed -n "s/^hostkey: \([^ ]* [^ ]*\).*/[127.0.0.1]:$port \1/p" >$dir/known_hosts
set -- -p "$port" -i $dir/id -o UserKnownHostsFile=$dir/known_hosts -o IdentitiesOnly=yes root@127.0.0.1
echo "run-ssh: from another terminal: ssh $*"
echo "run-ssh: copies: scp -O -P $port -i $dir/id -o UserKnownHostsFile=$dir/known_hosts FILE root@127.0.0.1:"
echo "run-ssh: the console is $store/console.log; the machine ends with this session"
status=0
if [ -n "${SSH_COMMAND:-}" ]; then
	ssh -F none "$@" "$SSH_COMMAND" || status=$?
else
	ssh -F none -t "$@" || status=$?
fi
exit $status
