# SPDX-License-Identifier: MIT
# iproute2, net-tools and their like on the loopback interface: addresses, routes, neighbours, what is listened to.
# Each case begins with what fresh() makes of lo and leaves it so. Output of dumps that have an order of their own is left as it is.

#: iproute/addr
fresh() { ip addr flush dev lo; ip link set lo down; ip link set lo mtu 65536 txqueuelen 1000; ip link set lo up; }
fresh
ip link show
ip -d link show lo | sed 's/numtxqueues.*//'
ip addr add 10.1.0.1/24 dev lo
ip addr add 10.1.0.2/24 dev lo
ip addr add 10.1.0.2/24 dev lo; echo $?
ip addr add 10.2.0.1/24 brd + dev lo label lo:1
ip addr add 10.3.0.1 peer 10.3.0.2 dev lo scope link
ip -6 addr add 2001:db8::1/64 dev lo
ip addr add 10.1.0.300/24 dev lo; echo $?
ip addr add 10.1.0.3/24 dev nosuch; echo $?
ip addr add 10.1.0.3/24 dev lo scope link; echo $?
ip addr
ip -4 -o addr
ip -br addr
ip -j addr
ip addr show to 10.1.0.0/16
ip addr show scope link
ip addr show label 'lo:*'
ip addr change 10.2.0.1/24 dev lo preferred_lft 0 && ip -o addr show deprecated
ip addr del 10.1.0.1/24 dev lo
ip addr del 10.1.0.1/24 dev lo; echo $?
ip addr
ip addr flush dev lo scope global
ip addr
fresh
ip addr

#: iproute/route
fresh() { ip addr flush dev lo; ip route flush table main; ip -6 route flush table main; ip link set lo down; ip link set lo up; }
fresh
ip addr add 10.1.0.1/24 dev lo
ip addr add 10.1.0.2/24 dev lo
ip route add 10.5.0.0/16 dev lo
ip route add 10.5.0.0/16 dev lo; echo $?
ip route add default via 10.1.0.9
ip route add default via 10.99.0.9; echo $?
ip route add 10.6.0.0/16 via 10.1.0.9 metric 5
ip route add blackhole 10.7.0.0/16
ip route add unreachable 10.8.0.0/16 metric 7
ip route add prohibit 10.10.0.0/16
ip route add 10.9.0.0/16 dev lo src 10.1.0.2 mtu 1400 advmss 1300 table 100
ip route append 10.5.0.0/16 dev lo src 10.1.0.1
ip route replace 10.6.0.0/16 dev lo metric 5
ip route change 10.55.0.0/16 dev lo; echo $?
ip route
ip route show table local
ip route show table 100
ip route show table 101
ip route show type blackhole
ip route show 10.5.0.0/16
ip route show match 10.5.1.1
ip route show dev lo
ip -j route show table 100
for a in 127.0.0.1 10.1.0.2 10.5.0.1 10.7.0.1 10.8.0.1 10.10.0.1; do ip route get $a; echo $?; done
ip route del 10.6.0.0/16
ip route del 10.6.0.0/16; echo $?
ip route flush table 100
ip route show table 100
ip rule
ip -6 rule
ip netconf show dev lo
fresh
ip route show table all

#: iproute/route6
fresh() { ip addr flush dev lo; ip -6 route flush table main; ip link set lo down; ip link set lo up; }
fresh
ip -6 addr add 2001:db8::1/64 dev lo
ip -6 route add 2001:db8:1::/48 dev lo
ip -6 route add 2001:db8:1::/48 dev lo; echo $?
ip -6 route add 2001:db8:2::/48 dev lo metric 5
ip -6 route add unreachable 2001:db8:3::/48
ip -6 route
ip -6 route show table all
ip -6 route get ::1
ip -6 route get 2001:db8:1::5
ip -6 route get 2001:db8:3::5; echo $?
ip -6 route del 2001:db8:2::/48
ip -6 route del 2001:db8:2::/48; echo $?
fresh
ip -6 route show table all

#: iproute/neigh
ip link set lo up
ip neigh flush dev lo nud permanent
ip neigh add 10.1.0.77 lladdr 02:00:00:00:00:01 dev lo
ip neigh show nud permanent
ip neigh replace 0.0.0.0 lladdr 02:00:00:00:00:02 dev lo
ip neigh
cat /proc/net/arp
arp -an
ip neigh del 0.0.0.0 dev lo
ip neigh del 0.0.0.0 dev lo; echo $?
ip neigh

#: iproute/link
ip link set lo down
ip link show lo
ip link set lo mtu 1500 txqueuelen 5
ip link show lo
ip link set lo mtu 4000000000; echo $?
ip link set lo name loop
ip -o link
ip link set loop name lo
ip link set nosuch up; echo $?
ip link del lo; echo $?
ip link add dummy7 type nosuch; echo $?
ip link set lo mtu 65536 txqueuelen 1000
ip link set lo up
ip link
cat /sys/class/net/lo/mtu /sys/class/net/lo/operstate

#: iproute/monitor
ip link set lo up
stdbuf -oL ip monitor link address route neigh >mon &
m=$!
# It is there once it has heard of an address that comes and goes.
until [ -s mon ]; do
	ip addr add 10.77.0.1/32 dev lo
	ip addr del 10.77.0.1/32 dev lo
