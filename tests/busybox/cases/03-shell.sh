#: shell/variables_and_defaults
unset u; e=; v=val; echo ${u-d} ${u:-d} ${e-d} ${e:-d} ${v:+s} ${#v}; echo ${u:=set} $u; (echo ${n:?missing}); echo $?
#: shell/pattern_trimming
p=/usr/local/lib/libx.so.1; echo ${p##*/} ${p%/*} ${p%%.*} ${p#*/}; s=aXbXc; echo ${s/X/-} ${s//X/-} ${s:1:3}
#: shell/quoting
a='x  y'; echo $a "$a" '$a' \$a "a\"b" 'it'\''s'; printf '%s\n' "$@" end; set -- 'p q' r; for i in "$@"; do echo "<$i>"; done; echo "$*"
#: shell/conditionals
if [ 1 -lt 2 ] && [ a != b ]; then echo yes; else echo no; fi; [ -d / -a -r / ] && echo dir; [[ abc == a* ]] && echo glob; case foo in b*) echo b;; f?o|x) echo f;; esac; ! false && echo neg
#: shell/loops
for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done; i=0; while :; do i=$((i+1)); [ $i -gt 3 ] && break; done; echo $i; until [ $i = 0 ]; do i=$((i-1)); done; echo $i
#: shell/functions_and_local
f() { local x=in; echo $x $1 $#; return 7; }; x=out; f a b; echo $? $x; g() { [ $1 -le 1 ] && { echo 1; return; }; echo $(($1 * $(g $(($1 - 1))))); }; g 6
#: shell/command_substitution
echo $(echo $(echo nested)); x=`echo back`; echo $x; echo "lines: $(printf 'a\nb\n\n\n')"; y=$(exit 3); echo $?
#: shell/here_documents
a=sub; cat <<E
$a $(echo cmd)
E
cat <<'E'
$a raw
E
cat <<-E
	tab
	E
#: shell/redirections
echo a >f; echo b >>f; cat <f; { echo o; echo e >&2; } >both 2>&1; cat both; exec 4>four; echo via4 >&4; exec 4>&-; cat four; cat <&- ; echo $?; (set -C; echo x >f) 2>&1 | sed 's/.*: //'
#: shell/pipelines_and_status
true | false; echo $?; set -o pipefail; false | true; echo $?; set +o pipefail; seq 5 | while read n; do t=$((t+n)); echo -n "$t "; done; echo; yes | head -n 2
#: shell/subshell_isolation
x=1; (x=2; cd /; umask 0); echo $x $(umask); { x=3; }; echo $x; (exit 9); echo $?
#: shell/traps
trap 'echo exit trap' EXIT; trap 'echo usr1' USR1; kill -USR1 $$; trap - USR1; (trap 'echo sub' EXIT); echo last
#: shell/read_and_ifs
printf 'a:b c:d\n' | { IFS=: read x y z; echo "$x|$y|$z"; }; printf 'l1\\\nl2\n' | { read v; echo $v; }; printf 'raw\\n\n' | { read -r v; echo "$v"; }; IFS=,; set -- $(echo 1,2,3); echo $#; printf abc | { read -n 2 k; echo $k; }
#: shell/globbing
touch a1 a2 b1 .h; echo *; echo a?; echo [ab]1; echo [!a]*; echo z*; echo .h*; set -f; echo *; mkdir d; touch d/x; set +f; echo */*
#: shell/background_and_wait
exec 2>/dev/null
(exit 5) & wait $!; echo $?; sleep 0.1 & p=$!; wait; kill -0 $p 2>/dev/null; echo $?; (sleep 30) & kill $!; wait $!; echo $?
#: shell/eval_and_exec
c='echo evaluated'; eval $c; (exec echo replaced; echo never); (exec nothing-here) ; echo $?; sh -c 'echo $0 $1' zero one; nothing-here; echo $?; ./f; echo $?
#: shell/getopts
set -- -a -b val rest; while getopts ab: o; do echo $o $OPTARG; done; shift $((OPTIND-1)); echo $1; set -- -z; getopts a o; echo $o
#: shell/set_e_and_u
sh -ec 'false; echo no'; echo $?; sh -uc 'echo $undefined' 2>&1 | sed 's/.*: //'; sh -xc 'echo traced' 2>&1; sh -c 'set -e; if false; then :; fi; echo alive'
#: shell/script_with_interpreter_line
printf '#!/bin/sh\necho args $@\n' >s; chmod +x s; ./s 1 2; printf '#!/bin/cat\ntext\n' >t; chmod +x t; ./t; printf '#!/no/such\n' >u; chmod +x u; ./u; echo $?; printf 'echo plain\n' >v; chmod +x v; ./v
#: shell/arithmetic_in_conditions
[ $((5 % 3)) -eq 2 ] && echo mod; let x=4+5; echo $x; test 010 -eq 10 && echo dec; expr 7 \* 6; expr abc : 'a\(.*\)'; expr 1 \> 2
