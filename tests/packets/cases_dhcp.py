# SPDX-License-Identifier: MIT
"""The kernel's DHCP client (ip=dhcp), one boot for all cases: each goes on where the one before it ended."""
import struct
import time

from peer import *
from suite import case

LINUX = "Debian's kernel has no client"
NOBODY = bytes(4)
DISCOVER, OFFER, REQUEST, DECLINE, ACK_, NAK = 1, 2, 3, 4, 5, 6
MAGIC = b'\x63\x82\x53\x63'


class Message:
    def __init__(self, p):
        d = p.data
        self.packet, self.op, self.xid, self.ciaddr, self.chaddr = p, d[0], d[4:8], d[12:16], d[28:34]
        self.options, o = {}, d[240:]
        while o and o[0] != 255:
            if o[0] == 0:
                o = o[1:]
                continue
            self.options[o[0]] = o[2:2 + o[1]]
            o = o[2 + o[1]:]
        self.kind = self.options.get(53, b'\0')[0]


class Boots:
    """The guest of these cases and the server that it talks to."""

    def __init__(self, args):
        self.args, self.g, self.p = args, None, None
        self.configured = None      # the address that was acknowledged

    def start(self):
        command = [w if not w.startswith('console=') else w + ' ip=dhcp' for w in self.args.command]
        self.g = Guest(command, self.args.work)
        self.p = Peer(self.g)

    def stop(self):
        if self.g:
            self.g.stop()

    def message(self, kind, limit=30):
        """The next message of this kind; others fail. Everything on the way is held against the rule about 0.0.0.0."""
        def match(q):
            if q.ip == 4 and q.saddr == NOBODY and self.configured:
                raise Failure(f'from 0.0.0.0, while it has an address: {q}')
            return q.proto == UDP and q.dport == 67
        while True:
            m = Message(self.p.expect(match, limit * SLOW, what=f'message {kind}'))
            if m.kind == kind:
                return m
            need(m.kind == DISCOVER, f'message {m.kind}, not {kind}')

    def answer(self, m, kind, yours=GUEST, options=b'', xid=None, to=None):
        end = struct.pack('!BBIBBIBBI', 51, 4, 30, 58, 4, 5, 59, 4, 10) if kind in (OFFER, ACK_) else b''
        o = bytes([53, 1, kind]) + b'\x36\4' + PEER + end + b'\1\4\xff\xff\xff\0\3\4' + PEER + b'\6\4' + PEER + options + b'\xff'
        body = struct.pack('!BBBB', 2, 1, 6, 0) + (xid or m.xid) + bytes(4) + m.ciaddr + yours + PEER + bytes(4)
        body += m.chaddr.ljust(16, b'\0') + bytes(192) + MAGIC + o
        dst = to or a4('255.255.255.255')
        self.p.frame(IP4, ipv4(PEER, dst, UDP, udp(PEER, dst, 67, 68, body)), GUEST_MAC if to else ANY_MAC)


@case(boot='dhcp', aramid_only=LINUX)
def dhcp_asks_again_when_nobody_answers(d):
    d.start()
    m = d.message(DISCOVER, 60)
    q = m.packet
    need(q.saddr == NOBODY and q.daddr == b'\xff' * 4 and q.dst == ANY_MAC and q.sum_ok, f'{q}')
    need(m.op == 1 and m.chaddr == GUEST_MAC and m.ciaddr == NOBODY, 'not a client without an address')
    d.first = d.message(DISCOVER)


@case(boot='dhcp', aramid_only=LINUX)
def dhcp_ignores_answers_to_others(d):
    d.answer(d.first, OFFER, xid=b'\1\2\3\4')
    broken = d.first
    d.p.frame(IP4, ipv4(PEER, b'\xff' * 4, UDP, udp(PEER, b'\xff' * 4, 67, 68, b'\2\1\6\0' + d.first.xid)), ANY_MAC)
    d.answer(broken, ACK_)          # nobody asked for that
    d.last = d.message(DISCOVER)    # and not a request


@case(boot='dhcp', aramid_only=LINUX)
def dhcp_takes_a_late_offer(d):
    time.sleep(0.3)
    d.answer(d.last, OFFER)
    d.request = d.message(REQUEST)
    o = d.request.options
    need(o.get(50) == GUEST and o.get(54) == PEER, f'asks for {o}')
    need(d.request.packet.saddr == NOBODY and d.request.packet.daddr == b'\xff' * 4, f'{d.request.packet}')


@case(boot='dhcp', aramid_only=LINUX)
def dhcp_begins_again_after_a_refusal(d):
    d.answer(d.request, NAK, yours=NOBODY)
    m = d.message(DISCOVER)
    d.answer(m, OFFER)
    d.request = d.message(REQUEST)
    d.answer(d.request, ACK_)
    first = d.g.line(60 * SLOW)
    need(first and 'ready eth0' in first, f'the guest says {first}')
    d.configured = GUEST
    d.p.drain()
    routes = d.g('grep eth0 /proc/net/route')
    need('0100090A' in routes and '0000090A' in routes, routes)     # the gateway, and the subnet


@case(boot='dhcp', aramid_only=LINUX)
def dhcp_renews_from_its_address(d):
    m = d.message(REQUEST)
    q = m.packet
    need(m.ciaddr == GUEST and q.saddr == GUEST and q.daddr == PEER and 50 not in m.options, f'{q} {m.options}')
    d.answer(m, ACK_, to=GUEST)
    d.p.drain()


@case(boot='dhcp', aramid_only=LINUX)
def dhcp_asks_everybody_when_its_server_is_silent(d):
    while True:
        m = d.message(REQUEST)
        if m.packet.daddr == b'\xff' * 4:
            break
    need(m.ciaddr == GUEST and m.packet.saddr == GUEST, f'{m.packet}')
    d.last = m


@case(boot='dhcp', aramid_only=LINUX)
def dhcp_gives_a_refused_address_up(d):
    d.configured = None
    d.answer(d.last, NAK, yours=NOBODY)
    m = d.message(DISCOVER)
    need(m.packet.saddr == NOBODY, f'{m.packet}')
    d.answer(m, OFFER, yours=OTHERS[3])
    m = d.message(REQUEST)
    d.answer(m, ACK_, yours=OTHERS[3])
    d.configured = OTHERS[3]
    for _ in range(50):
        d.p.echo(9, dst=OTHERS[3])
        try:
            r = d.p.expect(lambda q: q.icmp == 0 and q.saddr == OTHERS[3], 0.2)
            break
        except Failure:
            continue
    else:
        raise Failure('the new address does not answer')
    need(r.sum_ok, f'{r}')
