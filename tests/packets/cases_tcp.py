# SPDX-License-Identifier: MIT
"""TCP: connections, data, loss, windows, ends, and what an attacker sends."""
import random
import struct
import time

from peer import *
from suite import case, fresh_port, listener


def connected(g, p, slot=2, **more):
    """A connection that the peer made."""
    return Tcp(p, listener(g), **more).open(0, slot)


def connecting(g, p, slot=2, **more):
    """The guest has sent its SYN."""
    return Tcp(p, fresh_port(), **more).opened(slot)


FULL = dict(ts=True, sack=True, ws=7)


# ---- connections

@case
def a_listener_answers_with_the_options_that_were_offered(g, p):
    t = Tcp(p, listener(g), **FULL)
    t.open(0, 2)
    o = t.syn.options
    need(o.get('mss') == 1460 and 'scale' in o and 'stamp' in o and 'sack_ok' in o, f'{o}')
    need(o['stamp'][1] == 1000, f'echoes {o["stamp"]}')
    t.drop()


@case
def a_listener_offers_nothing_that_was_not_offered(g, p):
    t = connected(g, p, mss=None)
    o = t.syn.options
    need(not {'scale', 'stamp', 'sack_ok'} & set(o), f'{o}')
    t.drop()


@case
def a_connection_over_ipv6(g, p):
    t = Tcp(p, listener(g, six=True), six=True, **FULL).open(0, 2)
    t.give(3000 // 3)
    t.read(1000)
    g.wants('send 2 5000', '5000')
    t.take(5000)
    t.drop()


@case
def a_repeated_syn_is_answered_again(g, p):
    t = Tcp(p, listener(g))
    for _ in range(2):
        t.send(SYN, options=t.syn_options())
        syn = t.expect(lambda s: s.flags & SYN, what='SYN and ACK')
    t.accept_syn(syn)
    t.seq += 1
    t.send(ACK)
    g.wants('accept 0 2 8000', '0')
    t.slot = 2
    t.drop()


@case
def an_unanswered_syn_ack_is_sent_again(g, p):
    t = Tcp(p, listener(g))
    t.send(SYN, options=t.syn_options())
    one = t.expect(lambda s: s.flags & SYN, what='SYN and ACK')
    two = t.expect(lambda s: s.flags & SYN, what='SYN and ACK once more')
    need(one.seq == two.seq and one.ack == two.ack, 'not the same')
    t.seq += 1
    t.ack = one.seq + 1
    t.send(RST)


@case
def a_closed_port_resets(g, p):
    t = Tcp(p, fresh_port())
    t.send(SYN, options=t.syn_options())
    r = t.expect(what='a reset')
    need(r.flags == RST | ACK and r.seq == 0 and r.ack == t.seq + 1 & 0xffffffff and r.ttl == 64, f'{r}')
    t.send(ACK, b'data', ack=12345)
    r = t.expect(what='a reset')
    need(r.flags == RST and r.seq == 12345, f'{r}')


@case
def resets_to_a_closed_port_are_not_answered(g, p):
    t = Tcp(p, fresh_port())
    t.send(RST)
    t.send(RST | ACK, ack=5)
    t.silent()


@case
def odd_flags_to_a_listener(g, p):
    t = Tcp(p, listener(g))
    t.send(RST)
    t.send(0)
    t.send(FIN)
    t.silent()
    t.send(ACK, ack=77)
    r = t.expect(what='a reset')
    need(r.flags == RST and r.seq == 77, f'{r}')


@case
def a_wrong_third_segment_is_reset(g, p):
    t = Tcp(p, listener(g))
    t.send(SYN, options=t.syn_options())
    syn = t.expect(lambda s: s.flags & SYN, what='SYN and ACK')
    t.seq += 1
    t.send(ACK, ack=syn.seq + 1000)
    r = t.expect(lambda s: s.flags & RST, what='a reset')
    need(r.seq == syn.seq + 1000 & 0xffffffff, f'{r}')
    g.wants('accept 0 2 0', 'EAGAIN')
    t.send(RST, ack=0)


@case
def a_guest_that_connects(g, p):
    t = connecting(g, p, **FULL)
    o = t.syn.options
    need(o.get('mss') == 1460 and 'scale' in o and 'stamp' in o and 'sack_ok' in o, f'{o}')
    need(t.syn.ack == 0 and not t.syn.data, 'not a plain SYN')
    t.finish()
    t.drop()


@case
def an_unanswered_syn_is_sent_again(g, p):
    t = connecting(g, p)
    again = p.expect(lambda q: q.flags == SYN and q.sport == t.gport, what='another SYN')
    need(again.seq == t.syn.seq, 'another sequence number')
    t.finish()
    t.drop()


@case
def a_refused_connection(g, p):
    t = connecting(g, p)
    t.send(RST | ACK, seq=0, ack=t.syn.seq + 1)
    g.wants('wait 2 OUT 8000', 'OUT|ERR|HUP')
    g.wants('get 2 error', 'ECONNREFUSED')


@case
def a_reset_that_does_not_acknowledge_the_syn_is_ignored(g, p):
    t = connecting(g, p)
    t.send(RST, seq=0)
    t.send(RST | ACK, seq=0, ack=t.syn.seq)
    t.send(RST | ACK, seq=0, ack=t.syn.seq + 2)
    p.drain()
    t.finish()
    t.drop()


@case
def a_wrong_ack_of_the_syn_is_reset(g, p):
    t = connecting(g, p)
    t.send(SYN | ACK, ack=t.syn.seq + 1000, options=t.syn_options(t.syn.options))
    r = t.expect(lambda s: s.flags & RST, what='a reset')
    need(r.seq == t.syn.seq + 1000 & 0xffffffff, f'{r}')
    p.drain()
    t.finish()
    t.drop()


@case
def icmp_ends_a_connection_attempt(g, p):
    for kind, code, error in ((3, 3, 'ECONNREFUSED'), (3, 1, 'EHOSTUNREACH')):
        t = connecting(g, p)
        p.icmp_error(kind, code, t.syn)
        need('ERR' in g('wait 2 OUT 8000'), 'poll() does not tell')
        g.wants('get 2 error', error)
        g('close 2')


@case
def icmp_does_not_end_a_connection(g, p):
    t = connected(g, p)
    g.wants('send 2 100', '100')
    s = t.take(100)[0]
    for code in (1, 2, 3, 10):
        p.icmp_error(3, code, s)
    p.drain()
    t.give(10)
    t.read(10)
    t.drop()


@case
def simultaneous_open(g, p):
    t = connecting(g, p)
    t.send(SYN, ack=0, options=t.syn_options())
    both = t.expect(lambda s: s.flags & SYN and s.flags & ACK, what='SYN and ACK')
    need(both.seq == t.syn.seq and both.ack == t.seq + 1 & 0xffffffff, f'{both}')
    t.accept_syn(t.syn)
    t.send(SYN | ACK, options=t.syn_options())
    t.seq += 1
    t.send(ACK)
    g.wants('wait 2 OUT 8000', 'OUT')
    t.give(10)
    t.read(10)
    t.drop()


# ---- data

@case
def data_both_ways(g, p):
    t = connected(g, p, **FULL)
    for n in (1, 100, 1448):
        t.give(n)
        t.read(n)
    g.wants('send 2 20000', '20000')
    need(all(len(s.data) <= 1460 for s in t.take(20000)), 'a segment of more than the MSS')
    t.drop()


@case
def an_acknowledgement_does_not_wait_long(g, p):
    t = connected(g, p)
    began = time.monotonic()
    t.give(100)
    need(time.monotonic() - began < 0.5 * SLOW + 0.3, 'more than half a second')
    t.read(100)
    t.drop()


@case
def the_peers_mss_is_kept_to(g, p):
    t = connected(g, p, mss=536)
    g.wants('send 2 5000', '5000')
    sizes = [len(s.data) for s in t.take(5000)]
    need(max(sizes) == 536, f'{sizes}')
    t.drop()


@case
def without_an_mss_option_536_is_kept_to(g, p):
    t = connected(g, p, mss=None)
    g.wants('send 2 5000', '5000')
    sizes = [len(s.data) for s in t.take(5000)]
    need(max(sizes) <= 536, f'{sizes}')
    t.drop()


@case
def segments_in_the_wrong_order(g, p):
    t = connected(g, p, sack=True)
    first, second, third = (pattern(at, 100) for at in (0, 100, 200))
    t.send(ACK, third, seq=t.seq + 200)
    d = t.expect(what='a duplicate acknowledgement')
    need(d.ack == t.seq and d.options.get('sack') == [(t.seq + 200 & 0xffffffff, t.seq + 300 & 0xffffffff)], f'{d}')
    t.send(ACK, second, seq=t.seq + 100)
    d = t.expect(what='a duplicate acknowledgement')
    need(d.ack == t.seq and d.options.get('sack') == [(t.seq + 100 & 0xffffffff, t.seq + 300 & 0xffffffff)], f'{d}')
    t.send(ACK, first)
    t.seq += 300
    t.acked()
    t.read(300)
    t.drop()


@case
def random_order_and_duplicates(g, p):
    t = connected(g, p, **FULL)
    parts = [(at, 500) for at in range(0, 10000, 500)]
    order = parts + random.sample(parts, 8)
    random.shuffle(order)
    for at, n in order:
        t.send(ACK, pattern(at, n), seq=t.seq + at)
    t.seq = t.seq + 10000 & 0xffffffff
    t.acked()
    t.read(10000)
    t.drop()


@case
def a_repeated_segment_is_acknowledged_and_not_read_twice(g, p):
    t = connected(g, p)
    old = t.seq
    t.give(100)
    t.send(ACK, pattern(0, 100), seq=old)
    t.acked()
    t.give(50)
    t.read(150)
    g.wants('read 2 1 0', '0')
    t.drop()


@case
def overlapping_segments(g, p):
    t = connected(g, p)
    t.send(ACK, pattern(0, 300))
    t.send(ACK, pattern(100, 300), seq=t.seq + 100)
    t.send(ACK, pattern(500, 200), seq=t.seq + 500)
    t.send(ACK, pattern(450, 100), seq=t.seq + 450)
    t.send(ACK, pattern(380, 400), seq=t.seq + 380)
    t.seq = t.seq + 780 & 0xffffffff
    t.acked()
    t.read(780)
    t.drop()


@case
def a_wrong_checksum_is_not_data(g, p):
    t = connected(g, p)
    t.send(ACK, b'\xee' * 100, bad=True)
    t.silent('an acknowledgement', lambda s: s.ack != t.seq)
    t.give(100)
    t.read(100)
    t.drop()


@case
def data_outside_the_window_is_answered_and_ignored(g, p):
    t = connected(g, p)
    for seq in (t.seq + 0x40000000, t.seq - 5000):
        t.send(ACK, b'\xee' * 100, seq=seq)
        a = t.expect(what='an acknowledgement')
        need(a.flags & ACK and a.ack == t.seq and not a.flags & RST, f'{a}')
    t.give(100)
    t.read(100)
    t.drop()


@case
def an_acknowledgement_of_what_was_not_sent_changes_nothing(g, p):
    t = connected(g, p)
    t.send(ACK, b'', ack=t.ack + 100000)
    t.send(ACK, b'', ack=t.ack - 100000)
    p.drain()
    g.wants('send 2 100', '100')
    t.take(100)
    t.drop()


@case
def odd_tcp_options_do_no_harm(g, p):
    port = listener(g)
    for o in (b'\2\4', b'\2\0\5\xb4', b'\2\1\5\xb4', b'\xfe\4\1\2', b'\xff\xff\xff\xff', b'\3\3\xff\0', b'\1' * 40, b'\2\x28' + b'\0' * 38,
              b'\5\x0a' + b'\0' * 8, b'\2\4\0\0'):
        t = Tcp(p, port)
        t.send(SYN, options=o)
        t.expect(lambda s: s.flags & (SYN | RST), what='an answer')
        t.send(RST, seq=t.seq + 1, options=b'')
    for off in (0, 4, 15):
        Tcp(p, port).send(SYN, offset=off)
    t = Tcp(p, port).open(0, 2)
    t.send(ACK, pattern(0, 10), options=b'\x08\x0a\1')
    t.seq += 10
    t.drop()


@case
def old_time_stamps_are_refused(g, p):
    t = connected(g, p, **FULL)
    t.give(100)
    t.send(ACK, b'\xee' * 100, options=stamp(t.clock - 500, t.echo))
    a = t.expect(what='an acknowledgement')
    need(a.ack == t.seq, f'{a}')
    t.read(100)
    g.wants('read 2 1 0', '0')
    t.drop()


# ---- loss

def settled(g, t):
    """So much data that the guest knows how long a round trip takes."""
    for _ in range(10):
        g.wants('send 2 1000', '1000')
        t.take(1000)


@case
def a_lost_segment_is_sent_again_soon(g, p):
    t = connected(g, p, **FULL)
    settled(g, t)
    g.wants('send 2 500', '500')
    one = t.expect(lambda s: s.data, what='data')
    again = t.expect(lambda s: s.data, what='the same again')
    need(again.seq == one.seq, 'other data')
    need(again.time - one.time < 1.0 * SLOW, f'after {again.time - one.time:.2f} s')
    t.send(ACK, ack=one.seq + 500)
    t.drop()


@case
def the_time_between_repetitions_grows(g, p):
    for _ in range(4):          # a host that is busy adds to any of them
        t = connected(g, p, **FULL)
        settled(g, t)
        g.wants('send 2 500', '500')
        s = [t.expect(lambda s: s.data, what='data') for _ in range(4)]
        gaps = [b.time - a.time for a, b in zip(s, s[1:])]
        t.drop()
        g('closeall')
        if gaps[2] > gaps[1] * 1.3 and gaps[2] > gaps[0] * 1.7:
            return
    raise Failure(f'{gaps}')


@case
def three_duplicate_acknowledgements_bring_it_at_once(g, p):
    t = connected(g, p, sack=True, ws=7, mss=1000)
    for _ in range(6):
        g.wants('send 2 4000', '4000')
        t.take(4000)
    g.wants('send 2 8000', '8000')
    got = [t.expect(lambda s: s.data, what='data') for _ in range(6)]
    lost, ack = got[0], t.ack
    began = time.monotonic()
    for s in got[1:5]:
        end = s.seq + len(s.data) & 0xffffffff
        t.send(ACK, ack=ack, options=b'\1\1\5\x0a' + struct.pack('!II', got[1].seq, end))
    again = t.expect(lambda s: s.seq == lost.seq and s.data, what='the lost segment')
    need(again.time - began < 0.15 * SLOW, f'after {again.time - began:.3f} s')
    t.drop()


@case
def a_lost_tail_is_repaired(g, p):
    t = connected(g, p, **FULL)
    settled(g, t)
    g.wants('send 2 3000', '3000')
    first = t.expect(lambda s: s.data and s.seq == t.ack, what='data')
    t.ack = t.ack + len(first.data) & 0xffffffff
    t.into += len(first.data)
    t.send(ACK)
    p.drain()       # the rest is lost
    t.take(3000 - len(first.data))
    t.drop()


@case
def a_third_of_all_segments_lost(g, p):
    t = connected(g, p, **FULL)
    settled(g, t)
    want = t.ack + 40000 & 0xffffffff
    g.wants('send 2 40000', '40000')
    held = {}
    while t.ack != want:
        s = t.expect(lambda s: s.data, what='data')
        if random.random() < 0.33:
            continue
        held[s.seq] = s.data
        while t.ack in held:
            t.ack = t.ack + len(held[t.ack]) & 0xffffffff
        after = sorted((k, k + len(v) & 0xffffffff) for k, v in held.items() if (k - t.ack & 0xffffffff) < 1 << 30 and k != t.ack)[:2]
        sack = b''.join(struct.pack('!II', *r) for r in after)
        t.send(ACK, options=stamp(t.clock, t.echo) + (b'\1\1\5' + bytes([2 + len(sack)]) + sack if sack else b''))
    t.drop()


@case
def lost_data_of_the_peer_is_waited_for(g, p):
    t = connected(g, p, **FULL)
    t.send(ACK, pattern(100, 100), seq=t.seq + 100)
    p.drain()
    g.wants('read 2 1 0', '0')
    t.send(ACK, pattern(0, 100))
    t.seq = t.seq + 200 & 0xffffffff
    t.acked()
    t.read(200)
    t.drop()


# ---- selective acknowledgements

def told(t, ack, *ranges, dsack=()):
    """An acknowledgement up to segment @ack that says which others of 1000 bytes have come, as ranges of their numbers."""
    edges = list(dsack) + [(t.base + a * 1000, t.base + b * 1000) for a, b in ranges]
    o = b'\1\1\5' + bytes([2 + 8 * len(edges)]) + b''.join(struct.pack('!II', a & 0xffffffff, b & 0xffffffff) for a, b in edges)
    t.send(ACK, ack=t.base + ack * 1000, options=o if edges else b'')


def in_flight(g, p, n, src=PEER):
    """A connection whose window has room for @n segments of 1000 bytes, which are on their way. Linux remembers losses of each @src."""
    t = connected(g, p, sack=True, ws=7, mss=1000, src=src)
    for _ in range(20):
        g.wants('send 2 4000', '4000')
        t.take(4000)
        t.base = t.ack
        g.wants(f'send 2 {n * 1000}', str(n * 1000))
        sent = answer(g, p, t)
        if set(range(n)) <= set(sent):
            return t
        # It took something for a loss, as the host was slow: the window is smaller now.
        t.ack, t.into = t.ack + 1000 * len(set(sent)) & 0xffffffff, t.into + 1000 * len(set(sent))
        t.send(ACK)
        t.take((n - len(set(sent))) * 1000)
    raise Failure('the window stays small')


def numbers(t, packets):
    """Which segments of 1000 bytes these are."""
    return [(s.seq - t.base & 0xffffffff) // 1000 for s in packets if t.mine(s) and s.data]


def answer(g, p, t):
    """The segments that come for what was sent so far: all of them, once a system call has had to wait for the stack."""
    first = p.drain()
    g(f'get {t.slot} state')
    return numbers(t, first + p.drain())


def finished(g, t, n):
    """Nothing that happened matters: everything is acknowledged, and data goes on."""
    t.ack = t.base + n * 1000 & 0xffffffff
    t.into += n * 1000
    t.send(ACK)
    g.wants('send 2 3000', '3000')
    t.take(3000)
    t.give(100)
    t.read(100)
    t.drop()


@case
def several_losses_are_repaired_in_one_round_trip(g, p):
    t = in_flight(g, p, 10)
    for ranges in ([(1, 2)], [(3, 4), (1, 2)], [(5, 6), (3, 4), (1, 2)], [(5, 7), (3, 4), (1, 2)], [(5, 8), (3, 4), (1, 2)],
                   [(5, 9), (3, 4), (1, 2)], [(5, 10), (3, 4), (1, 2)]):
        told(t, 0, *ranges)
    again = answer(g, p, t)
    need(again == [0, 2, 4], f'{again}')
    finished(g, t, 10)


@case
def what_was_told_to_have_come_is_not_sent_again(g, p):
    t = in_flight(g, p, 10, OTHERS[4])
    for n in range(3, 10):
        told(t, 1, (2, n + 1))
    need(answer(g, p, t) == [1], 'more than what was lost')
    told(t, 10)                     # the answer to it
    need(answer(g, p, t) == [], 'something more')
    finished(g, t, 10)


@case
def a_hole_that_is_told_late_is_filled_with_the_next_acknowledgement(g, p):
    t = in_flight(g, p, 10, OTHERS[5])
    for n in range(1, 6):
        told(t, 0, (1, n + 1))
    need(answer(g, p, t) == [0], 'not the first one')
    told(t, 6, (7, 10))
    need(answer(g, p, t) == [6], 'not the second one')
    finished(g, t, 10)


@case
def what_is_lost_a_second_time_is_missed(g, p):
    t = in_flight(g, p, 8, OTHERS[6])
    for n in range(1, 8):
        told(t, 0, (1, n + 1))
    need(answer(g, p, t) == [0], 'not the first one')
    g.wants('send 2 3000', '3000')
    for n in range(8, 11):
        t.expect(lambda s: s.data and s.seq == t.base + n * 1000 & 0xffffffff, what='what is new')
    for n in range(8, 11):
        told(t, 0, (1, n + 1))
    need(answer(g, p, t) == [0], 'not the first one once more')
    finished(g, t, 11)


@case
def blocks_that_cannot_be_are_ignored(g, p):
    t = in_flight(g, p, 6)
    b, far = t.base, 1 << 30
    for edges in ([(b + 20000, b + 21000)], [(b + 2000, b + 1000)], [(b - 3000, b - 2000)], [(b - 1000, b + 1000)], [(b + 5000, b + far)],
                  [(b + far, b + far + 1000)], [(b + 1000, b + 1000)], [(b, b + 6000)], [(b - far, b + far)]):
        told(t, 0, dsack=edges)
    for o in (b'\5\2\1\1', b'\5\0\1\1', b'\5\x0a\1\1', b'\1\1\5\xff' + b'\xff' * 8, b'\5\x28' + b'\xff' * 38, b'\5\7' + b'\xff' * 6):
        t.send(ACK, ack=t.base, options=o)
    p.drain()
    told(t, 3, dsack=[(b, b + 1000)])       # a duplicate came: nothing else
    g.wants('send 2 1000', '1000')          # all that was marked as come, wrongly, would be missing
    t.ack = t.base + 3000 & 0xffffffff
    t.into += 3000
    t.take(4000)
    t.drop()


@case
def data_that_the_peer_had_and_threw_away_is_sent_again(g, p):
    t = in_flight(g, p, 6)
    for n in range(1, 6):
        told(t, 0, (1, n + 1))
    need(answer(g, p, t) == [0], 'not the first one')
    t.ack = t.base + 1000 & 0xffffffff
    t.into += 1000
    t.send(ACK)                             # and nothing else is there any more
    t.take(5000)
    t.drop()


@case
def a_time_out_sends_everything_that_is_not_told_again(g, p):
    t = in_flight(g, p, 6)
    t.expect(lambda s: s.data and s.seq == t.base, what='the first one again')
    told(t, 1, (2, 5))
    again = []
    while not {1, 5} <= set(again):
        again += numbers(t, [t.expect(lambda s: s.data, what='what is missing')])
        if 1 in again:
            told(t, 6 if 5 in again else 5)
    need(set(again) <= {1, 5}, f'{again}')
    finished(g, t, 6)


@case
def random_losses_with_selective_acknowledgements(g, p):
    t = connected(g, p, **FULL)
    settled(g, t)
    want = t.ack + 60000 & 0xffffffff
    g.wants('send 2 60000', '60000')
    held, last = {}, None
    while t.ack != want:
        s = t.expect(lambda s: s.data, what='data')
        if random.random() < 0.2:
            continue
        held[s.seq] = s.data
        last = s.seq
        while t.ack in held:
            t.ack = t.ack + len(held[t.ack]) & 0xffffffff
        runs = []
        for k in sorted((k for k in held if 0 < (k - t.ack & 0xffffffff) < 1 << 30), key=lambda k: k - t.ack & 0xffffffff):
            e = k + len(held[k]) & 0xffffffff
            if runs and runs[-1][1] == k:
                runs[-1][1] = e
            else:
                runs.append([k, e])
        runs.sort(key=lambda r: not (r[0] - t.ack & 0xffffffff) <= (last - t.ack & 0xffffffff) < (r[1] - t.ack & 0xffffffff))
        sack = b''.join(struct.pack('!II', *r) for r in runs[:3])
        t.send(ACK, options=stamp(t.clock, t.echo) + (b'\1\1\5' + bytes([2 + len(sack)]) + sack if sack else b''))
    t.drop()


@case
def lies_about_what_has_come_end_with_the_truth(g, p):
    t = connected(g, p, **FULL)
    settled(g, t)
    want = t.ack + 60000 & 0xffffffff
    g.wants('send 2 60000', '60000')
    held, edges, lies = {}, [], 60
    while t.ack != want:
        s = t.expect(lambda s: s.data, what='data')
        edges += [s.seq, s.seq + len(s.data)]
        if random.random() > 0.1:
            held[s.seq] = s.data
        while t.ack in held:
            t.ack = t.ack + len(held[t.ack]) & 0xffffffff
        o = stamp(t.clock, t.echo)
        if lies and random.random() < 0.6:
            lies -= 1
            some = [random.choice(edges + [t.ack + random.randrange(-3000, 70000), random.getrandbits(32)]) & 0xffffffff for _ in range(6)]
            pairs = [sorted(some[k:k + 2]) if random.random() < 0.8 else some[k:k + 2] for k in (0, 2, 4)][:random.randrange(1, 4)]
            o += b'\1\1\5' + bytes([2 + 8 * len(pairs)]) + b''.join(struct.pack('!II', *b) for b in pairs)
        t.send(ACK, options=o)
    t.into = 0
    t.give(100)
    t.read(100)
    t.drop()


# ---- windows

@case
def a_closed_window_stops_the_guest_and_is_probed(g, p):
    t = connected(g, p, window=2920)
    g.wants('send 2 10920', '10920')
    t.take(2920, ack=False)
    t.send(ACK, window=0)
    t.window = 0
    p.drain()
    probe = t.expect(lambda s: s.flags & ACK, what='a probe')
    need(len(probe.data) <= 1 and probe.seq in (t.ack, t.ack - 1 & 0xffffffff), f'{probe}')
    if len(probe.data) == 0 or probe.seq != t.ack:
        t.send(ACK, window=0)
    t.window = 20000
    t.send(ACK)
    t.take(8000)
    t.drop()


@case
def a_lost_window_update_is_found_by_a_probe(g, p):
    t = connected(g, p, window=1460)
    g.wants('send 2 3460', '3460')
    t.take(1460, ack=False)
    t.send(ACK, window=0)
    p.drain()
    t.expect(lambda s: s.flags & ACK and s.seq in (t.ack, t.ack - 1 & 0xffffffff), what='a probe')
    t.window = 30000
    t.send(ACK)         # the answer to the probe says what the lost update said
    t.take(2000)
    t.drop()


@case
def a_reader_that_does_not_read_closes_the_window(g, p):
    g.wants('socket 0 tcp', '0')
    port = fresh_port()
    g('opt 0 rcvbuf 8192')
    g.wants(f'bind 0 0.0.0.0 {port}', '0')
    g.wants('listen 0 4', '0')
    t = Tcp(p, port).open(0, 2)
    total = 0
    window = t.syn.window
    while window >= 500 and total < 200000:
        t.send(ACK, pattern(total, 500))
        t.seq, total = t.seq + 500 & 0xffffffff, total + 500
        window = t.acked().window
    need(total < 200000, 'the window never closes')
    g.wants(f'read 2 {total} 8000', str(total))
    u = t.expect(lambda s: s.window >= 1000 and s.ack == t.seq, what='a window update')
    need(not u.data, f'{u}')
    t.out = total
    t.give(500)
    t.drop()


@case
def data_beyond_the_window_is_cut_or_dropped(g, p):
    t = connected(g, p)
    w = t.syn.window
    t.send(ACK, b'\xee' * 100, seq=t.seq + w + 10)
    a = t.expect(what='an acknowledgement')
    need(a.ack == t.seq, f'{a}')
    t.give(100)
    t.read(100)
    t.drop()


@case
def a_scaled_window_is_used(g, p):
    t = connected(g, p, ws=4, window=0x1000)     # 64 KiB
    g.wants('send 2 50000', '50000')
    t.take(50000)
    need(t.shift > 0, 'the guest does not scale')
    t.drop()


@case
def small_writes_wait_for_the_acknowledgement(g, p):
    t = connected(g, p)
    for _ in range(3):
        g.wants('send 2 10', '10')
    first = t.expect(lambda s: s.data, what='data')
    need(len(first.data) == 10, f'{first}')
    t.silent('it does not wait', lambda s: s.data and s.seq != first.seq)
    t.ack += 10
    t.into = 10
    t.send(ACK)
    need(len(t.take(20)) == 1, 'not one segment')
    t.drop()


@case
def nodelay_does_not_wait(g, p):
    t = connected(g, p)
    g.wants('opt 2 nodelay 1', '0')
    for _ in range(3):
        g.wants('send 2 10', '10')
    t.take(10, ack=False)
    t.take(10, ack=False)
    t.take(10)
    t.drop()


# ---- ends

@case
def the_peer_closes_first(g, p):
    t = connected(g, p)
    t.send(FIN | ACK, pattern(0, 50))
    t.seq = t.seq + 51 & 0xffffffff
    t.acked()
    g.wants('read 2 100 8000', '50 eof')
    g.wants('close 2', '0')
    f = t.expect(lambda s: s.flags & FIN, what='FIN')
    t.send(ACK, ack=f.seq + 1)
    p.drain()
    t.send(ACK, ack=f.seq + 1)
    need(t.expect(what='a reset').flags & RST, 'the connection is still there')


@case
def the_guest_closes_first(g, p):
    t = connected(g, p)
    g.wants('close 2', '0')
    f = t.expect(lambda s: s.flags & FIN, what='FIN')
    t.ack = f.seq + 1
    t.send(ACK)
    p.drain()
    t.send(FIN | ACK)
    t.seq += 1
    t.acked()
    t.send(FIN | ACK, seq=t.seq - 1)      # our acknowledgement was lost: once more
    t.acked()


@case
def a_lost_fin_is_sent_again(g, p):
    t = connected(g, p)
    g.wants('close 2', '0')
    one = t.expect(lambda s: s.flags & FIN, what='FIN')
    two = t.expect(lambda s: s.flags & FIN, what='FIN once more')
    need(one.seq == two.seq, 'not the same')
    t.ack = one.seq + 1
    t.send(FIN | ACK)
    t.seq += 1
    t.acked()


@case
def simultaneous_close(g, p):
    t = connected(g, p)
    g.wants('shut 2 1', '0')
    f = t.expect(lambda s: s.flags & FIN, what='FIN')
    t.send(FIN | ACK, ack=f.seq)           # ours does not acknowledge theirs
    t.seq += 1
    t.acked()
    t.send(ACK, ack=f.seq + 1)
    g.wants('read 2 1 8000', '0 eof')
    p.drain()
    g('close 2')
    t.send(FIN | ACK, seq=t.seq - 1, ack=f.seq + 1)
    t.acked()


@case
def half_closed_the_other_half_goes_on(g, p):
    t = connected(g, p)
    g.wants('shut 2 1', '0')
    f = t.expect(lambda s: s.flags & FIN, what='FIN')
    t.ack = f.seq + 1
    t.send(ACK)
    for _ in range(3):
        t.give(200)
    t.read(600)
    t.send(FIN | ACK)
    t.seq += 1
    t.acked()
    g.wants('read 2 1 8000', '0 eof')


@case
def the_peers_half_closed_end_still_takes_data(g, p):
    t = connected(g, p)
    t.send(FIN | ACK)
    t.seq += 1
    t.acked()
    g.wants('read 2 1 8000', '0 eof')
    g.wants('send 2 3000', '3000')
    t.take(3000)
    g.wants('close 2', '0')
    f = t.expect(lambda s: s.flags & FIN, what='FIN')
    t.send(ACK, ack=f.seq + 1)


@case
def a_fin_out_of_order_waits(g, p):
    t = connected(g, p)
    t.send(FIN | ACK, pattern(100, 100), seq=t.seq + 100)
    p.drain()
    g.wants('read 2 1 0', '0')
    t.send(ACK, pattern(0, 100))
    t.seq = t.seq + 201 & 0xffffffff
    t.acked()
    g.wants('read 2 500 8000', '200 eof')
    t.drop()


@case
def data_after_close_is_reset(g, p):
    t = connected(g, p)
    g.wants('close 2', '0')
    f = t.expect(lambda s: s.flags & FIN, what='FIN')
    t.ack = f.seq + 1
    t.send(ACK)
    p.drain()
    t.send(ACK, pattern(0, 100))
    need(t.expect(lambda s: s.flags & RST, what='a reset'), '')


@case
def closing_with_unread_data_resets(g, p):
    t = connected(g, p)
    t.give(100)
    g.wants('close 2', '0')
    t.expect(lambda s: s.flags & RST, what='a reset')


@case
def lingering_for_no_time_resets(g, p):
    t = connected(g, p)
    g.wants('opt 2 linger 0', '0')
    g.wants('close 2', '0')
    r = t.expect(what='a reset')
    need(r.flags & RST and r.seq == t.ack, f'{r}')


@case
def without_fin_wait_2_the_end_is_a_reset(g, p):
    for early in (False, True):
        t = connected(g, p)
        g.wants('opt 2 linger2 -1', '0')
        if early:
            g.wants('shut 2 1', '0')
        else:
            g.wants('close 2', '0')
        f = t.expect(lambda s: s.flags & FIN, what='FIN')
        t.ack = f.seq + 1 & 0xffffffff
        t.send(ACK)
        if early:
            t.silent()
            t.give(10)
            t.read(10)
            g.wants('close 2', '0')
        r = t.expect(what='a reset')
        need(r.flags & RST and r.seq == t.ack, f'{r}')


@case
def a_new_connection_may_follow_one_in_time_wait(g, p):
    t = connected(g, p)
    g.wants('close 2', '0')
    f = t.expect(lambda s: s.flags & FIN, what='FIN')
    t.ack = f.seq + 1
    t.send(FIN | ACK)
    t.seq = t.seq + 1 & 0xffffffff
    t.acked()
    t.seq = t.seq + 100000 & 0xffffffff
    t.send(SYN, ack=0, options=t.syn_options())
    syn = t.expect(lambda s: s.flags & SYN, what='SYN and ACK')
    t.accept_syn(syn)
    t.seq = t.seq + 1 & 0xffffffff
    t.send(ACK)
    g.wants('accept 0 3 8000', '0')
    t.slot = 3
    t.give(10)
    t.read(10)
    t.drop()


# ---- attacks

@case
def a_reset_at_the_right_place_ends_it(g, p):
    t = connected(g, p)
    t.give(10)
    t.send(RST)
    g.wants('read 2 10 8000', '10')
    g.wants('recv 2 8000', 'ECONNRESET')
    g.wants('send 2 1', 'EPIPE')


@case
def a_reset_elsewhere_in_the_window_is_questioned(g, p):
    t = connected(g, p)
    t.send(RST, seq=t.seq + 100)
    a = t.expect(what='a challenge')
    need(a.flags == ACK and a.ack == t.seq and a.seq == t.ack, f'{a}')
    t.give(10)
    t.read(10)
    t.drop()


@case
def a_reset_outside_the_window_is_ignored(g, p):
    t = connected(g, p)
    for seq in (t.seq - 1, t.seq + 0x40000000, t.seq - 100000):
        t.send(RST, seq=seq)
    t.silent('it is reset', lambda s: s.flags & RST)
    t.give(10)
    t.read(10)
    t.drop()


@case
def a_syn_in_a_connection_is_questioned(g, p):
    t = connected(g, p)
    t.send(SYN, ack=0)
    a = t.expect(what='a challenge')
    need(a.flags == ACK and a.ack == t.seq, f'{a}')
    for seq in (t.seq + 500, t.seq - 100):
        t.send(SYN, seq=seq, ack=0)
    t.silent('it is reset', lambda s: s.flags & (RST | SYN))
    t.give(10)
    t.read(10)
    t.drop()


@case
def resets_while_closing(g, p):
    t = connected(g, p)                     # FIN-WAIT-1
    g.wants('shut 2 1', '0')
    f = t.expect(lambda s: s.flags & FIN, what='FIN')
    t.send(RST, ack=f.seq)
    g.wants('recv 2 8000', 'ECONNRESET')
    t = connected(g, p, slot=3)             # FIN-WAIT-2
    g.wants('shut 3 1', '0')
    f = t.expect(lambda s: s.flags & FIN, what='FIN')
    t.ack = f.seq + 1
    t.send(ACK)
    p.drain()
    t.send(RST)
    g.wants('recv 3 8000', 'ECONNRESET')
    t = connected(g, p, slot=4)             # CLOSE-WAIT
    t.send(FIN | ACK)
    t.seq += 1
    t.acked()
    t.send(RST)
    p.drain()
    g.wants('wait 4 ERR|HUP 8000', 'ERR|HUP')
    g.wants('get 4 error', 'EPIPE')


@case
def a_reset_of_a_connection_not_yet_accepted(g, p):
    t = Tcp(p, listener(g))
    t.send(SYN, options=t.syn_options())
    t.accept_syn(t.expect(lambda s: s.flags & SYN, what='SYN and ACK'))
    t.seq += 1
    t.send(RST)
    p.drain()
    g.wants('accept 0 2 0', 'EAGAIN')
    t = Tcp(p, t.gport).open(0, 2)
    t.drop()


def flood(p, port, n):
    """@n SYNs, each from another source."""
    for i in range(n):
        src = a4(f'10.9.{1 + i // 200}.{1 + i % 200}')
        p.ip(TCP, tcp(src, GUEST, 1024 + i, port, random.randrange(1 << 32), 0, SYN, options=mss(1460)), src=src)
        if not i % 64:
            p.poll(0)
            p.queue.clear()
    patiently(p.drain)


def patiently(what):
    """Answers to a flood fill the guest's device: others may be lost at such a moment."""
    for left in range(4, -1, -1):
        try:
            return what(2 * SLOW)
        except Failure:
            if not left:
                raise


def friend(g, p, port):
    def once(limit):
        t = Tcp(p, port, **FULL)
        t.send(SYN, options=t.syn_options())
        t.accept_syn(t.expect(lambda s: s.flags == SYN | ACK, limit, what='SYN and ACK'))
        t.seq = t.seq + 1 & 0xffffffff
        t.send(ACK | PSH, pattern(0, 10))
        g.wants('accept 0 2 8000', '0')
        t.slot = 2
        t.read(10)
        t.drop()
    patiently(once)


@case
def a_flood_of_syns_does_not_stop_a_friend(g, p):
    port = listener(g, backlog=16)
    flood(p, port, 5000)
    half = int(g('count _03_0 /proc/net/tcp'))
    need(0 < half <= 256, f'{half} connections in SYN_RECV')
    for _ in range(3):
        friend(g, p, port)


@case(aramid_only='it drops SYNs, and forgets those it has when their timers expire')
def without_cookies_the_newest_syns_are_kept(g, p):
    g.wants('put 0 /proc/sys/net/ipv4/tcp_syncookies', '1')
    try:
        port = listener(g, backlog=16)
        flood(p, port, 1000)
        g.wants('count _03_0 /proc/net/tcp', '256')
        friend(g, p, port)
        g.wants('close 0', '0')
        g.wants('count _03_0 /proc/net/tcp', '0')
    finally:
        g('put 1 /proc/sys/net/ipv4/tcp_syncookies')


class Cookies:
    """Every SYN is answered with a cookie."""
    def __init__(self, g):
        self.g = g

    def __enter__(self):
        self.g.wants('put 2 /proc/sys/net/ipv4/tcp_syncookies', '1')

    def __exit__(self, *what):
        self.g('put 1 /proc/sys/net/ipv4/tcp_syncookies')


@case
def the_setting_of_syn_cookies(g, p):
    need(g('grep 1 /proc/sys/net/ipv4/tcp_syncookies') == '1;', 'not on')
    with Cookies(g):
        need(g('grep 2 /proc/sys/net/ipv4/tcp_syncookies') == '2;', 'not 2')
    g.wants('put 256 /proc/sys/net/ipv4/tcp_syncookies', 'EINVAL')


@case
def a_cookie_makes_a_connection(g, p):
    for six in (False, True):
        with Cookies(g):
            port = listener(g, six=six)
            half = g('count _03_0 /proc/net/tcp') + g('count _03_0 /proc/net/tcp6')
            t = Tcp(p, port, six=six, mss=1350)
            t.send(SYN, options=t.syn_options())
            t.accept_syn(t.expect(lambda s: s.flags == SYN | ACK, what='SYN and ACK'))
            need(g('count _03_0 /proc/net/tcp') + g('count _03_0 /proc/net/tcp6') == half, 'something is kept')
            t = Tcp(p, port, six=six, mss=1350).open(0, 2)
            need(not {'scale', 'stamp', 'sack_ok'} & set(t.syn.options), f'{t.syn}')
        for n in (1, 1000):
            t.give(n)
            t.read(n)
        g.wants('send 2 20000', '20000')
        sizes = [len(s.data) for s in t.take(20000)]
        need(536 < max(sizes) <= 1350, f'{sizes}')
        t.send(FIN | ACK)
        t.seq += 1
        t.acked()
        g.wants('read 2 1 8000', '0 eof')
        t.drop()


@case
def a_cookie_remembers_options_in_the_time_stamp(g, p):
    with Cookies(g):
        port = listener(g)
        t = Tcp(p, port, mss=1000, window=0x1000, **dict(FULL, ws=4)).open(0, 2)
        o = t.syn.options
        need({'scale', 'stamp', 'sack_ok'} <= set(o), f'{o}')
        t.send(ACK, pattern(100, 100), seq=t.seq + 100)
        d = t.expect(what='a duplicate acknowledgement')
        need(d.options.get('sack') == [(t.seq + 100 & 0xffffffff, t.seq + 200 & 0xffffffff)], f'{d}')
        need((d.options['stamp'][0] - o['stamp'][0] & 0xffffffff) < 1 << 31, 'time goes back')
        t.send(ACK, pattern(0, 100))
        t.seq = t.seq + 200 & 0xffffffff
        t.acked()
        t.read(200)
        g.wants('send 2 50000', '50000')
        t.take(50000)
        t.drop()
        u = Tcp(p, port, ts=True).open(0, 2)
        need(not {'scale', 'sack_ok'} & set(u.syn.options), f'{u.syn}')
        u.give(100)
        u.read(100)
        u.drop()


@case
def a_cookie_may_come_back_with_data_and_twice(g, p):
    with Cookies(g):
        t = Tcp(p, listener(g), **FULL)
        t.send(SYN, options=t.syn_options())
        t.accept_syn(t.expect(lambda s: s.flags == SYN | ACK, what='SYN and ACK'))
        t.seq = t.seq + 1 & 0xffffffff
        t.send(ACK | PSH, pattern(0, 300))
        t.send(ACK | PSH, pattern(0, 300))
        t.seq, t.out = t.seq + 300 & 0xffffffff, 300
        t.acked()
        g.wants('accept 0 2 8000', '0')
        g.wants('accept 0 3 0', 'EAGAIN')
        t.slot = 2
        t.read(300)
        t.give(100)
        t.read(100)
        t.drop()


@case
def a_forged_cookie_is_reset(g, p):
    with Cookies(g):
        port = listener(g)
        t = Tcp(p, port)
        t.send(SYN, options=t.syn_options())
        syn = t.expect(lambda s: s.flags == SYN | ACK, what='SYN and ACK')
        forged = [(t.seq + 1, syn.seq + 1 ^ 1 << bit) for bit in (4, 7, 10, 13, 16, 19, 22, 31)]
        forged += [(t.seq + 100, syn.seq + 1), (t.seq - 100, syn.seq + 1), (random.randrange(1 << 32), random.randrange(1 << 32))]
        for seq, ack in forged:
            t.send(ACK, seq=seq, ack=ack)
            r = t.expect(what='a reset')
            need(r.flags & RST and r.seq == ack & 0xffffffff, f'{r}')
        u = Tcp(p, port)
        u.send(ACK, seq=t.seq + 1, ack=syn.seq + 1)             # another one's
        need(u.expect(what='a reset').flags & RST, 'not a reset')
        t.send(ACK, seq=t.seq + 1, ack=syn.seq + 1, bad=True)
        g.wants('accept 0 2 0', 'EAGAIN')
        t.accept_syn(syn)                                       # and the real one
        t.seq += 1
        t.send(ACK)
        g.wants('accept 0 2 8000', '0')
        t.slot = 2
        t.drop()


@case
def a_cookie_waits_for_room_in_the_queue(g, p):
    with Cookies(g):
        port = listener(g, backlog=0)
        a, b = Tcp(p, port), Tcp(p, port)
        for t in (a, b):
            t.send(SYN, options=t.syn_options())
            t.accept_syn(t.expect(lambda s: s.flags == SYN | ACK, what='SYN and ACK'))
            t.seq = t.seq + 1 & 0xffffffff
        b.send(ACK)
        p.drain()
        a.send(ACK)
        a.silent()
        g.wants('accept 0 2 8000', '0')
        g.wants('accept 0 3 0', 'EAGAIN')
        a.send(ACK | PSH, pattern(0, 10))
        g.wants('accept 0 3 8000', '0')
        a.slot, b.slot = 3, 2
        a.read(10)
        a.drop()
        b.drop()


@case
def keepalive_probes_and_gives_up(g, p):
    t = connected(g, p)
    g.wants('opt 2 keepidle 1', '0')
    g.wants('opt 2 keepintvl 1', '0')
    g.wants('opt 2 keepcnt 2', '0')
    g.wants('opt 2 keepalive 1', '0')
    probe = t.expect(lambda s: s.flags & ACK and s.seq == t.ack - 1 & 0xffffffff, what='a probe')
    t.send(ACK)
    t.expect(lambda s: s.flags & ACK and s.seq == t.ack - 1 & 0xffffffff and s.time > probe.time, what='a probe')
    g.wants('recv 2 9000', 'ETIMEDOUT')


@case
def frag_needed_makes_segments_smaller(g, p):
    t = connected(g, p, src=OTHERS[2])
    g.wants('send 2 4000', '4000')
    s = t.expect(lambda s: len(s.data) == 1460, what='a full segment')
    need(s.df, 'may be fragmented')
    p.icmp_error(3, 4, s, struct.pack('!HH', 0, 1000))
    sizes = [len(s.data) for s in t.take(4000)]
    need(max(sizes) <= 960, f'{sizes}')
    t.drop()


@case
def packet_too_big_makes_segments_smaller(g, p):
    t = Tcp(p, listener(g, six=True), six=True, mss=1440).open(0, 2)
    g.wants('send 2 4000', '4000')
    s = t.expect(lambda s: len(s.data) == 1440, what='a full segment')
    body = struct.pack('!I', 1300) + s.l3[:1000]
    p.ip6(ICMP6, icmp6(PEER6, GUEST6, 2, 0, body))
    sizes = [len(s.data) for s in t.take(4000)]
    need(max(sizes) <= 1240, f'{sizes}')
    t.drop()


@case
def the_end_of_the_sequence_space_is_passed(g, p):
    t = Tcp(p, listener(g), **FULL)
    t.seq = 0xffffff00
    t.open(0, 2)
    for _ in range(5):
        t.give(100)
    t.read(500)
    t.drop()
