# SPDX-License-Identifier: MIT
"""Group user: Debian's programs behind QEMU's user network, the host's own programs at the other end."""
import concurrent.futures
import json
import os
import re
import socket

import host
from machine import Failed, LOOPBACK, Machine

HOST, HOST6, GUEST = "10.0.2.2", "fec0::2", "10.0.2.15"
ALWAYS = ["dhcp", "slaac"]
PORTS = (22, 80, 8080, 5201)


def boot(suite):
    netdev = "user,id=n0" + "".join(",hostfwd=tcp:%s:0-:%d" % (LOOPBACK, p) for p in PORTS)
    files = suite.path("www")
    os.makedirs(files)
    with Machine("user", suite.debian(), ["-netdev", netdev, "-device", "virtio-net-pci,netdev=n0"], suite.kernel,
                 smp=1, mem=768) as m:
        m.ready()
        m.files = files
        m.sh("ip link set lo up")
        with host.httpd(files) as m.http:
            suite.run("user", m)


def digest(m, path, seconds=60):
    return m.sh("sha256sum <" + path, seconds).split()[0]


def same(got, want, what):
    if got != want:
        raise Failed("%s: %s, not %s" % (what, got, want))


def case_dhcp(suite, m):
    """Busybox's client over a packet socket, and Debian's own script behind it."""
    m.sh("ip link set eth0 up")
    m.sh("busybox udhcpc -i eth0 -n -q -f")
    m.sh("ip -4 addr show dev eth0 | grep -qw %s/24" % GUEST)
    m.sh("ip route show default | grep -qw 'via %s dev eth0'" % HOST)
    m.sh("grep -qx 'nameserver 10.0.2.3' /etc/resolv.conf")
    m.sh("! ip -4 addr show dev lo | grep -q 10.0.2")


def case_slaac(suite, m):
    """Router advertisements bring an address and a route."""
    m.until("ip -6 addr show dev eth0 scope site | grep -v tentative | grep -q fec0:")
    m.until("ip -6 route show default | grep -q 'via fe80::2 dev eth0'")


def case_ping(suite, m):
    m.sh("ping -q -c 3 -i 0.2 -W 10 " + HOST)
    m.sh("ping -q -c 3 -i 0.2 -W 10 -s 1400 " + HOST)
    m.sh("ping -q -c 3 -i 0.2 -W 10 " + HOST6)
    m.sh("ping -q -c 2 -i 0.2 127.0.0.1 && ping -q -c 2 -i 0.2 ::1")
    m.sh("ip neigh show dev eth0 | grep -qw %s" % HOST)
    if "0 received" not in m.sh("ping -q -c 1 -W 5 10.0.2.77", status=1):
        raise Failed("somebody answers for an address that nobody has")


def capture(m, options, program):
    """What tcpdump prints (one line a packet) while the program runs; its options say after how many it ends."""
    m.sh("rm -f /tmp/td.*; (tcpdump -Z root -n %s >/tmp/td.out 2>/tmp/td.err; echo $? >/tmp/td.end) </dev/null &" % options)
    m.until("grep -q 'listening on' /tmp/td.err")
    m.sh(program)
    m.until("test -s /tmp/td.end")
    same(m.sh("cat /tmp/td.end").strip(), "0", "tcpdump's status")
    return m.sh("cat /tmp/td.out")


def echoes(text, host, what):
    """Two echo requests to the host, each with its answer behind it."""
    found = re.findall(r"ICMP6?,? echo (request|reply)", text)
    if found != ["request", "reply"] * 2 or " > %s: " % host not in text:
        raise Failed("%s:\n%s" % (what, text))


