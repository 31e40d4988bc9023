#: text/grep_patterns
printf 'alpha\nbeta\ngamma\n' >f; grep -n a f; grep -c m f; grep -v a f; echo $?; grep -E '^(b|g)' f; grep -o 'm*a$' f; grep -i BETA f
#: text/sed_scripts
seq 10 | sed -n '2p;5,7p;$p'; echo hello | sed 's/l/L/2;y/he/HE/'; printf 'a\nb\nc\n' | sed '1!G;h;$!d'; echo a,b | sed -E 's/(.),(.)/\2-\1/'
#: text/sed_in_place
printf 'x=1\ny=2\n' >f; sed -i 's/1/one/;/y/d;$a end' f; cat f
#: text/awk_fields_and_sums
printf 'a 1\nb 2\na 3\n' | awk '{s[$1]+=$2} END {for (k in s) print k, s[k] | "sort"}'; echo 'x:y:z' | awk -F: -v OFS=- '{$2="Q"; print; print NF}'; awk 'BEGIN {printf "%5.2f|%-4s|%x\n", 3.14159, "ab", 255; print substr("hello", 2, 3), index("hello","l"), length("abc"), toupper("up")}'
#: text/awk_getline_and_system
seq 3 >n; awk 'BEGIN {while ((getline l < "n") > 0) t += l; print t; "echo sub" | getline x; print x; system("echo sys"); close("n")}'
#: text/sort_variants
printf '10\n9\n2\n33\n' | sort; printf '10\n9\n2\n33\n' | sort -rn; printf 'b 2\na 2\nc 1\n' | sort -k2,2n -k1,1; printf 'x\ny\nx\n' | sort -u
#: text/uniq_counts
printf 'a\na\nb\nc\nc\nc\n' >f; uniq -c f; uniq -d f; uniq -u f
#: text/cut_paste_tr
echo 'a:b:c:d' | cut -d: -f2,4; echo abcdef | cut -c2-4; seq 3 >x; printf 'p\nq\nr\n' >y; paste x y; paste -s -d, x; echo Hello | tr 'a-zA-Z' 'n-za-mN-ZA-M'; echo aabbcc | tr -s a-c; echo a1b2 | tr -d 0-9
#: text/head_tail_split_views
seq 20 >f; head -n 3 f; tail -n 2 f; tail -n +19 f; head -c 5 f; echo; tail -c 4 f
#: text/wc_and_nl
printf 'one two\nthree\n' >f; wc f; wc -l <f; wc -c <f; nl f; cat -n f; cat -A f; tac f; rev f
#: text/diff_and_patch
printf 'a\nb\nc\n' >o; printf 'a\nB\nc\nd\n' >n; diff -u o n | sed '1,2d'; diff -u o n >p; cp o t; patch t <p; cmp t n && echo same
#: text/comparisons
echo a >x; echo b >y; cmp x y; echo $?; cmp -s x x; echo $?; diff x y; echo $?; diff -q x y
#: text/fold_expand_unexpand
echo 'a long line of words to fold' | fold -w 10 -s; printf 'a\tb\n' | expand -t 4; printf '        x\n' | unexpand | cat -A
#: text/od_hexdump_xxd
printf 'ABC\n\001\377' >f; od -An -tx1 f; od -c f; hexdump -C f; xxd f; xxd -p f; xxd f | xxd -r | cmp - f && echo back
#: text/printf_escapes
printf '%s|%5d|%-5d|%05d|%x|%o|%c|%%\n' str 42 42 42 255 8 xyz; printf '\101\t\x42\n'; printf '%b' 'a\nb\n'; printf '%s\n' a b c
#: text/base64_and_uuencode
printf 'The quick brown fox' | base64; printf 'VGhl' | base64 -d; echo; printf 'data\n' >f; uuencode f g | uudecode; cat g
#: text/dos2unix_and_strings
printf 'a\r\nb\r\n' >f; dos2unix f; od -c f; printf 'x\0\0hello\0\001world\n' | strings -n 4
#: text/tee_and_split_streams
echo both | tee a b; cat a b; (echo out; echo err >&2) 2>e >o; cat e o; seq 100 | tee /dev/null | tail -1
#: text/ed_script
printf 'one\ntwo\n' >f; printf '2s/two/TWO/\n$a\nthree\n.\nw\nq\n' | ed f; cat f
