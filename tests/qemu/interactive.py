#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Use the default ramdisk's shell over the serial console as a person would.

usage: interactive.py QEMU-COMMAND...      (tools/qemu.sh -i and its arguments)

Each step waits for what should be on the screen and then types. Prints TAP lines and a summary.
"""
import os
import pty
import fcntl
import re
import select
import signal
import struct
import sys
import termios
import time

STEP_SECONDS = 30
# name, what must appear (a pattern, escape sequences removed), what is typed then
STEPS = [
    ("a prompt appears", r"root@aramid:~# $", "stty size; tty\r"),
    ("the terminal has the size of the one outside", r"30 100\s+/dev/tty(AMA|S)0", ""),
    ("the prompt is back", r"# $", "echo one two\r"),
    ("a command prints", r"\none two\s", ""),
    ("the prompt follows", r"# $", "\x1b[A"),
    ("history recalls", r"echo one two$", "\x15sleep 100\r"),
    ("a program runs", r"sleep 100\s+$", "\x1a"),
    ("Ctrl-Z stops it", r"Stopped\s+sleep 100[^#]*# $", "fg\r"),
    ("fg continues it", r"sleep 100\s+$", "\x03"),
    ("Ctrl-C ends it", r"# $", "cat\r"),
    ("a reader waits", r"cat\s+$", "typed\r"),
    ("it echoes a line", r"typed\s+typed\s+$", "\x04"),
    ("Ctrl-D ends it", r"# $", "vi /tmp/new\r"),
    ("vi opens", r"/tmp/new", "ihello from vi\x1b"),
    ("vi shows what is typed", r"hello from vi", ":wq\r"),
    ("vi leaves", r"# $", "cat /tmp/new\r"),
    ("and has written the file", r"\nhello from vi\s+[^#]*# $", "top\r"),
    ("top shows load and processes", r"Load average(.|\n)*COMMAND", "q"),
    ("top leaves", r"# $", "sleep 60 &\r"),
    ("a background job starts", r"# $", "jobs; kill %1; sleep 1; echo\r"),
    ("it is listed, and ended", r"Running\s+sleep 60(.|\n)*Terminated\s+sleep 60(.|\n)*# $", "seq 1000 | tail -n 1\r"),
    ("a pipeline", r"\n1000\s[^#]*# $", "sh -c 'kill -9 $PPID'\r"),
    ("a killed shell comes back", r"Killed(.|\n)*# $", "echo back\r"),
    ("and works", r"\nback\s[^#]*# $", "exit\r"),
]


def main():
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "vt100"
        time.sleep(0.2)  # until the window has its size
        os.execvp(sys.argv[1], sys.argv[1:])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    passed = failed = 0
    screen = ""

    def receive(seconds):
        nonlocal screen
        if not select.select([fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(fd, 65536)
        except OSError:
            data = b""
        screen += data.decode(errors="replace")
        return bool(data)

    def text():
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-B0]|\r", "", screen)

    for name, pattern, typed in STEPS:
        end = time.monotonic() + STEP_SECONDS
        while not re.search(pattern, text()) and time.monotonic() < end:
            receive(0.5)
        if not re.search(pattern, text()):
            print(f"not ok - shell {name}; the screen has: {text()[-300:]!r}")
            failed += 1
            break
        print(f"ok - shell {name}")
        passed += 1
        while receive(0.15):
            pass
        if typed:
            screen = ""
            os.write(fd, typed.encode())
    else:
        end = time.monotonic() + STEP_SECONDS
        while time.monotonic() < end and os.waitpid(pid, os.WNOHANG)[0] == 0:
            receive(0.2)
        try:
            os.kill(pid, 0)
            print("not ok - shell exit powers off")
            failed += 1
        except ProcessLookupError:
            print("ok - shell exit powers off")
            passed += 1
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
