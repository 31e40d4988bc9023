#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""profile.py ELF LOG [-n ROWS] [-c]: where a guest's instructions go, by kernel function.

LOG is what QEMU writes with `-d in_asm,exec,nochain -D LOG` (one CPU). Each translated block is
counted as often as it ran, weighed with its instructions. Addresses outside the ELF's text are
the user's. With -c the callers' own cost is left out (it is self cost anyway); -n limits rows.
"""
import bisect
import re
import subprocess
import sys


def symbols(elf):
    out = subprocess.run(["nm", "-n", elf], capture_output=True, text=True, check=True).stdout
    rows = [l.split() for l in out.splitlines()]
    rows = [(int(r[0], 16), r[2]) for r in rows if len(r) == 3 and r[1] in "tTwW"]
    return [r[0] for r in rows], [r[1] for r in rows]


def main():
    elf, log = sys.argv[1:3]
    rows = int(sys.argv[sys.argv.index("-n") + 1]) if "-n" in sys.argv else 40
    addrs, names = symbols(elf)
    size, count = {}, {}
    block = None
    trace = re.compile(r"Trace \d+: \S+ \[\w+/(\w+)/")
    insn = re.compile(r"^0x([0-9a-f]+):\s")
    with open(log, errors="replace") as f:
        for line in f:
            m = trace.match(line)
            if m:
                pc = int(m.group(1), 16)
                count[pc] = count.get(pc, 0) + 1
                continue
            m = insn.match(line)
            if m:
                if block is None:
                    block = int(m.group(1), 16)
                    size[block] = 0
                size[block] += 1
            elif line.startswith("IN:") or line.startswith("----"):
                block = None
    total, by = 0, {}
    for pc, n in count.items():
        cost = n * size.get(pc, 1)
        i = bisect.bisect_right(addrs, pc) - 1
        name = names[i] if pc >> 63 and i >= 0 else "(user)"
        by[name] = by.get(name, 0) + cost
        total += cost
    for name, cost in sorted(by.items(), key=lambda x: -x[1])[:rows]:
        print(f"{100 * cost / total:6.2f} % {cost:12d}  {name}")
    print(f"total {total}")


main()
