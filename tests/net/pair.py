# SPDX-License-Identifier: MIT
"""Group pair: two machines on one wire. `far' gives addresses, names, redis, nginx and iperf3; `near' uses them."""
import json
import re

from machine import Failed, Machine

FAR = "10.9.0.1"
ALWAYS = ["ip_static", "dhcp_from_dnsmasq"]


def boot(suite):
    wire = suite.path("wire")
    device = "virtio-net-pci,netdev=n0,mac=52:54:00:00:09:%02x"
    word = "ip=%s:::255.255.255.0::eth0:off" % FAR if suite.kernel else ""
    with Machine("far", suite.debian(), ["-netdev", "stream,id=n0,server=on,addr.type=unix,addr.path=" + wire,
                                         "-device", device % 1], suite.kernel, smp=2, mem=640, words=word + " hostname=far") as far:
        with Machine("near", suite.debian(), ["-netdev", "stream,id=n0,server=off,addr.type=unix,addr.path=" + wire,
                                              "-device", device % 2], suite.kernel, smp=2, mem=640, words="hostname=near") as near:
            far.ready()
            near.ready()
            near.sh("ip link set lo up && ip link set eth0 up")
            far.sh("ip link set lo up && ip link set eth0 up")
            if not suite.kernel:
                far.sh("ip addr add %s/24 dev eth0" % FAR)
            suite.run("pair", far, near)


def case_ip_static(suite, far, near):
    """ip=ADDR::GW:MASK on the command line."""
    if not suite.kernel:
        return "Debian's kernel has no driver yet when it looks for ip="
    far.sh("ip -4 addr show dev eth0 | grep -qw %s/24" % FAR)
    return None


def case_dhcp_from_dnsmasq(suite, far, near):
    """A lease by broadcast from one machine to the other; the name server comes with it."""
    far.sh("dnsmasq --interface=eth0 --bind-interfaces --user=root --no-resolv --no-hosts --domain=aramid.test --local=/aramid.test/"
           " --dhcp-range=10.9.0.100,10.9.0.150,1h --dhcp-leasefile=/run/leases --dhcp-authoritative"
           " --host-record=far.aramid.test,%s --host-record=six.aramid.test,2001:db8::6"
           " --pid-file=/run/dnsmasq.pid --log-facility=/var/log/dnsmasq" % FAR)
    near.sh("busybox udhcpc -i eth0 -n -q -f -x hostname:near")
    near.sh("ip -4 addr show dev eth0 | grep -q '10\\.9\\.0\\.1[0-4][0-9]/24'")
    near.sh("grep -qx 'nameserver %s' /etc/resolv.conf" % FAR)
    far.sh("grep -q '52:54:00:00:09:02 10.9.0.1' /run/leases")


def case_names(suite, far, near):
    """glibc's resolver over UDP."""
    near.sh("printf 'hosts: files dns\\n' >/etc/nsswitch.conf")
    near.sh("getent ahostsv4 far.aramid.test | grep -q '^%s '" % FAR)
    near.sh("getent ahostsv6 six.aramid.test | grep -q '^2001:db8::6 '")
    near.sh("getent hosts %s | grep -qw far.aramid.test" % FAR)
    near.sh("getent hosts none.aramid.test", status=2)


def case_ping(suite, far, near):
    near.sh("ping -q -c 5 -i 0.2 -W 10 far.aramid.test")
    near.sh("ping -q -c 5 -i 0.2 -W 10 -s 8000 " + FAR)
    address = near.sh("ip -4 -o addr show dev eth0 | grep -o '10\\.9\\.0\\.[0-9]*' | head -1")
    far.sh("ping -q -c 2 -i 0.2 -W 10 " + address)
    local = far.sh("ip -6 -o addr show dev eth0 scope link | grep -o 'fe80[0-9a-f:]*'")
    near.sh("ping -q -c 3 -i 0.2 -W 10 %s%%eth0" % local)
    near.sh("ip neigh show %s dev eth0 | grep -qi 52:54:00:00:09:01" % FAR)


def nginx(far):
    """Nginx on the far machine, once."""
    if hasattr(far, "nginx"):
        return
    far.put("/etc/nginx/test.conf", "user root; worker_processes 2; pid /run/nginx.pid; error_log /var/log/nginx.log;\n"
            "events { worker_connections 2000; }\n"
            "http { access_log off; sendfile on; keepalive_requests 1000000;\n"
            "server { listen 80 backlog=1024; root /srv/www; } }\n")
    far.sh("mkdir -p /srv/www /var/lib/nginx && head -c 1024 /dev/urandom >/srv/www/k1 && head -c 8388608 /dev/urandom >/srv/www/m8")
    far.sh("nginx -c /etc/nginx/test.conf")
    far.nginx = True