def case_tcpdump(suite, m):
    """libpcap's rings: blocks, frames when it shall be at once, and the device that stands for all of them."""
    for options in ("", "--immediate-mode "):
        echoes(capture(m, options + "-i lo -c 4 icmp", "ping -q -c 2 -i 0.2 127.0.0.1"), "127.0.0.1", options + "lo")
        echoes(capture(m, options + "-i eth0 -c 4 icmp", "ping -q -c 2 -i 0.2 -W 10 " + HOST), HOST, options + "eth0")
    text = capture(m, "-i any -c 4 icmp6 and host ::1", "ping -q -c 2 -i 0.2 ::1")
    if text.count("lo    In ") + text.count("lo    Out ") != 4:
        raise Failed("any:\n" + text)
    # Into a file, whole, and out of it again; what was sent on a connection of one's own.
    want = host.random_file(os.path.join(m.files, "k64"), 65536)
    m.sh("rm -f /tmp/td.*; tcpdump -Z root -i eth0 -B 4096 -w /tmp/td.pcap 'tcp port %d' </dev/null 2>/tmp/td.err &" % m.http.port)
    m.until("grep -q 'listening on' /tmp/td.err")
    m.sh("curl -sS -o /tmp/k64 http://%s:%d/k64" % (HOST, m.http.port))
    same(digest(m, "/tmp/k64"), want, "curl")
    m.until("tcpdump -Z root -n -r /tmp/td.pcap 2>/dev/null | grep -c 'Flags \\[F' | grep -q '[12]' || { pkill -USR2 tcpdump; false; }")
    m.sh("pkill -INT tcpdump")
    m.until("grep -q captured /tmp/td.err")
    m.sh("grep -q '^0 packets dropped by kernel' /tmp/td.err")
    m.sh("tcpdump -Z root -n -A -r /tmp/td.pcap 2>/dev/null | grep -q 'GET /k64 HTTP/1.1'")
    m.sh("rm /tmp/td.* /tmp/k64")


def case_names(suite, m):
    """dnsmasq of the host, asked directly: the user network has no way to its port for a resolver."""
    with host.dnsmasq([("one.aramid.test", "192.0.2.1"), ("two.aramid.test", "2001:db8::2")]) as d:
        at = "-port=%d" % d.port
        text = m.sh("busybox nslookup %s one.aramid.test %s" % (at, HOST))
        if "192.0.2.1" not in text:
            raise Failed(text)
        text = m.sh("busybox nslookup -type=AAAA %s two.aramid.test %s" % (at, HOST))
        if "2001:db8::2" not in text:
            raise Failed(text)
        m.sh("busybox nslookup %s none.aramid.test %s" % (at, HOST), status=1)


def case_wget(suite, m):
    want = host.random_file(os.path.join(m.files, "m4"), 4 << 20)
    m.sh("busybox wget -q -O /tmp/m4 http://%s:%d/m4" % (HOST, m.http.port), 120)
    same(digest(m, "/tmp/m4"), want, "wget")
    m.sh("busybox wget -q -O /tmp/none http://%s:%d/none" % (HOST, m.http.port), status=1)


def case_curl(suite, m):
    want = host.random_file(os.path.join(m.files, "m4"), 4 << 20)
    url = "http://%s:%d" % (HOST, m.http.port)
    m.sh("curl -sS -o /tmp/m4 %s/m4" % url, 120)
    same(digest(m, "/tmp/m4"), want, "curl")
    same(m.sh("curl -sS -o /dev/null -w '%%{http_code}' %s/none" % url), "404", "status")
    m.sh("curl -sS -r 1000-1999 -o /tmp/part %s/m4" % url)
    same(m.sh("stat -c %s /tmp/part"), "1000", "range")
    m.sh("curl -sS -Z --parallel-max 8 %s && sha256sum </tmp/p8" %
         " ".join("-o /tmp/p%d %s/m4" % (n, url) for n in range(1, 9)), 180)
    for n in range(1, 9):
        same(digest(m, "/tmp/p%d" % n), want, "parallel %d" % n)
    m.sh("rm /tmp/p? /tmp/m4")


def case_curl6(suite, m):
    if not host.has_ipv6():
        return "the host's loopback has no IPv6"
    want = host.random_file(os.path.join(m.files, "m1"), 1 << 20)
    with host.httpd(m.files, socket.AF_INET6) as http:
        m.sh("curl -sS -g -o /tmp/m1 'http://[%s]:%d/m1'" % (HOST6, http.port), 120)
        same(digest(m, "/tmp/m1"), want, "curl")
        m.sh("busybox wget -q -O /tmp/m1 'http://[%s]:%d/m1'" % (HOST6, http.port), 120)
        same(digest(m, "/tmp/m1"), want, "wget")
    return None


def case_timeouts(suite, m):
    """Who is silent, who refuses, who is not there: curl's own words for each."""
    with socket.socket() as silent:
        silent.bind((LOOPBACK, 0))
        silent.listen(5)
        m.sh("curl -sS -m 1 http://%s:%d/" % (HOST, silent.getsockname()[1]), status=28)
    m.sh("curl -sS -m 20 http://%s:%d/" % (HOST, host.free_port()), status=7)
    m.sh("curl -sS --connect-timeout 1 http://10.0.2.99/", status=28)
    text = m.sh("curl -v -m 20 http://10.0.2.99/", status=7)    # the neighbour does not answer
    if "No route to host" not in text:
        raise Failed(text)


