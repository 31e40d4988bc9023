#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Type commands at the prompt of a U-Boot running in QEMU.

usage: uboot.py SECONDS LOG COMMAND... -- QEMU ARGS...

Ends when QEMU ends, or kills it (by process id) after SECONDS; the exit status says which.
"""
import os
import select
import subprocess
import sys
import time


def main():
    split = sys.argv.index("--")
    limit, log, *commands = sys.argv[1:split]
    end = time.monotonic() + float(limit)
    qemu = subprocess.Popen(
        sys.argv[split + 1:] + ["-display", "none", "-monitor", "none", "-serial", "stdio"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    seen = b""
    stopped = False
    with open(log, "wb") as out:
        while time.monotonic() < end:
            if not select.select([qemu.stdout], [], [], 0.5)[0]:
                continue
            data = os.read(qemu.stdout.fileno(), 65536)
            if not data:
                break
            out.write(data)
            out.flush()
            seen += data
            # Any key stops the countdown; afterwards each prompt takes the next command.
            answer = None
            if not stopped and b"stop autoboot" in seen:
                answer, stopped = b"\n", True
            elif stopped and commands and seen.endswith(b"=> "):
                answer = commands.pop(0).encode() + b"\n"
            if answer:
                seen = b""
                qemu.stdin.write(answer)
                qemu.stdin.flush()
    if qemu.poll() is None:
        try:
            qemu.wait(2)
        except subprocess.TimeoutExpired:
            qemu.kill()
            qemu.wait()
            sys.exit(124)
    sys.exit(qemu.returncode)


main()
