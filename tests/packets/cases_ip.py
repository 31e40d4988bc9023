# SPDX-License-Identifier: MIT
"""ARP, ICMP, IPv4, IPv6, UDP, neighbours and groups."""
import random
import struct

from peer import *
from suite import case, udp_socket

UNKNOWN = a4('10.9.0.77')
UNKNOWN_MAC = mac('525400bbbbbb')


@case
def arp_answers_for_its_own_address(g, p):
    p.frame(ARP, arp(1, PEER_MAC, PEER, bytes(6), GUEST), ANY_MAC)
    a = p.expect(lambda q: q.arp == 2, what='an ARP answer')
    need(a.smac == GUEST_MAC and a.saddr == GUEST and a.tmac == PEER_MAC and a.daddr == PEER and a.dst == PEER_MAC, f'{a}')


@case
def arp_does_not_answer_for_others(g, p):
    p.frame(ARP, arp(1, PEER_MAC, PEER, bytes(6), a4('10.9.0.3')), ANY_MAC)
    p.silent(lambda q: q.arp == 2, 'an answer')


@case
def arp_that_is_cut_or_of_other_hardware_is_ignored(g, p):
    whole = arp(1, PEER_MAC, PEER, bytes(6), GUEST)
    for bad in (whole[:20], b'\0\x0f' + whole[2:], whole[:2] + b'\x86\xdd' + whole[4:], whole[:6] + b'\0\x09' + whole[8:]):
        g.transmit(ethernet(ANY_MAC, PEER_MAC, ARP, bad))
    p.silent(lambda q: q.arp == 2, 'an answer')


@case
def two_datagrams_to_an_unresolved_neighbour_leave_in_order(g, p):
    udp_socket(g, 2)
    g.wants('text 2 first 10.9.0.77 9', '5')
    g.wants('text 2 second 10.9.0.77 9', '6')
    p.expect(lambda q: q.arp == 1 and q.daddr == UNKNOWN, what='an ARP request')
    p.frame(ARP, arp(2, UNKNOWN_MAC, UNKNOWN, GUEST_MAC, GUEST))
    got = [p.expect(lambda q: q.daddr == UNKNOWN and q.proto == UDP, what='a datagram') for _ in range(2)]
    need([q.data for q in got] == [b'first', b'second'], f'{[q.data for q in got]}')
    need(all(q.dst == UNKNOWN_MAC for q in got), 'not to the address of the answer')


@case
def an_arp_request_without_an_answer_is_repeated(g, p):
    udp_socket(g, 2)
    g.wants('text 2 lost 10.9.0.78 9', '4')
    for _ in range(2):
        p.expect(lambda q: q.arp == 1 and q.daddr == a4('10.9.0.78'), what='an ARP request')


@case
def echo_is_answered(g, p):
    for size in (0, 1, 56, 1000, 1472):
        data = bytes(random.randrange(256) for _ in range(size))
        p.echo(7, data)
        r = p.expect(lambda q: q.icmp == 0 and q.proto == ICMP, what='an echo reply')
        need(r.data == struct.pack('!HH', 0x4242, 7) + data and r.sum_ok and r.header_ok and r.daddr == PEER, f'{size} bytes: {r}')
        need(r.ttl == 64, f'TTL {r.ttl}')


@case
def echo_with_a_wrong_checksum_is_not(g, p):
    p.ip(ICMP, icmp(8, 0, b'\x99\x99\0\1', b'abc', bad=True))
    p.silent(lambda q: q.icmp == 0 and q.data[:2] == b'\x99\x99', 'an answer')


@case
def broadcast_echo_is_not_answered(g, p):
    for dst in (a4('255.255.255.255'), a4('10.9.0.255')):
        p.frame(IP4, ipv4(PEER, dst, ICMP, icmp(8, 0, b'\x99\x99\0\1', b'abc')), ANY_MAC)
    p.silent(lambda q: q.icmp == 0 and q.data[:2] == b'\x99\x99', 'an answer')


