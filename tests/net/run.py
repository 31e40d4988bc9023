#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The net suite: real programs over the network, end to end. Loopback of the host only, no internet.

    run.py [-k IMAGE] [--long] [CASE...]    every case, or those named; --long: more data
    run.py --linux [CASE...]                on Debian's kernel, which is how the cases were proven

CASE is GROUP or GROUP/NAME. Groups, each one boot (pair: two machines joined by a socket):
    user    Debian's programs behind QEMU's user network: DHCP, names, ping, wget, curl, ssh, nginx, iperf3
    alpine  Alpine's root file system: ip=dhcp, udhcpc, apk with a repository of our own. Skipped where there is none
    tap     one behind a tap device of a network namespace: offloads, several queues, the control queue. Needs /dev/net/tun
    queues  the same with several queue pairs
    pair    one machine serves addresses, names, redis and nginx to the other
Cases of a group run in the order in which they are written; after one that fails the others are tried all the same. Consoles are in build/ARCH/e2e/*.log.
"""
import glob
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))

import alpine   # noqa: E402
import modules  # noqa: E402
import pair     # noqa: E402
import queues   # noqa: E402
import tap      # noqa: E402
import user     # noqa: E402
from machine import ARCH, STORE, Failed  # noqa: E402

GROUPS = {"user": user, "alpine": alpine, "pair": pair, "tap": tap, "queues": queues}
DEB_ARCH = {"arm64": "arm64", "x86_64": "amd64"}[ARCH]
ALPINE_ARCH = {"arm64": "aarch64", "x86_64": "x86_64"}[ARCH]
TRIPLET = {"arm64": "aarch64-linux-gnu", "x86_64": "x86_64-linux-gnu"}[ARCH]
PACKAGES = """bash dash coreutils grep sed mawk procps util-linux mount ncurses-base netbase busybox udhcpc vim-tiny iproute2
    iputils-ping curl dropbear-bin openssh-client openssh-sftp-server nginx-light redis-server redis-tools iperf3 wrk
    dnsmasq-base tcpdump"""
LEFT_OUT = ["usr/share/perl", "usr/share/perl5", "usr/lib/%s/perl" % TRIPLET, "usr/lib/%s/perl-base" % TRIPLET,
            "usr/bin/perl5.36.0", "usr/share/vim", "usr/lib/%s/gconv" % TRIPLET, "usr/share/zoneinfo", "usr/share/dns",
            "usr/lib/%s/libicudata.so.72.1" % TRIPLET]


class Suite:
    """What a group needs: its ramdisk, the kernel, and the tally."""

    def __init__(self, kernel, wanted, long):
        self.kernel, self.wanted, self.long = kernel, wanted, long
        self.passed = self.failed = self.skipped = 0
        self.work = tempfile.TemporaryDirectory(prefix="aramid-net-")

    def asked(self, group, name):
        return not self.wanted or group in self.wanted or "%s/%s" % (group, name) in self.wanted

    def cases(self, group):
        """Names of a group's cases that are asked for: its functions case_NAME, in order. ALWAYS: what others build on."""
        names = [n[5:] for n in vars(GROUPS[group]) if n.startswith("case_")]
        asked = [n for n in names if self.asked(group, n)]
        return [n for n in names if n in asked or (asked and n in GROUPS[group].ALWAYS)]

    def run(self, group, *what):
        """Every case of a group on machines that are up."""
        for name in self.cases(group):
            started = time.monotonic()
            try:
                why = getattr(GROUPS[group], "case_" + name)(self, *what)
                self.report(group, name, None, why, started)
            except Failed as e:
                self.report(group, name, str(e), None, started)

    def report(self, group, name, error, skip, started):
        if error is not None:
            self.failed += 1
            print("not ok - net %s/%s" % (group, name))
            print("".join("#   %s\n" % x for x in error.splitlines()[:25]), end="")
        elif skip:
            self.skipped += 1
            print("ok - net %s/%s # skip %s" % (group, name, skip))
        else:
            self.passed += 1
            print("ok - net %s/%s (%.1f s)" % (group, name, time.monotonic() - started))
        sys.stdout.flush()

    def path(self, name):
        return os.path.join(self.work.name, name)

    def ramdisk(self, root):
        """That root with what the guest's end of the suite needs, for one boot."""
        over = self.path("over")
        if not os.path.isdir(over):
            os.makedirs(over + "/suite")
            subprocess.run(["cp", "tests/net/agent.sh", over + "/suite/"], check=True)
            if not self.kernel:
                with open(over + "/suite/modules", "w", encoding="ascii") as f:
                    f.write("".join(m + "\n" for m in modules.unpack(DEB_ARCH, over + "/suite")))
            subprocess.run(["tools/mkroot.py", "-o", self.path("over.cpio"), "-a", "tools/root-init.sh=.aramid-init", over],
                           check=True)
        out = self.path("ramdisk-" + os.path.basename(root))
        if not os.path.exists(out):
            with open(out, "wb") as f:
                subprocess.run(["cat", root, self.path("over.cpio")], stdout=f, check=True)
        return out

    def debian(self):
        """A root of Debian's packages, packed once."""
        root = os.path.join(STORE, "debian.cpio")
        made_of = [os.path.getmtime(f) for f in (__file__, "tools/mkroot-debian.sh", "tools/mkroot.py")]
        if not os.path.exists(root) or os.path.getmtime(root) < max(made_of):
            subprocess.run(["tools/mkroot-debian.sh", "-a", ARCH, "-o", root, "-b", PACKAGES, "--"] +
                           ["-x" + x for x in LEFT_OUT], check=True, stdin=subprocess.DEVNULL)
        return self.ramdisk(root)

    def alpine(self):
        """Alpine's minirootfs, or None."""
        pattern = "alpine-minirootfs-*-%s.tar.gz" % ALPINE_ARCH
        cache = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "aramid")
        found = [os.environ.get("ALPINE", "")] + glob.glob(os.path.join(cache, pattern)) + \
            glob.glob(os.path.join("../shared/data", pattern))
        for f in found:
            if f and os.path.exists(f):
                subprocess.run(["tools/mkroot.py", "-o", self.path("alpine.cpio"), f], check=True)
                return self.ramdisk(self.path("alpine.cpio"))
        return None


def main(args):
    kernel = os.environ.get("IMAGE") or "build/%s/%s" % (ARCH, {"arm64": "Image", "x86_64": "bzImage"}[ARCH])
    long = False
    while args and args[0].startswith("-"):
        word = args.pop(0)
        if word == "-k":
            kernel = args.pop(0)
        elif word == "--linux":
            kernel = None
        elif word == "--long":
            long = True
        else:
            sys.exit(__doc__)
    suite = Suite(kernel, args, long)
    if not any(suite.cases(g) for g in GROUPS):
        sys.exit("net: no such case")
    for group, module in GROUPS.items():
        if not suite.cases(group):
            continue
        try:
            module.boot(suite)
        except Failed as e:
            suite.report(group, "boot", str(e), None, time.monotonic())
    print("%d passed, %d failed" % (suite.passed, suite.failed) + (", %d skipped" % suite.skipped if suite.skipped else ""))
    return suite.failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
