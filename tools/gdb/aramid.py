# SPDX-License-Identifier: MIT
#
# Helpers for gdb-multiarch, loaded by `make gdb` (or: source tools/gdb/aramid.py).
#
#   ar-tasks               every task: pid, state, CPU, name, where it sleeps
#   ar-bt PID              kernel backtrace of a task that is not running
#   ar-pt ADDR [PID]       walk of the page tables for an address
#   ar-mounts              mounts of the first namespace
#   ar-locks [PID]         sleeping locks that tasks hold (debug build)
#   ar-dmesg               the kernel log, also of a kernel that printed nothing
#   ar-cpu                 what each CPU runs
#
# They read memory only, so they work on a stopped machine in any state.

import gdb

X86 = any(f.name == "ksp" for f in gdb.lookup_type("struct arch_thread").fields())
# machine/layout.h: all of memory, linear
DIRECT_MAP = 0xFFFF888000000000 if X86 else 0xFFFF000000000000
STATES = [(32, "X"), (8, "T"), (16, "t"), (2, "D"), (1, "S")]
TASK_STATE_RUNNING = "R"


def value(expr):
    return gdb.parse_and_eval(expr)


def number(v):
    return int(v.cast(gdb.lookup_type("unsigned long"))) & 0xFFFFFFFFFFFFFFFF


def lookup(name):
    return gdb.lookup_type(name)


def container_of(ptr, typename, member):
    """ptr (an integer) to the member, as a pointer to the struct around it."""
    t = lookup(typename)
    off = None
    for f in t.fields():
        if f.name == member:
            off = f.bitpos // 8
    if off is None:
        raise gdb.GdbError("%s has no member %s" % (typename, member))
    return gdb.Value(ptr - off).cast(t.pointer())


def list_walk(head, typename, member, limit=100000):
    """Entries of a struct list_head. head: gdb.Value of the list_head itself."""
    start = number(head.address)
    at = number(head["next"])
    while at != start and at and limit:
        limit -= 1
        e = container_of(at, typename, member)
        yield e
        at = number(e[member]["next"])


def text(v, size=None):
    try:
        return v.string(errors="replace", length=size) if size else v.string(errors="replace")
    except (gdb.error, gdb.MemoryError):
        return "?"


def comm(task):
    return text(task["comm"]).split("\0")[0]


def symbol(addr):
    s = gdb.execute("info symbol 0x%x" % addr, to_string=True).strip()
    return s.split(" in section")[0] if "No symbol" not in s else "0x%x" % addr


def tasks():
    init = value("&init_task")
    seen = {number(init)}
    yield init
    for t in list_walk(value("all_tasks"), "struct task", "all_link"):
        if number(t) not in seen:
            seen.add(number(t))
            yield t


def find_task(pid):
    for t in tasks():
        if int(t["tid"]) == pid:
            return t
    raise gdb.GdbError("no task %d" % pid)


def state_of(task):
    s = int(task["state"])
    if int(task["exit_state"]):
        return "Z"
    for bit, letter in STATES:
        if s & bit:
            return letter
    return TASK_STATE_RUNNING


def memory(addr, n):
    return bytes(gdb.selected_inferior().read_memory(addr, n))


def read_u64(addr):
    return int.from_bytes(memory(addr, 8), "little")


def saved(task):
    """(pc, fp) of a task that was switched out: in struct arch_thread, or what x86_cpu_switch() pushed."""
    if X86:
        sp = number(task["arch"]["ksp"])  # R15, R14, R13, R12, RBX, RBP, return address
        return read_u64(sp + 48), read_u64(sp + 40)
    ctx = task["arch"]["context"]
    return number(ctx["pc"]), number(ctx["fp"])


def frames(pc, fp, lo, hi, limit=64):
    yield pc
    while lo <= fp < hi - 8 and fp % 8 == 0 and limit:
        limit -= 1
        nxt, pc = read_u64(fp), read_u64(fp + 8)
        if not pc:
            return
        yield pc
        if nxt <= fp:
            return
        fp = nxt


class Command(gdb.Command):
    def __init__(self, name, doc):
        self.__doc__ = doc
        super().__init__(name, gdb.COMMAND_USER)

    def invoke(self, arg, from_tty):
        try:
            self.run(gdb.string_to_argv(arg))
        except gdb.MemoryError as e:
            raise gdb.GdbError(str(e))


