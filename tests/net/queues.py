# SPDX-License-Identifier: MIT
"""Group queues: a tap device with several queue pairs, with as many, more and fewer than the guest has CPUs. See tap.py."""
import re
import socket

import tap
from machine import ARCH, Failed

ALWAYS = []


def boot(suite):
    why = tap.unusable()
    for name in suite.cases("queues") if why else ():
        suite.report("queues", name, None, why, 0)
    if not why:
        suite.debian()      # made where there is a network, if it is to be made
        suite.run("queues")


def pairs(m):
    """How often each pair's receive interrupt came: on CPU 0, 1..."""
    counts = {}
    for line in m.sh("cat /proc/interrupts").splitlines():
        found = re.search(r"-input\.(\d+)$", line)
        if found:
            counts[int(found.group(1))] = [int(n) for n in line.split()[1:1 + int(m.sh("nproc"))]]
    return counts


def flows(m, count):
    """So many connections at once, each from a program bound to a CPU."""
    cpus = int(m.sh("nproc"))
    m.sh("[ -e /tmp/out ] || head -c %d /dev/urandom >/tmp/out" % (2 << 20))
    peers = [tap.Peer(socket.AF_INET) for _ in range(count)]
    line = " ".join("taskset -c %d bash -c 'cat /tmp/out >/dev/tcp/%s/%d' &" % (i % cpus, tap.HOST, p.port)
                    for i, p in enumerate(peers))
    m.sh(line + " wait", 150)
    want = m.sh("sha256sum </tmp/out").split()[0]
    for p in peers:
        p.end()
        if p.sum.hexdigest() != want:
            raise Failed("the host got something else than the guest sent")


def check(suite, queues, smp, more=()):
    with tap.Namespace():
        tap.make_tap("t0", queues)
        with tap.machine(suite, "t0", smp=smp, queues=queues, more=more) as m:
            tap.guest_up(m)
            n = min(queues, smp)
            shown = m.sh("cd /sys/class/net/eth0/queues && echo *")
            if shown.split() != ["%s-%d" % (w, i) for w in ("rx", "tx") for i in range(n)]:
                raise Failed("queues are %s" % shown)
            flows(m, 4)
            after = pairs(m)
            used = [q for q in after if any(after[q])]
            if any(count for q in after for cpu, count in enumerate(after[q]) if cpu != q):
                raise Failed("interrupts on other CPUs than the queue's own: %s" % after)
            if sorted(after) != list(range(n)) or len(used) < 2:
                raise Failed("interrupts of %d queues with %d CPUs: %s" % (queues, smp, after))
            tap.send_to_guest(m, socket.AF_INET, 2 << 20)
            m.sh("! dmesg | grep -E 'Kernel panic|Oops|BUG:|assertion|device is broken|refuses'")


def case_as_many_as_cpus(suite):
    check(suite, 4, 4)


def case_more_than_cpus(suite):
    """On arm64 behind another interrupt controller."""
    check(suite, 4, 2, ["-M", "virt,gic-version=3"] if ARCH == "arm64" else ())


def case_fewer_than_cpus(suite):
    check(suite, 2, 3)
