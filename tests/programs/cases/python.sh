# SPDX-License-Identifier: MIT
#: python/subprocess
python3 - <<'END'
import subprocess as s, os, sys, signal
print(s.check_output(["echo", "hi"]), s.call(["sh", "-c", "exit 7"]), s.run("cat", input=b"x", capture_output=True, shell=True).stdout)
p = s.Popen(["sleep", "100"]); p.send_signal(signal.SIGTERM); print(p.wait())
try: s.run(["sleep", "10"], timeout=0.2)
except s.TimeoutExpired as e: print("timeout", e.cmd)
try: s.run(["/nothing"])
except FileNotFoundError as e: print(e)
p = s.Popen("read a; echo got $a >&2; exit 2", shell=True, stdin=s.PIPE, stderr=s.PIPE, start_new_session=True); print(p.communicate(b"data\n"), p.returncode)
p1 = s.Popen(["seq", "1000"], stdout=s.PIPE); p2 = s.Popen(["tail", "-n1"], stdin=p1.stdout, stdout=s.PIPE); p1.stdout.close(); print(p2.communicate()[0])
print(s.run(["env"], env={"A": "b"}, capture_output=True).stdout, s.run(["pwd"], cwd="/", capture_output=True).stdout)
r, w = os.pipe(); p = s.Popen(["sh", "-c", f"echo inherited >&{w}"], pass_fds=[w]); p.wait(); os.close(w); print(os.read(r, 100))
print(s.run(["id", "-u"], user=1000, group=1000, extra_groups=[], capture_output=True).stdout, os.posix_spawn("/bin/true", ["true"], {}) > 0, os.wait()[1])
END
#: python/threading
python3 - <<'END'
import threading, queue, time, concurrent.futures as f, os
q = queue.Queue(); out = []; lock = threading.Lock()
def work():
    while (i := q.get()) is not None:
        with lock: out.append(i * i)
        q.task_done()
ts = [threading.Thread(target=work, name=f"w{i}") for i in range(8)]
[t.start() for t in ts]; [q.put(i) for i in range(1000)]; q.join(); [q.put(None) for t in ts]; [t.join() for t in ts]
print(sum(out), len(out), threading.active_count())
b = threading.Barrier(4); r = []; c = threading.Condition(); ev = threading.Event(); sem = threading.BoundedSemaphore(2)
def bar():
    r.append(b.wait()); ev.wait()
ts = [threading.Thread(target=bar) for i in range(4)]; [t.start() for t in ts]; ev.set(); [t.join() for t in ts]; print(sorted(r))
with f.ThreadPoolExecutor(4) as e: print(list(e.map(lambda x: x + 1, range(5))))
t = threading.Timer(0.05, lambda: print("timer")); t.start(); t.join(); l = threading.Lock(); l.acquire(); print(l.acquire(timeout=0.05), sem.acquire(), threading.local() is not None)
print(threading.get_native_id() == os.getpid(), len(os.listdir("/proc/self/task"))); d = threading.Thread(target=time.sleep, args=(100,), daemon=True); d.start(); print("leaves with a daemon thread running")
END
#: python/multiprocessing
python3 - <<'END'
import multiprocessing as m, os, ctypes
def sq(x): return x * x
def child(q, v, l, c):
    with l: v.value += 1
    q.put(os.getpid() != c)
for method in ("fork",):
    ctx = m.get_context(method); q = ctx.Queue(); v = ctx.Value("i", 0); l = ctx.Lock()
    ps = [ctx.Process(target=child, args=(q, v, l, os.getpid())) for i in range(4)]; [p.start() for p in ps]; print([q.get() for p in ps]); [p.join() for p in ps]; print(v.value, [p.exitcode for p in ps])
    with ctx.Pool(3) as p: print(p.map(sq, range(10)), p.apply_async(sq, (9,)).get())
    a, b = ctx.Pipe(); p = ctx.Process(target=lambda: b.send([1, "x"])); p.start(); print(a.recv()); p.join(); p = ctx.Process(target=os._exit, args=(5,)); p.start(); p.join(); print(p.exitcode)
    p = ctx.Process(target=os.pause if hasattr(os, "pause") else __import__("signal").pause); p.start(); p.terminate(); p.join(); print(p.exitcode); s = ctx.Semaphore(1); print(s.acquire(), s.acquire(timeout=0.05)); e = ctx.Event(); p = ctx.Process(target=e.set); p.start(); print(e.wait(20)); p.join()
    arr = ctx.Array("d", 3); p = ctx.Process(target=lambda: arr.__setitem__(1, 2.5)); p.start(); p.join(); print(arr[:])
