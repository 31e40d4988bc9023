#: archive/tar_round_trip
mkdir -p s/d; echo hi >s/f; ln -s f s/l; ln s/f s/h; chmod 751 s/d; mkfifo s/p; tar cf a.tar s; tar tf a.tar | sort; mkdir o; tar xf a.tar -C o; (cd o; find s | sort; cat s/h; readlink s/l; stat -c '%a %F' s/d s/p; stat -c %h s/f)
#: archive/tar_gz_bz2_xz
seq 2000 >f; tar cf - f | gzip >a.z; tar cf - f | bzip2 >a.j; tar xzf a.z -O | md5sum; tar xjf a.j -O | md5sum; tar tf a.z
#: archive/gzip_levels_and_streams
seq 5000 >f; cp f g; gzip g; gunzip -c g.gz | cmp - f && echo same; gzip -9 <f | zcat | tail -1; gzip -t g.gz; echo $?; printf 'bad' | gunzip; echo $?
#: archive/cpio_newc
mkdir d; echo a >d/a; ln -s a d/b; find d | sort | cpio -o -H newc 2>/dev/null >c; cpio -it <c 2>/dev/null; mkdir o; (cd o; cpio -id <../c 2>/dev/null; cat d/b)
#: archive/ar_and_lzop
echo m1 >x; echo m2 >y; seq 300 >f; lzop -c f | lzop -dc | md5sum; bzip2 -c f | bunzip2 | md5sum; md5sum <f
#: archive/unzip_stored
printf 'UEsDBAoAAAAAAAAAIQBnhhnSBQAAAAUAAAABABwAZlVUCQADAAAAAAAAAAB1eAsAAQQAAAAABAAAAABoZWxsb1BLAQIeAwoAAAAAAAAAIQBnhhnSBQAAAAUAAAABABgAAAAAAAEAAACkgQAAAABmVVQFAAMAAAAAdXgLAAEEAAAAAAQAAAAAUEsFBgAAAAABAAEARwAAAEAAAAAAAA==' | base64 -d >a.zip; unzip -l a.zip | tail -1 | awk '{print $2,$3}'; unzip -p a.zip 2>&1 | head -c 5; echo
