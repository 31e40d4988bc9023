/* SPDX-License-Identifier: MIT */
/* Permission bits as an ordinary user: files, directories, owner before group before others. */
#include "harness.h"
#include <dirent.h>

static void try_file(const char *path)
{
	int r = open(path, O_RDONLY), re = errno, w = open(path, O_WRONLY), we = errno;

	note("%s read %s write %s", path, r >= 0 ? "ok" : harness_ename(re),
	     w >= 0 ? "ok" : errno_name(we));
	if (r >= 0)
		close(r);
	if (w >= 0)
		close(w);
}

TEST(permission, the_first_matching_class_decides)
{
	static const int modes[] = { 0600, 0060, 0006, 0066, 0606, 0444, 0222, 0000 };
	char name[16];

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		snprintf(name, sizeof(name), "m%03o", modes[i]);
		put_file(name, "x");
		chown(name, 1000, 2000);
		chmod(name, modes[i]);
	}
	for (int who = 0; who < 3; who++) {
		static const uid_t uids[] = { 1000, 1001, 1001 };
		static const gid_t gids[] = { 2000, 2000, 2001 };
		static const char *const names[] = { "owner", "group", "other" };

		note("%s", names[who]);
		AS_USER(uids[who], gids[who], {
			for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
				snprintf(name, sizeof(name), "m%03o", modes[i]);
				try_file(name);
			}
		});
	}
}

TEST(permission, directories_need_x_to_pass_r_to_list_w_to_change)
{
	static const int modes[] = { 0700, 0500, 0300, 0100, 0400, 0600 };

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		mkdir("d", 0777);
		put_file("d/f", "x");
		chmod("d/f", 0666);
		chown("d", 1000, 1000);
		chmod("d", modes[i]);
		note("mode %o", modes[i]);
		AS_USER(1000, 1000, {
			note(" list %s", RESULT(open("d", O_RDONLY)));
			note(" enter %s", RESULT(chdir("d")));
			chdir("..");
			note(" stat %s", RESULT(access("d/f", F_OK)));
			note(" create %s", RESULT(mknod("d/g", S_IFREG | 0600, 0)));
			note(" remove %s", RESULT(unlink("d/f")));
		});
		unlink("d/f");
		unlink("d/g");
		rmdir("d");
	}
}

TEST(permission, root_passes_everything_but_execute)
{
	char *argv[] = { "f", NULL }, *envp[] = { NULL };

	put_file("f", "#!/none\n");
	chmod("f", 0);
	mkdir("d", 0);
	put_file("d/g", "x");
	SHOW(open("f", O_RDWR) >= 0);
	SHOW(access("d/g", F_OK));
	SHOW(execve("f", argv, envp));
	SHOW(chdir("d"));
}

TEST(permission, dropping_privilege_keeps_what_is_open)
{
	char byte;
	int fd;

	put_file("f", "x");
	chmod("f", 0600);
	fd = open("f", O_RDWR);
	AS_USER(1000, 1000, {
		SHOW(read(fd, &byte, 1));
		SHOW(write(fd, "y", 1));
		SHOW(open("f", O_RDONLY));
		SHOW(open("/proc/self/fd/3", O_RDONLY) >= 0);
		SHOW(fchmod(fd, 0666));
		SHOW(ftruncate(fd, 0));
	});
}
