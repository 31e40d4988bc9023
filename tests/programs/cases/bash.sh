# SPDX-License-Identifier: MIT
#: bash/arrays
a=(one two three "four five")
a[7]=seven
echo "${#a[@]} ${!a[*]} ${a[@]:1:3} ${a[-1]}"
declare -A m=([x]=1 [y]=2)
m[z]=3
for k in $(printf '%s\n' "${!m[@]}" | sort); do echo "$k=${m[$k]}"; done
mapfile -t lines < <(seq 5)
echo "${lines[*]/#/n}" "${#lines[@]}"
s=Hello; echo "${s^^} ${s,,} ${s:1:3} ${s/l/L} ${s//l/L} ${s#He} ${s%lo}"
#: bash/process_substitution
diff <(printf 'a\nb\nc\n') <(printf 'a\nx\nc\n')
echo "status $?"
tee >(wc -l >count) >(sort -r >rev) < <(seq 4) >/dev/null
while [ ! -s count ] || [ ! -s rev ]; do :; done
cat count rev
exec 5< <(echo through five)
cat <&5
exec 5<&-
#: bash/traps
trap 'echo usr1' USR1
trap 'echo term; exit 3' TERM
trap 'echo bye $?' EXIT
kill -USR1 $$
( trap - EXIT; kill -USR1 $BASHPID; echo not reached ) ; echo "sub $?"
trap 'echo err $LINENO' ERR
false
trap - ERR
trap -p USR1
kill -TERM $$
echo not reached
#: bash/wait
set +m
for i in 3 1 2; do (exit $i) & p[$i]=$!; done
for i in 1 2 3; do wait "${p[$i]}"; echo "$i: $?"; done
sleep 100 & s=$!
kill $s; wait $s; echo "killed: $?"
(exit 7) & wait -n; echo "any: $?"
wait 999999; echo "none: $?"
sleep 100 & kill -STOP $!; kill -KILL $!; wait $!; echo "stopped and killed: $?"
#: bash/pipestatus
false | true | (exit 3) | cat
echo "${PIPESTATUS[@]}"
set -o pipefail
false | true; echo $?
yes | head -n 1; echo "${PIPESTATUS[@]}"
seq 100000 | tail -n 1
shopt -s lastpipe; set +m
echo value | read v; echo "$v"
#: bash/coproc
coproc C { while read -r l; do echo "got $l"; done; }
echo one >&"${C[1]}"; read -r r <&"${C[0]}"; echo "$r"
echo two >&"${C[1]}"; read -r r <&"${C[0]}"; echo "$r"
eval "exec ${C[1]}>&-"; wait "$C_PID"; echo $?
#: bash/redirections
exec 3>file; echo three >&3; echo more >&3; exec 3>&-; cat file
{ echo out; echo err >&2; } 2>&1 | sort
echo noclobber; set -C; (echo x >file); echo $?; set +C
cat <<<"here string"
cat <<-END
	tab removed
END
exec {fd}<>file; read -r -u "$fd" l; echo "$l"; echo new >&"$fd"; exec {fd}>&-; cat file
read -r -t 0.05 x < <(sleep 3); echo "timeout $(( $? > 128 ))"
echo >/dev/full; echo $?
#: bash/arithmetic
echo $((2**40)) $((0x1f)) $((8#17)) $((7/2)) $((-7%3)) $((1<<10|1))
i=5; ((i+=3)); echo $((i++ * 2)) $i
for ((i=0;i<3;i++)); do printf '%d ' $i; done; echo
printf '%05.2f|%x|%-6s|%q\n' 3.14159 255 ab 'a b'
fib() { (( $1 < 2 )) && echo "$1" || echo $(( $(fib $(($1-1))) + $(fib $(($1-2))) )); }
fib 9
#: bash/globs
mkdir -p d/e/f; touch d/a.c d/b.h d/e/c.c d/e/f/d.c .hidden
shopt -s globstar extglob nullglob
echo d/**/*.c; echo d/!(*.c); echo *.none; echo .h*; echo d/[a-b].?
[[ abc =~ ^(a)(b.)$ ]] && echo "${BASH_REMATCH[@]}"
case file.tar.gz in *.@(tar.gz|tgz)) echo archive;; esac
echo {a..e}{1..2} {01..10..3}
#: bash/limits
ulimit -n 64; ulimit -n
(ulimit -f 1; trap '' XFSZ; head -c 4096 /dev/zero >big); echo $?; stat -c %s big
(ulimit -t 1; while :; do :; done); echo $?
ulimit -S -s; ulimit -c
#: bash/jobs
/suite/ptyrun 'bash --norc --noprofile -i' <<'END'
expect bash-5.2# 
send PS1='$ '\r
expect $ 
send sleep 300\r
sync 300
send \x1a
expect Stopped
expect $ 
send jobs\r
expect sleep 300
expect $ 
send bg\r
expect sleep 300 &
expect $ 
send kill %1; wait %1\r
expect Terminated
expect $ 
send cat\r
sync 300
send hello\r
expect hello
send \x03
expect $ 
send tty -s && echo a tty; exit\r
end
END
#: bash/subshell_env
export A=1; B=2
bash -c 'echo "$A-$B"'
env -i X=y bash -c 'echo $X; set | grep -c ^X='
env -u A bash -c 'echo [$A]'
(cd /; pwd); pwd | sed 's|.*/||'
f() { local x=in; g; }; g() { echo "$x"; }; x=out; f; g
echo "$BASH_SUBSHELL $(echo $BASH_SUBSHELL)"; [ $BASHPID = $$ ] && echo same
exec -a other bash -c 'echo $0'
