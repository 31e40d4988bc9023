/* SPDX-License-Identifier: MIT */
/* System V shared memory. Addresses and identifiers are never printed. */
#include "ipc.h"
#include <sys/mman.h>
#include <sys/resource.h>

#define PAGE 4096

static unsigned long attached(int id)
{
	struct shmid_ds ds = { 0 };

	return shmctl(id, IPC_STAT, &ds) == 0 ? ds.shm_nattch : 999;
}

static int segment(size_t size)
{
	own_namespace();
	return REQUIRE_OK(shmget(IPC_PRIVATE, size, 0600));
}

/* A free range of that many pages. */
static char *range(size_t pages)
{
	char *p = mmap(NULL, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p, pages * PAGE);
	return p;
}

static const char *where(void *p)
{
	return p == (void *)-1 ? errno_name(errno) : "attached";
}

TEST(shm, get_makes_finds_and_refuses)
{
	int id;

	own_namespace();
	SHOW(shmget(5, 100, 0));
	SHOW(shmget(5, 0, IPC_CREAT | 0600));
	id = REQUIRE_OK(shmget(5, 100, IPC_CREAT | 0600));
	EXPECT_EQ(shmget(5, 0, 0), id);
	EXPECT_EQ(shmget(5, 100, IPC_CREAT), id);
	SHOW(shmget(5, 101, 0));
	SHOW(shmget(5, 100, IPC_CREAT | IPC_EXCL));
	SHOW(shmget(6, (size_t)-1, IPC_CREAT));
	SHOW(shmget(6, 1ul << 50, IPC_CREAT));
	SHOW(shmget(6, 4096, IPC_CREAT | 04000 /* SHM_HUGETLB */ | 0600));
	AS_USER(1000, 1000,
		SHOW(shmget(5, 0, 0400));
		SHOW(shmget(5, 0, 0)));
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmctl(id, IPC_RMID, NULL));
}

TEST(shm, two_attachments_see_one_memory)
{
	int id = segment(3 * PAGE + 5);
	char *a = shmat(id, NULL, 0), *b = shmat(id, NULL, 0);
	pid_t pid;

	EXPECT_TRUE(a != (void *)-1 && b != (void *)-1 && a != b);
	SHOW(attached(id));
	a[0] = 'x';
	a[4 * PAGE - 1] = 'y';
	note("%c %c %d", b[0], b[4 * PAGE - 1], b[PAGE]);
	CHILD(pid) {
		SHOW(attached(id));
		b[PAGE] = 'z';
		EXPECT_OK(shmdt(a));
		SHOW(attached(id));
	}
	EXPECT_CHILD_OK(pid);
	SHOW(attached(id));
	note("%c", a[PAGE]);
	SHOW(shmdt(a));
	SHOW(shmdt(a));
	SHOW(shmdt(b + 1));
	SHOW(shmdt(b + PAGE));
	SHOW(shmdt(b));
	SHOW(attached(id));
}

TEST(shm, addresses)
{
	int id = segment(2 * PAGE);
	char *p = range(8), *q;

	SHOW(shmat(id, p, 0) == p);
	note("taken: %s", where(shmat(id, p, 0)));
	note("partly taken: %s", where(shmat(id, p + PAGE, 0)));
	note("next to it: %s", where(shmat(id, p + 2 * PAGE, 0)));
	note("not aligned: %s", where(shmat(id, p + 4 * PAGE + 5, 0)));
	q = shmat(id, p + 4 * PAGE + 5, SHM_RND);
	EXPECT_TRUE(q == p + 4 * PAGE);
	note("over it: %s", where(shmat(id, p + PAGE, SHM_REMAP)));
	SHOW(attached(id));
	note("nowhere over: %s", where(shmat(id, NULL, SHM_REMAP)));
	note("no such segment: %s", where(shmat(id + 1, NULL, 0)));
	note("negative: %s", where(shmat(-1, NULL, 0)));
	note("beyond user memory: %s", where(shmat(id, (void *)(1ul << 60), 0)));
	SHOW(shmdt(p));
	SHOW(shmdt(p + 4 * PAGE));
	SHOW(attached(id));
}