done
ip route add 10.78.0.0/24 dev lo
until grep -q '^10.78' mon; do :; done
until tail -n 1 mon | grep -q 10.78; do :; done
: >mon.start
lines=$(wc -l <mon)
ip addr add 10.60.0.1/24 dev lo
ip addr del 10.60.0.1/24 dev lo
ip -6 addr add 2001:db8:7::1/64 dev lo
ip -6 addr del 2001:db8:7::1/64 dev lo
ip link set lo down
ip link set lo up
ip route add 10.61.0.0/24 dev lo
ip route del 10.61.0.0/24 dev lo
until grep -q '^Deleted 10.61' mon; do :; done
tail -n +$((lines + 1)) mon
kill $m

#: iproute/ss
ip link set lo up
cat >s.py <<'END'
import os, socket, sys, time
keep = []
def tcp(addr, family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(addr)
    s.listen(5)
    keep.append(s)
    return s
tcp(("127.0.0.1", 4001))
tcp(("0.0.0.0", 4002))
tcp(("::1", 4003), socket.AF_INET6)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 4004))
c = socket.create_connection(("127.0.0.1", 4001), source_address=("127.0.0.1", 4005))
x = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
x.bind("/tmp/case/sock")
x.listen(3)
open("ready", "w").close()
time.sleep(1000)
END
python3 s.py &
until [ -e ready ]; do :; done
ss -Htnl | sort | sed 's/  *$//'
ss -Hunl | sort | sed 's/  *$//'
ss -Htn | sort | sed 's/  *$//'
ss -Hxl | grep -o '/tmp/case/sock'
# Filters, which the kernel runs; what only netlink tells.
ss -Htn dport = :4001 | sed 's/  *$//'
ss -Htna '( sport = :4001 and not dport = :4005 ) or sport = :4002' | sort | sed 's/  *$//'
ss -Htna src 127.0.0.0/8 sport ge :4002 sport le :4005 | sed 's/  *$//'
ss -Htn src 127.0.0.2
ss -Htlnp sport = :4002 | sed 's/pid=[0-9]*/pid=N/'
ss -Htnm dport = :4001 | grep -o 'skmem:(r0,rb[1-9]' | sed 's/[1-9]$//'
ss -Htni dport = :4001 | grep -o 'cwnd:'
ss -Hxl src /tmp/case/sock | awk '{ print $1, $2, $3, $4, $5 }'
ss -HtnK dport = :4001 | sed 's/  *$//'
ss -Htna sport = :4005
netstat -tnl | sed 's/  *$//' | sort
netstat -unl | sed 's/  *$//' | sort
netstat -tn | sed 's/  *$//' | sort
kill $!

#: nettools/ifconfig
ip addr flush dev lo
ip link set lo down
ifconfig -a | grep -v packets | grep -v errors
ifconfig lo 127.0.0.1 up
ifconfig lo:3 10.44.0.1 netmask 255.255.0.0
ifconfig lo:4 10.45.0.1
ifconfig -a | grep -v packets | grep -v errors
ifconfig lo:3 down
ifconfig lo add 2001:db8:9::1/64
ifconfig lo | grep -v packets | grep -v errors
ifconfig lo del 2001:db8:9::1/64
ifconfig lo mtu 9000
ifconfig nosuch; echo $?
ifconfig lo mtu 65536
netstat -i | grep -o '^lo .*65536'
ip addr flush dev lo
ip link set lo down
ip link set lo up
ifconfig lo | grep -v packets | grep -v errors

#: nettools/route
ip addr flush dev lo
ip link set lo up
ip addr add 10.1.0.1/24 dev lo
route add -net 10.50.0.0/16 dev lo
route add -net 10.50.0.0/16 dev lo; echo $?
route add -host 10.51.0.1 reject
route add default gw 10.1.0.9
route add -net 10.52.0.0 netmask 255.255.0.0 gw 10.1.0.9 metric 5
route add default gw 192.0.2.1; echo $?
route -n
netstat -rn
route del -net 10.50.0.0/16
route del -net 10.50.0.0/16; echo $?
route del -host 10.51.0.1 reject
route del default
route del -net 10.52.0.0 netmask 255.255.0.0
route -n
ip addr flush dev lo
ip link set lo down
ip link set lo up

#: busybox/ip
ip addr flush dev lo
b="busybox"
$b ip link set lo up
$b ip addr add 10.1.0.1/24 dev lo
$b ip addr
$b ip route add 10.5.0.0/16 dev lo
$b ip route add default via 10.1.0.9
$b ip route
$b ip route get 10.5.0.1
$b ip rule
$b ip link
$b ifconfig lo | grep -v packets | grep -v bytes
$b route -n
$b netstat -rn
$b ip route del 10.5.0.0/16
$b ip route del default
$b ip addr del 10.1.0.1/24 dev lo
$b ip addr
ip addr flush dev lo
ip link set lo down
ip link set lo up

#: iproute/nstat
ip link set lo up
export NSTAT_HISTORY=/tmp/case/history
nstat -n
cat >s.py <<'END'
import socket
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range(3):
    u.sendto(b"x", ("127.0.0.1", 9))
t = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
try:
    t.connect(("127.0.0.1", 9))
except ConnectionRefusedError as e:
    print(e)
END
python3 s.py
nstat -z UdpNoPorts UdpOutDatagrams UdpInErrors IcmpOutDestUnreachs IcmpInDestUnreachs TcpActiveOpens TcpAttemptFails TcpOutRsts IpOutRequests IpInDelivers
netstat -s | grep -E '^(Ip|Icmp|Tcp|Udp):|unknown port|requests sent out|active connection'  | sed 's/[0-9][0-9]*/N/'