from multiprocessing import shared_memory as sm
s = sm.SharedMemory(create=True, size=100); s.buf[0] = 42
if os.fork() == 0:
    t = sm.SharedMemory(s.name); t.buf[1] = t.buf[0] + 1; os._exit(0)
os.wait(); print(s.buf[1]); s.close(); s.unlink()
END
#: python/mmap
python3 - <<'END'
import mmap, os
f = open("f", "w+b"); f.write(b"hello" + b"\0" * 8187); f.flush()
m = mmap.mmap(f.fileno(), 0); print(m[:5], len(m)); m[0:5] = b"HELLO"; m.flush(); print(open("f", "rb").read(5)); m.resize(16384); print(os.fstat(f.fileno()).st_size); m.madvise(mmap.MADV_DONTNEED); print(m.find(b"LLO"))
p = mmap.mmap(f.fileno(), 0, flags=mmap.MAP_PRIVATE); p[0] = 0x4a; print(p[:1], m[:1]); r = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
try: r[0] = 1
except TypeError as e: print(e)
a = mmap.mmap(-1, 4096)
if os.fork() == 0: a[0:3] = b"kid"; os._exit(0)
os.wait(); print(a[:3]); f.truncate(0); f.close()
pid = os.fork()
if pid == 0: m[0]; os._exit(0)
print(os.waitpid(pid, 0)[1]); b = mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); b[1 << 29] = 7; print(b[1 << 29], b[5])
END
#: python/select
python3 - <<'END'
import select, os, time, selectors, fcntl
r, w = os.pipe(); print(select.select([r], [w], [], 0)[1] == [w], select.select([r], [], [], 0.02)); os.write(w, b"x"); print(select.select([r], [], [], 5)[0] == [r])
p = select.poll(); p.register(r, select.POLLIN); print([e for f, e in p.poll(0)]); os.read(r, 1); print(p.poll(10)); e = select.epoll(); e.register(r, select.EPOLLIN | select.EPOLLET); os.write(w, b"ab"); print(len(e.poll(1)), len(e.poll(0.01))); e.modify(r, select.EPOLLIN | select.EPOLLONESHOT); print(len(e.poll(1)), len(e.poll(0.01))); e.unregister(r)
os.close(w); print([x for f, x in p.poll(0)]); os.read(r, 5); print(os.read(r, 5)); s = selectors.DefaultSelector(); print(type(s).__name__); a, b = os.pipe(); s.register(a, selectors.EVENT_READ, "data"); os.write(b, b"1"); print([k.data for k, m in s.select()])
fcntl.fcntl(a, fcntl.F_SETFL, os.O_NONBLOCK); os.read(a, 1)
try: os.read(a, 1)
except BlockingIOError as x: print(x)
print(os.eventfd(3) > 0, os.get_blocking(a)); fd = os.eventfd(2, os.EFD_SEMAPHORE); print(os.eventfd_read(fd), os.eventfd_read(fd)); m = os.memfd_create("x", os.MFD_ALLOW_SEALING); os.write(m, b"12"); fcntl.fcntl(m, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
try: os.write(m, b"3")
except PermissionError as x: print(x)
END
#: python/asyncio
python3 - <<'END'
import asyncio, os, signal
async def work(n, d):
    await asyncio.sleep(d); return n
async def main():
    print(await asyncio.gather(*(work(i, 0.01 * (5 - i)) for i in range(5))))
    p = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1); print(await p.communicate(b"via cat"), p.returncode)
    p = await asyncio.create_subprocess_shell("exit 9"); print(await p.wait())
    try: await asyncio.wait_for(asyncio.sleep(100), 0.05)
    except asyncio.TimeoutError: print("timeout")
    loop = asyncio.get_running_loop(); ev = asyncio.Event(); loop.add_signal_handler(signal.SIGUSR1, ev.set); os.kill(os.getpid(), signal.SIGUSR1); await ev.wait(); print("signal"); print(await loop.run_in_executor(None, lambda: 6 * 7))
    q = asyncio.Queue(3)
    async def prod():
        for i in range(6): await q.put(i)
        await q.put(None)
    t = asyncio.create_task(prod()); got = []
    while (x := await q.get()) is not None: got.append(x)
    print(got, await t); r, w = os.pipe(); f = loop.create_future(); loop.add_reader(r, lambda: f.done() or f.set_result(os.read(r, 10))); os.write(w, b"pipe"); print(await f)
