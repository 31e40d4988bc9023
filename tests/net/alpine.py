# SPDX-License-Identifier: MIT
"""Group alpine: Alpine's root file system (musl, busybox, apk) with a repository that the test makes and the host serves."""
import os
import re
import time

import apk
import host
from machine import ARCH, Failed, Machine

HOST = "10.0.2.2"
ENTRIES = 5500
ALWAYS = ["ip_dhcp", "udhcpc"]


def boot(suite):
    root = suite.alpine()
    if not root:
        for name in suite.cases("alpine"):
            suite.report("alpine", name, None, "no Alpine root file system here: ALPINE=FILE names one", time.monotonic())
        return
    folder = suite.path("repository")
    os.makedirs(folder)
    # The other transport than the group user has, where the machine has one.
    device = "virtio-net-device" if ARCH == "arm64" else "virtio-net-pci,disable-modern=on"
    with host.httpd(folder) as http, \
            Machine("alpine", root, ["-netdev", "user,id=n0", "-device", device + ",netdev=n0"], suite.kernel,
                    smp=4, words="ip=dhcp" if suite.kernel else "") as m:
        m.ready()
        m.url, m.folder = "http://%s:%d" % (HOST, http.port), folder
        suite.run("alpine", m)


def expect(text, *words):
    for w in words:
        if w not in text:
            raise Failed("no %r in:\n%s" % (w, text))


def case_ip_dhcp(suite, m):
    """ip=dhcp on the command line: up before the first program runs."""
    if not suite.kernel:
        return "Debian's kernel has no driver yet when it looks for ip="
    expect(m.sh("ifconfig eth0"), "inet addr:10.0.2.15", "Mask:255.255.255.0")
    expect(m.sh("route -n"), "10.0.2.2")
    expect(m.sh("cat /proc/net/pnp"), "nameserver 10.0.2.3")
    m.sh("ping -q -c 1 -W 10 " + HOST)
    return None


def case_udhcpc(suite, m):
    """The same lease once more from user space, with Alpine's own script; what was set is replaced."""
    m.sh("ip link set lo up && ip link set eth0 up")
    m.sh("udhcpc -i eth0 -n -q -f")
    expect(m.sh("ip -4 addr show dev eth0"), "10.0.2.15/24")
    expect(m.sh("ip route"), "default via 10.0.2.2 dev eth0")
    expect(m.sh("cat /etc/resolv.conf"), "nameserver 10.0.2.3")
    m.sh("ping -q -c 2 -W 10 " + HOST)


def repository(m):
    if hasattr(m, "apk"):
        return m.apk
    arch = m.sh("apk --print-arch")
    r = apk.Repository(m.folder, arch)
    blob = os.urandom(1 << 20)
    r.add("aramid-lib", "1.0-r0", [("usr", 0o755, None), ("usr/share", 0o755, None), ("usr/share/aramid", 0o755, None),
                                   ("usr/share/aramid/blob", 0o644, blob)])
    hello = b"#!/bin/sh\necho hello from a package: $(wc -c </usr/share/aramid/blob)\n"
    r.add("aramid-hello", "2.3-r1", [("usr", 0o755, None), ("usr/bin", 0o755, None), ("usr/bin/aramid-hello", 0o755, hello)],
          depends="aramid-lib", scripts=[(".post-install", "#!/bin/sh\necho was here >/var/post-install\n")])
    r.fill(ENTRIES)
    r.write()
    with open(r.public, encoding="ascii") as f:
        m.put("/etc/apk/keys/%s.rsa.pub" % apk.KEY, f.read())
    m.sh("echo %s >/etc/apk/repositories" % m.url)
    m.apk = r
    return r


def case_wget(suite, m):
    want = host.random_file(os.path.join(m.folder, "m2"), 2 << 20)
    m.sh("wget -q -O /tmp/m2 %s/m2" % m.url, 100)
    expect(m.sh("sha256sum /tmp/m2"), want)


def case_apk_update(suite, m):
    repository(m)
    text = m.sh("apk update", 200)
    count = re.search(r"OK: (\d+) distinct packages available", text)      # with those that are installed
    if not count or int(count.group(1)) < ENTRIES:
        raise Failed(text)


def case_apk_search(suite, m):
    expect(m.sh("apk search filler-0499"), "filler-04990-1.4990-r0", "filler-04999-1.4999-r0")


def case_apk_add(suite, m):
    repository(m)
    expect(m.sh("apk add aramid-hello", 100), "(1/2) Installing aramid-lib (1.0-r0)",
           "(2/2) Installing aramid-hello (2.3-r1)", "aramid-hello-2.3-r1.post-install", "OK:")
    expect(m.sh("aramid-hello"), "hello from a package: 1048576")
    expect(m.sh("cat /var/post-install"), "was here")
    expect(m.sh("apk info -v"), "aramid-hello-2.3-r1")


def case_apk_refuses(suite, m):
    """A package whose bytes changed on the way is not installed."""
    r = repository(m)
    path = os.path.join(r.at, "aramid-lib-1.0-r0.apk")
    m.sh("apk del aramid-hello", 100)
    with open(path, "r+b") as f:
        f.seek(-5000, os.SEEK_END)
        f.write(b"changed")
    m.sh("apk add aramid-hello", 100, status=1)
    m.sh("[ ! -e /usr/share/aramid/blob ]")
