# SPDX-License-Identifier: MIT
"""A guest under QEMU that does what it is told over its console.

    with Machine("name", ramdisks, "-netdev ...") as m:
        m.sh("ip addr")                 # its output, or Failed when its status is not 0 or it takes too long

The console is a Unix socket. The guest's first program is tests/net/agent.sh; see there for the protocol. All that was
ever said is in build/ARCH/e2e/NAME.log. QEMU is ended by its own process.
"""
import os
import re
import selectors
import shlex
import socket
import subprocess
import tempfile
import time

ARCH = os.environ.get("ARCH", "arm64")
STORE = "build/%s/e2e" % ARCH
LOOPBACK = "127.0.0.1"


class Failed(Exception):
    """A test failed; the text says what was seen."""


def wait_for(what, condition, seconds=30):
    """Until condition() is true; its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed("%s: not after %d s" % (what, seconds))
        time.sleep(0.05)


class Machine:
    """One guest. Options: kernel (an image, or None for Debian's), smp, mem, words (more command line)."""

    def __init__(self, name, ramdisk, netdev, kernel=None, smp=2, mem=512, words="", seconds=600):
        self.name = name
        self.seen = b""
        self.said = ""
        self.count = 0
        self.dir = tempfile.TemporaryDirectory(prefix="aramid-net-")
        os.makedirs(STORE, exist_ok=True)
        self.log = open(os.path.join(STORE, name + ".log"), "wb")
        paths = [os.path.join(self.dir.name, x) for x in ("console", "monitor")]
        listeners = []
        for path in paths:      # QEMU connects to us: no moment in which a socket is not there yet
            s = socket.socket(socket.AF_UNIX)
            s.bind(path)
            s.listen(1)
            s.settimeout(60)
            listeners.append(s)
        command = ["tools/qemu.sh", "-r", ramdisk, "-s", str(smp), "-m", str(mem), "-t", str(seconds),
                   "-S", "unix:" + paths[0]]
        command += ["-k", kernel] if kernel else ["--linux"]
        command += ["-a", "quiet loglevel=4 panic=-1 rdinit=/.aramid-init autorun=/suite/agent.sh " + words]
        command += ["--", "-chardev", "socket,id=mon,path=" + paths[1], "-mon", "chardev=mon,mode=readline"] + netdev
        self.end = time.monotonic() + seconds
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
        try:
            self.console, self.monitor = (s.accept()[0] for s in listeners)
        except socket.timeout as e:
            self.stop()
            raise Failed("%s: QEMU did not start" % name) from e
        finally:
            for s in listeners:
                s.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()    # it is timeout(1), which hands it on
        self.process.wait()
        self.log.close()
        self.dir.cleanup()

    def receive(self, until, seconds):
        """What the console says up to the expression; the match."""
        end = min(time.monotonic() + seconds, self.end)
        pattern = re.compile(until, re.M)
        with selectors.DefaultSelector() as sel:
            sel.register(self.console, selectors.EVENT_READ)
            while True:
                m = pattern.search(self.seen)
                if m:
                    before, self.seen = self.seen[:m.start()], self.seen[m.end():]
                    return before, m
                left = end - time.monotonic()
                if left <= 0:
                    raise Failed("%s: no answer in %d s; it said %s" % (self.name, seconds, self.tail()))
                if not sel.select(left):
                    continue
                data = self.console.recv(65536)
                if not data:
                    raise Failed("%s: the machine ended; it said %s" % (self.name, self.tail()))
                self.log.write(data)
                self.log.flush()
                self.seen += data.replace(b"\r", b"")

    def tail(self):
        return repr(self.seen[-600:].decode(errors="replace"))

    def ready(self, seconds=120):
        self.receive(rb"^@@ ready\n", seconds)
        return self

    def start(self, line):
        """Have it begin a command whose end result() waits for."""
        assert "\n" not in line
        self.said = line
        self.log.write(b"\n>>> " + line.encode() + b"\n")
        self.count += 1
        self.console.sendall(b"%d %s\n" % (self.count, line.encode()))

    def result(self, seconds=60, status=0):
        before, m = self.receive(rb"\n@@ %d (\d+)\n" % self.count, seconds)
        text = before.decode(errors="replace").strip("\n")
        if status is not None and int(m.group(1)) != status:
            raise Failed("%s: status %s of %s\n%s" % (self.name, m.group(1).decode(), self.said, text[-1500:]))
        return text

    def sh(self, line, seconds=60, status=0):
        """Run a shell command to its end; what it printed. status None: any will do."""
        self.start(line)
        return self.result(seconds, status)

    def until(self, line, seconds=30):
        """Repeat a command until it succeeds: for what only the guest can see."""
        self.sh("read -r up _ </proc/uptime; end=$((${up%%.*} + %d)); until %s; do read -r up _ </proc/uptime; "
                "[ ${up%%.*} -lt $end ] || break; sleep 0.1; done; %s" % (seconds, line, line), seconds + 40)

    def put(self, path, text):
        """A file in the guest."""
        self.sh("printf %%b %s >%s" % (shlex.quote("".join("\\0%03o" % b for b in text.encode())), path))

    def forwarded(self, port):
        """The host's port that leads to the guest's: chosen by the host's kernel (port 0 on the command line)."""
        self.monitor.sendall(b"info usernet\n")
        text = b""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            self.monitor.settimeout(20)
            text += self.monitor.recv(65536)
            m = re.search(rb"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+%d\s" % port, text)
            if m:
                return int(m.group(1))
        raise Failed("no forwarded port %d in: %s" % (port, text.decode(errors="replace")))