@case
def packets_for_others_are_not_forwarded(g, p):
    p.ip(ICMP, icmp(8, 0, b'\x99\x99\0\1'), dst=a4('10.9.0.50'))
    p.ip(UDP, udp(PEER, a4('192.0.2.1'), 9, 9, b'x'), dst=a4('192.0.2.1'))
    p.silent(lambda q: q.arp is None and q.daddr in (a4('10.9.0.50'), a4('192.0.2.1')), 'forwarded')


@case
def broken_ipv4_headers_are_dropped(g, p):
    e = icmp(8, 0, b'\x99\x99\0\1', b'abcd')
    p.ip(ICMP, e, bad=True)
    p.ip(ICMP, e, version=5)
    p.ip(ICMP, e, total=10)
    p.ip(ICMP, e, total=2000)
    p.frame(IP4, ipv4(PEER, GUEST, ICMP, e)[:16])
    p.frame(IP4, b'\x4f' + ipv4(PEER, GUEST, ICMP, e)[1:])
    p.ip(ICMP, e, src=a4('255.255.255.255'))
    p.ip(ICMP, e, src=a4('127.0.0.1'))
    p.silent(lambda q: q.icmp == 0 and q.data[:2] == b'\x99\x99', 'an answer')


@case
def ip_options_do_no_harm(g, p):
    port = udp_socket(g, 2)
    p.udp(9, port, b'nops', options=b'\1\1\1\0')
    g.wants('recv 2 8000', '4 ' + b'nops'.hex())


@case
def a_datagram_to_a_closed_port_is_answered_by_icmp(g, p):
    p.udp(777, 999, b'nobody')
    e = p.expect(lambda q: q.proto == ICMP and q.icmp == 3, what='port unreachable')
    need(e.code == 3, f'{e}')
    need(e.data[4:8] == b'\x45\0\0\x22' and e.data[24:28] == struct.pack('!HH', 777, 999), 'does not quote the datagram')


@case
def no_icmp_about_broadcasts_and_errors(g, p):
    p.frame(IP4, ipv4(PEER, a4('10.9.0.255'), UDP, udp(PEER, a4('10.9.0.255'), 777, 998, b'x')), ANY_MAC)
    p.ip(ICMP, icmp(3, 3, b'\0\0\0\0', ipv4(GUEST, PEER, UDP, udp(GUEST, PEER, 997, 997, b'y'))))
    p.silent(lambda q: q.proto == ICMP and q.icmp == 3, 'an error about it')


@case
def an_unknown_protocol_is_answered_by_icmp(g, p):
    p.ip(200, b'what is this')
    e = p.expect(lambda q: q.proto == ICMP and q.icmp == 3, what='protocol unreachable')
    need(e.code == 2, f'{e}')


@case
def port_unreachable_reaches_a_connected_socket(g, p):
    udp_socket(g, 2)
    g.wants('connect 2 10.9.0.1 4444', '0')
    g.wants('text 2 hello', '5')
    d = p.expect(lambda q: q.proto == UDP and q.dport == 4444, what='a datagram')
    p.icmp_error(3, 3, d)
    g.wants('wait 2 ERR 8000', 'ERR')
    g.wants('recv 2 0', 'ECONNREFUSED')
    g.wants('recv 2 0', 'EAGAIN')


@case
def time_exceeded_reaches_who_wants_errors(g, p):
    """As traceroute has it: not connected, each router of the way says so."""
    udp_socket(g, 2)
    g.wants('text 2 hello 10.9.0.1 4450', '5')
    d = p.expect(lambda q: q.proto == UDP and q.dport == 4450, what='a datagram')
    p.icmp_error(11, 0, d)
    p.drain()
    g.wants('recv 2 0', 'EAGAIN')
    g.wants('opt 2 recverr 1', '0')
    g.wants('opt 2 ttl 1', '0')
    for router in OTHERS[:2]:
        g.wants('text 2 hello 10.9.0.1 4450', '5')
        d = p.expect(lambda q: q.proto == UDP and q.dport == 4450 and q.ttl == 1, what='a datagram')
        p.icmp_error(11, 0, d, quote=33, src=router)
        g.wants('errq 2 8000', f'5 EHOSTUNREACH 2 11 0 0 {text4(router)} 10.9.0.1')
    g.wants('errq 2 0', 'EAGAIN')