asyncio.run(main())
END
#: python/asyncio_unix
python3 - <<'END'
import asyncio, socket, array, os
async def handle(r, w):
    while line := await r.readline(): w.write(line.upper())
    w.close()
async def main():
    s = await asyncio.start_unix_server(handle, "sock"); r, w = await asyncio.open_unix_connection("sock")
    for i in range(3): w.write(b"line %d\n" % i); print(await r.readline())
    async def many(i):
        r, w = await asyncio.open_unix_connection("sock"); w.write(b"c%d\n" % i); x = await r.readline(); w.close(); return x
    print(await asyncio.gather(*(many(i) for i in range(20)))); w.close(); s.close()
asyncio.run(main())
a, b = socket.socketpair(); r, w = os.pipe(); socket.send_fds(a, [b"fds"], [w]); m, fds, fl, ad = socket.recv_fds(b, 10, 4); os.write(fds[0], b"passed"); print(m, os.read(r, 10), len(fds))
u = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); u.bind("\0abstract"); u.listen(); c = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); c.connect("\0abstract"); d, _ = u.accept(); c.send(b"one"); c.send(b"two"); print(d.recv(100), d.recv(100), d.getsockname(), c.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[4:] == b"\0" * 8)
c.close(); print(d.recv(5)); x = socket.socket(socket.AF_UNIX)
try: x.connect("nothing")
except OSError as e: print(e)
END
#: python/ctypes
python3 - <<'END'
import ctypes, os, ctypes.util
c = ctypes.CDLL("libc.so.6", use_errno=True); print(c.getpid() == os.getpid(), c.strlen(b"hello"), c.close(-1), ctypes.get_errno(), c.toupper(97))
F = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int)); a = (ctypes.c_int * 5)(5, 3, 1, 4, 2); c.qsort(a, 5, 4, F(lambda x, y: x[0] - y[0])); print(list(a))
class T(ctypes.Structure): _fields_ = [("s", ctypes.c_long), ("n", ctypes.c_long)]
t = T(); print(c.clock_gettime(1, ctypes.byref(t)), t.s >= 0, ctypes.sizeof(T)); m = ctypes.CDLL("libm.so.6"); m.cos.restype = ctypes.c_double; m.cos.argtypes = [ctypes.c_double]; print(m.cos(0.0)); print(c.syscall(9999, 0), os.strerror(ctypes.get_errno()))
c.getauxval.restype = ctypes.c_ulong; print(c.getauxval(6), c.getauxval(17), c.getauxval(11) == os.getuid())
END
#: python/os
python3 - <<'END'
import os, sys, time, resource, pwd, grp, stat, shutil, tempfile, pathlib, errno, signal
print(os.cpu_count() == len(os.sched_getaffinity(0)), os.getpriority(0, 0), os.getloadavg()[0] >= 0, os.sysconf("SC_PAGESIZE"), os.get_terminal_size if 0 else "", os.umask(0o22))
os.makedirs("a/b/c"); open("a/x", "w").write("1"); os.link("a/x", "a/y"); os.symlink("x", "a/s"); print(sorted((e.name, e.is_dir(), e.is_symlink()) for e in os.scandir("a")), os.stat("a/x").st_nlink, list(map(lambda t: (t[0], sorted(t[1]), sorted(t[2])), os.walk("a"))))
os.utime("a/x", ns=(1, 2)); print(os.stat("a/x").st_mtime_ns); os.setxattr("a/x", "user.k", b"v") if 0 else None; print(os.access("a/x", os.X_OK)); os.truncate("a/x", 100); fd = os.open("a/x", os.O_RDWR); print(os.pread(fd, 3, 0), os.pwrite(fd, b"zz", 50), os.lseek(fd, 0, os.SEEK_END), os.readv(fd, [bytearray(2)]), os.sendfile(1, fd, 50, 2)); print()
print(os.copy_file_range(fd, os.open("a/copy", os.O_CREAT | os.O_WRONLY), 10, 0), os.posix_fallocate(fd, 0, 200), os.fstat(fd).st_size, os.get_inheritable(fd)); r, w = os.pipe2(os.O_CLOEXEC); print(os.splice(fd, w, 5, offset_src=50), os.read(r, 5))
pid = os.fork()
if pid == 0: time.sleep(0.01); os._exit(3)
p = os.pidfd_open(pid); print(os.waitid(os.P_PIDFD, p, os.WEXITED).si_status, os.waitstatus_to_exitcode(0x300)); print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 0, pwd.getpwuid(0).pw_name, grp.getgrgid(0).gr_name, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1000)
print(len(os.urandom(16)), len(os.getrandom(4)), time.clock_getres(time.CLOCK_MONOTONIC), time.monotonic_ns() < time.monotonic_ns(), time.process_time() > 0, time.thread_time() > 0, time.strftime("%F", time.gmtime(0))); t = time.monotonic(); time.sleep(0.05); print(time.monotonic() - t >= 0.05)
for f in (lambda: os.mkdir("a"), lambda: os.rmdir("a"), lambda: os.open("nope", 0), lambda: os.readlink("a"), lambda: os.kill(999999, 0), lambda: os.listdir("a/x"), lambda: os.read(99, 1), lambda: os.chdir("a/s"), lambda: os.setuid(-2)):
    try: f(); print("no error")
    except (OSError, OverflowError) as e: print(e)