def case_nginx_wrk(suite, far, near):
    nginx(far)
    for words in ("-c 50", "-c 20 -H 'Connection: close'"):
        text = near.sh("wrk -t 2 -d %d %s --timeout 20 http://far.aramid.test/k1" % (10 if suite.long else 2, words), 90)
        m = re.search(r"(\d+) requests in", text)
        if not m or int(m.group(1)) < 20 or "Socket errors" in text or "Non-2xx" in text:
            raise Failed("wrk %s:\n%s" % (words, text))
    near.sh("curl -sS -m 100 -o /tmp/m8 http://far.aramid.test/m8", 120)
    if near.sh("sha256sum </tmp/m8") != far.sh("sha256sum </srv/www/m8"):
        raise Failed("the copy differs")


def case_connections_come_and_go(suite, far, near):
    """A minute of connections that are made and closed, as many as the machines can: 60,000 at least; no memory goes."""
    if not suite.long:
        return "only with --long; inet/time_wait of the user suite has a short one"
    nginx(far)
    machines = (far, near)
    for m in machines:
        m.sh("echo 500 >/proc/sys/net/ipv4/tcp_max_tw_buckets")
    free = "mawk '/^MemAvailable:/ { print $2 }' /proc/meminfo"

    def some(seconds):
        text = near.sh("wrk -t 2 -c 20 -d %d -H 'Connection: close' --timeout 20 http://%s/k1" % (seconds, FAR), 60 + 3 * seconds)
        m = re.search(r"(\d+) requests in", text)
        if not m or "Socket errors" in text or "Non-2xx" in text:
            raise Failed("wrk:\n%s" % text)
        return int(m.group(1))
    some(5)
    then = [int(m.sh(free)) for m in machines]
    made = some(60)
    while made < 60000:
        made += some(30)
    for m, before in zip(machines, then):
        m.until("[ $(%s) -gt %d ]" % (free, before - 3072))
        if int(m.sh("mawk '/^TCP:/ { print $7 }' /proc/net/sockstat")) > 500:
            raise Failed("more in TIME_WAIT than may be")


def case_redis_benchmark(suite, far, near):
    far.put("/etc/redis.conf", "bind 0.0.0.0\nprotected-mode no\ndaemonize yes\nsave \"\"\ndir /tmp\nlogfile /var/log/redis\n"
            "pidfile /run/redis.pid\n")
    far.sh("redis-server /etc/redis.conf")
    far.until("redis-cli ping")
    far.sh("grep -q ': 00000000:18EB 00000000:0000 0A ' /proc/net/tcp")
    count = 50000 if suite.long else 1500
    for words in ("-c 50", "-c 50 -P 16"):
        text = near.sh("redis-benchmark -h %s -n %d %s -t set,get,lpush --csv" % (FAR, count, words), 120)
        if len(re.findall(r'^"(SET|GET|LPUSH)","\d', text, re.M)) != 3:
            raise Failed(text)
    pushed = int(near.sh("redis-cli -h %s --raw llen mylist" % FAR))
    if not 2 * count <= pushed < 2 * count + 100:       # with pipelining a round is finished
        raise Failed("%d requests of %d have arrived" % (pushed, 2 * count))
    near.sh("head -c 3000000 /dev/urandom | base64 -w0 >/tmp/value && redis-cli -h %s -x set big </tmp/value" % FAR, 120)
    got = near.sh("redis-cli -h %s --raw get big | head -c $(stat -c %%s /tmp/value) | sha256sum" % FAR, 120)
    if got != near.sh("sha256sum </tmp/value"):
        raise Failed("a long value differs")


def case_iperf3(suite, far, near):
    for words in ("", "-R", "-P 8", "-P 8 -R", "-u -b 5M", "-u -b 5M -R"):
        far.sh("iperf3 -s -1 -D --logfile /var/log/iperf3")
        far.until("grep -q ':1451 .*:0000 0A ' /proc/net/tcp /proc/net/tcp6")
        text = near.sh("iperf3 -J -c %s -t %d %s" % (FAR, 5 if suite.long else 1, words), 100)
        end = json.loads(text)["end"]
        total = end.get("sum_received") or end.get("sum")
        if not total or total["bytes"] < 10000:
            raise Failed("iperf3 %s: %s" % (words, total or text))
        far.until("! pgrep iperf3")


def case_cable_pulled(suite, far, near):
    """The link goes down while data flows, and comes back: the transfer goes on."""
    nginx(far)
    near.sh("rm -f /tmp/m8; { curl -sS -m 60 --limit-rate 4M -o /tmp/m8 http://%s/m8; echo $? >/tmp/status; } &" % FAR)
    near.until("[ \"$(stat -c %s /tmp/m8 2>/dev/null || echo 0)\" -gt 500000 ]")
    near.monitor.sendall(b"set_link n0 off\n")
    near.until("! ip link show eth0 | grep -q LOWER_UP")
    near.monitor.sendall(b"set_link n0 on\n")
    near.until("ip link show eth0 | grep -q LOWER_UP")
    near.until("grep -qx 0 /tmp/status", 90)
    if near.sh("sha256sum </tmp/m8") != far.sh("sha256sum </srv/www/m8"):
        raise Failed("the copy differs")


def case_left_over(suite, far, near):
    for m in (far, near):
        m.sh("! dmesg | grep -E 'Kernel panic|Oops|BUG:|assertion'")