TEST(shm, read_only_and_exec)
{
	int id = segment(PAGE), status;
	char *r = shmat(id, NULL, SHM_RDONLY), *w = shmat(id, NULL, 0);
	pid_t pid;

	w[0] = 'k';
	note("%c", r[0]);
	CHILD(pid) r[0] = 'x';
	status = child_status(pid);
	note("%s", status_name(status));
	SHOW(mprotect(r, PAGE, PROT_READ | PROT_WRITE));
	SHOW(mprotect(w, PAGE, PROT_READ));
	SHOW(mprotect(w, PAGE, PROT_READ | PROT_WRITE));
	note("exec as root: %s", where(shmat(id, NULL, SHM_EXEC)));
}

TEST(shm, permissions)
{
	struct shmid_ds ds;
	int id;

	own_namespace();
	id = REQUIRE_OK(shmget(3, PAGE, IPC_CREAT | 0604));
	AS_USER(1000, 1000,
		note("write: %s", where(shmat(id, NULL, 0)));
		note("read: %s", where(shmat(id, NULL, SHM_RDONLY)));
		note("exec: %s", where(shmat(id, NULL, SHM_RDONLY | SHM_EXEC)));
		SHOW(shmctl(id, IPC_STAT, &ds));
		SHOW(shmctl(id, IPC_RMID, NULL));
		SHOW(shmctl(id, IPC_SET, &ds));
		SHOW(shmctl(id, SHM_LOCK, NULL)));
	shmctl(id, IPC_STAT, &ds);
	ds.shm_perm.uid = 1000;
	SHOW(shmctl(id, IPC_SET, &ds));
	AS_USER(1000, 1000,
		note("write: %s", where(shmat(id, NULL, 0)));
		SHOW(shmctl(id, IPC_RMID, NULL)));
	SHOW(shmget(3, 0, 0));
}

TEST(shm, a_removed_segment_lives_while_attached)
{
	struct shmid_ds ds;
	char *p;
	int id;

	own_namespace();
	id = REQUIRE_OK(shmget(8, PAGE, IPC_CREAT | 0600));
	p = shmat(id, NULL, 0);
	p[0] = 'q';
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmget(8, 0, 0));
	SHOW(shmctl(id, IPC_STAT, &ds));
	note("key %d mode %o nattch %lu", ds.shm_perm.__key, ds.shm_perm.mode, (unsigned long)ds.shm_nattch);
	note("again: %s", where(shmat(id, NULL, 0)));
	SHOW(attached(id));
	SHOW(shmctl(id, IPC_RMID, NULL));
	note("%c", p[0]);
	EXPECT_OK(shmget(8, PAGE, IPC_CREAT | 0600));
	IN_CHILD(SHOW(attached(id)));
	shmdt(p);
	SHOW(attached(id));
}

TEST(shm, exit_and_exec_detach)
{
	int id = segment(PAGE);
	pid_t pid;

	CHILD(pid) {
		shmat(id, NULL, 0);
		SHOW(attached(id));
	}
	EXPECT_CHILD_OK(pid);
	SHOW(attached(id));
	CHILD(pid) {
		char *argv[] = { "self", "no such test", NULL }, *envp[] = { NULL };

		shmat(id, NULL, 0);
		shmctl(id, IPC_RMID, NULL);
		execve("/proc/self/exe", argv, envp);
		fail("execve");
	}
	note("%s", status_name(child_status(pid)));
	SHOW(shmctl(id, IPC_RMID, NULL));
}

TEST(shm, parts_are_counted_and_detached_together)
{
	int id = segment(5 * PAGE);
	char *p = shmat(id, NULL, 0);

	p[4 * PAGE] = 'e';
	SHOW(mprotect(p + PAGE, PAGE, PROT_READ));
	SHOW(attached(id));
	SHOW(munmap(p + 3 * PAGE, PAGE));
	SHOW(attached(id));
	SHOW(mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE));
	SHOW(shmdt(p));
	SHOW(attached(id));
	SHOW(msync(p, PAGE, MS_SYNC));
	p = shmat(id, NULL, 0);
	note("%c", p[4 * PAGE]);
}

