# SPDX-License-Identifier: MIT
"""Just enough of Ethernet, ARP, IPv4, IPv6, ICMP, ND, UDP and TCP to build any packet, right or wrong, and to read ours."""
import socket
import struct

ARP, IP4, IP6 = 0x0806, 0x0800, 0x86dd
ICMP, IGMP, TCP, UDP, ICMP6 = 1, 2, 6, 17, 58
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
ANY_MAC = b'\xff' * 6


def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def a4(text):
    return socket.inet_aton(text)


def a6(text):
    return socket.inet_pton(socket.AF_INET6, text)


def text4(b):
    return socket.inet_ntoa(b)


def text6(b):
    return socket.inet_ntop(socket.AF_INET6, b)


def checksum(data):
    if len(data) & 1:
        data += b'\0'
    s = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def pseudo(src, dst, proto, length):
    if len(src) == 4:
        return src + dst + struct.pack('!BBH', 0, proto, length)
    return src + dst + struct.pack('!IHBB', length, 0, 0, proto)


def summed(src, dst, proto, data, at):
    """The data with the checksum over it and the pseudo-header at its offset."""
    s = checksum(pseudo(src, dst, proto, len(data)) + data[:at] + b'\0\0' + data[at + 2:])
    if proto == UDP and s == 0:
        s = 0xffff
    return data[:at] + struct.pack('!H', s) + data[at + 2:]


def ethernet(dst, src, kind, data):
    return dst + src + struct.pack('!H', kind) + data


def arp(op, smac, sip, tmac, tip):
    return struct.pack('!HHBBH', 1, IP4, 6, 4, op) + smac + sip + tmac + tip


def ipv4(src, dst, proto, data, ident=0, offset=0, more=False, df=False, ttl=64, options=b'', tos=0, total=None, version=4, bad=False):
    ihl = 5 + len(options) // 4
    flags = (0x2000 if more else 0) | (0x4000 if df else 0) | offset // 8
    h = struct.pack('!BBHHHBBH', version << 4 | ihl, tos, ihl * 4 + len(data) if total is None else total, ident, flags, ttl, proto, 0)
    h += src + dst + options
    s = checksum(h) ^ (0x5555 if bad else 0)
    return h[:10] + struct.pack('!H', s) + h[12:] + data


def ipv6(src, dst, proto, data, hop=64, length=None):
    return struct.pack('!IHBB', 6 << 28, len(data) if length is None else length, proto, hop) + src + dst + data


def fragment6(proto, offset, more, ident):
    return struct.pack('!BBHI', proto, 0, offset | more, ident)


def udp(src, dst, sport, dport, data, length=None, csum=None):
    h = struct.pack('!HHHH', sport, dport, 8 + len(data) if length is None else length, 0) + data
    if csum is not None:
        return h[:6] + struct.pack('!H', csum) + h[8:]
    return summed(src, dst, UDP, h, 6)


def tcp(src, dst, sport, dport, seq, ack, flags, data=b'', window=65535, options=b'', bad=False, urgent=0, offset=None):
    options += b'\0' * (-len(options) % 4)
    off = 5 + len(options) // 4 if offset is None else offset
    h = struct.pack('!HHIIBBHHH', sport, dport, seq & 0xffffffff, ack & 0xffffffff, off << 4, flags, window, 0, urgent)
    d = summed(src, dst, TCP, h + options + data, 16)
    return d[:16] + bytes([d[16] ^ 0x55]) + d[17:] if bad else d


def icmp(kind, code, rest, data=b'', bad=False):
    d = struct.pack('!BBH', kind, code, 0) + rest + data
    s = checksum(d) ^ (0x1234 if bad else 0)
    return d[:2] + struct.pack('!H', s) + d[4:]


def icmp6(src, dst, kind, code, body, bad=False):
    d = summed(src, dst, ICMP6, struct.pack('!BBH', kind, code, 0) + body, 2)
    return d[:2] + bytes([d[2] ^ 0x55]) + d[3:] if bad else d


