#: dev/null_zero_full
echo x >/dev/null; cat /dev/null | wc -c; head -c 5 /dev/zero | xxd; echo x >/dev/full; echo $?; head -c 3 /dev/full | xxd; stat -c '%t:%T %F %a' /dev/null /dev/zero /dev/full
#: dev/random_differs
head -c 16 /dev/urandom | wc -c; a=$(head -c 16 /dev/urandom | md5sum); b=$(head -c 16 /dev/urandom | md5sum); [ "$a" != "$b" ] && echo differ; head -c 8 /dev/random | wc -c; cat /proc/sys/kernel/random/uuid | wc -c
#: dev/standard_links
readlink /proc/self/fd/0; echo stdin | cat /dev/stdin 2>/dev/null || echo stdin | cat /proc/self/fd/0; sh -c 'echo err >/proc/self/fd/2' 2>&1 | cat; stat -c '%t:%T' /dev/tty /dev/console /dev/ptmx
#: dev/no_controlling_terminal
setsid sh -c 'cat </dev/tty'; echo $?; tty; echo $?
#: dev/dd_block_sizes
dd if=/dev/zero bs=1M count=4 2>/dev/null | wc -c; dd if=/dev/zero of=f bs=3 count=5 2>&1 | head -2; dd if=/dev/zero bs=10 count=1 conv=sync ibs=4 obs=8 2>/dev/null | wc -c
