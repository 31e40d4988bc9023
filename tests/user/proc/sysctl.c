/* SPDX-License-Identifier: MIT */
/* /proc/sys/kernel, vm and fs: what is there, what can be changed. */
#include "shape.h"
#include <sys/utsname.h>

static void show(const char *path)
{
	note("%s: %s", path, shape(get_file(path), strcspn(get_file(path), "\n")));
}

TEST(sysctl, names)
{
	struct utsname name;
	char expected[128];

	uname(&name);
	EXPECT_STR(strtok(get_file("/proc/sys/kernel/ostype"), "\n"), "Linux");
	EXPECT_STR(strtok(get_file("/proc/sys/kernel/osrelease"), "\n"), name.release);
	EXPECT_STR(strtok(get_file("/proc/sys/kernel/version"), "\n"), name.version);
	snprintf(expected, sizeof(expected), "%s\n", name.nodename);
	EXPECT_STR(get_file("/proc/sys/kernel/hostname"), expected);
	show("/proc/sys/kernel/domainname");
}

TEST(sysctl, hostname_can_be_written)
{
	struct utsname name;
	char old[128];
	int fd = REQUIRE_OK(open("/proc/sys/kernel/hostname", O_RDWR));

	gethostname(old, sizeof(old));
	SHOW(pwrite(fd, "new-name\n", 9, 0));
	uname(&name);
	note("%s", name.nodename);
	SHOW(sethostname("third", 5));
	note("%s", strtok(get_file("/proc/sys/kernel/hostname"), "\n"));
	sethostname(old, strlen(old));
}

TEST(sysctl, numbers)
{
	show("/proc/sys/kernel/pid_max");
	show("/proc/sys/kernel/threads-max");
	show("/proc/sys/kernel/ngroups_max");
	show("/proc/sys/kernel/cap_last_cap");
	show("/proc/sys/kernel/random/entropy_avail");
	show("/proc/sys/kernel/random/poolsize");
	show("/proc/sys/fs/file-max");
	show("/proc/sys/fs/file-nr");
	show("/proc/sys/fs/nr_open");
	show("/proc/sys/fs/pipe-max-size");
	show("/proc/sys/vm/overcommit_memory");
	show("/proc/sys/vm/max_map_count");
	show("/proc/sys/vm/swappiness");
	show("/proc/sys/kernel/printk");
	show("/proc/sys/kernel/core_pattern");
}

TEST(sysctl, exact_values)
{
	note("ngroups_max %s", strtok(get_file("/proc/sys/kernel/ngroups_max"), "\n"));
	note("pipe-max-size %s", strtok(get_file("/proc/sys/fs/pipe-max-size"), "\n"));
	note("overcommit_memory %s", strtok(get_file("/proc/sys/vm/overcommit_memory"), "\n"));
	note("max_map_count %s", strtok(get_file("/proc/sys/vm/max_map_count"), "\n"));
	note("nr_open %s", strtok(get_file("/proc/sys/fs/nr_open"), "\n"));
	note("cap_last_cap %s", strtok(get_file("/proc/sys/kernel/cap_last_cap"), "\n"));
}

TEST(sysctl, uuids)
{
	char boot[64], a[64], b[64];

	snprintf(boot, sizeof(boot), "%s", get_file("/proc/sys/kernel/random/boot_id"));
	EXPECT_STR(get_file("/proc/sys/kernel/random/boot_id"), boot);
	snprintf(a, sizeof(a), "%s", get_file("/proc/sys/kernel/random/uuid"));
	snprintf(b, sizeof(b), "%s", get_file("/proc/sys/kernel/random/uuid"));
	SHOW(strcmp(a, b) != 0);
	SHOW(strlen(a));
	SHOW(a[14]);
	SHOW(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
}

TEST(sysctl, permissions)
{
	struct stat st;

	stat("/proc/sys/kernel/hostname", &st);
	note("hostname %o", st.st_mode);
	stat("/proc/sys/kernel/osrelease", &st);
	note("osrelease %o", st.st_mode);
	stat("/proc/sys/kernel", &st);
	note("kernel %o", st.st_mode);
	SHOW(open("/proc/sys/kernel/osrelease", O_WRONLY));
	AS_USER(1000, 1000, SHOW(open("/proc/sys/kernel/hostname", O_WRONLY)));
	SHOW(open("/proc/sys/kernel/nothing-of-that-name", O_RDONLY));
	SHOW(open("/proc/sys/kernel/new", O_WRONLY | O_CREAT, 0644));
}

TEST(sysctl, bad_values)
{
	int fd = REQUIRE_OK(open("/proc/sys/vm/overcommit_memory", O_RDWR));

	SHOW(pwrite(fd, "junk", 4, 0));
	SHOW(pwrite(fd, "9", 1, 0));
	SHOW(pwrite(fd, "1", 1, 0));
	note("%s", strtok(get_file("/proc/sys/vm/overcommit_memory"), "\n"));
	SHOW(pwrite(fd, "0\n", 2, 0));
}
