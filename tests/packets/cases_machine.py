# SPDX-License-Identifier: MIT
"""The device under the stack: its link, and how its interrupts come."""
import time

from peer import *
from suite import case, udp_socket


@case
def a_link_that_goes_and_comes_back(g, p):
    port = udp_socket(g, 2)
    g.wants('carrier 1 5000', '1')
    g.machine('set_link', name='n', up=False)
    g.wants('carrier 0 10000', '0')
    g.machine('set_link', name='n', up=True)
    g.wants('carrier 1 10000', '1')
    p.udp(9, port, b'again')
    g.wants('recv 2 8000', '5 ' + b'again'.hex())
    p.drain()


@case
def a_link_that_flutters(g, p):
    for _ in range(20):
        g.machine('set_link', name='n', up=False)
        g.machine('set_link', name='n', up=True)
    g.wants('carrier 1 10000', '1')
    p.drain()


def interrupts(args, machine, kind):
    """Boots another machine; the device's interrupts have to come by this kind of controller."""
    if 'virt' not in args.command:
        raise Skip('a machine of Arm')
    command = [f'virt{machine}' if w == 'virt' else w for w in args.command]
    g = Guest(command, args.work)
    try:
        first = g.line(120 * SLOW)
        need(first and 'ready eth0' in first, f'the guest says {first}')
        g.wants('setup 10.9.0.2 255.255.255.0 10.9.0.1', '0')
        p = Peer(g)
        for _ in range(20):
            p.drain()
        lines = [one.split() for one in g('grep : /proc/interrupts').split(';') if kind in one.split() and one.split()[-1].split('-')[0] in ('0000:00:01.0', 'pci')]
        count = sum(int(w) for one in lines for w in one[1:one.index(kind)] if w.isdigit())
        need(count > 0, f'none came by {kind}: {lines}')
    finally:
        g.stop()


@case(boot='own', aramid_only='what the kernel calls its controllers is its own')
def messages_through_gicv2m(args):
    interrupts(args, ',gic-version=2', 'GICv2')


@case(boot='own', aramid_only='what the kernel calls its controllers is its own')
def messages_through_the_its(args):
    interrupts(args, ',gic-version=3', 'ITS')


@case(boot='own', aramid_only='what the kernel calls its controllers is its own')
def lines_where_there_are_no_messages(args):
    interrupts(args, ',gic-version=3,its=off', 'GICv3')


@case(aramid_only="Debian's driver waits for such a device")
def a_device_that_sends_nothing_is_reset(g, p):
    udp_socket(g, 2)
    g.wants('connect 2 10.9.0.1 4450', '0')
    g.wants('send 2 1000', '1000')
    p.expect(lambda q: q.proto == UDP and q.dport == 4450, what='a datagram')

    def errors():
        return int(g('grep eth0: /proc/net/dev').split(':')[1].split()[10])
    before = errors()
    # Nobody looks at the wire now: QEMU's queue fills up, then the device's.
    for _ in range(600):
        if g('send 2 1000') != '1000':
            break
    end = time.monotonic() + 40 * SLOW
    while errors() == before:
        need(time.monotonic() < end, 'it is not reset')
        time.sleep(0.5)
    p.poll(0)
    p.queue.clear()
    for _ in range(20):
        try:
            p.drain()
            break
        except Failure:
            continue
    else:
        raise Failure('it does not come back')
    # The peer's address may have been asked for in vain meanwhile: the socket hears of that first.
    for _ in range(20):
        if g('send 2 1000') == '1000':
            break
        p.drain()
    p.expect(lambda q: q.proto == UDP and q.dport == 4450, what='a datagram')
