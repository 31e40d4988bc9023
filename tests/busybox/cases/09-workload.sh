#: workload/primes_in_shell
n=2; c=0; while [ $c -lt 30 ]; do d=2; p=1; while [ $((d*d)) -le $n ]; do [ $((n%d)) = 0 ] && { p=0; break; }; d=$((d+1)); done; [ $p = 1 ] && { printf '%d ' $n; c=$((c+1)); }; n=$((n+1)); done; echo
#: workload/word_frequency
for i in $(seq 50); do echo "the cat and the dog and the $((i%7))"; done | tr ' ' '\n' | sort | uniq -c | sort -k1,1rn -k2 | head -5
#: workload/two_hundred_forks
i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done; echo $i
#: workload/pipeline_of_eight
seq 3000 | cat | grep -v 7 | sed 's/1/x/' | sort -r | uniq | tr x 1 | sort -n | md5sum
#: workload/one_megabyte_through_pipe
dd if=/dev/zero bs=1k count=1024 2>/dev/null | tr '\0' 'a' | md5sum; yes 0123456789 | head -c 1000000 | wc -c
#: workload/many_small_files
mkdir d; i=0; while [ $i -lt 500 ]; do echo $i >d/$i; i=$((i+1)); done; cat d/* | awk '{s+=$1} END {print s}'; ls d | wc -l; rm -r d; ls
#: workload/build_tree_and_compare
mkdir -p t/a/b/c; for d in t t/a t/a/b t/a/b/c; do for f in 1 2 3; do seq $f >$d/$f; done; done; cp -r t u; diff -r t u && echo same; echo x >>u/a/2; diff -rq t u; (cd t && find . -type f | sort | xargs md5sum) >sums; (cd u && md5sum -c ../sums 2>/dev/null | grep -v OK)
#: workload/sort_ten_thousand
awk 'BEGIN {s=12345; for (i=0;i<10000;i++) {s=(s*1103515245+12345)%2147483648; print s}}' >n; sort -n n | awk 'NR==1||NR==5000||NR==10000'; sort -n n | md5sum; sort -c n 2>/dev/null; echo $?
#: workload/mandelbrot
awk 'BEGIN {for (y=-1.2;y<=1.2;y+=0.3) {l="";for (x=-2;x<=0.6;x+=0.1) {a=0;b=0;for (n=0;n<30&&a*a+b*b<4;n++) {t=a*a-b*b+x;b=2*a*b+y;a=t} l=l (n==30?"#":".")} print l}}'
