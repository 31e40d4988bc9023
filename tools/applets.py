#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Print the applet names inside a busybox binary of any architecture, without running it.

They lie in the binary as one sorted block of zero-terminated names that starts with `[', `[['.
"""
import re
import sys

data = open(sys.argv[1], "rb").read()
start = data.find(b"\0[\0[[\0") + 1
if start == 0:
    sys.exit(f"applets: {sys.argv[1]}: no table of applets")
for name in data[start:].split(b"\0"):
    if not re.fullmatch(rb"[\[a-z0-9_.-]+", name):
        break
    print(name.decode())
