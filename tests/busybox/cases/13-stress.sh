#: stress/fifty_at_once
i=0; while [ $i -lt 50 ]; do (echo $i >o$i; cat o$i >/dev/null) & i=$((i+1)); done; wait; cat o* | sort -n | md5sum; ls | wc -l
#: stress/pipe_storm
i=0; while [ $i -lt 40 ]; do seq 200 | sort -rn | head -1; i=$((i+1)); done | sort -u
#: stress/fork_exec_under_memory
a=$(seq 20000); i=0; while [ $i -lt 30 ]; do x=$(echo $i); i=$((i+1)); done; echo $x ${#a}
#: stress/rename_race
echo 0 >f; (i=0; while [ $i -lt 200 ]; do echo $i >t1; mv t1 f; i=$((i+1)); done) & (i=0; while [ $i -lt 200 ]; do cat f >/dev/null || echo lost; i=$((i+1)); done) & wait; cat f
#: stress/deep_recursion_in_shell
r() { [ $1 = 0 ] && { echo bottom; return; }; r $(($1-1)); }; r 300
#: stress/signals_to_a_busy_child
sh -c 'n=0; trap "n=\$((n+1))" USR1; trap "echo got; exit" TERM; echo >ready; while :; do sleep 0.05; done' & p=$!; until [ -s ready ]; do :; done; i=0; while [ $i -lt 30 ]; do kill -USR1 $p; i=$((i+1)); done; kill -TERM $p; wait $p; echo $?
#: stress/memory_is_given_back
f() { awk '/^MemFree/ {print $2}' /proc/meminfo; }; sync; for i in 1 2 3 4 5; do head -c 4000000 /dev/zero >big; rm big; done; a=$(f); i=0; while [ $i -lt 100 ]; do head -c 100000 /dev/zero >x; rm x; /bin/true; i=$((i+1)); done; b=$(f); [ $((a-b)) -lt 4000 ] && echo steady
