#: net/ipcalc_and_names
ipcalc -b -n -m 192.168.7.9/20; ipcalc -n -b 10.0.0.1 255.255.0.0; ipcalc -m 172.16.5.4; hostid | wc -c
#: net/nothing_listens_nowhere
ipcalc -s -n 300.1.2.3; echo $?; nslookup 2>/dev/null | head -c 0; echo silent
