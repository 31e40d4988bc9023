#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py [-v] [--seed N] --qemu COMMAND... -- [PATTERN...]: see run.sh"""
import argparse
import fnmatch
import os
import random
import shlex
import sys
import time
import traceback

import cases_ip   # noqa: F401
import cases_offload  # noqa: F401     before paths of the others have become narrow
import cases_tcp  # noqa: F401
import cases_dhcp
import cases_machine  # noqa: F401
from peer import Failure, Guest, Peer, Skip
from suite import cases


def boot(args):
    g = Guest(args.command, args.work)
    first = g.line(120)
    if first is None or 'ready eth0' not in first:
        raise Failure(f'the guest does not come up: {first}')
    p = Peer(g)
    if (r := g('setup 10.9.0.2 255.255.255.0 10.9.0.1')) != '0':
        raise Failure(f'setup: {r}')
    p.until_up6()
    return g, p


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('-v', action='store_true')
    parser.add_argument('--seed', type=int, default=random.randrange(1 << 31))
    parser.add_argument('--command', type=shlex.split, required=True)
    parser.add_argument('--work', required=True)
    parser.add_argument('--linux', action='store_true')
    parser.add_argument('--offload', action='store_true')
    parser.add_argument('only', nargs='*')
    args = parser.parse_args()
    random.seed(args.seed)
    Guest.offload = args.offload
    passed = failed = skipped = 0
    g = p = None
    dhcp = cases_dhcp.Boots(args)
    for c in cases:
        name = c.__name__
        if args.only and not any(fnmatch.fnmatch(name, o) for o in args.only):
            continue
        # The device is nothing to the others.
        if c.offload > args.offload or (args.offload and c.__module__ not in ('cases_tcp', 'cases_offload')):
            continue
        if args.linux and c.aramid_only:
            skipped += 1
            print(f'ok - packets {name} # skip: {c.aramid_only}')
            continue
        began = time.monotonic()
        try:
            if c.boot == 'static':
                if g is None:
                    g, p = boot(args)
                g('closeall')
                p.answers = True
                p.drain()
                p.seen.clear()
                c(g, p)
            elif c.boot == 'own':
                c(args)
            else:
                c(dhcp)
            passed += 1
            print(f'ok - packets {name}' + (f' ({time.monotonic() - began:.2f} s)' if args.v else ''))
        except Skip as e:
            skipped += 1
            print(f'ok - packets {name} # skip: {e}')
        except (Failure, OSError) as e:
            failed += 1
            print(f'not ok - packets {name}: {e} (--seed {args.seed})')
            peer = {'static': p, 'dhcp': dhcp.p}.get(c.boot)
            for q in (peer.seen if peer else [])[-12:]:
                print(f'#   {q}')
            if args.v:
                traceback.print_exc()
            if g and g.qemu.poll() is not None:
                print('#   the guest has ended')
                g = None
        sys.stdout.flush()
    if g:
        if g.qemu.poll() is None:
            g.stop()
    dhcp.stop()
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    return failed or not passed


if __name__ == '__main__':
    sys.exit(1 if main() else 0)