TEST(shm, status)
{
	struct shmid_ds ds;
	int id;
	char *p;

	own_namespace();
	id = REQUIRE_OK(shmget(77, 5000, IPC_CREAT | 0640));
	SHOW(shmctl(id, IPC_STAT, &ds));
	note("key %d mode %o size %zu nattch %lu lpid %d times %d %d", ds.shm_perm.__key, ds.shm_perm.mode, ds.shm_segsz,
	     (unsigned long)ds.shm_nattch, ds.shm_lpid, ds.shm_atime != 0, ds.shm_dtime != 0);
	EXPECT_EQ(ds.shm_cpid, getpid());
	p = shmat(id, NULL, 0);
	shmdt(p);
	shmctl(id, IPC_STAT, &ds);
	EXPECT_TRUE(ds.shm_atime && ds.shm_dtime && ds.shm_ctime);
	EXPECT_EQ(ds.shm_lpid, getpid());
	ds.shm_perm.mode = 07777;
	ds.shm_perm.gid = 7;
	SHOW(shmctl(id, IPC_SET, &ds));
	shmctl(id, IPC_STAT, &ds);
	note("mode %o gid %u cgid %u", ds.shm_perm.mode, ds.shm_perm.gid, ds.shm_perm.cgid);
	SHOW(shmctl(id, SHM_LOCK, NULL));
	shmctl(id, IPC_STAT, &ds);
	note("mode %o", ds.shm_perm.mode);
	SHOW(shmctl(id, SHM_UNLOCK, NULL));
	shmctl(id, IPC_STAT, &ds);
	note("mode %o", ds.shm_perm.mode);
	SHOW(shmctl(id, IPC_STAT, (void *)8));
	SHOW(shmctl(id, IPC_SET, (void *)8));
	SHOW(shmctl(id, 99, &ds));
	SHOW(shmctl(-1, IPC_STAT, &ds));
	SHOW(shmctl(id + 1, IPC_STAT, &ds));
}

TEST(shm, information)
{
	struct shminfo limits;
	struct shm_info use;
	struct shmid_ds ds;
	int id = segment(3 * PAGE);
	char *p = shmat(id, NULL, 0);

	p[0] = p[PAGE] = 1;
	SHOW(shmctl(0, IPC_INFO, (struct shmid_ds *)&limits));
	note("max %lu min %lu mni %lu seg %lu all %lu", limits.shmmax, limits.shmmin, limits.shmmni, limits.shmseg, limits.shmall);
	SHOW(shmctl(0, SHM_INFO, (struct shmid_ds *)&use));
	note("ids %d total %lu resident %lu", use.used_ids, use.shm_tot, use.shm_rss);
	EXPECT_EQ(shmctl(0, SHM_STAT, &ds), id);
	note("%.*s", (int)strcspn(get_file("/proc/sysvipc/shm"), "\n"), get_file("/proc/sysvipc/shm"));
	note("shmmax %s", get_file("/proc/sys/kernel/shmmax"));
	note("shmall %s", get_file("/proc/sys/kernel/shmall"));
	note("shmmni %s", get_file("/proc/sys/kernel/shmmni"));
	put_file("/proc/sys/kernel/shmmax", "8192");
	SHOW(shmget(IPC_PRIVATE, 8193, 0600));
	put_file("/proc/sys/kernel/shmall", "4");
	SHOW(shmget(IPC_PRIVATE, 8192, 0600));
	EXPECT_OK(shmget(IPC_PRIVATE, 4096, 0600));
	put_file("/proc/sys/kernel/shmmni", "2");
	put_file("/proc/sys/kernel/shmall", "400");
	SHOW(shmget(IPC_PRIVATE, 4096, 0600));
}

TEST(shm, maps_shows_it)
{
	char want[64], *line;
	char *p;
	int id;

	own_namespace();
	id = REQUIRE_OK(shmget(0x1234, PAGE, IPC_CREAT | 0600));
	p = shmat(id, NULL, 0);
	snprintf(want, sizeof(want), "%lx-", (unsigned long)p);
	line = strstr(get_file("/proc/self/maps"), want);
	REQUIRE_TRUE(line);
	line[strcspn(line, "\n")] = 0;
	note("%s", strchr(line, '/'));
	line = strchr(line, ' ');
	note("%.14s", line);
}

TEST(shm, a_namespace_goes_with_what_is_in_it)
{
	pid_t pid;

	CHILD(pid) {
		int id;
		char *p;

		own_namespace();
		id = REQUIRE_OK(shmget(1, PAGE, IPC_CREAT | 0600));
		p = shmat(id, NULL, 0);
		p[0] = 'a';
		own_namespace();
		note("still mapped: %c", p[0]);
		SHOW(shmget(1, 0, 0));
		SHOW(shmdt(p));
	}
	EXPECT_CHILD_OK(pid);
}