@case
def a_parameter_problem_is_a_hard_error(g, p):
    udp_socket(g, 2)
    g.wants('connect 2 10.9.0.1 4451', '0')
    g.wants('text 2 hello', '5')
    d = p.expect(lambda q: q.proto == UDP and q.dport == 4451, what='a datagram')
    p.icmp_error(12, 0, d, b'\x14\0\0\0')
    g.wants('wait 2 ERR 8000', 'ERR')
    g.wants('recv 2 0', 'EPROTO')
    g.wants('opt 2 recverr 1', '0')
    g.wants('text 2 hello', '5')
    d = p.expect(lambda q: q.proto == UDP and q.dport == 4451, what='a datagram')
    p.icmp_error(12, 0, d, b'\x14\0\0\0', quote=33)
    g.wants('errq 2 8000', '5 EPROTO 2 12 0 20 10.9.0.1 10.9.0.1')


@case
def errors_reach_raw_sockets_that_want_them(g, p):
    g.wants('socket 2 raw', '0')
    g.wants('text 2 abcdefgh 10.9.0.1 0', '8')
    d = p.expect(lambda q: q.proto == ICMP and b'efgh' in q.l3, what='a packet')
    p.icmp_error(3, 1, d)
    p.drain()
    g.wants('errq 2 0', 'EAGAIN')
    g.wants('opt 2 recverr 1', '0')
    g.wants('text 2 abcdefgh 10.9.0.1 0', '8')
    d = p.expect(lambda q: q.proto == ICMP and b'efgh' in q.l3, what='a packet')
    p.icmp_error(3, 1, d, quote=28)
    g.wants('errq 2 8000', '8 EHOSTUNREACH 2 3 1 0 10.9.0.1 10.9.0.1')
    p.icmp_error(11, 0, d, quote=28)
    g.wants('errq 2 8000', '8 EHOSTUNREACH 2 11 0 0 10.9.0.1 10.9.0.1')
    # Others' packets are none of it, nor are fragments that some missed.
    p.icmp_error(11, 1, d, quote=28)
    p.icmp_error(3, 1, Packet(ethernet(GUEST_MAC, PEER_MAC, IP4, ipv4(GUEST, PEER, 222, b'abcdefgh'))))
    p.drain()
    g.wants('errq 2 0', 'EAGAIN')


@case
def a_connection_attempt_ends_when_the_way_is_too_long(g, p):
    g.wants('socket 2 tcp', '0')
    g.wants('connect 2 10.9.0.1 4452', 'EINPROGRESS')
    d = p.expect(lambda q: q.proto == 6 and q.dport == 4452, what='a SYN')
    p.icmp_error(11, 0, d)
    g.wants('wait 2 ERR 8000', 'ERR|HUP')
    g.wants('get 2 error', 'EHOSTUNREACH')


@case
def forged_icmp_errors_reach_nobody(g, p):
    udp_socket(g, 2)
    g.wants('connect 2 10.9.0.1 4445', '0')
    g.wants('text 2 hello', '5')
    d = p.expect(lambda q: q.proto == UDP and q.dport == 4445, what='a datagram')
    other = Packet(ethernet(GUEST_MAC, PEER_MAC, IP4, ipv4(GUEST, PEER, UDP, udp(GUEST, PEER, d.sport ^ 1, 4445, b'hello'))))
    p.icmp_error(3, 3, other)
    p.icmp_error(3, 3, d, quote=20)
    p.icmp_error(3, 3, d, quote=10)
    p.drain()
    g.wants('recv 2 0', 'EAGAIN')