class Packet:
    """A frame taken apart; what is not there is None."""

    def __init__(self, frame):
        self.frame = frame
        self.dst, self.src, self.kind = frame[:6], frame[6:12], struct.unpack('!H', frame[12:14])[0]
        self.ip = self.proto = self.flags = self.icmp = self.sport = self.dport = self.arp = self.data = None
        self.saddr = self.daddr = None
        self.offset = self.more = self.df = self.ident = 0
        body = frame[14:]
        if self.kind == ARP and len(body) >= 28:
            self.arp, = struct.unpack('!H', body[6:8])
            self.smac, self.saddr, self.tmac, self.daddr = body[8:14], body[14:18], body[18:24], body[24:28]
        elif self.kind == IP4 and len(body) >= 20:
            self.parse4(body)
        elif self.kind == IP6 and len(body) >= 40:
            self.parse6(body)

    def parse4(self, b):
        ihl = (b[0] & 15) * 4
        total, self.ident, flags, self.ttl, self.proto = struct.unpack('!HHHBB', b[2:10])
        self.ip, self.saddr, self.daddr = 4, b[12:16], b[16:20]
        self.df, self.more, self.offset = bool(flags & 0x4000), bool(flags & 0x2000), (flags & 0x1fff) * 8
        self.length = total
        self.header_ok = checksum(b[:ihl]) == 0
        self.l3 = b[:total]
        self.sum_ok = True          # of a fragment: not known
        self.transport(b[ihl:total])

    def parse6(self, b):
        length, self.proto, self.ttl = struct.unpack('!HBB', b[4:8])
        self.ip, self.saddr, self.daddr = 6, b[8:24], b[24:40]
        self.length, self.header_ok, self.l3 = 40 + length, True, b[:40 + length]
        rest = b[40:40 + length]
        while self.proto in (0, 43, 60) and len(rest) >= 8:
            self.proto, rest = rest[0], rest[8 + rest[1] * 8:]
        if self.proto == 44 and len(rest) >= 8:
            self.proto, off, self.ident = rest[0], struct.unpack('!H', rest[2:4])[0], struct.unpack('!I', rest[4:8])[0]
            self.offset, self.more, rest = off & ~7, bool(off & 1), rest[8:]
        self.sum_ok = True
        self.transport(rest)

    def transport(self, b):
        self.data = b
        self.whole = not self.more and not self.offset
        if self.offset:
            return
        if self.proto == TCP and len(b) >= 20:
            self.sport, self.dport, self.seq, self.ack, off, self.flags, self.window, s, self.urgent = struct.unpack('!HHIIBBHHH', b[:20])
            self.options = options(b[20:(off >> 4) * 4])
            self.data = b[(off >> 4) * 4:]
        elif self.proto == UDP and len(b) >= 8:
            self.sport, self.dport = struct.unpack('!HH', b[:4])
            self.data = b[8:]
        elif self.proto in (ICMP, ICMP6) and len(b) >= 4:
            self.icmp, self.code = b[0], b[1]
            self.data = b[4:]
        if self.whole and self.proto in (TCP, UDP, ICMP6):
            self.sum_ok = checksum(pseudo(self.saddr, self.daddr, self.proto, len(b)) + b) == 0 or (self.proto == UDP and b[6:8] == b'\0\0')
        elif self.whole and self.proto in (ICMP, IGMP):
            self.sum_ok = checksum(b) == 0

    def __str__(self):
        if self.arp:
            return f'ARP {self.arp} {text4(self.saddr)} -> {text4(self.daddr)}'
        if self.ip is None:
            return f'frame of type {self.kind:04x}, {len(self.frame)} bytes'
        a, b = (text4(self.saddr), text4(self.daddr)) if self.ip == 4 else (text6(self.saddr), text6(self.daddr))
        if self.flags is not None:
            names = ''.join(n for bit, n in ((SYN, 'S'), (FIN, 'F'), (RST, 'R'), (PSH, 'P'), (ACK, '.')) if self.flags & bit)
            return (f'{a}.{self.sport} > {b}.{self.dport}: {names} seq {self.seq} ack {self.ack} win {self.window} '
                    f'len {len(self.data)} {self.options}')
        if self.icmp is not None:
            return f'{a} > {b}: ICMP {self.icmp}/{self.code} len {len(self.data)}'
        return f'{a} > {b}: protocol {self.proto} offset {self.offset}{"+" if self.more else ""} len {len(self.data)}'


def options(b):
    """TCP options: {'mss': n, 'scale': n, 'sack_ok': True, 'sack': [(from, to)], 'stamp': (value, echo)}"""
    o = {}
    while b:
        if b[0] == 0:
            break
        if b[0] == 1:
            b = b[1:]
            continue
        if len(b) < 2 or b[1] < 2 or len(b) < b[1]:
            o['broken'] = True
            break
        kind, v = b[0], b[2:b[1]]
        if kind == 2:
            o['mss'], = struct.unpack('!H', v)
        elif kind == 3:
            o['scale'] = v[0]
        elif kind == 4:
            o['sack_ok'] = True
        elif kind == 5:
            o['sack'] = [struct.unpack('!II', v[i:i + 8]) for i in range(0, len(v) - 7, 8)]
        elif kind == 8:
            o['stamp'] = struct.unpack('!II', v)
        b = b[b[1]:]
    return o


def mss(n):
    return struct.pack('!BBH', 2, 4, n)


def scale(n):
    return struct.pack('!BBBB', 1, 3, 3, n)


def stamp(value, echo):
    return struct.pack('!BBBBII', 1, 1, 8, 10, value & 0xffffffff, echo)


SACK_OK = b'\1\1\4\2'


def pattern(at, n):
    """The bytes of a stream from offset @at on, as guest.c checks them."""
    return bytes((k * 31 + (k >> 8) * 17) & 0xff for k in range(at, at + n))