def case_httpd(suite, m):
    """Busybox's server in the guest."""
    m.sh("mkdir -p /srv/www && head -c 1024 /dev/urandom >/srv/www/k1 && head -c 4194304 /dev/urandom >/srv/www/m4")
    m.sh("busybox httpd -p 8080 -h /srv/www")
    url = "http://%s:%d" % (LOOPBACK, m.forwarded(8080))
    for name in ("k1", "m4"):
        host.run(["curl", "-sS", "-m", "60", "-o", suite.path(name), url + "/" + name])
        same(host.sha256(suite.path(name)), digest(m, "/srv/www/" + name), name)


def case_nginx(suite, m):
    m.put("/etc/nginx/test.conf", "user root; worker_processes 2; pid /run/nginx.pid; error_log /var/log/nginx.log;\n"
          "events { worker_connections 1000; }\n"
          "http { access_log off; server { listen 80; listen [::]:80; root /srv/www; } }\n")
    m.sh("mkdir -p /srv/www /var/lib/nginx && nginx -c /etc/nginx/test.conf")
    m.sh("grep ': 00000000:0050 00000000:0000 0A ' /proc/net/tcp")
    m.sh("grep ': 0\\{32\\}:0050 0\\{32\\}:0000 0A ' /proc/net/tcp6")
    m.sh("ss -Htln | grep ':80 '")
    url = "http://%s:%d/" % (LOOPBACK, m.forwarded(80))
    want = {n: digest(m, "/srv/www/" + n) for n in ("k1", "m4")}

    def fetch(n):
        name = "m4" if n % 8 == 0 else "k1"
        out = suite.path("got%d" % n)
        host.run(["curl", "-sS", "-m", "100", "-o", out, url + name], 120)
        same(host.sha256(out), want[name], name)
        os.unlink(out)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(fetch, range(32)))
    if host.run(["curl", "-sS", "-m", "60"] + [url + "k1"] * 50 + ["-o", "/dev/null"] * 50 + ["-w", "%{num_connects}"]) \
            .count("1") != 1:
        raise Failed("50 requests took more than one connection")


# ---- ssh

def ssh_setup(suite, m):
    """Keys and the server, once; options for the host's clients."""
    if not hasattr(m, "ssh"):
        key, known = suite.path("id"), suite.path("known")
        host.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tests", "-f", key])
        with open(key + ".pub", encoding="ascii") as f:
            public = f.read()
        m.sh("mkdir -p -m 700 ~/.ssh /etc/dropbear")
        m.put("~/.ssh/authorized_keys", public)
        text = m.sh("dropbearkey -t ed25519 -f /etc/dropbear/key")
        hostkey = re.search(r"^ssh-ed25519 \S+", text, re.M).group(0)
        m.sh("dropbear -r /etc/dropbear/key -P /run/dropbear.pid")
        m.sh("grep -q ': 00000000:0016 00000000:0000 0A ' /proc/net/tcp || grep -q ':0016 0*:0000 0A ' /proc/net/tcp6")
        port = m.forwarded(22)
        with open(known, "w", encoding="ascii") as f:
            f.write("[%s]:%d %s\n" % (LOOPBACK, port, hostkey))
        m.ssh = ["-F", "none", "-o", "Port=%d" % port, "-o", "IdentityFile=" + key, "-o", "IdentitiesOnly=yes",
                 "-o", "UserKnownHostsFile=" + known, "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes",
                 "-o", "ConnectTimeout=60", "-o", "LogLevel=ERROR"]
    return m.ssh


def login(suite, m, *words):
    return ["ssh"] + ssh_setup(suite, m) + list(words[:-1]) + ["root@" + LOOPBACK] + ([words[-1]] if words[-1] else [])


def case_ssh(suite, m):
    """A key is let in, status and streams come back, a wrong key is not let in."""
    same(host.run(login(suite, m, "id -un; cat; exit 7"), text="through\n", status=7), "root\nthrough\n", "ssh")
    same(host.run(login(suite, m, "-T", "echo $SSH_CONNECTION | cut -d' ' -f3,4")), "%s 22\n" % GUEST, "SSH_CONNECTION")
    host.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", suite.path("other")])
    wrong = [w if not w.startswith("IdentityFile=") else "IdentityFile=" + suite.path("other") for w in login(suite, m, "true")]
    host.run(wrong, status=255)


