#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
pcloader.py: a PC's firmware and boot loader for one test. Boots bzImage by Linux's x86 boot protocol, with a zero page, a
memory map and ACPI tables in which every byte is this program's; prints the QEMU arguments that put them into memory.

	pcloader.py -k BZIMAGE -d DIR [-r RAMDISK] [-a WORDS] [--at ADDRESS] [--bits 32|64] [--memory MIB] [--cpus N]
		[--map START:SIZE:TYPE,...] [--map-by table|extension|none|loop|wild] [--rsdp find|tell|lie|none] [--xsdt]
		[--tables NAME,...] [--poke TABLE:OFFSET:HEX]... [--poke-raw TABLE:OFFSET:HEX]...
		[--ramdisk-at ADDRESS] [--ramdisk-say START:SIZE] [--zero-page OFFSET:HEX]...

--poke writes into a table and makes its checksum right again, --poke-raw does not. The tables are those of QEMU's q35 as far as
the kernel reads them. References: the kernel's Documentation of the x86 boot protocol and zero page; ACPI 6.5, 5.2.
"""
import argparse
import os
import struct
import subprocess
import sys

ROM = 0xF0000		# where the last 64 KiB of the firmware are seen below 1 MiB
ZERO_PAGE, WORDS, SETUP_DATA = 0x90000, 0x91000, 0x92000


def sealed(table, at=9, size=None):
    table = bytearray(table)
    table[at] = 0
    table[at] = -sum(table[:size]) & 0xFF
    return table


def table(sig, body, rev=1):
    head = sig + struct.pack("<IBB6s8sI4sI", 36 + len(body), rev, 0, b"ARAMID", b"PCLOADER", 1, b"TEST", 1)
    return sealed(head + body)


def madt(cpus):
    body = struct.pack("<II", 0xFEE00000, 1)
    for i in range(cpus):
        body += struct.pack("<BBBBI", 0, 8, i, i, 1)
    body += struct.pack("<BBBBII", 1, 12, 0, 0, 0xFEC00000, 0)
    for src, gsi, flags in ((0, 2, 0), (5, 5, 13), (9, 9, 13), (10, 10, 13), (11, 11, 13)):
        body += struct.pack("<BBBBIH", 2, 10, 0, src, gsi, flags)
    body += struct.pack("<BBBHB", 4, 6, 0xFF, 0, 1)
    return table(b"APIC", body)


def fadt(dsdt):
    p = bytearray(244)
    struct.pack_into("<I", p, 40, dsdt)
    struct.pack_into("<I", p, 64, 0x604)		# PM1a control
    struct.pack_into("<I", p, 76, 0x608)		# PM timer
    p[88], p[89], p[91] = 4, 2, 4
    p[108] = 0x32
    struct.pack_into("<H", p, 109, 2)
    struct.pack_into("<I", p, 112, 1 << 10 | 1 << 5)	# reset register
    struct.pack_into("<BBBBQ", p, 116, 1, 8, 0, 1, 0xCF9)
    p[128] = 0x0F
    return table(b"FACP", bytes(p[36:]), 3)


def acpi(o, base):
    """The blob of all tables for physical address @base, root pointer first. Also returns the address of the root pointer."""
    dsdt = table(b"DSDT", b"\x08_S5_\x12\x06\x04\x00\x00\x00\x00")
    made = {
        "APIC": madt(o.cpus),
        "HPET": table(b"HPET", struct.pack("<IBBBBQBHB", 0x8086A201, 0, 64, 0, 0, 0xFED00000, 0, 0, 0)),
        "MCFG": table(b"MCFG", bytes(8) + struct.pack("<QHBBI", 0xB0000000, 0, 0, 255, 0)),
    }
    blob = bytearray(36)
    where = {}

    def place(name, t):
        nonlocal blob
        blob += bytes(-len(blob) % 16)
        where[name] = base + len(blob)
        for raw, pokes in ((False, o.poke), (True, o.poke_raw)):
            for p in pokes:
                n, off, data = p.split(":")
                if n != name:
                    continue
                t = bytearray(t)
                data = bytes.fromhex(data)
                t[int(off, 0):int(off, 0) + len(data)] = data
                if not raw:
                    t = sealed(t)
        blob += t

    place("DSDT", dsdt)
    made["FACP"] = fadt(where["DSDT"])
    names = [n for n in o.tables.split(",") if n]
    for n in names:
        if n in made:
            place(n, made[n])
    # A name that is none is an address of its own: 0x...; SELF is the root table itself.
    blob += bytes(-len(blob) % 16)
    where["SELF"] = base + len(blob)
    entries = [where[n] if n in where else int(n, 0) for n in names]
    root = table(b"XSDT", b"".join(struct.pack("<Q", e) for e in entries)) if o.xsdt else \
        table(b"RSDT", b"".join(struct.pack("<I", e & 0xFFFFFFFF) for e in entries))
    place("ROOT", root)
    rsdp = bytearray(struct.pack("<8sB6sBIIQB3x", b"RSD PTR ", 0, b"ARAMID", 2 if o.xsdt else 0,
                                 0 if o.xsdt else where["ROOT"], 36, where["ROOT"] if o.xsdt else 0, 0))
    for p in o.poke:
        n, off, data = p.split(":")
        if n == "RSDP":
            data = bytes.fromhex(data)
            rsdp[int(off, 0):int(off, 0) + len(data)] = data
    rsdp = sealed(rsdp, 8, 20)
    if o.xsdt:
        rsdp = sealed(rsdp, 32)
    for p in o.poke_raw:
        n, off, data = p.split(":")
        if n == "RSDP":
            data = bytes.fromhex(data)
            rsdp[int(off, 0):int(off, 0) + len(data)] = data
    blob[:36] = rsdp
    return bytes(blob)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("-k", required=True)
    a.add_argument("-d", required=True)
    a.add_argument("-r")
    a.add_argument("-a", default="")
    a.add_argument("--at", type=lambda s: int(s, 0), default=0x1000000)
    a.add_argument("--bits", type=int, default=32)
    a.add_argument("--memory", type=int, default=256)
    a.add_argument("--cpus", type=int, default=2)
    a.add_argument("--map")
    a.add_argument("--map-by", default="table")
    a.add_argument("--rsdp", default="find")
    a.add_argument("--xsdt", action="store_true")
    a.add_argument("--tables", default="FACP,APIC,HPET,MCFG")
    a.add_argument("--poke", action="append", default=[])
    a.add_argument("--poke-raw", action="append", default=[])
    a.add_argument("--ramdisk-at", type=lambda s: int(s, 0), default=0xA000000)
    a.add_argument("--ramdisk-say", help="START:SIZE to tell the kernel instead of the truth")
    a.add_argument("--zero-page", action="append", default=[], help="OFFSET:HEX, written over all the rest")
    o = a.parse_args()
    os.makedirs(o.d, exist_ok=True)

    def keep(name, data):
        path = os.path.join(o.d, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    args = []

    def load(name, data, at):
        args.extend(["-device", "loader,file=%s,addr=%#x,force-raw=on" % (keep(name, data), at)])

    image = open(o.k, "rb").read()
    setup = (image[0x1F1] + 1) * 512
    load("kernel", image[setup:], o.at)

    # ---- zero page
    zp = bytearray(4096)
    end = 0x202 + image[0x201]
    zp[0x1F1:end] = image[0x1F1:end]
    zp[0x210] = 0xFF				# a loader without a number
    struct.pack_into("<I", zp, 0x214, o.at)
    struct.pack_into("<I", zp, 0x228, WORDS)
    load("words", o.a.encode() + b"\0", WORDS)
    if o.r:
        data = open(o.r, "rb").read()
        at, size = o.ramdisk_at, len(data)
        load("ramdisk", data, at)
        if o.ramdisk_say:
            at, size = (int(v, 0) for v in o.ramdisk_say.split(":"))
        struct.pack_into("<II", zp, 0x218, at & 0xFFFFFFFF, size & 0xFFFFFFFF)
        struct.pack_into("<II", zp, 0xC0, at >> 32, size >> 32)
    top = o.memory << 20
    text = o.map or "0:0x9fc00:1,0x9fc00:0x400:2,0xf0000:0x10000:2,0x100000:%#x:1" % (top - 0x100000)
    text = text.replace("TOP", str(top)).replace("REST", str(top - 0x100000))
    entries = [tuple(int(v, 0) & (2 ** 64 - 1) for v in e.split(":")) for e in text.split(",")]
    raw = [struct.pack("<QQI", *e) for e in entries]
    in_page = len(raw)
    if o.map_by == "none":
        in_page = 0
        struct.pack_into("<I", zp, 0x1E0, (top - 0x100000) >> 10)
    if o.map_by == "extension":
        in_page = 1
        rest = b"".join(raw[1:])
        load("setup_data", struct.pack("<QII", 0, 1, len(rest)) + rest, SETUP_DATA)
        struct.pack_into("<Q", zp, 0x250, SETUP_DATA)
    if o.map_by == "loop":			# a chain that bites its tail
        load("setup_data", struct.pack("<QII", SETUP_DATA, 77, 0), SETUP_DATA)
        struct.pack_into("<Q", zp, 0x250, SETUP_DATA)
    if o.map_by == "wild":			# and one that leads nowhere
        struct.pack_into("<Q", zp, 0x250, 0xFFFFFFFFFFFFF000)
    in_page = min(in_page, 128)
    zp[0x1E8] = in_page
    zp[0x2D0:0x2D0 + 20 * in_page] = b"".join(raw[:in_page])

    # ---- ACPI: in the ROM, where it is looked for, or in memory, where only the zero page leads
    rom = bytearray(65536)
    if o.rsdp == "find":
        blob = acpi(o, ROM + 0x100)
        rom[0x100:0x100 + len(blob)] = blob
    elif o.rsdp == "tell":
        load("acpi", acpi(o, 0x98000), 0x98000)
        struct.pack_into("<Q", zp, 0x70, 0x98000)
    elif o.rsdp == "lie":
        struct.pack_into("<Q", zp, 0x70, 0xFFFFFFFFFFFFFFF0)
    for p in o.zero_page:
        off, data = p.split(":")
        data = bytes.fromhex(data)
        zp[int(off, 0):int(off, 0) + len(data)] = data
    load("zero_page", bytes(zp), ZERO_PAGE)

    # ---- firmware
    obj, elf, binary = (os.path.join(o.d, n) for n in ("firmware.o", "firmware.elf", "firmware.bin"))
    here = os.path.dirname(os.path.abspath(__file__))
    cross = os.environ.get("CROSS", "x86_64-linux-gnu-")
    subprocess.run([cross + "gcc", "-m64", "-c", "-DKERNEL=%#x" % o.at, "-DZERO_PAGE=%#x" % ZERO_PAGE, "-DBITS=%d" % o.bits,
                    "-o", obj, os.path.join(here, "pcloader.S")], check=True)
    subprocess.run([cross + "ld", "-Ttext=0xfffff000", "-e", "0xfffffff0", "-o", elf, obj], check=True)
    subprocess.run([cross + "objcopy", "-O", "binary", "-j", ".text", elf, binary], check=True)
    code = open(binary, "rb").read()
    if len(code) != 4096:
        sys.exit("pcloader: the firmware has %d bytes" % len(code))
    rom[0xF000:] = code
    args.extend(["-bios", keep("rom", bytes(rom))])
    print("\n".join(args))


main()
