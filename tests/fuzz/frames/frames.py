#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""frames.py --seconds N --seed N ...: see run.sh. Frames that are nearly right, while a TCP connection carries data both ways.

Every frame follows from the seed; the connection's own segments are never touched, so that it has no excuse."""
import argparse
import os
import random
import select
import shlex
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../packets'))
from peer import *  # noqa: E402,F403
from suite import listener  # noqa: E402

MAGIC = b'\x63\x82\x53\x63'


class Frames:
    """Makes one frame after the other: a right one of some protocol, then a few changes."""

    def __init__(self, r, ports):
        self.r, self.ports = r, ports

    def number(self, bits):
        r = self.r
        return r.choice((0, 1, (1 << bits) - 1, 1 << bits - 1, r.getrandbits(bits), r.randrange(64)))

    def junk(self, most=1400):
        r = self.r
        n = r.choice((0, 1, 3, 7, 8, 20, 64, 576, most, r.randrange(most)))
        return r.randbytes(n)

    def port(self):
        return self.r.choice(self.ports + [68, 67, 53, 7, 0, 65535, self.r.getrandbits(16)])

    def source(self):
        return self.r.choice((PEER, OTHERS[0], GUEST, bytes(4), b'\xff' * 4, a4('127.0.0.1'), a4('224.0.0.1'), self.r.randbytes(4)))

    def source6(self):
        return self.r.choice((PEER6, GUEST6, bytes(16), a6('::1'), a6('ff02::1'), a6('fd00::7'), self.r.randbytes(16)))

    def arp(self):
        r = self.r
        return ARP, arp(r.choice((1, 2, 1, 2, self.number(16))), r.choice((PEER_MAC, ANY_MAC, r.randbytes(6))), self.source(), bytes(6),
                        r.choice((GUEST, self.source()))) + self.junk(40)

    def tcp_options(self):
        r = self.r
        o = b''
        while len(o) < 40 and r.random() < 0.8:
            o += r.choice((b'\1', b'\0', mss(self.number(16)), scale(self.number(8)), stamp(self.number(32), self.number(32)), SACK_OK,
                           b'\5' + bytes([r.choice((2, 10, 18, 34, 255))]) + r.randbytes(8), r.randbytes(3)))
        return o[:40]

    def payload4(self, src, dst):
        r = self.r
        kind = r.randrange(8)
        if kind == 0:
            return UDP, udp(src, dst, self.port(), self.port(), self.junk(), length=r.choice((None, None, self.number(16))))
        if kind == 1:
            return TCP, tcp(src, dst, self.port(), self.port(), self.number(32), self.number(32), r.getrandbits(6), self.junk(),
                            self.number(16), self.tcp_options(), urgent=self.number(16), offset=r.choice((None, None, r.randrange(16))))
        if kind == 2:
            inner = ipv4(dst, src, r.choice((UDP, TCP, ICMP, self.number(8))), self.junk(64), total=r.choice((None, self.number(16))))
            return ICMP, icmp(r.choice((3, 3, 4, 5, 11, 12)), r.randrange(17), r.randbytes(4), inner[:r.randrange(len(inner) + 1)])
        if kind == 3:
            return ICMP, icmp(r.choice((0, 8, 13, 17, self.number(8))), 0, r.randbytes(4), self.junk())
        if kind == 4:
            return IGMP, r.choice((0x11, 0x12, 0x16, 0x17, 0x22)).to_bytes(1, 'big') + r.randbytes(r.choice((7, 11, 3, 40)))
        if kind == 5:
            return UDP, udp(src, dst, 67, 68, self.dhcp())
        if kind == 6:
            return UDP, udp(src, dst, 53, r.choice(self.ports), self.dns())
        return self.number(8), self.junk()

    def dhcp(self):
        r = self.r
        o = bytes([53, 1, r.choice((2, 5, 6, 0, 255))])
        while r.random() < 0.8:
            o += bytes([r.choice((1, 3, 6, 51, 54, 58, 59, 52, r.randrange(256))), r.choice((0, 1, 4, 8, 255))]) + r.randbytes(4)
        return b'\2\1\6\0' + r.randbytes(24) + GUEST_MAC + bytes(202) + r.choice((MAGIC, r.randbytes(4))) + o + r.choice((b'\xff', b''))

    def dns(self):
        r = self.r
        return r.randbytes(2) + b'\x81\x80' + r.randbytes(8) + r.choice((b'\xc0\x0c', b'\x3f' + r.randbytes(30), b'\7example\0')) + self.junk(200)

    def ip4(self):
        r = self.r
        src, dst = self.source(), r.choice((GUEST, GUEST, GUEST, b'\xff' * 4, a4('10.9.0.255'), a4('224.0.0.1'), r.randbytes(4)))
        proto, data = self.payload4(src, dst)
        fragment = r.random() < 0.25
        return IP4, ipv4(src, dst, proto, data, ident=r.randrange(8), offset=(self.number(13) * 8 & 0xfff8) if fragment else 0,
                         more=fragment and r.random() < 0.7, df=r.random() < 0.1, ttl=r.choice((64, 1, 0, 255)),
                         options=r.randbytes(r.choice((0, 0, 0, 4, 40))), total=r.choice((None, None, None, self.number(16))),
                         version=r.choice((4, 4, 4, 4, self.number(4) & 15)), bad=r.random() < 0.03)

    def nd(self, src, dst):
        r = self.r
        body = r.choice((bytes(4) + r.choice((GUEST6, r.randbytes(16))), bytes(12), r.randbytes(16), bytes(4)))
        while r.random() < 0.7:
            kind = r.choice((1, 2, 3, 4, 5, 14, 25, self.number(8)))
            body += bytes([kind, r.choice((1, 1, 4, 4, 0, 2, 255))]) + r.choice((PEER_MAC, r.randbytes(30), b'\x40\xc0' + r.randbytes(28)))
        return icmp6(src, dst, r.choice((133, 134, 134, 135, 136, 137)), r.choice((0, 0, 0, 1)), body)

    def payload6(self, src, dst):
        r = self.r
        kind = r.randrange(6)
        if kind == 0:
            return UDP, udp(src, dst, self.port(), self.port(), self.junk(), csum=r.choice((None, None, 0)))
        if kind == 1:
            return TCP, tcp(src, dst, self.port(), self.port(), self.number(32), self.number(32), r.getrandbits(6), self.junk(),
                            self.number(16), self.tcp_options())
        if kind == 2:
            return ICMP6, self.nd(src, dst)
        if kind == 3:
            inner = ipv6(dst, src, r.choice((UDP, TCP, 44, 0)), self.junk(64))
            return ICMP6, icmp6(src, dst, r.choice((1, 2, 3, 4)), r.randrange(8), self.number(32).to_bytes(4, 'big') + inner)
        if kind == 4:
            return ICMP6, icmp6(src, dst, r.choice((128, 130, 131, 132, 143, self.number(8))), 0, self.junk(200))
        return self.number(8), self.junk()

    def ip6(self):
        r = self.r
        src, dst = self.source6(), r.choice((GUEST6, GUEST6, GUEST6, a6('ff02::1'), a6('ff02::1:ff12:3456'), self.source6()))
        proto, data = self.payload6(src, dst)
        for _ in range(r.choice((0, 0, 0, 1, 1, 2, 6))):
            header = r.choice((0, 43, 44, 60))
            if header == 44:
                data = fragment6(proto, self.number(13) * 8 & 0xfff8, r.getrandbits(1), r.randrange(8)) + data
            else:
                data = bytes([proto, r.choice((0, 0, 1, 255))]) + r.choice((bytes(6), b'\1\4' + bytes(4), r.randbytes(6))) + data
            proto = header
        return IP6, ipv6(src, dst, proto, data, hop=r.choice((255, 255, 255, 64, 0)), length=r.choice((None, None, None, self.number(16))))

    def next(self):
        r = self.r
        kind, data = r.choice((self.arp, self.ip4, self.ip4, self.ip4, self.ip6, self.ip6, self.ip6))()
        frame = bytearray(ethernet(r.choice((GUEST_MAC, GUEST_MAC, GUEST_MAC, ANY_MAC, mac('333300000001'), mac('01005e000001'))),
                                   r.choice((PEER_MAC, PEER_MAC, ANY_MAC, r.randbytes(6))),
                                   kind if r.random() < 0.98 else self.number(16), data))
        for _ in range(r.choice((0, 0, 0, 1, 1, 2, 8))):
            frame[r.randrange(len(frame))] = r.getrandbits(8)
        if r.random() < 0.1:
            del frame[r.randrange(len(frame)):]
        return bytes(frame[:1514]).ljust(14, b'\0')