def case_ssh_pty(suite, m):
    """A person at a terminal: the size and its changes, Ctrl-C, an editor."""
    with host.Terminal(login(suite, m, "-tt", ""), 30, 90) as t:
        t.type("bind 'set enable-bracketed-paste off'; PS1='pro''mpt> '; cd /tmp\r")
        t.expect(r"prompt> ")
        t.type("stty size; tty\r")
        t.expect(r"30 90\r\n/dev/pts/\d+\r\n")
        t.type("trap 'echo resized; stty size' WINCH\r")
        t.expect(r"prompt> ")
        t.size(50, 132)
        # The trap runs when the shell is back from a command, so have it run some until the size has come through.
        t.type("until [ \"$(stty size)\" = '50 132' ]; do sleep 0.1; done; echo now\r")
        t.expect(r"\nnow\r\n")
        t.type("sh -c 'echo be\"\"gin; exec sleep 100'\r")      # what says begin has the terminal already
        t.expect(r"begin\r\n")
        t.type("\x03")
        t.expect(r"prompt> ")
        t.type("echo status $?; echo re''ady; cat >/tmp/typed\r")
        t.expect(r"status 130\r\n")
        t.expect(r"ready\r\n")
        t.type("one\rtwo\r\x04")
        t.type("wc -l /tmp/typed\r")
        t.expect(r"2 /tmp/typed")
        t.type("busybox vi /tmp/edited\r")
        t.expect(r"- /tmp/edited")
        t.type("iwritten in vi")
        t.expect(r"I /tmp/edited")
        t.type("\x1b")
        t.expect(r"- /tmp/edited")
        t.type(":wq\r")
        t.expect(r"prompt> ")
        t.type("cat /tmp/edited; exit 3\r")
        t.expect(r"\nwritten in vi\r\n")
        same(t.end(), 3, "status")
    m.until("[ \"$(ls /dev/pts)\" = ptmx ]")


def copies(suite, m, size, to_guest, to_host):
    want = host.random_file(suite.path("big"), size)
    host.run(to_guest, 500)
    same(digest(m, "/tmp/big"), want, "to the guest")
    host.run(to_host, 500)
    same(host.sha256(suite.path("back")), want, "back")
    m.sh("rm /tmp/big")
    os.unlink(suite.path("back"))


def case_scp(suite, m):
    options = ["scp", "-q", "-O"] + ssh_setup(suite, m)
    remote = "root@%s:/tmp/big" % LOOPBACK
    copies(suite, m, (50 if suite.long else 6) << 20, options + [suite.path("big"), remote], options + [remote, suite.path("back")])


def case_sftp(suite, m):
    options = ["scp", "-q", "-s"] + ssh_setup(suite, m)
    remote = "root@%s:/tmp/big" % LOOPBACK
    copies(suite, m, (50 if suite.long else 4) << 20, options + [suite.path("big"), remote], options + [remote, suite.path("back")])


def case_ssh_many(suite, m):
    """Connections that come and go leave nothing behind."""
    def one(n):
        same(host.run(login(suite, m, "echo $((%d * 2))" % n), 100), "%d\n" % (n * 2), "ssh")

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        list(pool.map(one, range(6)))
    m.until("[ \"$(pgrep -c dropbear)\" = 1 ]")


# ---- iperf3

def iperf(suite, m, *words):
    # A server for each: one that still cleans up after the last test turns the next one away.
    m.sh("iperf3 -s -1 -D --logfile /var/log/iperf3")
    m.until("grep -q ':1451 .*:0000 0A ' /proc/net/tcp /proc/net/tcp6")
    argv = ["iperf3", "-J", "-c", LOOPBACK, "-p", str(m.forwarded(5201)), "-t", "5" if suite.long else "1"] + list(words)
    text = host.run(argv, 100, status=None)
    end = json.loads(text)["end"]
    for side in ("sum_sent", "sum_received"):
        if side not in end or end[side]["bytes"] < 10000:
            raise Failed("%s:\n%s" % (" ".join(argv), text[-1000:]))
    m.until("! pgrep iperf3")


def case_iperf3(suite, m):
    for words in ([], ["-R"], ["-P", "8"], ["-P", "8", "-R"]):
        iperf(suite, m, *words)


def case_left_over(suite, m):
    """After all that: no connection but what is being taken down, no process, no complaint of the kernel."""
    m.until("! ss -Htn state established | grep -q .")
    m.sh("! dmesg | grep -E 'Kernel panic|Oops|BUG:|assertion'")
