# SPDX-License-Identifier: MIT
#: find/find
mkdir -p a/b/c; echo 1 >a/f1; echo 12 >a/b/f2; ln -s f1 a/l; mkfifo a/p; touch -d '2 days ago' a/old; chmod 600 a/f1
find a | sort; find a -type f -size -3c | sort; find a -mtime +1; find a -type l -printf '%p -> %l\n'; find a -perm 600; find a -maxdepth 1 -type p
find a -newer a/old -type f | sort; find a -name 'f*' -exec echo {} + | tr ' ' '\n' | sort; find a -name f1 -execdir pwd \; | sed 's|.*/||'; find a -empty | sort
find a -regex '.*/f[0-9]' | sort; find a -links 1 -type f | wc -l; find a -samefile a/f1; find a -depth -delete; ls; find nothing; echo $?
#: find/xargs
seq 20 | xargs -n 6 echo; seq 8 | xargs -P 4 -n 1 sh -c 'echo $0' | sort -n | paste -sd' '
printf 'a b\0c\0' | xargs -0 -n1 echo; echo x | xargs -I{} echo '[{}]'; seq 3 | xargs sh -c 'exit 3'; echo $?; xargs --show-limits </dev/null 2>&1 | grep -c POSIX
seq 40000 | xargs echo | wc -l; echo a | xargs nothing-there; echo $?; yes | head -n 500 | xargs -n 100 | wc -l
#: find/updatedb_like
mkdir d; (cd d; for i in $(seq 80); do mkdir -p x$i/y; echo $i >x$i/y/z; done); find d -type f | wc -l; find d -type f -print0 | xargs -0 cat | awk '{s+=$1} END {print s}'; find d -type d -name y -prune -o -print | wc -l; rm -rf d; ls
#: grep/grep
printf 'apple\nBanana\ncherry 42\n\tx\n' >t
grep -n an t; grep -i b t; grep -c . t; grep -v a t; grep -E '^[a-z]+ [0-9]+$' t; grep -o '[0-9]*' t; grep -P '\d{2}\b' t; grep -w x t; grep -q zzz t; echo $?
grep -F 42 <t; grep -A1 -B1 Ban t; grep -l apple t nothing; echo $?; mkdir d; cp t d/u; grep -r cherry . | sort; printf 'a\0b' | grep -c a; grep -m1 -b a t; grep x nothing 2>&1; seq 100000 | grep -c 7; echo 'äö' | grep -o ö
#: sed/sed
seq 10 >t; sed -n '3,5p;$p' t; sed '2d;s/1/X/g' t | paste -sd,; sed -i.bak '1i\top' t; head -n 1 t; ls; sed -E 's/(.)(.)/\2\1/' <<<ab; sed -n '/3/,/5/{=;p}' t; sed ':a;N;$!ba;s/\n/,/g' t; sed 'y/123/abc/' t | tail -n 2; sed -n 'w out' t; cmp t out; sed -s -n '$=' t t.bak; sed --debug -n 1p t | tail -n 1; sed 's/x/y/' nothing; echo $?; sed '1e echo from e' t | head -n 1; stat -c %a t
#: awk/gawk
gawk 'BEGIN { printf "%d %s %.3f\n", 42, "x", 3.14159; print length("äö"), toupper("abc"), substr("hello", 2, 3); a["x"]=1; for (k in a) print k; print strftime("%F", 0, 1), systime() > 0 }'
seq 10 | gawk '{ s += $1; a[NR % 3] = a[NR % 3] " " $1 } END { print s; for (i = 0; i < 3; i++) print i a[i] }'
gawk 'BEGIN { while (("echo a; echo b" | getline l) > 0) print "got", l; print "c\nb" | "sort"; close("sort"); cmd = "cat"; print "co" |& cmd; close(cmd, "to"); cmd |& getline x; print x; system("exit 3"); print PROCINFO["version"] }'
gawk -F: '$3 == 0 { print $1, $NF }' /etc/passwd; echo 'k1=v1;k2=v2' | gawk 'BEGIN{RS=";"; FS="="} {print $2, $1}'; gawk 'BEGIN { n = split("c b a", p); asort(p); for (i=1;i<=n;i++) printf "%s ", p[i]; print ""; print gensub(/(.)b/, "<\\1>", "g", "abab"); exit 5 }'; echo $?
mawk 'BEGIN { print 1/3; print index("abc","c"); x["a"]; if ("a" in x) print "in" }'; mawk '{ n += length($0) } END { print n, NR }' /etc/passwd | wc -w
#: awk/bigdata
seq 60000 | mawk '{ k[$1 % 1000] += $1 } END { for (i in k) s += k[i]; print s, length(k) }'; seq 20000 | gawk '{ print $1 > ("out" ($1 % 8)) } END { for (i = 0; i < 8; i++) close("out" i) }'; wc -l out*
#: tar/roundtrip
umask 022; mkdir -p t/d; seq 1000 >t/n; head -c 100000 /dev/zero >t/z; ln t/n t/hard; ln -s n t/soft; mkfifo t/fifo; mknod t/null c 1 3; chown 12:34 t/z; chmod 4711 t/z; touch -d @1000000000 t/n t/z
for c in z j J a; do case $c in z) n=gz;; j) n=bz2;; J) n=xz;; a) n=zst;; esac
tar -c${c}f t.tar.$n t; rm -rf out; mkdir out; tar -xf t.tar.$n -C out -p; (cd out; tar -cf - --sort=name --mtime=@0 t) | sha256sum | cut -c1-16 >sum.$n; done
cat sum.*|uniq -c|awk '{print $1}'; tar -tvf t.tar.gz --full-time | sed 's/  */ /g' | cut -d' ' -f1-3,6- | grep -v /$ ; stat -c '%h %a %u %g %Y' out/t/n out/t/z; tar -xOf t.tar.xz t/n | tail -n 1
tar -cf s.tar --sparse -S t/z; tar -df t.tar.gz && echo no difference; tar -rf s.tar t/n; tar -tf s.tar; tar -cf - t | tar -xf - -C / --wildcards 'nothing*' 2>&1 | head -n 1; mkdir inc; tar -c -g snap -f i1.tar t; echo new >t/new; tar -c -g snap -f i2.tar t; tar -tf i2.tar | grep new
#: tar/compressors
seq 50000 >f; for c in gzip bzip2 xz zstd; do cp f g; $c -q g --rm 2>/dev/null || $c g; ls g.*; x=$(ls g.*); $c -t $x && echo ok; $c -dc $x | cmp - f && echo same; rm -f g g.*; done
gzip -k f; zcat f.gz | tail -n 1; gzip -l f.gz | awk 'NR==2{print $2}'; xz -T2 -k f; xz -lv f.xz | grep -c Stream; zstd -T2 -q f -o f.zst; zstdcat f.zst | md5sum; zgrep -c 777 f.gz; gzip -9 <f | gunzip | cmp - f; zstd -q --long=20 -9 f -o f2.zst; zstd -dqc f2.zst | cmp - f; bzip2 -9 <f | bunzip2 | cmp - f; echo junk | gzip -d; echo $?
#: diff/diff_patch
seq 10 >a; sed 's/5/five/;$d' a >b; diff a b; diff -u a b | tail -n +3 >p; diff -y -W 20 a b | head -n 5; cp a c; patch -s c p; cmp b c && echo patched; patch -R -s c p; cmp a c && echo back; diff3 a b c | head -n 3; sdiff -s -w 20 a b; cmp a b; echo $?; mkdir x y; cp a x/f; cp b y/f; touch y/only; diff -rq x y; echo junk >p2; patch c p2; echo $?
#: bc/bc
echo 'scale=30; 4*a(1)' | bc -l; echo '2^200' | bc; echo 'define f(n) { if (n<2) return 1; return n*f(n-1); } f(30)' | bc; echo 'obase=16; 255' | bc; dc -e '5 k 2 v p' 2>/dev/null || echo no dc; echo '1/0' | bc
#: file/file
echo text >t; cp /bin/true e; gzip -c t >g; printf '#!/bin/sh\n' >s; ln -s t l; mkfifo p; file -b t g s l p . | sed 's/, last modified[^,]*//;s/, original size.*//'; file -b e | cut -d, -f1; file -b --mime-type t s g; file -s -b /dev/zero | head -c 30; echo; less -F -X t; echo a b | less
#: file/ldd
ldd /bin/true | sed 's/ (0x.*//;s/=> .*//;s/.*ld-linux.*/ld-linux/' | tr -d '\t' | sort; ldd /bin/bash | grep -c '=>'; /lib*/ld-linux-*.so.* --version 2>/dev/null | head -n 1; ldd /etc/passwd; echo $?; LD_DEBUG=libs /bin/true 2>&1 | grep -c 'calling init'; LD_BIND_NOW=1 /bin/true; echo $?; LD_PRELOAD=/nothing.so /bin/true 2>&1 | sed 's/.*cannot/cannot/'; getconf PAGESIZE; getconf _NPROCESSORS_ONLN; getconf NAME_MAX /; getconf OPEN_MAX; getconf CHILD_MAX | wc -l; getconf ARG_MAX; getconf GNU_LIBC_VERSION; locale -a | head -n 3; getent passwd root; getent hosts localhost | tr -s ' '; iconv -f utf8 -t latin1 <<<ä | od -An -tx1
