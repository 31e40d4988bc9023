/* SPDX-License-Identifier: MIT */
/* Set-user-id and set-group-id programs, AT_SECURE, and what keeps the bits from working. */
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include "util.h"
#include <sys/auxv.h>
#include <sys/prctl.h>

static int other_main(int argc, char **argv)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	(void)argc, (void)argv;
	getresuid(&r, &e, &s);
	getresgid(&gr, &ge, &gs);
	note("uid %u %u %u gid %u %u %u secure %lu dumpable %d", r, e, s, gr, ge, gs,
	     getauxval(AT_SECURE), prctl(PR_GET_DUMPABLE));
	return 0;
}

static void copy_self(const char *to, uid_t uid, gid_t gid, mode_t mode)
{
	static char buffer[65536];
	int in = REQUIRE_OK(open("/proc/self/exe", O_RDONLY));
	int out = REQUIRE_OK(open(to, O_WRONLY | O_CREAT | O_TRUNC, 0700));
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		write_all(out, buffer, n);
	EXPECT_OK(fchown(out, uid, gid));
	EXPECT_OK(fchmod(out, mode));
	close(in);
	close(out);
}

static void run_as(uid_t uid, gid_t gid, const char *path, bool no_new_privs)
{
	pid_t pid;

	CHILD(pid) {
		harness_become(uid, gid);
		if (no_new_privs)
			EXPECT_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		execl(path, "x", "@ids", NULL);
		note("%s", errno_name(errno));
	}
	EXPECT_CHILD_OK(pid);
}

TEST(exec_setid, a_user_becomes_the_owner)
{
	copy_self("plain", 0, 0, 0755);
	copy_self("suid0", 0, 0, 04755);
	copy_self("suid500", 500, 600, 04755);
	copy_self("sgid600", 500, 600, 02755);
	copy_self("both", 500, 600, 06755);
	copy_self("sgid-no-x", 500, 600, 02705);
	run_as(1000, 1001, "./plain", false);
	run_as(1000, 1001, "./suid0", false);
	run_as(1000, 1001, "./suid500", false);
	run_as(1000, 1001, "./sgid600", false);
	run_as(1000, 1001, "./both", false);
	run_as(1000, 1001, "./sgid-no-x", false);
}

TEST(exec_setid, root_may_become_less)
{
	copy_self("both", 500, 600, 06755);
	run_as(0, 0, "./both", false);
}

TEST(exec_setid, no_new_privs_ignores_the_bits)
{
	copy_self("both", 500, 600, 06755);
	run_as(1000, 1001, "./both", true);
}

TEST(exec_setid, the_same_owner_is_not_secure)
{
	copy_self("mine", 1000, 1001, 06755);
	run_as(1000, 1001, "./mine", false);
}

TEST(exec_setid, scripts_do_not_gain)
{
	char self[256] = "", text[512];

	(void)!readlink("/proc/self/exe", self, sizeof(self) - 1);
	snprintf(text, sizeof(text), "#!%s @x\n", self);
	put_file("s", text);
	EXPECT_OK(chown("s", 500, 600));
	EXPECT_OK(chmod("s", 06755));
	run_as(1000, 1001, "./s", false);
}

TEST(exec_setid, execute_only_programs_are_not_dumpable)
{
	copy_self("unreadable", 500, 600, 0711);
	run_as(1000, 1001, "./unreadable", false);
}

TEST(exec_setid, writing_and_chown_by_a_user_clear_the_bits)
{
	struct stat st;
	pid_t pid;

	copy_self("owned", 1000, 1001, 06777);
	CHILD(pid) {
		int fd;

		harness_become(1000, 1001);
		fd = REQUIRE_OK(open("owned", O_WRONLY));
		write_all(fd, "\177", 1);
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_OK(stat("owned", &st));
	note("after write %o", st.st_mode & 07777);
	EXPECT_OK(chmod("owned", 06755));
	CHILD(pid) {
		harness_become(1000, 1001);
		EXPECT_OK(chown("owned", -1, 1001));
	}
	EXPECT_CHILD_OK(pid);
	EXPECT_OK(stat("owned", &st));
	note("after chown %o", st.st_mode & 07777);
	EXPECT_OK(chmod("owned", 06755));
	EXPECT_OK(chown("owned", 1, 1));
	EXPECT_OK(stat("owned", &st));
	note("after chown by root %o", st.st_mode & 07777);
}

TEST(exec_setid, fallocate_by_a_user_clears_the_bits)
{
	struct stat st;

	copy_self("owned", 1000, 1001, 06777);
	AS_USER(1000, 1001, {
		int fd = REQUIRE_OK(open("owned", O_WRONLY));

		EXPECT_OK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 1));
	});
	EXPECT_OK(stat("owned", &st));
	note("after fallocate %o", st.st_mode & 07777);
	EXPECT_OK(chmod("owned", 06777));
	AS_USER(1000, 1001, {
		int fd = REQUIRE_OK(open("owned", O_WRONLY));

		EXPECT_OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	});
	EXPECT_OK(stat("owned", &st));
	note("after a hole %o", st.st_mode & 07777);
}