@case
def udp_checksums_are_looked_at(g, p):
    port = udp_socket(g, 2)
    p.ip(UDP, udp(PEER, GUEST, 9, port, b'bad', csum=0x1234))
    p.ip(UDP, udp(PEER, GUEST, 9, port, b'none', csum=0))
    p.udp(9, port, b'good')
    g.wants('recv 2 8000', '4 ' + b'none'.hex())
    g.wants('recv 2 8000', '4 ' + b'good'.hex())


@case
def udp_lengths_that_do_not_fit_are_dropped(g, p):
    port = udp_socket(g, 2)
    for length in (0, 7, 40):
        p.ip(UDP, udp(PEER, GUEST, 9, port, b'abc', length=length, csum=0))
    p.ip(UDP, b'\0\1\2')
    p.udp(9, port, b'good')
    g.wants('recv 2 8000', '4 ' + b'good'.hex())


@case
def a_udp_length_shorter_than_the_packet_counts(g, p):
    port = udp_socket(g, 2)
    p.ip(UDP, udp(PEER, GUEST, 9, port, b'abcdef', length=11, csum=0))
    g.wants('recv 2 8000', '3 ' + b'abc'.hex())


@case
def datagrams_may_be_duplicated_and_reordered(g, p):
    port = udp_socket(g, 2)
    for d in (b'two', b'one', b'two'):
        p.udp(9, port, d)
    for d in (b'two', b'one', b'two'):
        g.wants('recv 2 8000', f'3 {d.hex()}')


# ---- fragments

def fragments(data, ident, cut=400, proto=UDP, dst=GUEST):
    return [ipv4(PEER, dst, proto, data[o:o + cut], ident=ident, offset=o, more=o + cut < len(data)) for o in range(0, len(data), cut)]


def whole(n, port):
    data = bytes((i * 7) & 0xff for i in range(n))
    return udp(PEER, GUEST, 9, port, data)


@case
def fragments_in_any_order_make_a_datagram(g, p):
    port = udp_socket(g, 2)
    for ident, order in ((1, None), (2, 'reverse'), (3, 'shuffle')):
        f = fragments(whole(3000, port), ident)
        if order == 'reverse':
            f.reverse()
        elif order:
            random.shuffle(f)
        for one in f:
            p.frame(IP4, one)
        g.wants('recv 2 8000', '3000')


@case
def fragments_twice_make_one_datagram(g, p):
    port = udp_socket(g, 2)
    f = fragments(whole(1600, port), 10)
    for one in (f[0], f[0], f[1], f[2], f[2], f[3], f[4]):
        p.frame(IP4, one)
    g.wants('recv 2 8000', '1600')
    g.wants('recv 2 0', 'EAGAIN')


@case
def a_missing_fragment_means_no_datagram(g, p):
    port = udp_socket(g, 2)
    f = fragments(whole(2000, port), 11)
    for one in f[:2] + f[3:]:
        p.frame(IP4, one)
    p.drain()
    g.wants('recv 2 0', 'EAGAIN')
    for one in fragments(whole(1500, port), 12):
        p.frame(IP4, one)
    g.wants('recv 2 8000', '1500')


@case
def overlapping_fragments_are_not_believed(g, p):
    port = udp_socket(g, 2)
    d = udp(PEER, GUEST, 9, port, bytes(1184))
    p.frame(IP4, ipv4(PEER, GUEST, UDP, d[:400], ident=13, more=True))
    p.frame(IP4, ipv4(PEER, GUEST, UDP, b'evil' * 50, ident=13, offset=296, more=True))
    p.frame(IP4, ipv4(PEER, GUEST, UDP, d[400:800], ident=13, offset=400, more=True))
    p.frame(IP4, ipv4(PEER, GUEST, UDP, d[800:], ident=13, offset=800))
    p.drain()
    got = g('check 2 0')
    need(got in ('EAGAIN', '1184 zeros'), got)


