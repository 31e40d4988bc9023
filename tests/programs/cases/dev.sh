# SPDX-License-Identifier: MIT
#: sqlite/basic
sqlite3 x.db <<'END'
create table t(id integer primary key, v text); create index i on t(v);
with recursive c(n) as (select 1 union all select n+1 from c where n < 5000) insert into t(v) select printf('%05d', (n * 7919) % 5003) from c;
select count(*), min(v), max(v) from t; select * from t where v > '04990' order by v limit 3; begin; delete from t where id % 2; select changes(); rollback; select count(*) from t; pragma integrity_check; vacuum;
select json_extract('{"a":[1,2]}', '$.a[1]'); explain query plan select * from t where v = 'x';
.tables
END
sqlite3 x.db .dump | sqlite3 y.db; sqlite3 y.db 'select sum(id) from t'; sqlite3 x.db 'insert into t values(1, 2)'; echo $?; sqlite3 /nothing/z.db 'create table a(b)'; echo $?
#: sqlite/wal
sqlite3 w.db 'pragma journal_mode=wal; create table t(a);' ; ls | grep -c w.db
for i in 1 2 3 4; do (for j in $(seq 5); do sqlite3 -cmd '.timeout 60000' w.db "insert into t values($i * 100 + $j)"; done) & done; wait
sqlite3 w.db 'select count(*), sum(a) from t; pragma wal_checkpoint(truncate); pragma journal_mode=delete; pragma integrity_check;'
python3 - <<'END'
import sqlite3, os
a = sqlite3.connect("w.db", isolation_level=None); a.execute("pragma journal_mode=wal"); a.execute("begin immediate"); a.execute("insert into t values(1)")
p = os.fork()
if p == 0:
    b = sqlite3.connect("w.db", timeout=0.1); print(b.execute("select count(*) from t").fetchone())
    try: b.execute("insert into t values(2)")
    except sqlite3.OperationalError as e: print(e, flush=True)
    os._exit(0)
