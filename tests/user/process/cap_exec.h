/* SPDX-License-Identifier: MIT */
/*
 * Shared by the tests of capabilities over exec: a copy of this program with an owner, mode and
 * security.capability, run by a child with chosen sets, which prints the sets it ends up with.
 */
#ifndef TESTS_USER_CAP_EXEC_H
#define TESTS_USER_CAP_EXEC_H
#define HARNESS_EXEC other_main
static int other_main(int argc, char **argv);
#include "../harness.h"
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/xattr.h>

#define BIT(n) (1ull << (n))
#define FULL 0x1ffffffffffull

struct sets {
	uint64_t inheritable, permitted, effective, bounding, ambient;
};

HARNESS_UNUSED static struct sets own_sets(void)
{
	struct sets s = { 0 };
	char *text = get_file("/proc/self/status");

	sscanf(strstr(text, "CapInh:"), "CapInh: %lx", (unsigned long *)&s.inheritable);
	sscanf(strstr(text, "CapPrm:"), "CapPrm: %lx", (unsigned long *)&s.permitted);
	sscanf(strstr(text, "CapEff:"), "CapEff: %lx", (unsigned long *)&s.effective);
	sscanf(strstr(text, "CapBnd:"), "CapBnd: %lx", (unsigned long *)&s.bounding);
	sscanf(strstr(text, "CapAmb:"), "CapAmb: %lx", (unsigned long *)&s.ambient);
	return s;
}

/* "all", "all but X" or the number. */
HARNESS_UNUSED static const char *set_name(uint64_t set)
{
	static char ring[8][40];
	static unsigned next;
	char *text = ring[next++ % 8];

	if (set == FULL)
		return "all";
	if (__builtin_popcountll(set) > 30)
		snprintf(text, sizeof(ring[0]), "all but %#llx", (unsigned long long)(FULL & ~set));
	else
		snprintf(text, sizeof(ring[0]), "%#llx", (unsigned long long)set);
	return text;
}

static int other_main(int argc, char **argv)
{
	struct sets s = own_sets();
	uid_t r, e, v;

	(void)argc, (void)argv;
	getresuid(&r, &e, &v);
	note("uid %u %u %u inh %s prm %s eff %s bnd %s amb %s secure %lu bits %#x", r, e, v, set_name(s.inheritable), set_name(s.permitted),
	     set_name(s.effective), set_name(s.bounding), set_name(s.ambient), getauxval(AT_SECURE), prctl(PR_GET_SECUREBITS));
	return 0;
}

HARNESS_UNUSED static void program(const char *to, uid_t uid, mode_t mode)
{
	static char buffer[65536];
	int in = REQUIRE_OK(open("/proc/self/exe", O_RDONLY));
	int out = REQUIRE_OK(open(to, O_WRONLY | O_CREAT | O_TRUNC, 0700));
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		write_all(out, buffer, n);
	EXPECT_OK(fchown(out, uid, 0));
	EXPECT_OK(fchmod(out, mode));
	close(in);
	close(out);
}

/* Version 2 of the attribute. */
HARNESS_UNUSED static int file_caps(const char *path, uint64_t permitted, uint64_t inheritable, bool effective)
{
	struct vfs_cap_data d = { .magic_etc = VFS_CAP_REVISION_2 | (effective ? VFS_CAP_FLAGS_EFFECTIVE : 0) };

	d.data[0].permitted = (uint32_t)permitted;
	d.data[1].permitted = (uint32_t)(permitted >> 32);
	d.data[0].inheritable = (uint32_t)inheritable;
	d.data[1].inheritable = (uint32_t)(inheritable >> 32);
	return setxattr(path, "security.capability", &d, sizeof(d), 0);
}

HARNESS_UNUSED static int set_caps(uint64_t inheritable, uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	for (int i = 0; i < 2; i++) {
		d[i].inheritable = (uint32_t)(inheritable >> 32 * i);
		d[i].permitted = (uint32_t)(permitted >> 32 * i);
		d[i].effective = (uint32_t)(effective >> 32 * i);
	}
	return (int)syscall(SYS_capset, &h, d);
}

struct how {
	uid_t uid;
	bool no_new_privs;
	uint64_t drop_bounding, inheritable, permitted, ambient;	/* kept over the change of user */
	unsigned securebits;
};

HARNESS_UNUSED static void run_with(const char *path, struct how how)
{
	pid_t pid;

	CHILD(pid) {
		if (how.securebits)
			EXPECT_OK(prctl(PR_SET_SECUREBITS, how.securebits));
		if (how.inheritable)
			EXPECT_OK(set_caps(how.inheritable, FULL, FULL));
		for (int i = 0; i <= 40; i++)
			if (how.drop_bounding & BIT(i))
				EXPECT_OK(prctl(PR_CAPBSET_DROP, i, 0, 0, 0));
		if (how.uid) {
			EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
			harness_become(how.uid, how.uid);
			EXPECT_OK(set_caps(how.inheritable, how.permitted, how.permitted));
		}
		for (int i = 0; i <= 40; i++)
			if (how.ambient & BIT(i))
				EXPECT_OK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0));
		if (how.no_new_privs)
			EXPECT_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		execl(path, "x", "@sets", NULL);
		note("%s", errno_name(errno));
	}
	EXPECT_CHILD_OK(pid);
}
#endif