class Tasks(Command):
    def run(self, argv):
        print("  TID   PID  ST CPU  STRUCT TASK        NAME             WHERE")
        for t in tasks():
            proc = t["proc"]
            pid = int(proc["pid"]) if number(proc) else 0
            st = state_of(t)
            where = "" if st in "RXZ" else symbol(saved(t)[0])
            for pc in frames(*saved(t), *stack_of(t)) if st in "SDT" else []:
                where = symbol(pc)
                if not where.startswith(("schedule", "arch_switch", "arm64_switch", "x86_cpu_switch", "preempt_schedule", "rq_", "__schedule")):
                    break
            print("%5d %5d  %s  %3d  0x%x %-16s %s" % (int(t["tid"]), pid, st, int(t["head"]["cpu"]), number(t),
                                                    comm(t), where))


def stack_of(task):
    lo = number(task["head"]["kstack"])
    return lo, lo + 16384


def run_queue(cpu):
    off = number(value("percpu_offset[%d]" % cpu))
    at = (number(value("&runqueues")) + off) & 0xFFFFFFFFFFFFFFFF
    return gdb.Value(at).cast(lookup("struct rq").pointer())


class Backtrace(Command):
    def run(self, argv):
        if not argv:
            raise gdb.GdbError("ar-bt PID")
        t = find_task(int(argv[0], 0))
        if number(run_queue(int(t["head"]["cpu"]))["curr"]) == number(t):
            print("%s runs on CPU %d: use `thread N' and `bt'" % (comm(t), int(t["head"]["cpu"])))
            return
        pc, fp = saved(t)
        for i, at in enumerate(frames(pc, fp, *stack_of(t))):
            line = gdb.find_pc_line(at)
            src = "%s:%d" % (line.symtab.filename, line.line) if line.symtab else ""
            print("#%-2d 0x%016x %-40s %s" % (i, at, symbol(at), src))


class PageTables(Command):
    """arm64 and x86_64 both: four levels of 512 entries; the address of an entry's page is in bits 47-12."""
    SHIFTS = [39, 30, 21, 12]

    def root(self, addr, argv):
        if len(argv) > 1:
            t = find_task(int(argv[1], 0))
            mm = t["mm"]
            if not number(mm):
                raise gdb.GdbError("a kernel thread has no address space")
        elif addr >> 63:
            return number(value("(unsigned long)&%s_kernel_root" % ("x86" if X86 else "arm64")))
        else:
            mm = find_current()["mm"]
        return number(mm["arch"]["root"])

    def run(self, argv):
        if not argv:
            raise gdb.GdbError("ar-pt ADDR [PID]")
        addr = number(value(argv[0]))
        table = self.root(addr, argv)
        for level, shift in enumerate(self.SHIFTS):
            index = addr >> shift & 511
            entry = read_u64(table + index * 8)
            print("level %d  [%3d] at 0x%x: 0x%016x %s" % (level, index, table + index * 8, entry, self.flags(entry, level)))
            if not self.is_table(entry, level):
                return
            table = DIRECT_MAP + (entry & 0xFFFFFFFFF000)

    def is_table(self, e, level):
        return bool(e & 1 and level < 3 and (not e & 0x80 if X86 else e & 2))

    def flags(self, e, level):
        if not e & 1:
            return "none" if not e else "not accessible"
        if self.is_table(e, level):
            return "table"
        if X86:
            out = ["user" if e & 4 else "kernel", "rw" if e & 2 else "ro", "" if e & 0x20 else "old",
                   "dirty" if e & 0x40 else "", "global" if e & 0x100 else "", "nx" if e >> 63 else "x"]
            return " ".join(x for x in out if x)
        out = ["user" if e >> 6 & 1 else "kernel", "ro" if e >> 7 & 1 else "rw",
               "" if e >> 10 & 1 else "old", "" if e >> 11 & 1 else "global",
               "uxn" if e >> 54 & 1 else "ux", "pxn" if e >> 53 & 1 else "px", "attr%d" % (e >> 2 & 7)]
        return " ".join(x for x in out if x)


