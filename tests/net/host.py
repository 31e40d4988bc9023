# SPDX-License-Identifier: MIT
"""What the host does for the tests: servers on its loopback, a client's terminal, files.

A guest behind QEMU's user network reaches the host's loopback at 10.0.2.2 and, over IPv6, at fec0::2. Servers bind ports
that are free: each is started on a port that was free a moment before, and on another one if it does not come up.
"""
import fcntl
import hashlib
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import time

from machine import Failed, LOOPBACK


def free_port(family=socket.AF_INET, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as s:
        s.bind((LOOPBACK if family == socket.AF_INET else "::1", 0))
        return s.getsockname()[1]


def has_ipv6():
    try:
        free_port(socket.AF_INET6)
        return True
    except OSError:
        return False


def random_file(path, size):
    """A file of random bytes; its SHA-256."""
    digest = hashlib.sha256()
    with open(path, "wb") as f:
        while size:
            block = os.urandom(min(size, 1 << 20))
            digest.update(block)
            f.write(block)
            size -= len(block)
    return digest.hexdigest()


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class Server:
    """A program that serves TCP, perhaps among others, on a free port of the loopback: command(port) is what to run."""

    def __init__(self, command, family=socket.AF_INET):
        self.port = 0
        for _ in range(5):
            self.port = free_port(family)
            self.process = subprocess.Popen(command(self.port), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.PIPE)
            if self.listening(family):
                return
            self.stop()
        raise Failed("%s does not start: %s" % (command(0)[0], self.process.stderr.read().decode()))

    def listening(self, family):
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket(family) as s:
                if s.connect_ex((LOOPBACK if family == socket.AF_INET else "::1", self.port)) == 0:
                    return True
            time.sleep(0.05)
        return False

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def httpd(folder, family=socket.AF_INET):
    """Busybox's, over a folder."""
    at = LOOPBACK if family == socket.AF_INET else "[::1]"
    return Server(lambda port: ["busybox", "httpd", "-f", "-p", "%s:%d" % (at, port), "-h", folder], family)


def dnsmasq(records):
    """A name server with these addresses, on a port of its own."""
    args = ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file=",
            "--bind-interfaces", "--listen-address=" + LOOPBACK, "--user=root", "--local=/aramid.test/"]
    args += ["--host-record=%s,%s" % r for r in records]
    return Server(lambda port: args + ["--port=%d" % port])


def run(argv, seconds=60, status=0, text=None):
    """A program of the host to its end; what it printed."""
    try:
        r = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=seconds, check=False,
                           stdin=subprocess.DEVNULL if text is None else None)
    except subprocess.TimeoutExpired as e:
        raise Failed("%s: not done in %d s; %r %r" % (" ".join(argv), seconds, e.stdout, e.stderr)) from e
    if status is not None and r.returncode != status:
        raise Failed("%s: status %d\n%s%s" % (" ".join(argv), r.returncode, r.stdout[-1000:], r.stderr[-1000:]))
    return r.stdout


class Terminal:
    """A program on a pseudo-terminal of the host, as a person sits before it."""

    def __init__(self, argv, rows=24, cols=80):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ["TERM"] = "xterm"
            os.execvp(argv[0], argv)
        self.size(rows, cols)

    def size(self, rows, cols):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("4H", rows, cols, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern, seconds=30):
        """Until the expression has been printed; the match."""
        end = time.monotonic() + seconds
        while True:
            m = re.search(pattern, self.seen)
            if m:
                self.seen = self.seen[m.end():]
                return m
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise Failed("the terminal does not say %r but %r" % (pattern, self.seen[-500:]))
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                raise Failed("the terminal is closed; it said %r, not %r" % (self.seen[-500:], pattern))
            self.seen += data.decode(errors="replace")

    def end(self, seconds=20):
        """Wait for the program to end; its status."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode(errors="replace")
                except OSError:
                    pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise Failed("the program on the terminal does not end; it said %r" % self.seen[-500:])

    def close(self):
        os.close(self.fd)
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
