# SPDX-License-Identifier: MIT
#: alpine/apk
apk --version | cut -d, -f1; apk info 2>/dev/null | sort; apk info -L musl 2>/dev/null | sed 's/aarch64/ARCH/;s/x86_64/ARCH/'; apk version -t 1.2 1.3; apk info -e busybox 2>/dev/null; apk info -e nothing 2>/dev/null; echo $?; cat /etc/alpine-release
#: alpine/ash
a=5; echo $((a * 3)) ${#a}; for i in 1 2 3; do echo $i; done | sort -r; f() { local x=$1; echo $x; }; f y; trap 'echo usr1' USR1; kill -USR1 $$; sleep 100 & kill $!; wait $! 2>/dev/null; echo $?; (exit 3); echo $?; echo abc | tr a-c A-C; printf '%s-%d\n' x 7; case abc in a*) echo match;; esac; read -r l <<END
here
END
echo "$l"; set -- a b c; shift; echo "$@" $#; type cd; test -x /bin/busybox && echo exec; x=$(seq 100 | tail -n 1); echo $x; seq 3 | while read -r n; do echo n$n; done; ulimit -n 64; ulimit -n
#: alpine/busybox
seq 1000 | sort -rn | head -n 2; find /etc -name 'passwd'; grep root /etc/passwd; sed -n 1p /etc/group; awk 'BEGIN { print 2^10 }'; tar -cf x.tar -C / etc/passwd; tar -tf x.tar; gzip x.tar; gunzip -t x.tar.gz && echo ok; md5sum </etc/shells | cut -c1-8; stat -c '%F' /tmp; mkdir d; touch d/f; ls d; cp -a d e; diff -r d e && echo same; rm -r d e; date -u -d @0 +%F; id; uname -s; hostname; dd if=/dev/zero bs=1k count=4 2>/dev/null | wc -c; xargs -n1 echo </etc/hostname; nproc; pgrep -l ash | wc -l | awk '{ print $1 >= 0 }'; ps | head -n 1; free | wc -l; df /tmp | tail -n 1 | awk '{ print NF }'; vi --help 2>&1 | head -n 1 | cut -c1-7
#: alpine/musl
/lib/ld-musl-*.so.1 2>&1 | sed -n 2p; ldd /bin/busybox | sed 's/ (0x.*//;s/aarch64/ARCH/g;s/x86_64/ARCH/g' | tr -d '\t'; getconf PAGESIZE; getent passwd root; ldd /sbin/apk | wc -l; scanelf --version 2>/dev/null | head -n 1 | cut -c1-8; mount | grep -c proc; timeout 1 sleep 10; echo $?; timeout 5 true; echo $?; iconv -f utf8 -t latin1 </dev/null; echo $?
#: alpine/pty
/suite/ptyrun 'PS1="% " ash -i' <<'END'
expect % 
send sleep 300\r
sync 300
send \x1a
expect Stopped
expect % 
send kill %1; fg\r
expect sleep 300
expect % 
send echo over; exit\r
end
END