def free(g):
    """KiB that the guest has left."""
    return sum(int(w) for w in g('grep MemFree /proc/meminfo').split() if w.isdigit())


def is_for(frame, t):
    """Might the guest take it for a segment of the connection?"""
    return t.gport.to_bytes(2, 'big') in frame[14:100]


def exchange(g, p, t, limit):
    """A kibibyte each way."""
    t.give(1000, expect=False)
    g.wants('send 2 1000', '1000')
    got, end = 0, time.monotonic() + limit
    while got < 1000:
        if time.monotonic() > end:
            raise Failure('the connection is stuck')
        # A neighbour that the guest was told to forget is asked for again: Peer answers while it looks at the wire.
        try:
            s = p.expect(lambda q: t.mine(q), 0.5)
        except Failure:
            t.send(ACK)
            t.send(ACK, pattern(t.out - 1000, 1000), seq=t.seq - 1000)
            continue
        if s.flags & RST:
            raise Failure(f'reset: {s}')
        if s.data and s.seq == t.ack:
            need(s.data == pattern(t.into, len(s.data)), f'wrong data: {s}')
            got += len(s.data)
            t.into += len(s.data)
            t.ack = t.ack + len(s.data) & 0xffffffff
            t.send(ACK)
        elif s.data:
            t.send(ACK)
    # What is left of ours is repeated until it has been read.
    for _ in range(40):
        r = g('read 2 1000 500')
        if r == str(1000 - exchange.missing):
            exchange.missing = 0
            return
        need(r.split()[0].isdigit() and 'eof' not in r and len(r.split()) == 1, f'read: {r}')
        exchange.missing += int(r)
        t.send(ACK, pattern(t.out - 1000, 1000), seq=t.seq - 1000)
    raise Failure('what the peer sends does not arrive')