@case
def fragments_beyond_64_kib_are_dropped(g, p):
    udp_socket(g, 2)
    p.frame(IP4, ipv4(PEER, GUEST, ICMP, b'\0' * 1400, ident=14, offset=65528 - 400, more=False))
    p.frame(IP4, ipv4(PEER, GUEST, ICMP, icmp(8, 0, b'\x99\x99\0\1', b'y' * 1392), ident=14, offset=0, more=True))
    p.frame(IP4, ipv4(PEER, GUEST, ICMP, b'z' * 100, ident=15, offset=65528, more=False))
    p.silent(lambda q: q.icmp == 0 and q.data[:2] == b'\x99\x99', 'an answer')


@case
def large_datagrams_leave_in_fragments(g, p):
    udp_socket(g, 2)
    g.wants('connect 2 10.9.0.1 4446', '0')
    g('opt 2 mtudisc 0')
    g.wants('send 2 5000', '5000')
    parts = []
    while not parts or parts[-1].more:
        parts.append(p.expect(lambda q: q.ip == 4 and q.proto == UDP, what='a fragment'))
    need(len({q.ident for q in parts}) == 1, 'different identifiers')
    at = 0
    for q in parts:
        need(q.offset == at and q.length <= 1500 and q.header_ok, f'{q}')
        at += len(q.data) if q.offset else q.length - 20
    need(at == 5008, f'{at} bytes')


@case
def a_large_echo_comes_back_whole(g, p):
    e = icmp(8, 0, b'\x88\x88\0\1', bytes(i & 0xff for i in range(4000)))
    for one in fragments(e, 16, 1480, ICMP):
        p.frame(IP4, one)
    got = {}
    while sum(len(v) for v in got.values()) < len(e):
        q = p.expect(lambda q: q.ip == 4 and q.proto == ICMP and q.daddr == PEER, what='a fragment of the answer')
        got[q.offset] = q.l3[20:]
    need(b''.join(got[k] for k in sorted(got))[4:] == e[4:], 'not what was sent')


# ---- path MTU

@case
def frag_needed_makes_datagrams_smaller(g, p):
    udp_socket(g, 2)
    g.wants(f'connect 2 {text4(OTHERS[0])} 4447', '0')
    g.wants('opt 2 mtudisc 2', '0')
    g.wants('get 2 mtu', '1500')
    g.wants('send 2 1400', '1400')
    d = p.expect(lambda q: q.proto == UDP and q.dport == 4447, what='a datagram')
    need(d.df, 'may be fragmented')
    p.icmp_error(3, 4, d, struct.pack('!HH', 0, 1000))
    p.drain()
    g.wants('get 2 mtu', '1000')
    g('get 2 error')
    g.wants('send 2 1400', 'EMSGSIZE')
    g.wants('send 2 900', '900')


@case
def frag_needed_below_the_minimum_is_not_followed(g, p):
    udp_socket(g, 2)
    g.wants(f'connect 2 {text4(OTHERS[1])} 4448', '0')
    g.wants('opt 2 mtudisc 2', '0')
    g.wants('text 2 hello', '5')
    d = p.expect(lambda q: q.proto == UDP and q.dport == 4448, what='a datagram')
    p.icmp_error(3, 4, d, struct.pack('!HH', 0, 68))
    p.drain()
    need(int(g('get 2 mtu')) >= 552, 'a path of less than 552 bytes is believed')


# ---- groups

@case
def joining_a_group_is_reported(g, p):
    group = a4('239.1.2.3')
    udp_socket(g, 2)
    p.drain()
    g.wants('join 2 239.1.2.3', '0')
    r = p.expect(lambda q: q.proto == IGMP and (q.daddr == group or group in q.data), what='an IGMP report')
    need(r.data[0] in (0x16, 0x22) and r.ttl == 1, f'type {r.data[0]:#x}, ttl {r.ttl}')
    port = udp_socket(g, 3)
    g.wants('join 3 239.1.2.3', '0')
    p.frame(IP4, ipv4(PEER, group, UDP, udp(PEER, group, 9, port, b'group')), mac('01005e010203'))
    g.wants('recv 3 8000', '5 ' + b'group'.hex())


