# SPDX-License-Identifier: MIT
"""The list of cases, and what many of them begin with."""
cases = []
port = 7000


def case(f=None, *, boot='static', aramid_only=None, offload=False):
    """@boot: the machine that the case needs. @aramid_only: why Linux is not asked. @offload: only with a device that sums and cuts."""
    def add(f):
        cases.append(f)
        f.boot, f.aramid_only, f.offload = boot, aramid_only, offload
        return f
    return add(f) if f else add


def fresh_port():
    global port
    port += 1
    return port


def udp_socket(g, slot, six=False):
    """A bound socket; its port."""
    n = fresh_port()
    g.wants(f'socket {slot} udp{"6" if six else ""}', '0')
    g.wants(f'bind {slot} {"::" if six else "0.0.0.0"} {n}', '0')
    return n


def listener(g, slot=0, six=False, backlog=8):
    n = fresh_port()
    g.wants(f'socket {slot} tcp{"6" if six else ""}', '0')
    g.wants(f'bind {slot} {"::" if six else "0.0.0.0"} {n}', '0')
    g.wants(f'listen {slot} {backlog}', '0')
    return n
