#: file/copy_keeps_content_and_mode
printf 'one\ntwo\n' >a; chmod 640 a; cp a b; cmp a b && stat -c '%a %s %F' b; cp -p a c; stat -c '%a' c
#: file/copy_recursive_with_links
mkdir -p d/e; echo x >d/e/f; ln -s e/f d/l; ln d/e/f d/h; cp -a d g; find g | sort; readlink g/l; stat -c %h g/h g/e/f
#: file/move_over_existing
echo new >a; echo old >b; mv a b; cat b; ls
#: file/move_directory_into_itself_fails
mkdir -p d/e; mv d d/e/x; echo $?; ls -R
#: file/rename_directory_keeps_content
mkdir -p d/e; echo hi >d/e/f; mv d q; cat q/e/f; ls
#: file/hard_link_counts
echo x >a; ln a b; ln a c; stat -c '%h' a; rm b; stat -c '%h' a; echo y >>c; cat a
#: file/symlink_chain_and_loop
echo deep >t; ln -s t l1; ln -s l1 l2; cat l2; ln -s y x; ln -s x y; cat x; readlink -f l2 | sed 's|.*/||'
#: file/dangling_symlink
ln -s nowhere l; [ -e l ]; echo $?; [ -L l ]; echo $?; cat l; echo made >l; cat nowhere
#: file/remove_non_empty_directory
mkdir d; touch d/f; rmdir d; echo $?; rm d; echo $?; rm -r d; ls
#: file/remove_open_file_still_readable
echo kept >f; exec 3<f; rm f; ls; cat <&3; exec 3<&-
#: file/modes_and_umask
umask 027; touch f; mkdir d; stat -c '%a %n' f d; umask 0; touch g; stat -c %a g; chmod u+s,g-w,o=r g; stat -c '%a %A' g
#: file/chmod_recursive
mkdir -p d/e; touch d/f d/e/g; chmod -R 700 d; find d -exec stat -c '%a %n' {} \; | sort
#: file/chown_and_groups
touch f; chown 12:34 f; stat -c '%u:%g' f; chown -h nobody:nogroup f; stat -c '%U:%G' f; chgrp 0 f; stat -c %g f
#: file/timestamps_set_and_compared
touch -d '2001-02-03 04:05:06' a; touch -d '2002-01-01 00:00:00' b; stat -c '%Y %n' a b; [ b -nt a ] && echo newer; touch -r a b; stat -c %Y b
#: file/truncate_grows_and_shrinks
printf 0123456789 >f; truncate -s 4 f; cat f; echo; truncate -s 8 f; xxd f; truncate -s 5000000000 f; stat -c %s f
#: file/sparse_file_reads_zeros
dd if=/dev/zero of=f bs=1 count=1 seek=1000000 2>/dev/null; stat -c %s f; md5sum <f; tail -c 3 f | xxd
#: file/dd_skip_seek_notrunc
printf abcdefghij >f; dd if=f of=g bs=2 skip=1 count=2 2>/dev/null; cat g; echo; printf XY | dd of=f bs=1 seek=3 conv=notrunc 2>/dev/null; cat f
#: file/append_from_two_writers
(for i in 1 2 3 4 5; do echo a$i >>f; done) & (for i in 1 2 3 4 5; do echo b$i >>f; done) & wait; sort f
#: file/long_names_and_deep_paths
n=$(printf 'n%.0s' $(seq 255)); touch $n; ls | wc -c; touch n$n; echo $?; p=.; for i in $(seq 60); do p=$p/deep$i; done; mkdir -p $p; echo end >$p/f; cat $p/f
#: file/special_names
touch -- -x 'a b' 'c
d' 'é' '*'; ls -1 | od -c | head; rm -- -x '*'; ls | wc -l
#: file/fifo_joins_two_processes
mkfifo p; stat -c %F p; (echo through >p) & cat p; wait
#: file/device_nodes
mknod n c 1 3; mknod z c 1 5; echo gone >n; dd if=z bs=4 count=1 2>/dev/null | xxd; stat -c '%F %t,%T' n z
#: file/xargs_many_files
for i in $(seq 200); do echo $i; done | xargs touch; ls | wc -l; ls | sort -n | tail -1; seq 200 | xargs -n 50 rm; ls | wc -l
#: file/readonly_open_and_permission_errors
echo x >f; chmod 400 f; cat f; su nobody -s /bin/sh -c 'cat f'; echo $?; mkdir d; chmod 700 d; su nobody -s /bin/sh -c 'ls d'; echo $?
#: file/sticky_directory
mkdir d; chmod 1777 d; touch d/f; su nobody -s /bin/sh -c 'rm -f d/f'; echo $?; ls d
#: file/ls_formats
mkdir d; echo 12345 >f; ln -s f l; mkfifo p; touch -h -d '2001-02-03 04:05:06' d f l p; ls -lF d/.. 2>/dev/null | tail -n +2 | awk '{print $1,$2,$3,$4,$5,$9,$10,$11}'; ls -p
#: file/stat_formats
printf 123 >f; touch -d '2010-10-10 10:10:10' f; stat -c '%n %s %a %A %F %h %u %g %Y' f; stat -f -c '%T %l %s' . | sed 's/ [0-9]*$//'
#: file/du_counts_hard_links_once
dd if=/dev/zero of=a bs=4096 count=4 2>/dev/null; ln a b; du -k a; du -sk .
#: file/mktemp_unique
a=$(mktemp -p .); b=$(mktemp -p .); [ "$a" != "$b" ] && echo differ; stat -c '%a %s' $a; mktemp -d -p . >/dev/null; find . -type d | wc -l
#: file/realpath_dots
mkdir -p a/b; ln -s a/b s; cd s; pwd -P | sed 's|.*/a|a|'; realpath ../b/./.. | sed 's|.*/||'; cd ..; pwd | sed 's|.*/||'
