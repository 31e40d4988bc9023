#: process/exit_status_and_signals
sh -c 'exit 300'; echo $?; sh -c 'kill -9 $$'; echo $?; sh -c 'kill -TERM $$'; echo $?; sh -c 'kill -SEGV $$'; echo $?
#: process/orphans_are_adopted
sh -c '(sleep 0.3; awk "{print \$4}" /proc/self/stat >pp; ps -o ppid,comm | grep -c "^ *1 sh" >cnt) & exit'; until [ -s cnt ]; do sleep 0.1; done; echo adopted
#: process/nice_and_priority
renice -n 3 $$; awk '{print $19}' /proc/$$/stat; sh -c 'awk "{print \$19}" /proc/self/stat'; renice -n 30 $$; awk '{print $19}' /proc/$$/stat; su nobody -s /bin/sh -c 'renice -n -5 $$' 2>&1 | sed 's/[0-9][0-9]*/N/'
#: process/process_groups_and_sessions
setsid sh -c 'set -- $(cat /proc/self/stat); [ $5 = $6 ] && echo leader; echo tty $7'; sh -c 'set -- $(cat /proc/$$/stat); echo $1 $5' | awk '{print ($1 == $2) ? "own" : "inherited"}'
#: process/kill_a_group
exec 2>/dev/null
left() { ps -o args | grep -c '[s]leep 50'; }; setsid sh -c 'sleep 50 & sleep 50 & wait' & until [ "$(left)" = 3 ]; do :; done; kill -- -$!; wait $!; echo $?; until [ "$(left)" = 0 ]; do :; done; left
#: process/environment_passes
A=1 B='two words' sh -c 'echo $A $B'; env -i X=y env; export C=c; env | grep ^C=; env -u C env | grep -c ^C=; (unset PATH; /bin/echo nopath)
#: process/timeout_kills
timeout 1 sleep 20; echo $?; timeout 5 true; echo $?; timeout -s KILL 1 sleep 20; echo $?
#: process/pidof_and_killall
exec 2>/dev/null
cp /bin/busybox ./sleep; ./sleep 40 & ./sleep 40 & until [ "$(pidof sleep | wc -w)" = 2 ]; do :; done; pidof sleep | wc -w; killall sleep; wait; pidof sleep; echo $?
#: process/stop_and_continue
exec 2>/dev/null
sleep 30 & p=$!; state() { awk '{print $3}' /proc/$p/stat; }; kill -STOP $p; until [ "$(state)" = T ]; do :; done; state; kill -CONT $p; until [ "$(state)" = S ]; do :; done; state; kill $p; wait $p; echo $?
#: process/start_stop_daemon
start-stop-daemon -S -b -m -p pid -x /bin/sleep -- 60; sleep 0.3; cat /proc/$(cat pid)/cmdline | tr '\0' ' '; echo; start-stop-daemon -K -p pid | sed 's/[0-9][0-9]*/N/'; sleep 0.2; [ -d /proc/$(cat pid) ]; echo $?
#: process/ulimit_enforced
(ulimit -n 20; ulimit -n; sh -c 'i=0; while [ $i -lt 30 ]; do eval "exec $((i+3))</dev/null" || break; i=$((i+1)); done' 2>&1 | sed 's/.*: //'); (ulimit -f 8; dd if=/dev/zero of=big bs=512 count=100 2>/dev/null; echo $?; stat -c %s big); (ulimit -c 0; ulimit -c)
#: process/wait_for_many
for i in $(seq 20); do (exit $i) & done; n=0; while wait -n 2>/dev/null && [ $n -lt 30 ]; do n=$((n+1)); done; wait; echo done
