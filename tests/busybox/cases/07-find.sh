#: find/by_name_and_type
mkdir -p a/b c; touch a/x.c a/b/y.c c/z.h; ln -s x c/l; find . -name '*.c' | sort; find . -type d | sort; find . -type l; find . -maxdepth 1 | sort; find . -path './a/*' -prune -o -print | sort
#: find/exec_and_print0
touch 'a b' c; find . -type f -exec echo {} \; | sort; find . -type f -print0 | xargs -0 ls | sort; find . -type f -exec echo {} + | wc -l
#: find/size_time_and_perm
head -c 3000 /dev/zero >big; touch small; touch -d '2000-01-01' old; chmod 600 small; find . -type f -size +1k; find . -type f -mtime +100; find . -type f -perm 600; find . -newer old -type f | sort
#: find/logic_and_delete
touch a b c; find . -type f \( -name a -o -name b \) | sort; find . -type f ! -name a | sort; find . -name c -exec rm {} \;; ls; find . -empty -type f | sort
#: find/inode_and_links
touch a; ln a b; i=$(stat -c %i a); find . -inum $i | sort; find . -links 2 | sort; find . -samefile a 2>/dev/null | sort | head -2
