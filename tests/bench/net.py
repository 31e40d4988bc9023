#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make bench-net: what a server spends, in guest instructions, on a request or a MiB over virtio-net.

    net.py [--ours-only | --linux-only] [CASE...]

Two machines joined by a socket: `near' asks, `far' serves and is measured: one CPU, its instructions counted by a plugin of
QEMU's translator (count.c) from just before a case to just after it. `near' is Aramid in all runs; `far' is Aramid in one and
Debian's kernel in the other. The socket offers no checksums and no segmentation: both are done by the kernels.
Cases tap_*: one machine on a tap device, the host's iperf3 at the other end; the device sums and cuts. *_plain: it does neither.
Only where /dev/net/tun can be used, and only when named; `tap' names all of them (make bench-tap).
"""
import contextlib
import json
import os
import re
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../net"))
import run                                  # noqa: E402
import tap                                  # noqa: E402
from machine import ARCH, Failed, Machine, wait_for  # noqa: E402

FAR = "10.9.0.1"
NEAR = "10.9.0.2"


def nginx(far, near):
    """Requests of 1 KiB over 8 connections that stay."""
    text = near.sh("wrk -t 1 -c 8 -d 3 --timeout 20 http://%s/k1" % FAR, 120)
    return int(re.search(r"(\d+) requests in", text).group(1))


def redis(far, near):
    """GET over 8 connections."""
    near.sh("redis-benchmark -h %s -n 4000 -c 8 -t get -q" % FAR, 200)
    return 4000


def iperf(words, mib):
    def case(far, near):
        far.sh("iperf3 -s -1 -D --logfile /var/log/iperf3")
        far.until("grep -q ':1451 .*:0000 0A ' /proc/net/tcp /proc/net/tcp6")
        text = near.sh("iperf3 -J -c %s -n %dM %s" % (FAR, mib, words), 200)
        far.until("! pgrep iperf3")
        return json.loads(text)["end"]["sum_received"]["bytes"] / 1048576
    return case


CASES = {
    "nginx_1k": nginx, "redis_get": redis, "iperf_receive_1": iperf("", 64), "iperf_receive_8": iperf("-P 8", 64),
    "iperf_send_1": iperf("-R", 64), "iperf_send_8": iperf("-P 8 -R", 64),
}
PLAIN = ",csum=off,guest_csum=off,host_tso4=off,host_tso6=off,guest_tso4=off,guest_tso6=off,gso=off"
TAP_CASES = {       # words for iperf3 in the guest, device options
    "tap_send": ("", ""), "tap_send_8": ("-P 8", ""), "tap_send_plain": ("", PLAIN),
    "tap_receive": ("-R", ""), "tap_receive_8": ("-R -P 8", ""), "tap_receive_plain": ("-R", PLAIN),
}
PREPARE = [
    "ip link set lo up; ip link set eth0 up; ip addr add %s/24 dev eth0" % FAR,
    "mkdir -p /srv/www /var/lib/nginx; head -c 1024 /dev/zero >/srv/www/k1",
    "nginx -c /etc/nginx/test.conf",
    "redis-server --bind 0.0.0.0 --protected-mode no --daemonize yes --save '' --dir /tmp",
]
NGINX = ("user root; worker_processes 1; pid /run/nginx.pid; error_log /var/log/nginx.log;\n"
         "events { worker_connections 500; }\n"
         "http { access_log off; sendfile on; keepalive_requests 10000000;\n"
         "server { listen 80 backlog=1024; root /srv/www; } }\n")


def count(path):
    with open(path, "rb") as f:
        return struct.unpack("Q", f.read(8))[0]


def measure(suite, asker, kernel, plugin, wanted):
    """Instructions by case."""
    wire, counter = suite.path("wire"), suite.path("count")
    device = "virtio-net-pci,netdev=n0,mac=52:54:00:00:09:%02x"
    out = {}
    with Machine("bench-far", suite.debian(), ["-netdev", "stream,id=n0,server=on,addr.type=unix,addr.path=" + wire,
                                               "-device", device % 1, "-plugin", "%s,to=%s" % (plugin, counter)],
                 suite.kernel, smp=1, mem=512, words="hostname=far") as far:
        with Machine("bench-near", asker.debian(), ["-netdev", "stream,id=n0,server=off,addr.type=unix,addr.path=" + wire,
                                                    "-device", device % 2], kernel, smp=1, mem=512, words="hostname=near") as near:
            far.ready()
            near.ready()
            near.sh("ip link set lo up; ip link set eth0 up; ip addr add %s/24 dev eth0" % NEAR)
            far.put("/etc/nginx/test.conf", NGINX)
            for line in PREPARE:
                far.sh(line)
            far.until("redis-cli ping")
            far.sh("redis-cli set key:__rand_int__ xxx")
            near.until("ping -q -c 1 -W 5 " + FAR)
            for name in wanted:
                before = count(counter)
                n = CASES[name](far, near)
                out[name] = (count(counter) - before) / n
    return out


def measure_tap(suite, plugin, wanted):
    """The same for cases with the host at the other end."""
    counter, out = suite.path("count"), {}
    suite.debian()
    for options in sorted(set(TAP_CASES[name][1] for name in wanted)):
        with contextlib.ExitStack() as stack:
            stack.enter_context(tap.Namespace())
            tap.make_tap("t0", 1)
            m = stack.enter_context(tap.machine(suite, "t0", options=options, more=["-plugin", "%s,to=%s" % (plugin, counter)]))
            tap.guest_up(m)
            for name in [n for n in wanted if TAP_CASES[n][1] == options]:
                server = subprocess.Popen(["iperf3", "-s", "-1"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
                wait_listening(5201)
                before = count(counter)
                text = m.sh("iperf3 -J -c %s -n 64M %s" % (tap.HOST, TAP_CASES[name][0]), 200)
                spent = count(counter) - before
                server.wait(timeout=60)
                out[name] = spent / (json.loads(text)["end"]["sum_received"]["bytes"] / 1048576)
    return out


def wait_listening(port):
    """In this namespace, without a connection that would be the one."""
    def listening():
        with open("/proc/self/net/tcp6", encoding="ascii") as a, open("/proc/self/net/tcp", encoding="ascii") as b:
            return re.search(":%04X \\S+ 0A " % port, a.read() + b.read())
    wait_for("a server", listening)


def main(args):
    kernel = os.environ.get("IMAGE") or "build/%s/%s" % (ARCH, {"arm64": "Image", "x86_64": "bzImage"}[ARCH])
    which = ["linux", "ours"]
    if args and args[0] in ("--ours-only", "--linux-only"):
        which = [args.pop(0)[2:-5]]
    wanted = list(TAP_CASES) if args == ["tap"] else args or list(CASES)
    sockets, taps = [c for c in wanted if c in CASES], [c for c in wanted if c in TAP_CASES]
    asker = run.Suite(kernel, [], False)
    plugin = asker.path("count.so")
    subprocess.run(["gcc", "-O2", "-Wall", "-shared", "-fPIC", "-o", plugin, os.path.join(HERE, "count.c")], check=True)
    got = {}
    for name in which:
        try:
            suite = asker if name == "ours" else run.Suite(None, [], False)
            got[name] = measure(suite, asker, kernel, plugin, sockets) if sockets else {}
            if taps:
                got[name].update(measure_tap(suite, plugin, taps))
        except Failed as e:
            print("# %s: %s" % (name, str(e).splitlines()[0]))
            got[name] = {}
    print("%-22s %12s %12s %9s" % ("instructions", "Debian", "Aramid", "/Debian"))
    for c in wanted:
        a, b = got.get("linux", {}).get(c), got.get("ours", {}).get(c)
        print("%-22s %12s %12s %9s" % (c, "%.0f" % a if a else "-", "%.0f" % b if b else "-", "%.2f" % (b / a) if a and b else "-"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
