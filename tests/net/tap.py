# SPDX-License-Identifier: MIT
"""Group tap: the guest on a tap device of a network namespace made for it, the host's own stack at the other end.

Only a tap offers checksums, segmentation, receive filters and several queues. Skipped where namespaces or /dev/net/tun cannot be used.
"""
import ctypes
import hashlib
import os
import socket
import subprocess
import threading

from machine import Failed, Machine, wait_for

HOST, GUEST = "10.9.1.1", "10.9.1.2"
HOST6, GUEST6 = "fd09:1::1", "fd09:1::2"
MAC = "52:54:00:00:0a:02"
MTU = 1500
ALWAYS = []
ETH_P_ALL = 3
PACKET_OUTGOING = 4
NEWNET = 0x40000000


class Namespace:
    """A network namespace of our own for this process and what it starts, as long as the block lasts."""

    def __enter__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.old = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        if self.libc.unshare(NEWNET):
            os.close(self.old)
            raise OSError(ctypes.get_errno(), "unshare")
        return self

    def __exit__(self, *_):
        if self.libc.setns(self.old, NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(self.old)


def ip(words):
    subprocess.run(["ip"] + words.split(), check=True, stdin=subprocess.DEVNULL, capture_output=True)


def make_tap(name, queues):
    ip("tuntap add %s mode tap vnet_hdr%s" % (name, " multi_queue" if queues > 1 else ""))
    with open("/proc/sys/net/ipv6/conf/%s/accept_dad" % name, "w", encoding="ascii") as f:
        f.write("0")
    ip("addr add %s/24 dev %s" % (HOST, name))
    ip("addr add %s/64 dev %s" % (HOST6, name))
    ip("link set %s up" % name)


class Sniffer:
    """Frames on an interface of the namespace: a packet socket, read by a thread."""

    def __init__(self, name, want):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((name, ETH_P_ALL))
        self.socket.settimeout(0.2)
        self.want, self.seen, self.stopped = want, [], False
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        while not self.stopped:
            try:
                frame, address = self.socket.recvfrom(1 << 17)
            except socket.timeout:
                continue
            word = self.want(frame, address[2] == PACKET_OUTGOING)
            if word:
                self.seen.append(word)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopped = True
        self.thread.join()
        self.socket.close()


def tcp_lengths(frame, out):
    """(outgoing, length, IP version) of a frame of TCP."""
    if frame[12:14] == b"\x08\x00" and frame[23] == 6:
        return out, len(frame), 4
    if frame[12:14] == b"\x86\xdd" and frame[20] == 6:
        return out, len(frame), 6
    return None


def guest_up(m):
    m.ready()
    m.sh("ip link set lo up; ip link set eth0 up; ip addr add %s/24 dev eth0; "
         "ip addr add %s/64 dev eth0 nodad" % (GUEST, GUEST6))
    m.until("ping -q -c 1 -W 5 " + HOST)


def machine(suite, name, smp=1, queues=1, options="", words="", more=()):
    netdev = "tap,id=n0,ifname=%s,script=no,downscript=no,vnet_hdr=on" % name
    device = "virtio-net-pci,netdev=n0,id=d0,mac=%s" % MAC
    if queues > 1:
        netdev += ",queues=%d" % queues
        device += ",mq=on,vectors=%d" % (2 * queues + 2)
    return Machine("tap-" + name, suite.debian(), ["-netdev", netdev, "-device", device + options, *more], suite.kernel, smp=smp, mem=640,
                   words=words)


def unusable():
    """Why there can be no taps; None if there can."""
    try:
        with Namespace():
            make_tap("t0", 2)
    except (OSError, subprocess.CalledProcessError) as e:
        return "no tap devices here: %s" % e
    return None


def boot(suite):
    why = unusable()
    if why:
        for name in suite.cases("tap"):
            suite.report("tap", name, None, why, 0)
        return
    suite.debian()      # made where there is a network, if it is to be made
    with Namespace():
        make_tap("t0", 1)
        with machine(suite, "t0", smp=2) as m:
            guest_up(m)
            suite.run("tap", m)


# ---- data in both directions

SIZE = 8 << 20


class Peer:
    """Takes one connection: sends what it is given, or keeps a sum of what comes."""

    def __init__(self, family, data=None):
        self.socket = socket.socket(family)
        self.socket.bind((HOST if family == socket.AF_INET else HOST6, 0))
        self.socket.listen(1)
        self.socket.settimeout(120)
        self.port = self.socket.getsockname()[1]
        self.data, self.sum, self.error, self.started = data, hashlib.sha256(), None, threading.Event()
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        try:
            c = self.socket.accept()[0]
            c.settimeout(120)
            with c:
                if self.data is not None:
                    c.sendall(self.data)
                    return
                while block := c.recv(1 << 18):
                    self.sum.update(block)
                    self.started.set()
        except OSError as e:
            self.error = e

    def end(self):
        self.thread.join()
        self.socket.close()
        if self.error:
            raise Failed("the host's end of the connection: %s" % self.error)


def send_from_guest(m, family, size=SIZE):
    """A file of the guest's to the host: frames that the host saw of it."""
    m.sh("[ -e /tmp/out ] || head -c %d /dev/urandom >/tmp/out" % size)
    with Sniffer("t0", tcp_lengths) as s:
        p = Peer(family)
        m.sh("bash -c 'cat /tmp/out >/dev/tcp/%s/%d'" % (HOST if family == socket.AF_INET else HOST6, p.port), 150)
        p.end()
    if p.sum.hexdigest() != m.sh("sha256sum </tmp/out").split()[0]:
        raise Failed("the host got something else than the guest sent")
    return [n for out, n, _ in s.seen if not out]


def send_to_guest(m, family, size=SIZE):
    data = os.urandom(size)
    with Sniffer("t0", tcp_lengths) as s:
        p = Peer(family, data)
        got = m.sh("bash -c 'cat </dev/tcp/%s/%d' | sha256sum" % (HOST if family == socket.AF_INET else HOST6, p.port), 150)
        p.end()
    if got.split()[0] != hashlib.sha256(data).hexdigest():
        raise Failed("the guest got something else than the host sent")
    return [n for out, n, _ in s.seen if out]


def case_segments_sent(suite, m):
    """Large frames leave the guest, for the device to cut, over IPv4 and IPv6."""
    for family in (socket.AF_INET, socket.AF_INET6):
        lengths = send_from_guest(m, family)
        large = [n for n in lengths if n > MTU + 14]
        if sum(large) < SIZE // 2 or max(lengths) < 30000:
            raise Failed("of %d frames %d are large, %d at most" % (len(lengths), len(large), max(lengths)))


def case_segments_received(suite, m):
    """Large frames come in, in several buffers each."""
    for family in (socket.AF_INET, socket.AF_INET6):
        lengths = send_to_guest(m, family)
        large = [n for n in lengths if n > MTU + 14]
        if sum(large) < SIZE // 2 or max(lengths) < 8000:
            raise Failed("of %d frames %d are large, %d at most" % (len(lengths), len(large), max(lengths)))


# ---- what the device takes in, and where the machine is

STRANGER = bytes.fromhex("5254000ab0b0")
GROUP = bytes.fromhex("33330a0b0c0d")
ODD = 0x88b5        # an EtherType for experiments


def received(m):
    return int(m.sh("cat /sys/class/net/eth0/statistics/rx_packets"))


def frames_let_in(m, to, count=60):
    """How many of as many frames to that address the guest counts."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind(("t0", ODD))
        before = received(m)
        for _ in range(count):
            s.send(to + b"\x02\0\0\0\0\1" + ODD.to_bytes(2, "big") + b"x" * 60)
    m.sh("ping -q -c 1 -W 10 " + HOST)      # it comes behind all of them
    return received(m) - before


def case_filter(suite, m):
    """Frames to others and to groups that nobody joined stay out, unless asked for."""
    for to, word in ((STRANGER, "promisc"), (GROUP, "allmulticast"), (GROUP, "promisc")):
        seen = [frames_let_in(m, to)]
        for state in ("on", "off"):
            m.sh("ip link set eth0 %s %s" % (word, state))
            seen.append(frames_let_in(m, to))
        if seen[0] >= 60 or seen[1] < 60 or seen[2] >= 60:
            raise Failed("%s before, on, off: %s of 60 frames" % (word, seen))


def case_filter_of_packet_socket(suite, m):
    """A packet socket's promiscuous mode lasts as long as the socket."""
    m.sh("rm -f /tmp/tcpdump; tcpdump -Z root -i eth0 -w /dev/null 2>/tmp/tcpdump & echo $! >/tmp/pid")
    m.until("grep -q listening /tmp/tcpdump")
    seen = [frames_let_in(m, STRANGER)]
    m.sh("kill $(cat /tmp/pid)")
    m.until("! kill -0 $(cat /tmp/pid) 2>/dev/null")
    seen.append(frames_let_in(m, STRANGER))
    if seen[0] < 60 or seen[1] >= 60:
        raise Failed("of 60 frames while it listens, and after: %s" % seen)


def case_others_are_only_heard(suite, m):
    """What is for another station's address is not answered, not even in promiscuous mode."""
    def unreachable(frame, out):
        return not out and frame[12:14] == b"\x08\0" and frame[23] == 1 and frame[34] == 3

    def send(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
            for _ in range(count):
                u.sendto(b"to nobody", (GUEST, 9))

    m.sh("ip link set eth0 promisc on")
    with Sniffer("t0", unreachable) as s:
        send(1)
        wait_for("the answer to a datagram", lambda: s.seen)
        ip("neigh replace %s lladdr %s dev t0 nud permanent" % (GUEST, STRANGER.hex(":")))
        before = received(m)
        send(5)
        m.until("[ $(cat /sys/class/net/eth0/statistics/rx_packets) -ge %d ]" % (before + 5))
        ip("neigh del %s dev t0" % GUEST)
        m.sh("ip link set eth0 promisc off; ping -q -c 1 -W 10 " + HOST)
        if len(s.seen) != 1:
            raise Failed("%d answers to others' datagrams" % (len(s.seen) - 1))


def case_address(suite, m):
    """Another link address, and back: frames to the new one come in, to the old one they do not."""
    new = "02:00:00:00:00:77"
    m.sh("ip link set eth0 address " + new)
    m.sh("ip link show eth0 | grep -q " + new)
    m.sh("ping -q -c 1 -W 10 " + HOST)
    seen = [frames_let_in(m, bytes.fromhex(x.replace(":", ""))) for x in (new, MAC)]
    m.sh("ip link set eth0 address " + MAC)
    m.sh("ping -q -c 1 -W 10 " + HOST)
    if seen[0] < 60 or seen[1] >= 60:
        raise Failed("of 60 frames to the new and to the old address: %s" % seen)


def announcement(frame, out):
    """ARP or a neighbour advertisement that says where the guest is, to everybody."""
    if out:
        return None
    if frame[12:14] == b"\x08\x06" and frame[:6] == b"\xff" * 6 and frame[28:32] == frame[38:42] == socket.inet_aton(GUEST):
        return "arp"
    if frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] == 136 and \
            frame[62:78] == socket.inet_pton(socket.AF_INET6, GUEST6) and frame[80:86].hex(":") == MAC:
        return "nd"
    return None


def case_announced(suite, m):
    """The monitor says that the machine has moved: it tells its neighbours."""
    with Sniffer("t0", announcement) as s:
        m.monitor.sendall(b"announce_self\n")
        wait_for("announcements", lambda: {"arp", "nd"} <= set(s.seen), 40)


def case_link(suite, m):
    """The cable is pulled during a transfer, and put back."""
    p = Peer(socket.AF_INET)
    m.sh("[ -e /tmp/out ] || head -c %d /dev/urandom >/tmp/out" % SIZE)
    m.sh("rm -f /tmp/status; { bash -c 'for i in 1 2 3; do cat /tmp/out; done >/dev/tcp/%s/%d'; echo $? >/tmp/status; } &" % (HOST, p.port))
    p.started.wait(60)
    m.monitor.sendall(b"set_link n0 off\n")
    m.until("! ip link show eth0 | grep -q LOWER_UP")
    m.monitor.sendall(b"set_link n0 on\n")
    m.until("ip link show eth0 | grep -q LOWER_UP")
    m.until("grep -qx 0 /tmp/status 2>/dev/null", 60)
    p.end()
    if p.sum.hexdigest() != m.sh("cat /tmp/out /tmp/out /tmp/out | sha256sum").split()[0]:
        raise Failed("the host got something else than the guest sent")


def case_left_over(suite, m):
    m.sh("! dmesg | grep -E 'Kernel panic|Oops|BUG:|assertion|device is broken'")