exchange.missing = 0


def run(args):
    g = Guest(args.command, args.work)
    try:
        first = g.line(180)
        need(first and 'ready eth0' in first, f'the guest says {first}')
        g.wants('setup 10.9.0.2 255.255.255.0 10.9.0.1', '0')
        p = Peer(g)
        p.drain()
        port = listener(g)
        other = listener(g, 3)
        for slot, kind in ((4, 'udp'), (5, 'udp6')):
            g.wants(f'socket {slot} {kind}', '0')
            g.wants(f'bind {slot} {"::" if slot == 5 else "0.0.0.0"} {9000 + slot}', '0')
        t = Tcp(p, port, ts=True, sack=True, ws=7).open(0, 2)
        frames = Frames(random.Random(args.seed), [other, 9004, 9005])
        before = None
        began, count, rounds = time.monotonic(), 0, 0
        # The first two seconds fill caches and tables of bounded size; what is in use after those is in use for good.
        while time.monotonic() - began < args.seconds:
            for _ in range(60):
                f = frames.next()
                if is_for(f, t):
                    continue
                g.transmit(f)
                count += 1
                if select.select([g.wire], [], [], 0)[0]:
                    p.poll(0)
                    p.queue = [q for q in p.queue if t.mine(q)]
            exchange(g, p, t, 20 * SLOW)
            for slot in (4, 5):
                for _ in range(5):
                    g(f'recv {slot} 0')
            rounds += 1
            if before is None and time.monotonic() - began > 2:
                before = free(g)
        print(f'# {count} frames, {rounds} KiB each way, seed {args.seed}')
        t.drop()
        g('closeall')
        # Fragments wait for the rest of their datagram for half a minute at most.
        for _ in range(args.wait * 2):
            now = free(g)
            if now >= before - 1024:
                break
            p.drain()       # tables age by the second only while there is traffic
            time.sleep(0.5)
        need(now >= before - 1024, f'{before - now} KiB are missing of {before}')
        p.drain()
    finally:
        alive = g.qemu.poll() is None
        g.stop()
    need(alive, 'the guest has ended')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--command', type=shlex.split, required=True)
    parser.add_argument('--work', required=True)
    parser.add_argument('--seconds', type=float, default=15)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--wait", type=int, default=75)
    args = parser.parse_args()
    try:
        run(args)
    except Failure as e:
        print(f'not ok - frames: {e} (seed {args.seed})')
        with open(f'{args.work}/console', errors='replace') as f:
            for line in f.read().splitlines()[-25:]:
                print(f'#   {line}')
        print('0 passed, 1 failed')
        return 1
    print('ok - frames: malformed ones harm neither the kernel nor a connection, and memory returns')
    print('1 passed, 0 failed')
    return 0


if __name__ == '__main__':
    sys.exit(main())