@case
def what_is_sent_to_a_group_is_heard_here(g, p):
    port = udp_socket(g, 2)
    g.wants('join 2 239.1.2.5', '0')
    udp_socket(g, 3)
    g.wants(f'text 3 hello 239.1.2.5 {port}', '5')
    p.expect(lambda q: q.proto == UDP and q.dport == port and q.ttl == 1, what='the datagram on the wire')
    g.wants('recv 2 8000', '5 ' + b'hello'.hex())
    # Only here; only there; and to a group of others, of whom none is here.
    g.wants('opt 3 mcttl 0', '0')
    g.wants(f'text 3 inside 239.1.2.5 {port}', '6')
    g.wants('recv 2 8000', '6 ' + b'inside'.hex())
    g.wants('opt 3 mcttl 3', '0')
    g.wants('opt 3 loop 0', '0')
    g.wants(f'text 3 outside 239.1.2.5 {port}', '7')
    d = p.expect(lambda q: q.proto == UDP and q.dport == port, what='the datagram on the wire')
    need(d.ttl == 3 and b'outside' in d.data, f'ttl {d.ttl}, {d.data}')
    g.wants('opt 3 loop 1', '0')
    g.wants(f'text 3 others 239.1.2.6 {port}', '6')
    p.udp(9, port, b'ok')
    g.wants('recv 2 8000', '2 ' + b'ok'.hex())


@case
def what_is_sent_to_everybody_is_heard_here(g, p):
    port = udp_socket(g, 2)
    udp_socket(g, 3)
    g.wants('opt 3 broadcast 1', '0')
    for to in ('10.9.0.255', '255.255.255.255'):
        g.wants(f'text 3 hello {to} {port}', '5')
        p.expect(lambda q: q.proto == UDP and q.dport == port, what='the datagram on the wire')
        g.wants('recv 2 8000', '5 ' + b'hello'.hex())


@case
def what_is_sent_to_an_ipv6_group_is_heard_here(g, p):
    port = udp_socket(g, 2, True)
    g.wants('join 2 ff02::1235', '0')
    udp_socket(g, 3, True)
    g.wants(f'text 3 hello ff02::1235 {port}', '5')
    p.expect(lambda q: q.proto == UDP and q.dport == port, what='the datagram on the wire')
    g.wants('recv 2 8000', '5 ' + b'hello'.hex())
    g.wants('opt 3 loop6 0', '0')
    g.wants(f'text 3 outside ff02::1235 {port}', '7')
    p.expect(lambda q: q.proto == UDP and q.dport == port, what='the datagram on the wire')
    p.udp(9, port, b'ok')
    g.wants('recv 2 8000', '2 ' + b'ok'.hex())


@case
def a_group_that_nobody_joined_is_not_heard(g, p):
    port = udp_socket(g, 2)
    group = a4('239.1.2.9')
    p.frame(IP4, ipv4(PEER, group, UDP, udp(PEER, group, 9, port, b'group')), mac('01005e010209'))
    p.udp(9, port, b'ok')
    g.wants('recv 2 8000', '2 ' + b'ok'.hex())


@case
def an_igmp_query_is_answered(g, p):
    group = a4('239.1.2.4')
    udp_socket(g, 2)
    g.wants('join 2 239.1.2.4', '0')
    p.expect(lambda q: q.proto == IGMP and (q.daddr == group or group in q.data), what='an IGMP report')
    p.drain()
    q = struct.pack('!BBH', 0x11, 10, 0) + group
    q = q[:2] + struct.pack('!H', checksum(q)) + q[4:]
    p.frame(IP4, ipv4(PEER, group, IGMP, q, ttl=1, options=b'\x94\4\0\0'), mac('01005e010204'))
    p.expect(lambda q: q.proto == IGMP and (q.daddr == group or group in q.data), what='an answer')


