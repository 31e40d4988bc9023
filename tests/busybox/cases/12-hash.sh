#: hash/known_vectors
printf abc | md5sum; printf abc | sha1sum; printf abc | sha256sum; printf abc | sha512sum; printf abc | sha3sum; printf '' | sha256sum
#: hash/check_files
seq 100 >a; sha256sum a >s; sha256sum -c s; echo x >>a; sha256sum -c s; echo $?
#: hash/large_stream
yes abcdefgh | head -c 3000000 | sha1sum; yes abcdefgh | head -c 3000000 | md5sum
#: hash/crc_and_cksum
seq 1000 >f; crc32 f; crc32 </dev/null; printf 123456789 | crc32; sum=$(md5sum <f); echo ${#sum}
#: hash/mkpasswd_methods
mkpasswd -m sha256 -S saltsalt secret; mkpasswd -m md5 -S saltsalt secret; mkpasswd -m sha512 -S abc word
