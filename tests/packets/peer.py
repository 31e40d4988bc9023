# SPDX-License-Identifier: MIT
"""The host's end: a guest in QEMU, its serial console, and the other end of its wire, which is a Unix datagram socket."""
import json
import os
import random
import select
import socket
import subprocess
import time

from wire import *

GUEST_MAC, PEER_MAC = mac('525400123456'), mac('525400aaaaaa')
GUEST, PEER, MASK = a4('10.9.0.2'), a4('10.9.0.1'), '255.255.255.0'
# More addresses of the peer, for what the guest would remember of the first.
OTHERS = [a4(f'10.9.0.{i}') for i in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)]
GUEST6, PEER6 = a6('fe80::5054:ff:fe12:3456'), a6('fe80::1')
SLOW = float(os.environ.get('PACKETS_SLOW', '1'))      # stretches limits, on a host that is very busy
LIMIT = 10 * SLOW                                       # seconds that anything may take that has to happen


class Failure(Exception):
    pass


class Skip(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Failure(what)


class Datagrams:
    """The wire of a device that leaves nothing to hardware."""

    def __init__(self, local, remote):
        self.local = local
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(remote)
        self.socket.setblocking(False)
        self.netdev = f'dgram,id=n,local.type=unix,local.path={local},remote.type=unix,remote.path={remote}'
        self.fileno, self.close = self.socket.fileno, self.socket.close

    def receive(self):
        return [self.socket.recv(65536)]

    def send(self, frame):
        self.socket.sendto(frame, self.local)


class Tap:
    """The wire of a device that sums and cuts: a tap, seen by a packet socket, which shows what is to be done. It is done here."""
    count = 0
    NEEDS_CSUM, HDR, ETH_P_ALL = 1, '<BBHHHH', 3
    SOL_PACKET, VNET_HDR, IGNORE_OUTGOING = 263, 15, 23

    def __init__(self):
        Tap.count += 1
        name = f't{Tap.count}'
        for words in (f'tuntap add {name} mode tap vnet_hdr', f'link set {name} arp off txqueuelen 20000 up'):
            subprocess.run(['ip', *words.split()], check=True)
            with open(f'/proc/sys/net/ipv6/conf/{name}/disable_ipv6', 'w', encoding='ascii') as f:
                f.write('1')
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(self.ETH_P_ALL))
        self.socket.setsockopt(self.SOL_PACKET, self.VNET_HDR, 1)
        self.socket.setsockopt(self.SOL_PACKET, self.IGNORE_OUTGOING, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)      # SO_RCVBUFFORCE
        self.socket.bind((name, self.ETH_P_ALL))
        self.socket.setblocking(False)
        self.netdev = f'tap,id=n,ifname={name},script=no,downscript=no,vnet_hdr=on'
        self.fileno, self.close = self.socket.fileno, self.socket.close
        self.cut = []           # how many pieces each frame was to be cut into

    def receive(self):
        flags, kind, _, size, start, _ = struct.unpack(self.HDR, (got := self.socket.recv(1 << 17))[:10])
        frame = got[10:]
        if not flags & self.NEEDS_CSUM:
            return [frame]
        head, data = frame[:start + (frame[start + 12] >> 4) * 4], frame[start + (frame[start + 12] >> 4) * 4:]
        if not kind:
            return [self.whole(head, data, start, 0, 0, True)]
        need(0 < size < len(data), f'a frame of {len(frame)} to be cut by {size}')
        self.cut.append((len(data) + size - 1) // size)
        return [self.whole(head, data[at:at + size], start, at, at // size, at + size >= len(data)) for at in range(0, len(data), size)]

    @staticmethod
    def whole(head, data, start, at, n, last):
        """One segment as it is on the wire: lengths, identification, sequence number, flags and sums are its own."""
        h = bytearray(head)
        if h[12] == 8:
            struct.pack_into('!HH', h, 16, len(head) - 14 + len(data), struct.unpack_from('!H', h, 18)[0] + n & 0xffff)
            h[24:26] = b'\0\0'
            struct.pack_into('!H', h, 24, checksum(bytes(h[14:start])))
            src, dst = bytes(h[26:30]), bytes(h[30:34])
        else:
            struct.pack_into('!H', h, 18, len(head) - 54 + len(data))
            src, dst = bytes(h[22:38]), bytes(h[38:54])
        struct.pack_into('!I', h, start + 4, struct.unpack_from('!I', h, start + 4)[0] + at & 0xffffffff)
        if not last:
            h[start + 13] &= ~(FIN | PSH)
        return bytes(h[:start]) + summed(src, dst, TCP, bytes(h[start:]) + data, 16)

    def send(self, frame):
        self.socket.send(bytes(10) + frame)


class Guest:
    """QEMU with one network device. Commands go over the console; see guest.c."""
    count = 0
    offload = False         # all of them have devices that sum and cut

    def __init__(self, command, work, words='', machine=()):
        Guest.count += 1        # several may run at the same time
        self.local, self.remote, self.control = (f'{work}/{n}{Guest.count}' for n in ('guest', 'peer', 'qmp'))
        self.wire = Tap() if Guest.offload else Datagrams(self.local, self.remote)
        self.log = open(f'{work}/console', 'ab')
        self.text = b''
        self.qemu = subprocess.Popen(
            # A guest that hangs, or whose test was killed, ends all the same.
            ['timeout', '-k', '5', '600', *command, '-netdev', self.wire.netdev, '-device', 'virtio-net-pci,netdev=n,mac=52:54:00:12:34:56,romfile=', '-display', 'none',
             '-monitor', 'none', '-qmp', f'unix:{self.control},server=on,wait=off', '-serial', 'stdio', '-no-reboot', *machine],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)

    def line(self, limit):
        """The next answer; None if there is none in time."""
        end = time.monotonic() + limit
        while True:
            while b'\n' in self.text:
                one, self.text = self.text.split(b'\n', 1)
                one = one.strip(b'\r')
                if b'= ' in one:
                    return one[one.index(b'= ') + 2:].decode(errors='replace')
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.qemu.stdout], [], [], left)[0]:
                return None
            got = os.read(self.qemu.stdout.fileno(), 65536)
            if not got:
                return None
            self.log.write(got)
            self.log.flush()
            self.text += got

    def __call__(self, command, limit=60):
        self.qemu.stdin.write(command.encode() + b'\n')
        self.qemu.stdin.flush()
        answer = self.line(limit * SLOW)
        if answer is None:
            raise Failure(f'the guest does not answer "{command}"')
        return answer

    def wants(self, command, answer, limit=60):
        got = self(command, limit)
        need(got == answer, f'{command}: {got}, not {answer}')

    def machine(self, command, **arguments):
        """A command to QEMU itself."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10 * SLOW)
            s.connect(self.control)
            f = s.makefile('rw')
            f.readline()
            for c in ({'execute': 'qmp_capabilities'}, {'execute': command, 'arguments': arguments}):
                f.write(json.dumps(c) + '\n')
                f.flush()
                while 'return' not in (answer := json.loads(f.readline())):
                    need('error' not in answer, f'{command}: {answer}')

    def transmit(self, frame):
        for _ in range(1000):
            try:
                self.wire.send(frame)
                return
            except BlockingIOError:     # the other end's queue is full
                time.sleep(0.002)
        raise Failure('QEMU does not take frames')

    def stop(self):
        try:
            if self.qemu.poll() is None:
                self.qemu.stdin.write(b'off\n')
                self.qemu.stdin.flush()
                self.qemu.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            pass
        if self.qemu.poll() is None:
            self.qemu.terminate()       # it is timeout(1), which hands it on
        self.qemu.wait()
        self.wire.close()


class Peer:
    """The other machine on the wire. What comes is kept in order; ARP and neighbour questions for it are answered on the way."""

    def __init__(self, guest):
        self.g = guest
        self.queue = []
        self.answers = True     # to ARP requests and neighbour solicitations
        self.seen = []          # what came since the case began, for the report of a failure
        self.count = random.randrange(1, 60000)

    # ---- frames
    def poll(self, limit):
        """Takes what has come into the queue. False: nothing in time."""
        if not select.select([self.g.wire], [], [], max(limit, 0))[0]:
            return False
        while True:
            try:
                frames = self.g.wire.receive()
            except BlockingIOError:
                return True
            for frame in frames:
                p = Packet(frame)
                p.time = time.monotonic()
                self.seen.append(p)
                del self.seen[:-60]
                if self.answers and self.is_question(p):
                    continue
                self.queue.append(p)

    def is_question(self, p):
        if p.arp == 1 and (p.daddr == PEER or p.daddr in OTHERS):
            self.frame(ARP, arp(2, PEER_MAC, p.daddr, p.src, p.saddr), p.src)
            return True
        if p.icmp == 135 and p.data[4:20] == PEER6 and p.saddr != bytes(16):
            self.neighbour_advertise(p.saddr)
            return True
        return False

    def neighbour_advertise(self, to, target=PEER6, hw=PEER_MAC):
        body = struct.pack('!I', 0x60000000) + target + b'\2\1' + hw
        self.frame(IP6, ipv6(target, to, ICMP6, icmp6(target, to, 136, 0, body), hop=255))

    def expect(self, match, limit=None, what='a packet'):
        """The first packet that matches; those before it are gone."""
        end = time.monotonic() + (LIMIT if limit is None else limit)
        while True:
            while self.queue:
                p = self.queue.pop(0)
                if match(p):
                    return p
            if not self.poll(end - time.monotonic()) and time.monotonic() >= end:
                raise Failure(f'{what} does not come')

    def drain(self, limit=None):
        """Everything that the guest had to say by now: what came before the answer to an echo request."""
        self.count = self.count % 60000 + 1
        n = self.count
        self.echo(n)
        got = []
        end = time.monotonic() + (LIMIT if limit is None else limit)
        while time.monotonic() < end:
            while self.queue:
                p = self.queue.pop(0)
                if p.icmp == 0 and p.proto == ICMP and p.data[:4] == struct.pack('!HH', 0x4242, n):
                    return got
                got.append(p)
            self.poll(end - time.monotonic())
        raise Failure('no answer to an echo request')

    def until_up6(self):
        """Until the guest's search for another owner of its IPv6 address is over."""
        for _ in range(100):
            self.ip6(ICMP6, icmp6(PEER6, GUEST6, 128, 0, b'\0\1\0\1'))
            try:
                self.expect(lambda q: q.icmp == 129, 0.2)
                break
            except Failure:
                continue
        self.drain()

    def silent(self, match, what):
        for p in self.drain():
            need(not match(p), f'{what}: {p}')

    # ---- sending
    def frame(self, kind, data, to=GUEST_MAC, src=PEER_MAC):
        self.g.transmit(ethernet(to, src, kind, data).ljust(60, b'\0'))

    def ip(self, proto, data, src=PEER, dst=GUEST, **more):
        self.frame(IP4, ipv4(src, dst, proto, data, **more))

    def ip6(self, proto, data, src=PEER6, dst=GUEST6, **more):
        self.frame(IP6, ipv6(src, dst, proto, data, **more))

    def udp(self, sport, dport, data, six=False, **more):
        if six:
            self.ip6(UDP, udp(PEER6, GUEST6, sport, dport, data))
        else:
            self.ip(UDP, udp(PEER, GUEST, sport, dport, data), **more)

    def echo(self, n, data=b'x' * 16, **more):
        self.ip(ICMP, icmp(8, 0, struct.pack('!HH', 0x4242, n), data), **more)

    def icmp_error(self, kind, code, about, rest=b'\0\0\0\0', quote=28, src=PEER):
        self.ip(ICMP, icmp(kind, code, rest, about.l3[:quote]), src=src)


class Tcp:
    """One connection as the peer has it. Sequence numbers are as on the wire."""
    next_port = 20000

    def __init__(self, peer, gport, six=False, mss=1460, ts=False, sack=False, ws=None, window=65535, src=None):
        Tcp.next_port += 1
        self.p, self.g, self.gport, self.port, self.six = peer, peer.g, gport, Tcp.next_port, six
        self.src, self.dst = (PEER6, GUEST6) if six else (src or PEER, GUEST)
        self.seq, self.ack, self.window = random.randrange(1 << 31), 0, window
        self.mss, self.ts, self.sack, self.ws = mss, ts, sack, ws     # what is offered in the SYN
        self.shift = 0          # the guest's window scale
        self.stamping = False
        self.clock, self.echo = 1000, 0
        self.out = self.into = 0    # offsets in the streams

    def syn_options(self, offered=None):
        o = mss(self.mss) if self.mss else b''
        if self.ts and (offered is None or 'stamp' in offered):
            o += stamp(self.clock, self.echo)
        if self.sack and (offered is None or 'sack_ok' in offered):
            o += SACK_OK
        if self.ws is not None and (offered is None or 'scale' in offered):
            o += scale(self.ws)
        return o

    def mine(self, p):
        return p.flags is not None and p.sport == self.gport and p.dport == self.port and p.saddr == self.dst and p.daddr == self.src

    def send(self, flags, data=b'', seq=None, ack=None, window=None, options=None, **more):
        if options is None:
            options = stamp(self.clock, self.echo) if self.stamping else b''
        self.clock += 1
        s = tcp(self.src, self.dst, self.port, self.gport, self.seq if seq is None else seq, self.ack if ack is None else ack, flags, data,
                self.window if window is None else window, options, **more)
        (self.p.ip6 if self.six else self.p.ip)(TCP, s, src=self.src)

    def expect(self, match=lambda s: True, limit=None, what='a segment'):
        p = self.p.expect(lambda p: self.mine(p) and match(p), limit, what)
        need(p.sum_ok and p.header_ok, f'wrong checksum: {p}')
        if self.stamping and 'stamp' in p.options:
            self.echo = p.options['stamp'][0]
        return p

    def silent(self, what='the guest says something', match=lambda s: True):
        self.p.silent(lambda p: self.mine(p) and match(p), what)

    # ---- making a connection
    def accept_syn(self, syn):
        self.ack = syn.seq + 1 & 0xffffffff
        self.iss = syn.seq
        if 'stamp' in syn.options and self.ts:
            self.stamping, self.echo = True, syn.options['stamp'][0]
        if 'scale' in syn.options and self.ws is not None:
            self.shift = syn.options['scale']

    def open(self, listener, slot):
        """The peer connects; the guest's listener is in slot @listener, the connection goes to @slot."""
        self.send(SYN, options=self.syn_options())
        syn = self.expect(lambda s: s.flags & SYN, what='SYN and ACK')
        need(syn.flags == SYN | ACK and syn.ack == self.seq + 1 & 0xffffffff, f'not a SYN with ACK: {syn}')
        self.accept_syn(syn)
        self.seq = self.seq + 1 & 0xffffffff
        self.send(ACK)
        self.g.wants(f'accept {listener} {slot} 8000', '0')
        self.slot, self.syn = slot, syn
        return self

    def opened(self, slot):
        """The guest connects, by slot @slot, and the peer accepts."""
        self.slot = slot
        self.g.wants(f'socket {slot} tcp{"6" if self.six else ""}', '0')
        addr = text6(self.src) if self.six else text4(self.src)
        self.g.wants(f'connect {slot} {addr} {self.gport}', 'EINPROGRESS')
        self.syn = self.p.expect(lambda p: p.flags == SYN and p.dport == self.gport and p.daddr == self.src, what='SYN')
        self.port, self.gport = self.gport, self.syn.sport
        return self

    def finish(self):
        self.accept_syn(self.syn)
        self.send(SYN | ACK, options=self.syn_options(self.syn.options))
        self.seq = self.seq + 1 & 0xffffffff
        self.expect(lambda s: s.flags & ACK and not s.flags & SYN and s.ack == self.seq, what='the third segment')
        self.g.wants(f'wait {self.slot} OUT 8000', 'OUT')
        self.g.wants(f'get {self.slot} error', '0')
        return self

    # ---- data
    def give(self, n, flags=ACK | PSH, expect=True):
        """@n bytes of the stream to the guest, in order."""
        self.send(flags, pattern(self.out, n))
        self.out += n
        self.seq = self.seq + n & 0xffffffff
        if expect:
            self.acked()

    def acked(self, limit=None):
        return self.expect(lambda s: s.flags & ACK and s.ack == self.seq, limit, 'the acknowledgement')

    def take(self, n, ack=True):
        """@n bytes of the guest's stream, in any segments but in order; the segments."""
        got, segments = 0, []
        while got < n:
            s = self.expect(lambda s: s.data and s.seq == self.ack, what=f'data at {self.into}')
            if s.data != pattern(self.into, len(s.data)):
                raise Failure(f'wrong data: {s}')
            got += len(s.data)
            self.into += len(s.data)
            self.ack = self.ack + len(s.data) & 0xffffffff
            segments.append(s)
            if ack:
                self.send(ACK)
        need(got == n, f'{got} bytes, not {n}')
        return segments

    def read(self, n, limit=8000):
        self.g.wants(f'read {self.slot} {n} {limit}', str(n))

    def drop(self):
        """Ends it, whatever state it is in."""
        self.g(f'opt {self.slot} linger 0')
        self.g(f'close {self.slot}')
        self.send(RST | ACK)