@case
def joining_an_ipv6_group_is_reported(g, p):
    group = a6('ff02::1234')
    g.wants('socket 2 udp6', '0')
    g.wants('join 2 ff02::1234', '0')
    r = p.expect(lambda q: q.icmp in (131, 143) and q.proto == ICMP6 and group in q.data, what='an MLD report')
    need(r.ttl == 1 and r.sum_ok, f'hop limit {r.ttl}')


# ---- IPv6

@case
def echo6_is_answered(g, p):
    p.ip6(ICMP6, icmp6(PEER6, GUEST6, 128, 0, b'\x12\x34\0\1' + b'abc' * 30))
    r = p.expect(lambda q: q.icmp == 129, what='an echo reply')
    need(r.sum_ok and r.data == b'\x12\x34\0\1' + b'abc' * 30 and r.daddr == PEER6 and r.ttl == 64, f'{r}')


@case
def echo6_with_a_wrong_checksum_is_not(g, p):
    p.ip6(ICMP6, icmp6(PEER6, GUEST6, 128, 0, b'\x99\x99\0\1abc', bad=True))
    p.silent(lambda q: q.icmp == 129, 'an answer')


@case
def neighbour_solicitations_are_answered(g, p):
    node = a6('ff02::1:ff00:0')[:13] + GUEST6[13:]
    body = bytes(4) + GUEST6 + b'\1\1' + PEER_MAC
    p.frame(IP6, ipv6(PEER6, node, ICMP6, icmp6(PEER6, node, 135, 0, body), hop=255), b'\x33\x33' + node[12:])
    a = p.expect(lambda q: q.icmp == 136, what='an advertisement')
    need(a.sum_ok and a.ttl == 255 and a.data[4:20] == GUEST6 and a.data[0] & 0x60 == 0x60 and GUEST_MAC in a.data, f'{a}')


@case
def neighbour_solicitations_from_afar_are_not(g, p):
    body = bytes(4) + GUEST6 + b'\1\1' + PEER_MAC
    p.ip6(ICMP6, icmp6(PEER6, GUEST6, 135, 0, body), hop=254)
    p.ip6(ICMP6, icmp6(PEER6, GUEST6, 135, 0, bytes(4) + GUEST6 + b'\1\0' + PEER_MAC), hop=255)
    p.ip6(ICMP6, icmp6(PEER6, GUEST6, 135, 0, bytes(4) + a6('ff02::1')), hop=255)
    p.silent(lambda q: q.icmp == 136, 'an advertisement')


@case
def two_datagrams_to_an_unresolved_ipv6_neighbour_leave_in_order(g, p):
    other, hw = a6('fe80::77'), mac('525400bb0077')
    g.wants('socket 2 udp6', '0')
    g.wants('text 2 first fe80::77 9', '5')
    g.wants('text 2 second fe80::77 9', '6')
    p.expect(lambda q: q.icmp == 135 and q.data[4:20] == other, what='a solicitation')
    p.neighbour_advertise(GUEST6, other, hw)
    got = [p.expect(lambda q: q.proto == UDP and q.daddr == other, what='a datagram') for _ in range(2)]
    need([q.data for q in got] == [b'first', b'second'] and got[0].dst == hw, f'{[q.data for q in got]}')


@case
def udp6_to_a_closed_port_is_answered_by_icmp6(g, p):
    p.udp(777, 999, b'nobody', six=True)
    e = p.expect(lambda q: q.proto == ICMP6 and q.icmp == 1, what='port unreachable')
    need(e.code == 4 and e.sum_ok, f'{e}')


@case
def udp6_without_a_checksum_is_dropped(g, p):
    port = udp_socket(g, 2, six=True)
    p.ip6(UDP, udp(PEER6, GUEST6, 9, port, b'none', csum=0))
    p.udp(9, port, b'good', six=True)
    g.wants('recv 2 8000', '4 ' + b'good'.hex())


