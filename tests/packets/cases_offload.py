# SPDX-License-Identifier: MIT
"""TCP over a device that sums and cuts segments: what leaves the guest in one frame of up to 64 KiB is many segments on the wire.

All of cases_tcp.py runs over such a device too (run.sh --offload). Here is what only long frames can get wrong.
"""
import random
import struct
import time

from peer import *
from suite import case, listener

MSS = 1460
AT_ONCE = 'Linux does not send as much at once'
sent_at = 0.0       # when the last burst() began


def ready(g, p, six=False, **more):
    """A connection whose window of congestion has room for 64 KiB at once."""
    t = Tcp(p, listener(g, six=six), six=six, **{'sack': True, 'ws': 7, 'mss': MSS - 20 * six, **more}).open(0, 2)
    for _ in range(4):
        g.wants('send 2 60000', '60000')
        t.take(60000)
    del g.wire.cut[:]
    t.base, t.start = t.ack, t.into
    return t


def burst(g, t, n):
    """@n bytes that the guest sends without an acknowledgement; the segments."""
    global sent_at
    for _ in range(20):
        del g.wire.cut[:]
        t.base, t.start = t.ack, t.into
        sent_at = time.monotonic()
        g.wants(f'send 2 {n}', str(n))
        got = {at(t, s): s for s in said(t.p, t)}
        have = 0
        while have in got:
            have += len(got[have].data)
        if have == n and max(g.wire.cut, default=0) >= 10:
            return [got[k] for k in sorted(got)]
        # It took something for a loss, as the host was slow: the window is smaller now.
        t.ack, t.into = t.ack + have & 0xffffffff, t.into + have
        t.send(ACK)
        if have < n:
            t.take(n - have)
        g.wants('send 2 120000', '120000')
        t.take(120000)
    raise Failure(f'the window stays small, or no frames are long: {g.wire.cut}')


def timely(f):
    """A case that a time-out of the guest's would spoil: tried again if the host was as slow as that."""
    def case_of(g, p):
        for left in range(9, -1, -1):
            try:
                return f(g, p)
            except Failure:
                if not left or time.monotonic() - sent_at < 0.15:
                    raise
                g('closeall')
                p.drain()
    case_of.__name__ = f.__name__
    return case_of


def narrow(t):
    """The guest hears of a smaller window: it believes that only of a segment behind what it has."""
    t.give(100)
    t.read(100)
    t.send(ACK)
    t.p.drain()


def at(t, s):
    return s.seq - t.base & 0xffffffff


def told(t, ack, *ranges):
    """An acknowledgement up to offset @ack, and what else has come."""
    edges = b''.join(struct.pack('!II', t.base + a & 0xffffffff, t.base + b & 0xffffffff) for a, b in ranges)
    t.send(ACK, ack=t.base + ack, options=b'\1\1\5' + bytes([2 + len(edges)]) + edges if edges else b'')


def ends(g, t, n):
    """All @n bytes have come; both directions go on."""
    t.ack, t.into = t.base + n & 0xffffffff, t.start + n
    t.send(ACK)
    g.wants('send 2 60000', '60000')
    t.take(60000)
    t.give(100)
    t.read(100)
    t.drop()


def said(p, t):
    """The segments with data that come for what was sent so far."""
    first = p.drain()
    t.g(f'get {t.slot} state')
    return [s for s in first + p.drain() if t.mine(s) and s.data]


@case(offload=True, aramid_only=AT_ONCE)
def long_frames_of_whole_segments(g, p):
    for six in (False, True):
        t = ready(g, p, six=six)
        got = burst(g, t, 40 * t.mss)
        need(all(len(s.data) == t.mss for s in got), f'{[len(s.data) for s in got]}')
        need(all(s.data == pattern(t.start + at(t, s), len(s.data)) for s in got), 'wrong data')
        need(all(s.sum_ok and s.header_ok for s in got), 'wrong sums')
        need(max(g.wire.cut, default=0) > 20, f'{g.wire.cut}')
        ends(g, t, 40 * t.mss)


