#: system/uname_fields
uname -s; uname -m; uname -r | grep -c '^6\.'; uname -n; uname -o
#: system/hostname_set
old=$(hostname); hostname changed; hostname; uname -n; cat /proc/sys/kernel/hostname; hostname $old
#: system/id_and_groups
id; id -u nobody; su nobody -s /bin/sh -c id; whoami; groups
#: system/mount_tmpfs_and_umount
mkdir m; mount -t tmpfs -o size=64k,mode=750 none m; stat -c '%a' m; grep -c " $(pwd)/m tmpfs" /proc/mounts; dd if=/dev/zero of=m/f bs=1k count=100 2>&1 | grep -o 'No space.*'; stat -c %s m/f; umount m; ls m
#: system/bind_and_readonly_mount
mkdir a b; echo x >a/f; mount --bind a b; cat b/f; mount -o remount,bind,ro b; echo y >b/f; echo $?; echo z >a/f; cat b/f; umount b; ls b | wc -l
#: system/umount_busy_and_lazy
mkdir m; mount -t tmpfs none m; (cd m; sleep 100 & cd ..; umount m; echo $?; umount -l m; echo $?; kill $!; wait); umount m; echo $?
#: system/chroot_into_directory
mkdir -p r/bin r/dev; cp /bin/busybox r/bin/; ln -s busybox r/bin/sh; chroot r /bin/sh -c 'echo /*; cd ..; pwd; busybox ls -d /bin'
#: system/date_formats
date -u -d @0 '+%Y-%m-%d %H:%M:%S %Z'; date -u -d '2024-02-29 12:00:00' +%s; TZ=EST5EDT date -d @1700000000 '+%F %T %z'; date -u -d @86399 +%j.%u.%T
#: system/date_set
o=$(date +%s); date -u -s '2030-01-01 00:00:00' >/dev/null; date -u +%Y; date -s @$((o+1)) >/dev/null; [ $(date +%s) -ge $o ] && echo back
#: system/sync_and_free
sync; echo $?; free | awk 'NR==1 {print $1,$2,$3} NR==2 {print $1, ($2 > 100000), ($3 > 0), ($4 > 0)}'; nproc | grep -c '^[0-9]'
#: system/sysctl_kernel
sysctl -n kernel.ostype; sysctl -w kernel.hostname=viasysctl; hostname; hostname aramid; sysctl -n kernel.pid_max | grep -c '^[0-9]*$'
#: system/taskset_affinity
taskset -p 1 $$ >/dev/null; taskset -p $$ | sed 's/.*: //'; taskset 1 sh -c 'grep Cpus_allowed_list /proc/self/status'; taskset 0 true; echo $?
#: system/dmesg_reads_log
echo 'marker from user' >/dev/kmsg; dmesg | grep -c 'marker from user'; dmesg -n 1; echo $?; dmesg -s 100 | wc -c | grep -c '[0-9]'
#: system/loop_over_uptime
a=$(cut -d. -f1 /proc/uptime); sleep 1; b=$(cut -d. -f1 /proc/uptime); [ $((b-a)) -ge 1 ] && [ $((b-a)) -le 3 ] && echo ticking; uptime | grep -c 'load average'
#: system/switch_users_file_creation
mkdir d; chmod 777 d; su user -c 'touch d/f; mkdir d/g'; stat -c '%u:%g %n' d/f d/g; chmod 2777 d; chown :50 d; su user -c 'touch d/h'; stat -c %g d/h