@case
def ipv6_fragments_make_a_datagram(g, p):
    port = udp_socket(g, 2, six=True)
    d = udp(PEER6, GUEST6, 9, port, bytes(3000))
    parts = [(o, d[o:o + 1000]) for o in range(0, len(d), 1000)]
    for o, data in (parts[2], parts[0], parts[3], parts[1]):
        p.ip6(44, fragment6(UDP, o, o + 1000 < len(d), 77) + data)
    g.wants('recv 2 8000', '3000')


@case
def overlapping_ipv6_fragments_are_not_believed(g, p):
    port = udp_socket(g, 2, six=True)
    g.wants('connect 2 fe80::1 9', '0')
    d = udp(PEER6, GUEST6, 9, port, bytes(1984))
    p.ip6(44, fragment6(UDP, 0, 1, 78) + d[:1000])
    p.ip6(44, fragment6(UDP, 800, 1, 78) + b'e' * 400)
    p.ip6(44, fragment6(UDP, 1000, 0, 78) + d[1000:])
    p.drain()
    got = g('check 2 0')
    need(got in ('EAGAIN', '1984 zeros'), f'{got}')     # RFC 5722 says: drop it all; what must not be is the overlapping data


@case
def broken_ipv6_is_dropped(g, p):
    e = icmp6(PEER6, GUEST6, 128, 0, b'\x99\x99\0\1abcd')
    p.ip6(ICMP6, e, length=2000)
    p.frame(IP6, ipv6(PEER6, GUEST6, ICMP6, e)[:30])
    p.frame(IP6, b'\x50' + ipv6(PEER6, GUEST6, ICMP6, e)[1:])
    p.ip6(0, b'\x3a\xff' + bytes(6) + e)        # a hop-by-hop header longer than the packet
    p.ip6(43, b'\x3a\7\0\1' + e)                # a routing header that is cut
    p.ip6(44, b'\x3a')
    p.ip6(ICMP6, e, src=a6('ff02::1'))
    p.silent(lambda q: q.icmp == 129 and q.data[:2] == b'\x99\x99', 'an answer')


@case
def a_router_advertisement_gives_an_address(g, p):
    prefix = a6('fd00:9::')
    pio = struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 86400, 14400, 0) + prefix
    ra = struct.pack('!BBHII', 64, 0, 600, 0, 0) + b'\1\1' + PEER_MAC + pio
    every = a6('ff02::1')
    p.frame(IP6, ipv6(PEER6, every, ICMP6, icmp6(PEER6, every, 134, 0, ra), hop=255), mac('333300000001'))
    mine = prefix[:8] + GUEST6[8:]
    p.expect(lambda q: q.icmp == 135 and q.saddr == bytes(16) and q.data[4:20] == mine, what='the search for duplicates')
    for _ in range(40):     # it is not used until that is over: a second and a bit
        p.ip6(ICMP6, icmp6(PEER6, mine, 128, 0, b'\x77\x77\0\1abc'), dst=mine)
        try:
            r = p.expect(lambda q: q.icmp == 129 and q.saddr == mine, 0.2)
            break
        except Failure:
            continue
    else:
        raise Failure('the address is not used')
    need(r.daddr == PEER6 and r.sum_ok, f'{r}')


@case
def router_advertisements_from_afar_are_ignored(g, p):
    prefix = a6('fd00:bad::')
    pio = struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 86400, 14400, 0) + prefix
    ra = struct.pack('!BBHII', 64, 0, 600, 0, 0) + pio
    every = a6('ff02::1')
    for src, hop in ((PEER6, 64), (a6('fd00::1'), 255)):
        p.frame(IP6, ipv6(src, every, ICMP6, icmp6(src, every, 134, 0, ra), hop=hop), mac('333300000001'))
    p.silent(lambda q: q.icmp == 135 and q.data[4:12] == prefix[:8], 'an address is made of it')