shutil.copytree("a", "t", symlinks=True); shutil.rmtree("a"); print(sorted(p.name for p in pathlib.Path("t").rglob("*"))); print(tempfile.mkdtemp(dir=".")[:1] == "/", shutil.disk_usage("/").total > 0, shutil.which("sh")); signal.signal(signal.SIGALRM, lambda *a: print("alarm")); signal.setitimer(signal.ITIMER_REAL, 0.01); signal.pause(); print(signal.sigwait.__name__, signal.sigtimedwait([signal.SIGUSR2], 0.01)); print(os.uname().sysname, sys.platform, os.ctermid(), os.getgroups())
END
#: python/stdlib
python3 - <<'END'
import json, re, hashlib, zlib, lzma, bz2, csv, io, sqlite3, decimal, fractions, itertools, collections, datetime, random, math, pickle, struct, base64, string, functools, heapq, bisect, statistics, textwrap, difflib, configparser, xml.etree.ElementTree as E, urllib.parse, uuid, zipfile, tarfile, logging, argparse, inspect, ast, dis, unittest, pty, os
print(json.dumps({"a": [1, 2.5, None]}), hashlib.sha256(b"x").hexdigest()[:16], zlib.crc32(b"abc"), lzma.decompress(lzma.compress(b"q" * 1000))[:3], bz2.decompress(bz2.compress(b"z")), decimal.Decimal(1) / 3, fractions.Fraction(3, 9), math.factorial(25), pickle.loads(pickle.dumps({1: 2})), struct.pack("<Hd", 1, 2.0), statistics.mean([1, 2, 3]))
random.seed(5); print(random.random(), random.sample(range(100), 5)); c = sqlite3.connect("x.db"); c.execute("create table t(a,b)"); c.executemany("insert into t values(?,?)", [(i, str(i)) for i in range(1000)]); c.commit(); print(c.execute("select sum(a), count(*) from t").fetchone()); z = zipfile.ZipFile("z.zip", "w"); z.writestr("n", "data"); z.close(); print(zipfile.ZipFile("z.zip").read("n")); print(E.fromstring("<a><b x='1'/></a>").find("b").attrib, urllib.parse.quote("a b/ä"), datetime.datetime.utcfromtimestamp(0).isoformat())
print(sum(i * i for i in range(200000)), len(str(3 ** 5000)), functools.reduce(lambda a, b: a + b, range(100))); o = []; pid, fd = pty.fork()
if pid == 0: os.write(1, b"from the pty\n"); os._exit(0)
got = b""
while True:
    try: x = os.read(fd, 100)
    except OSError as e: print(e); break
    got += x