@case(offload=True)
def odd_sizes_of_segments(g, p):
    for size in (537, 1001, 1447):
        t = ready(g, p, mss=size, ts=size == 1001)
        whole = size - 12 * t.stamping
        g.wants('send 2 50000', '50000')
        lengths = [len(s.data) for s in t.take(50000)]
        need(max(lengths) == whole and lengths.count(whole) >= 50000 // whole - 6, f'{lengths}')
        t.drop()


@case(offload=True, aramid_only=AT_ONCE)
@timely
def one_lost_in_the_middle_of_a_long_frame(g, p):
    t = ready(g, p, src=OTHERS[7])
    got = burst(g, t, 58400)
    lost, after = got[17], [s for s in got[18:]]
    told(t, at(t, lost))
    for s in after:
        told(t, at(t, lost), (at(t, after[0]), at(t, s) + len(s.data)))
    again = said(p, t)
    need([(at(t, s), len(s.data)) for s in again] == [(at(t, lost), MSS)], f'{[(at(t, s), len(s.data)) for s in again]} for {at(t, lost)}')
    ends(g, t, 58400)


@case(offload=True, aramid_only=AT_ONCE)
@timely
def several_lost_in_one_long_frame(g, p):
    t = ready(g, p, src=OTHERS[8])
    got = burst(g, t, 58400)
    gone = [0, 7, 8, 21, 30]
    runs = []
    for n, s in enumerate(got):
        if n in gone:
            continue
        if runs and runs[-1][1] == at(t, s):
            runs[-1] = (runs[-1][0], at(t, s) + len(s.data))
        else:
            runs.append((at(t, s), at(t, s) + len(s.data)))
        told(t, 0, *runs[::-1][:4])
    again = sorted(set((at(t, s) // MSS, len(s.data)) for s in said(p, t)))
    need(again == [(n, MSS) for n in gone], f'{again}')
    need(len(gone) == len(again), 'more than was lost')
    ends(g, t, 58400)


@case(offload=True, aramid_only=AT_ONCE)
@timely
def without_selective_acknowledgements_one_segment_is_repeated(g, p):
    t = ready(g, p, sack=False, src=OTHERS[9])
    got = burst(g, t, 58400)
    for n in (5, 20):
        for _ in range(4):
            told(t, at(t, got[n]))
        again = said(p, t)
        need([(at(t, s), len(s.data)) for s in again] == [(at(t, got[n]), MSS)], f'{[(at(t, s), len(s.data)) for s in again]}')
    ends(g, t, 58400)


@case(offload=True, aramid_only=AT_ONCE)
def a_time_out_begins_where_the_acknowledgement_ended(g, p):
    t = ready(g, p, src=OTHERS[10])
    burst(g, t, 58400)
    told(t, 15001)
    again = t.expect(lambda s: s.data, what='what is lost')
    need(at(t, again) == 15001 and len(again.data) <= MSS, f'{again}')
    t.ack, t.into = t.base + 15001 & 0xffffffff, t.start + 15001
    t.send(ACK)
    t.take(58400 - 15001)
    t.give(100)
    t.read(100)
    t.drop()


@case(offload=True)
def a_window_that_closes_within_a_long_segment(g, p):
    t = ready(g, p)
    t.window = 20000 >> 7
    room = t.window << 7
    narrow(t)
    g.wants('send 2 60000', '60000')
    first = [at(t, s) + len(s.data) for s in said(p, t)]
    need(first and room - MSS < max(first) <= room, f'{first} of {room}')
    t.ack, t.into = t.base + max(first) & 0xffffffff, t.start + max(first)
    t.window = 0
    t.send(ACK)
    probe = t.expect(lambda s: s.flags & ACK, what='a probe')
    need(len(probe.data) <= 1, f'{probe}')
    for window in (5000 >> 7, 640 >> 7, 3000 >> 7):
        t.window = window
        t.send(ACK)
        s = t.expect(lambda s: len(s.data) > 1 and s.seq == t.ack, what=f'data for a window of {window << 7}')
        need(len(s.data) <= window << 7, f'{s}')
        t.ack, t.into = t.ack + len(s.data) & 0xffffffff, t.into + len(s.data)
        t.window = 0
        t.send(ACK)
        p.drain()
    t.window = 512
    t.send(ACK)
    t.take(60000 - (t.into - t.start))
    t.give(100)
    t.read(100)
    t.drop()


@case(offload=True)
def small_writes_behind_a_large_one_fill_segments(g, p):
    t = ready(g, p)
    t.window = 0
    narrow(t)
    total = 30000
    g.wants('send 2 30000', '30000')
    for size in [37, 38, 39, 40] * 10 + [300] * 45:
        g.wants(f'send 2 {size}', str(size))
        total += size
    g.wants('send 2 3000', '3000')
    total += 3000
    t.window = 512
    t.send(ACK)
    got = t.take(total)
    need(len(got) <= total // MSS + 3, f'{[len(s.data) for s in got]}')
    t.drop()


@case(offload=True, aramid_only=AT_ONCE)
@timely
def a_narrower_path_with_long_frames_in_flight(g, p):
    t = ready(g, p, src=OTHERS[11])
    got = burst(g, t, 58400)
    p.icmp_error(3, 4, got[3], struct.pack('!HH', 0, 1000))
    t.ack, t.into = t.base, t.start
    sizes = [len(s.data) for s in t.take(58400)]
    need(max(sizes) <= 960 and sizes.count(960) > 40, f'{sizes}')
    t.drop()


@case(offload=True, aramid_only='Linux marks all that is before the byte')
def one_urgent_byte_behind_a_long_write(g, p):
    t = ready(g, p)
    g.wants('opt 2 cork 1', '0')
    g.wants('send 2 20000', '20000')
    g.wants('send 2 9000 oob', '9000')
    g.wants('opt 2 cork 0', '0')
    got = t.take(29000)
    marked = [s for s in got if s.flags & URG]
    need(len(marked) == 1, f'{len(marked)} segments with an urgent pointer')
    need(at(t, marked[0]) + marked[0].urgent == 29000, f'{marked}')
    t.drop()


@case(offload=True)
def the_end_behind_a_long_write(g, p):
    t = ready(g, p)
    g.wants('send 2 55555', '55555')
    g.wants('shut 2 1', '0')
    got = t.take(55555)
    need([bool(s.flags & FIN) for s in got].count(True) <= 1, 'more than one end')
    if not got[-1].flags & FIN:
        t.expect(lambda s: s.flags & FIN and s.seq == t.ack, what='FIN')
    t.ack = t.ack + 1 & 0xffffffff
    t.give(100, expect=False)
    t.read(100)
    t.drop()


@case(offload=True, aramid_only=AT_ONCE)
def a_reset_and_a_close_with_long_frames_in_flight(g, p):
    t = ready(g, p)
    burst(g, t, 58400)
    t.ack = t.base
    t.send(RST | ACK)
    g.wants('recv 2 8000', 'ECONNRESET')
    t = ready(g, p)
    burst(g, t, 58400)
    g.wants('opt 2 linger 0', '0')
    g('close 2')
    t.expect(lambda s: s.flags & RST, what='a reset')


@case(offload=True, aramid_only=AT_ONCE)
def losses_of_a_fifth_over_half_a_megabyte(g, p):
    for more in (dict(ts=True), dict(six=True)):
        t = ready(g, p, **more)
        want = t.ack + 500000 & 0xffffffff
        g.wants('send 2 500000', '500000')
        runs = []               # what has come, in order
        while t.ack != want:
            s = t.expect(lambda s: s.data, what=f'data at {t.ack - t.base & 0xffffffff}')
            begin, end = at(t, s), at(t, s) + len(s.data)
            need(begin < 1 << 20 and s.data == pattern(t.start + begin, len(s.data)), f'wrong data at {begin}: {s}')
            need(len(s.data) <= t.mss, f'{s}')
            if random.random() < 0.2:
                continue
            joined = [r for r in runs if r[0] <= end and begin <= r[1]] + [(begin, end)]
            runs = [r for r in runs if not (r[0] <= end and begin <= r[1])]
            new = (min(r[0] for r in joined), max(r[1] for r in joined))
            if new[0] <= (t.ack - t.base & 0xffffffff):
                t.ack = t.base + max(new[1], t.ack - t.base & 0xffffffff) & 0xffffffff
                first = []
            else:
                first = [new]
            blocks = (first + random.sample(runs, len(runs)))[:3]
            runs += first
            sack = b''.join(struct.pack('!II', t.base + a & 0xffffffff, t.base + b & 0xffffffff) for a, b in blocks)
            t.send(ACK, options=(stamp(t.clock, t.echo) if t.stamping else b'') + (b'\1\1\5' + bytes([2 + len(sack)]) + sack if sack else b''))
        t.drop()


@case(offload=True, aramid_only=AT_ONCE)
@timely
def segments_are_counted_as_on_the_wire(g, p):
    def counters():
        names, values = (line.split()[1:] for line in g('grep Tcp: /proc/net/snmp').split(';')[:2])
        return dict(zip(names, map(int, values)))
    t = ready(g, p, src=OTHERS[12])
    before = counters()
    got = burst(g, t, 58400)
    told(t, at(t, got[10]))
    for s in got[11:16]:
        told(t, at(t, got[10]), (at(t, got[11]), at(t, s) + len(s.data)))
    again = said(p, t)
    after = counters()
    need(after['OutSegs'] - before['OutSegs'] == len(got), f'{after["OutSegs"] - before["OutSegs"]} sent, not {len(got)}')
    need(after['RetransSegs'] - before['RetransSegs'] == len(again) == 1, f'{after["RetransSegs"] - before["RetransSegs"]} repeated')
    ends(g, t, 58400)


@case(offload=True, aramid_only=AT_ONCE)
def long_frames_wait_for_the_neighbour(g, p):
    t = ready(g, p)
    g.wants('link 0', '0')          # its neighbours are forgotten
    g.wants('link 1', '0')
    g('setup 10.9.0.2 255.255.255.0 10.9.0.1')
    p.answers = False
    g.wants('send 2 40000', '40000')
    p.expect(lambda q: q.arp == 1 and q.daddr == PEER, what='a question')
    need(not g.wire.cut, 'frames to nobody')
    p.answers = True
    p.frame(ARP, arp(2, PEER_MAC, PEER, GUEST_MAC, GUEST))
    t.take(40000)
    need(max(g.wire.cut, default=0) >= 10, f'{g.wire.cut}')
    t.drop()
    p.until_up6()


def in_use(g):
    """Headers of segments, and pieces of data, that are allocated."""
    return [int(g(f'grep {name} /proc/slabinfo').split()[1]) for name in ('tcp_head', 'tcp_piece')]


@case(offload=True, aramid_only='its own memory is counted')
def nothing_of_long_segments_is_left(g, p):
    before = in_use(g)
    for end in ('reset', 'close', 'taken'):
        t = ready(g, p)
        got = burst(g, t, 58400)
        for s in got[3:30:4]:       # many cuts
            told(t, 1000, (at(t, s), at(t, s) + len(s.data)))
        p.drain()
        if end == 'taken':
            ends(g, t, 58400)
        elif end == 'reset':
            t.ack = t.base
            t.send(RST | ACK)
            g.wants('recv 2 8000', 'ECONNRESET')
        else:
            t.drop()
        g.wants('closeall', '0')
        p.drain()
        need(all(a <= b for a, b in zip(in_use(g), before)), f'{in_use(g)} after {end}, {before} before')
