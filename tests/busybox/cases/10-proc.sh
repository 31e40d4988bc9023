#: proc/self_status_fields
grep -E '^(Name|State|Uid|Gid|Threads|Pid|PPid|SigIgn|Umask|TracerPid|FDSize)' /proc/self/status | awk '{print $1}' | sort; awk '/^Name|^Threads|^Uid/' /proc/self/status
#: proc/cmdline_environ_exe_cwd
sh -c 'tr "\0" "|" </proc/self/cmdline; echo; readlink /proc/self/exe; readlink /proc/$$/cwd | sed "s|.*/||"; readlink /proc/self/root'; A=b env -i Q=r tr '\0' '\n' </proc/self/environ | grep -c .; env -i Q=r cat /proc/self/environ | tr '\0' '\n'
#: proc/fd_links
exec 5>f; echo d >g; exec 6<g; readlink /proc/$$/fd/5 | sed 's|.*/||'; readlink /proc/$$/fd/6 | sed 's|.*/||'; cat /proc/self/fd/6 2>/dev/null || cat <&6; sed -n '1p' /proc/$$/fdinfo/5; ls /proc/self/fd | head -3 | tr '\n' ' '
#: proc/stat_line_shape
set -- $(cat /proc/self/stat); echo $# $2 $3; awk '{print NF}' /proc/self/statm; awk '/^cpu /{print NF}' /proc/stat; grep -c ^cpu[0-9] /proc/stat | grep -c .; grep -cE '^(ctxt|btime|processes|procs_running|procs_blocked)' /proc/stat
#: proc/maps_of_a_static_program
cat /proc/self/maps | awk '{print $2, $6}' | grep -E 'busybox|heap|stack|vdso' | sed 's|/.*/||' | sort -u
#: proc/meminfo_and_filesystems
grep -cE '^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SwapTotal|SwapFree|Shmem|Slab|Committed_AS|AnonPages|Mapped|PageTables|KernelStack):' /proc/meminfo; grep -cE '(proc|sysfs|tmpfs|devtmpfs|devpts|ramfs)$' /proc/filesystems; grep -E '^nodev.(proc|tmpfs)$' /proc/filesystems
#: proc/mounts_show_root_and_proc
awk '{print $1,$2,$3}' /proc/mounts | grep -E ' (/proc|/sys|/dev|/dev/pts|/tmp) '; awk '{print (NF >= 10)}' /proc/self/mountinfo | sort -u
#: proc/limits_table
head -2 /proc/self/limits; grep -E 'Max (open|core|stack|cpu time|locked)' /proc/self/limits
#: proc/loadavg_uptime_version
awk '{print NF}' /proc/loadavg /proc/uptime; grep -cE '^Linux version 6\.' /proc/version; cat /proc/sys/kernel/ostype; grep -c . /proc/sys/kernel/osrelease
#: proc/threads_and_tasks
ls /proc/self/task | wc -l; cat /proc/self/comm; echo renamed >/proc/$$/comm; cat /proc/$$/comm; cat /proc/self/oom_score_adj; echo 200 >/proc/$$/oom_score_adj; cat /proc/self/oom_score_adj
#: proc/missing_process
cat /proc/999999/stat; echo $?; ls /proc/self/nothing; echo $?; [ -d /proc/1 ] && echo init; cat /proc/1/comm
#: proc/ps_lists_processes
sleep 33 & until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done; ps -o pid,ppid,comm,args | awk -v p=$! '$1 == p {print $3, $4, $5}'; ps | awk 'NR == 1 {print $1, $2}'; kill $!