print(got); os.waitpid(pid, 0)
END
#: python/signals
python3 - <<'END'
import signal, os, time, threading, sys, faulthandler, subprocess
def h(s, f): print("handler", signal.Signals(s).name)
for s in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGWINCH): signal.signal(s, h); os.kill(os.getpid(), s)
print(signal.getsignal(signal.SIGUSR1) is h, signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])); os.kill(os.getpid(), signal.SIGUSR1); print(signal.sigpending()); print(signal.sigwait([signal.SIGUSR1])); os.kill(os.getpid(), signal.SIGRTMIN) if signal.signal(signal.SIGRTMIN, h) is not None else 0
t = threading.Thread(target=lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR2)); t.start(); t.join(); print(signal.sigtimedwait([signal.SIGUSR1], 0)); r, w = os.pipe(); os.set_blocking(w, False); signal.set_wakeup_fd(w); os.kill(os.getpid(), signal.SIGUSR2); print(os.read(r, 1)[0] == signal.SIGUSR2)
try: os.kill(os.getpid(), signal.SIGINT); time.sleep(10)
except KeyboardInterrupt: print("KeyboardInterrupt")
for c in ("import os; os.abort()", "import ctypes; ctypes.string_at(0)", "import sys; sys.exit(4)", "import signal,os; os.kill(os.getpid(), signal.SIGPIPE); print(1)"): print(subprocess.run([sys.executable, "-c", c], capture_output=True).returncode)
print(signal.strsignal(11), len(signal.valid_signals()))
END
#: python/locks
python3 - <<'END'
import fcntl, os, struct, errno
f = open("l", "w+"); fcntl.lockf(f, fcntl.LOCK_EX, 10, 0); r, w = os.pipe()
def child(fn):
    p = os.fork()
    if p == 0:
        try: fn(); os._exit(0)
        except OSError as e: os._exit(e.errno)
    return os.waitstatus_to_exitcode(os.waitpid(p, 0)[1])
g = open("l", "r+"); print(child(lambda: fcntl.lockf(g, fcntl.LOCK_EX | fcntl.LOCK_NB, 5, 5)), child(lambda: fcntl.lockf(g, fcntl.LOCK_EX | fcntl.LOCK_NB, 5, 10))); fl = fcntl.fcntl(f, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)); print(struct.unpack("hhqqi4x", fl)[0] == fcntl.F_UNLCK)
fcntl.lockf(f, fcntl.LOCK_UN); print(child(lambda: fcntl.lockf(g, fcntl.LOCK_EX | fcntl.LOCK_NB))); fcntl.flock(f, fcntl.LOCK_SH); h = open("l"); print(child(lambda: fcntl.flock(h, fcntl.LOCK_SH | fcntl.LOCK_NB)), child(lambda: fcntl.flock(open("l"), fcntl.LOCK_EX | fcntl.LOCK_NB)) == errno.EAGAIN)
fd = fcntl.fcntl(f, fcntl.F_DUPFD_CLOEXEC, 50); print(fd, fcntl.fcntl(fd, fcntl.F_GETFD), fcntl.fcntl(f, fcntl.F_GETFL) & os.O_ACCMODE, fcntl.fcntl(r, fcntl.F_SETPIPE_SZ, 8192), fcntl.fcntl(r, fcntl.F_GETPIPE_SZ)); os.lockf(fd, os.F_LOCK, 0); os.lockf(fd, os.F_ULOCK, 0); print("end")
END
