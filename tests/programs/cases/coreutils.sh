# SPDX-License-Identifier: MIT
#: coreutils/sort
seq 40000 | awk '{ print ($1 * 7919) % 200003 }' >in
sort -n --parallel=4 -S 2M in | sha256sum
sort -n in >one; sort -c -n one && echo sorted
sort -rn in | head -n 2
printf 'b 2\na 10\nc 1\n' | sort -k2,2n
printf '1.10\n1.9\n1.2\n' | sort -V | paste -sd,
sort -mu one one | wc -l
printf '5K\n1M\n300\n' | sort -h | paste -sd,
#: coreutils/split
seq 1000 >in
split -l 300 in p.; wc -l p.*; cat p.* | cmp - in && echo same
split -n 4 -d in q.; ls q.*; cat q.* | cmp - in && echo same
split -b 1K --filter='wc -c' in
csplit -s in 100 500; wc -l xx*
tac in | head -n 2; nl -ba in | tail -n 1; fold -w 3 <<<abcdefgh; shuf -i 1-50 | sort -n | md5sum
#: coreutils/stat
umask 022; mkdir d; echo hello >f; ln f g; ln -s f s; mkfifo p
for x in d f s p; do stat -c '%n %F %A %a %h %s %u:%g' $x; done
stat -L -c '%F %h' s
touch -d '2020-01-02 03:04:05.678901234Z' f; stat -c '%y %Y' f; stat -f -c '%T %l' /tmp
chmod 4755 f; stat -c %A f; chmod u-s,g+s,o-x f; stat -c %A f; chmod +t d; stat -c %A d
stat -c '%F %t,%T' /dev/null /dev/zero; stat nothing; echo $?
[ f -ef g ] && echo one inode; [ s -nt nothing ] && echo newer
#: coreutils/dd
dd if=/dev/zero of=z bs=1k count=64 2>&1 | head -n 2
dd if=/dev/zero of=sparse bs=1 count=0 seek=1M status=none; stat -c '%s %b' sparse
printf abcdef | dd bs=2 skip=1 count=1 iflag=fullblock status=none; echo
printf abc | dd conv=ucase status=none; echo; printf xyz | dd of=z bs=1 seek=10 conv=notrunc status=none; od -An -c -j 8 -N 6 z; stat -c %s z
dd if=z of=/dev/full bs=1k count=1 2>&1 | grep -o 'No space.*'
truncate -s 3K t; truncate -s +10 t; stat -c %s t; fallocate -l 8192 t; stat -c '%s %b' t; fallocate -p -o 0 -l 4096 t; stat -c '%s %b' t
cp --sparse=always z y; cmp z y; du -k z | cut -f1
#: coreutils/df_du
mkdir -p a/b; head -c 10000 /dev/zero >a/x; head -c 5000 /dev/zero >a/b/y; ln a/x a/z
du -a -B4k a | sort -k2; du -sb a/b/y | cut -f1; du -s --apparent-size a/x | cut -f1
df --output=fstype,target /dev/shm | tail -n 1; df -P /proc 2>&1 | tail -n 1; df nothing; echo $?
#: coreutils/timeout
timeout 0.1 sleep 10; echo $?
timeout -s KILL 0.1 sleep 10; echo $?
timeout 10 sh -c 'exit 4'; echo $?
timeout --preserve-status 0.1 sleep 10; echo $?
timeout -k 0.1 0.1 sh -c 'trap "" TERM; while :; do sleep 0.05; done'; echo $?
timeout 5 nothing-there; echo $?
timeout --foreground 0.1 sleep 9; echo $?
#: coreutils/stdbuf
stdbuf -oL sh -c 'echo $_STDBUF_O'
(stdbuf -oL tr a b; :) < <(printf 'a\na\n')
stdbuf -o0 cut -c1 <<<xyz
stdbuf -i0 -o0 -e0 cat <<<unbuffered
#: coreutils/system
nproc; taskset -c 0 nproc; OMP_NUM_THREADS=3 nproc
uname -s -o; uname -n; id; id nobody; groups; whoami; tty; echo $?; logname 2>&1; arch >/dev/null && echo arch
nice -n 5 nice; nice -n -3 nice; setpriv --reuid=1000 --regid=1000 --clear-groups nice -n -3 true; echo $?
nohup sh -c 'kill -HUP $$; echo survived' 2>/dev/null
env -i sh -c 'echo "$PWD" | sed "s/.*\///"'; printenv LC_ALL; env --chdir=/ pwd; env -S 'A=b sh -c "echo \$A"'
sync; sync -f .; echo $?; date -u -d @86400 +%F; date -d '2024-02-29 +1 year' +%F
hostid >/dev/null && echo hostid; pathchk -p 'a:b' ; echo $?
#: coreutils/files
umask 022; mkdir -p a/b/c; echo 1 >a/1; echo 2 >a/b/2; ln -s ../1 a/b/l; mkfifo a/p
cp -a a z; diff -r --no-dereference a/b z/b && echo equal; ls -lR --time-style=+ z | sed 's/ root  *root / /' | grep -v total
mv z/b z/moved; ls z; mv -n a/1 z/1; ls a; mv -T z y; ls
rm a/b/2; rmdir a/b/c; rmdir --ignore-fail-on-non-empty a/b; ls a/b; rm -r a; rm a; echo $?
install -D -m 750 -o 12 -g 34 y/1 deep/er/file; stat -c '%a %u %g' deep/er/file
ln -sf target link; readlink link; ln -sfn other link; readlink link; realpath -m link/../x | sed 's|.*/case/||'; readlink -f /proc/self/exe
mktemp -u XXXXXX | tr 'a-zA-Z0-9' x; basename /a/b.c .c; dirname /a/b.c; cp --reflink=auto y/1 r; cat r; cp --backup=numbered r y/1; ls y
#: coreutils/text
printf 'a:b:c\n1:2:3\n' >t; cut -d: -f2- t; paste -d+ t t; join -t: t t; comm -12 t t; expand -t 4 <<<$'a\tb' | od -c | head -n 1
tr -s 'a-c' <<<aabbccdd; tr -d '[:digit:]' <<<a1b2; tr '[:lower:]' '[:upper:]' <<<abc; uniq -c <<<$'a\na\nb'; wc t; wc -L t
echo hello | base64; echo aGVsbG8K | base64 -d; echo x | md5sum; echo x | sha1sum; echo x | sha512sum | cut -c1-20; echo x | b2sum | cut -c1-20; echo x | cksum
od -tx1 -N8 <<<abcdefghij; numfmt --to=iec 123456789; factor 1234567890; seq -s, 1 0.5 3; expr 7 \* 6; expr abc : 'a\(.\)'; test -e t -a ! -d t; echo $?
pr -t -2 -l 3 <<<$'1\n2\n3\n4\n5\n6'; fmt -w 20 <<<'some words that are to be wrapped'; tsort <<<$'a b\nb c'; ptx <<<'x y' | wc -l; head -c 3 t; tail -c 4 t; tail -n +2 t
#: coreutils/chown
touch f; chown 1000:1000 f; stat -c %u:%g f; chown :5 f; stat -c %u:%g f; chgrp users f; stat -c %g f
setpriv --reuid=1000 --regid=1000 --clear-groups sh -c 'chown 0 f; chmod 600 f; touch new; cat /etc/shadow' ; echo $?
mkdir d; chmod 0 d; setpriv --reuid=1000 --regid=1000 --clear-groups ls d; ls d; echo $?
chmod 4755 f; chown 7 f; stat -c %a f
mkdir g; chgrp 20 g; chmod g+s g; touch g/x; mkdir g/d; stat -c '%g %a' g/x g/d
#: coreutils/tail_follow
: >log; : >out
tail -f -n +1 -s 0.05 log >out & t=$!
for i in 1 2 3; do echo line $i >>log; done
while [ "$(wc -l <out)" -lt 3 ]; do sleep 0.02; done
kill $t; wait $t; echo $?; cat out
: >log; sh -c 'sleep 0.2; echo last >>log' & w=$!
tail -f --pid=$w -n +1 log; echo "tail $?"
#: coreutils/tty
/suite/ptyrun 'stty -a | head -n 1; stty size; stty -echo; stty -a | grep -o -e "-echo "; tty -s && echo yes; ls -C --color=auto /dev/null; stty sane; stty rows 40; stty size; tput cols' </dev/null
stty size </dev/null; echo $?