def find_current():
    """The task of the selected vCPU: SP_EL0 holds it while in the kernel, struct x86_cpu at GS always."""
    if X86:
        bases = [number(value(r)) for r in ("$gs_base", "$k_gs_base")]
        at = read_u64(next(b for b in bases if b >> 63))
    else:
        try:
            at = number(value("$SP_EL0"))
        except gdb.error:
            raise gdb.GdbError("this gdb cannot read SP_EL0: name a PID")
    return gdb.Value(at).cast(lookup("struct task").pointer())


def dentry_path(d, mnt=None):
    parts = []
    for _ in range(64):
        parent = d["parent"]
        if number(parent) == number(d):
            break
        parts.append(text(d["name"]["name"]))
        d = parent
    return "/" + "/".join(reversed(parts))


def mount_path(m):
    parts = []
    for _ in range(64):
        parent = m["parent"]
        if number(parent) == number(m):
            break
        parts.append(dentry_path(m["mountpoint"]).rstrip("/"))
        m = parent
    return "".join(reversed(parts)) or "/"


class Mounts(Command):
    def run(self, argv):
        for m in list_walk(value("init_mnt_ns")["mounts"], "struct mount", "ns_link"):
            sb = m["sb"]
            print("%3d 0x%x %-12s %-12s flags 0x%-5x refs %-4d %s" % (
                int(m["id"]), number(m), text(sb["type"]["name"]), text(m["devname"]) if number(m["devname"]) else "none",
                int(m["flags"]), int(m["refs"]["v"]), mount_path(m)))


class Locks(Command):
    def run(self, argv):
        if "nheld" not in [f.name for f in lookup("struct task").fields()]:
            raise gdb.GdbError("only the debug build keeps this (make CONFIG=debug)")
        only = int(argv[0], 0) if argv else None
        for t in tasks():
            if (only is not None and int(t["tid"]) != only) or not int(t["nheld"]):
                continue
            print("%s (%d):" % (comm(t), int(t["tid"])))
            for i in range(min(int(t["nheld"]), 16)):
                h = t["held"][i]
                print("  0x%x rank %d taken at %s" % (number(h["lock"]), int(h["rank"]), symbol(number(h["where"]))))


class Dmesg(Command):
    """The ring of kernel/debug/printk.c."""

    def run(self, argv):
        scope = "'kernel/debug/printk.c'::"
        ring = number(value(scope + "ring").address)
        size = value(scope + "ring").type.sizeof
        at = int(value(scope + "tail"))
        seq, end = int(value(scope + "first_seq")), int(value(scope + "next_seq"))
        header = lookup("struct entry").sizeof
        while seq < end:
            if at + header > size or int.from_bytes(memory(ring + at + 20, 2), "little") == 0xFFFF:
                at = 0
            raw = memory(ring + at, 24)
            ns = int.from_bytes(raw[8:16], "little")
            n = int.from_bytes(raw[20:22], "little")
            print("<%d>[%5d.%06d] %s" % (raw[22], ns // 10**9, ns % 10**9 // 1000,
                                         memory(ring + at + 24, n).decode(errors="replace")))
            at += (24 + n + 7) & ~7
            seq += 1


class Cpus(Command):
    def run(self, argv):
        for cpu in range(int(value("nr_cpus"))):
            rq = run_queue(cpu)
            curr = rq["curr"]
            if not number(curr):
                print("CPU %d: not started" % cpu)
                continue
            print("CPU %d: %s (%d), %d runnable, %d switches" % (
                cpu, comm(curr), int(curr["tid"]), int(rq["nr_running"]), int(rq["nr_switches"])))


Tasks("ar-tasks", "Every task: ids, state, CPU, name, where it sleeps.")
Backtrace("ar-bt", "ar-bt PID: kernel backtrace of a task that is not running.")
PageTables("ar-pt", "ar-pt ADDR [PID]: walk of the page tables.")
Mounts("ar-mounts", "Mounts of the first namespace.")
Locks("ar-locks", "ar-locks [PID]: sleeping locks held (debug build).")
Dmesg("ar-dmesg", "The kernel log.")
Cpus("ar-cpu", "What each CPU runs.")
print("aramid: ar-tasks ar-bt ar-pt ar-mounts ar-locks ar-dmesg ar-cpu")