os.waitpid(p, 0); a.execute("commit"); print(a.execute("select count(*) from t").fetchone())
END
#: sqlite/locks
sqlite3 l.db 'create table t(a); insert into t values(0)'
for i in 1 2 3 4; do (for j in 1 2 3 4 5; do sqlite3 -cmd '.timeout 60000' l.db 'begin immediate; update t set a = a + 1; commit'; done) & done; wait; sqlite3 l.db 'select a from t'; ls
sqlite3 l.db 'pragma mmap_size=1000000; select count(*) from t; pragma locking_mode=exclusive; select * from t'
#: git/basic
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000'
git init -q -b main r; cd r; seq 60 >a; mkdir d; echo x >d/x; ln -s a l; git add .; git commit -qm first; git log --format='%H %s'; git branch side; sed -i s/^5$/five/ a; git commit -qam main; git checkout -q side; sed -i s/^45$/fifteen/ a; echo y >d/y; chmod +x d/y; git add .; git commit -qm side; git checkout -q main; git merge -q -m merge side; git log --format='%h %p %s' --graph; git ls-tree -r HEAD; git status --short; git diff --stat HEAD~1; git tag v1; git show --stat --format=%s HEAD^2; git rev-list --count HEAD; git blame -s a | sed -n 5p; git grep -n fif; git stash list; echo z >>a; git stash -q; git stash pop -q; git diff --numstat; git fsck; git cat-file -p HEAD
#: git/merge_conflict
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000'
git init -q -b main r; cd r; echo base >f; git add f; git commit -qm base; git checkout -qb other; echo other >f; git commit -qam other; git checkout -q main; echo main >f; git commit -qam main; git merge other; echo $?; cat f; git status --porcelain; git merge --abort; cat f; git rebase -q other; echo $?; echo both >f; git add f; GIT_EDITOR=true git rebase --continue 2>&1 | tail -n 1 | tr -d '\r' | sed 's/.*Succ/Succ/'; git log --format=%s; git cherry-pick nothing; echo $?; git bisect start -q HEAD HEAD~2 2>&1 | tail -n 1; git worktree add -q ../w other; git worktree list | wc -l
#: git/clone_gc
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000'
git init -q -b main r; cd r; for i in $(seq 6); do seq $((i * 100)) >f$i; git add .; git commit -qm c$i; done; cd ..; git clone -q r c; git -C c log --oneline | wc -l; git clone -q --no-hardlinks --bare r b.git; git clone -q "file://$PWD/b.git" t; git -C t rev-parse HEAD; cd c; echo new >n; git add n; git commit -qm new; git push -q ../b.git main; cd ../t; git pull -q; git log -1 --format=%s; cd ../r; git gc -q; git count-objects -v | grep -E '^(count|in-pack|packs)'; git fsck; git verify-pack -s .git/objects/pack/*.idx | tail -n 1 | cut -c1-5; git bundle create -q ../x.bundle main; git bundle verify -q ../x.bundle 2>&1 | tail -n 1; git archive HEAD | tar -t | wc -l; git format-patch -1 --stdout | tail -n 3 | head -n 1; git repack -adq --threads=4; git prune; git for-each-ref
#: make/parallel
cat >Makefile <<'END'
OUT := $(patsubst %,o%,$(shell seq 20))
all: $(OUT)
	@cat $^ | paste -sd' '
o%: | d
	@echo $* >$@
d:
	@mkdir d; echo made d
fail:
	@exit 3
env:
	@echo $$X $(MAKELEVEL) $(words $(MAKEFLAGS))
sub:
	@$(MAKE) -s --no-print-directory env X=sub
.PHONY: all fail sub env
END
make -j4; make -j4 -q; echo $?; touch -d '+1 hour' o3; make -n | wc -l; make fail; echo $?; make -k fail sub; make -j4 -Oline sub; make nothing; echo $?; make -s -j2 -l 1000 sub; echo 'include x.mk' >>Makefile; echo 'x.mk:; @echo "Y := made" >$@' >>Makefile; echo 'y:; @echo $(Y)' >>Makefile; make -s y; make -p -f /dev/null 2>/dev/null | grep -c '^MAKE_VERSION'
#: gcc/hello
cat >h.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
int main(int c, char **v) { printf("hello %d %.6f\n", c, sqrt(atof(v[1]))); return 5; }
END
gcc -O2 -Wall -o h h.c -lm && ./h 2; echo $?; gcc -static -o s h.c -lm && ./s 3; echo $?; file -b h s | grep -o 'dynamically linked\|statically linked'; gcc -E h.c | wc -l | awk '{print ($1 > 100)}'; gcc -c h.c && nm h.o | grep ' T '; size h.o | wc -l; echo 'int x = y;' >e.c; gcc e.c; echo $?; gcc -no-pie -o n h.c -lm && ./n 5; readelf -l n | grep -c LOAD | awk '{ print ($1 >= 2) }'; strip h; ./h 9; objdump -d h | wc -l | awk '{print ($1 > 20)}'; gcc -g -O0 -save-temps=obj -o g h.c -lm; ls g*; gcc --version | head -n 1 | grep -o 12.2.0; strings -n 8 h | grep hello; addr2line -e g 0 | head -n 1
#: gcc/shared
cat >l.c <<'END'
#include <stdio.h>
static __thread int tls = 7;
int counter;
__attribute__((constructor)) static void in(void) { puts("constructor"); }
__attribute__((destructor)) static void out(void) { puts("destructor"); }
int lib(int x) { counter += x; return ++tls + counter; }
static int impl(void) { return 99; }
static int (*resolve(void))(void) { return impl; }
int ifunc(void) __attribute__((ifunc("resolve")));
END
cat >m.c <<'END'
#include <stdio.h>
extern int lib(int), counter, ifunc(void);
int main(void) { int r = lib(3); printf("%d %d %d\n", r, counter, ifunc()); return 0; }
END
cat >d.c <<'END'
#include <stdio.h>
#include <dlfcn.h>
int main(void) { void *h = dlopen("./libl.so", RTLD_NOW); if (!h) { puts(dlerror()); return 1; } int (*f)(int) = dlsym(h, "lib"); printf("%d\n", f(1)); printf("%p\n", dlsym(h, "none")); dlclose(h); puts("closed"); h = dlopen("./none.so", RTLD_LAZY); puts(dlerror()); return 0; }
END
gcc -fPIC -shared -Wl,-soname,libl.so -o libl.so l.c; gcc -o m m.c -L. -ll; ./m; echo $?; LD_LIBRARY_PATH=. ./m; gcc -o m2 m.c -L. -ll -Wl,-rpath,'$ORIGIN' -Wl,-z,now,-z,relro; ./m2; gcc -o d d.c; ./d; readelf -d m2 | grep -c NEEDED; cat >o.c <<'END'
#include <stdlib.h>
int atoi(const char *s) { return 4242; }
END
gcc -fPIC -shared -o o.so o.c; echo 'int printf(const char*,...); int atoi(const char*); int main(int c,char**v){printf("%d\n",atoi(v[0]));}' >p.c; gcc -fno-builtin -w -o p p.c; ./p; LD_PRELOAD=./o.so ./p; ar rcs libs.a l.c 2>/dev/null; gcc -c l.c; ar rcs libs.a l.o; gcc -static -o ms m.c libs.a; ./ms
#: gcc/threads
cat >t.c <<'END'
#include <stdio.h>
#include <threads.h>
#include <stdatomic.h>
#include <pthread.h>
#include <signal.h>
static atomic_int n; static mtx_t m; static cnd_t c; static int turn; static thread_local int mine; static tss_t key; static once_flag once = ONCE_FLAG_INIT;
static void hello(void) { puts("once"); }
static void gone(void *p) { atomic_fetch_add(&n, 1); }
static int work(void *p) { int me = *(int *)p; call_once(&once, hello); tss_set(key, p); for (int i = 0; i < 10000; i++) { atomic_fetch_add(&n, 1); mine++; } for (int i = 0; i < 100; i++) { mtx_lock(&m); while (turn % 4 != me) cnd_wait(&c, &m); turn++; cnd_broadcast(&c); mtx_unlock(&m); } return mine; }
static void *spin(void *p) { pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL); for (;;) pthread_testcancel(); }
static void *sleeper(void *p) { thrd_sleep(&(struct timespec){ .tv_sec = 1000 }, NULL); return NULL; }
int main(void) { thrd_t t[4]; int id[4], r; mtx_init(&m, mtx_plain); cnd_init(&c); tss_create(&key, gone); for (int i = 0; i < 4; i++) { id[i] = i; thrd_create(&t[i], work, &id[i]); } for (int i = 0; i < 4; i++) { thrd_join(t[i], &r); printf("%d ", r); } printf("%d %d\n", n, turn); pthread_t p; void *x; pthread_create(&p, NULL, spin, NULL); pthread_cancel(p); pthread_join(p, &x); printf("%d\n", x == PTHREAD_CANCELED); pthread_create(&p, NULL, sleeper, NULL); pthread_cancel(p); pthread_join(p, &x); printf("%d\n", x == PTHREAD_CANCELED);
 pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER; pthread_rwlock_rdlock(&rw); printf("%d\n", pthread_rwlock_trywrlock(&rw)); pthread_barrier_t b; pthread_barrier_init(&b, NULL, 1); printf("%d\n", pthread_barrier_wait(&b)); pthread_spinlock_t s; pthread_spin_init(&s, 0); pthread_spin_lock(&s); printf("%d\n", pthread_spin_trylock(&s)); char name[16]; pthread_setname_np(pthread_self(), "renamed"); pthread_getname_np(pthread_self(), name, 16); puts(name); return 0; }
END
gcc -O1 -pthread -w -o t t.c && ./t; echo $?; cat >f.c <<'END'
#include <stdio.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>
#include <fenv.h>
static sigjmp_buf j; static volatile double d = 1.5;
static void segv(int s, siginfo_t *i, void *u) { printf("%d %p\n", s, i->si_addr); fflush(stdout); siglongjmp(j, 1); }
int main(void) { struct sigaction a = { .sa_sigaction = segv, .sa_flags = SA_SIGINFO | SA_ONSTACK }; static char st[65536]; stack_t ss = { .ss_sp = st, .ss_size = sizeof st }; sigaltstack(&ss, 0); sigaction(SIGSEGV, &a, 0); d *= 2; if (!sigsetjmp(j, 1)) *(volatile int *)0x40 = 1; printf("%.1f\n", d); if (!sigsetjmp(j, 1)) { volatile char big; char *p = (char *)&big; for (;;) { p -= 4096; *(volatile char *)p = 1; if (p < (char *)0x1000) break; } } puts("overflow"); return 0; }
END
gcc -w -o f f.c; ./f | sed 's/11 0x[0-9a-f]\{5,\}/11 stack/'
#: gcc/build_with_make
cat >Makefile <<'END'
O := $(patsubst %,u%.o,$(shell seq 4))
p: main.o $O
	gcc -o $@ $^
%.o: %.c
	gcc -O1 -c -o $@ $<
END
for i in $(seq 4); do echo "int u$i(int x) { return x + $i; }" >u$i.c; done; { echo '#include <stdio.h>'; for i in $(seq 4); do echo "int u$i(int);"; done; echo 'int main(void) { int x = 0;'; for i in $(seq 4); do echo "x = u$i(x);"; done; echo 'printf("%d\n", x); }'; } >main.c
make -s -j4 && ./p; touch u3.c; make -j4 | sort; make -q; echo $?
