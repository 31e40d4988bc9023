/* SPDX-License-Identifier: MIT */
/* mount, umount2, pivot_root, chroot and the new mount calls: each error. */
#include "harness.h"
#include <sched.h>
#include <sys/mount.h>

static void own(void)
{
	REQUIRE_OK(unshare(CLONE_NEWNS));
	REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	REQUIRE_OK(mkdir("d", 0755));
	REQUIRE_OK(mkdir("e", 0755));
	put_file("f", "");
	REQUIRE_OK(symlink("loop", "loop"));
}

TEST(callerr, mount)
{
	static char page[8192];

	own();
	memset(page, 'x', 8191);
	SHOW(mount("x", "nothing", "tmpfs", 0, NULL));
	SHOW(mount("x", "f", "tmpfs", 0, NULL));
	SHOW(mount("x", "d", "nonsensefs", 0, NULL));
	SHOW(mount("x", "d", NULL, 0, NULL));
	SHOW(mount("x", "d", "", 0, NULL));
	SHOW(mount(NULL, "d", "tmpfs", 0, NULL));
	SHOW(umount2("d", 0));
	SHOW(mount((void *)8, "d", "tmpfs", 0, NULL));
	SHOW(mount("x", NULL, "tmpfs", 0, NULL));
	SHOW(mount("x", "d", (void *)8, 0, NULL));
	SHOW(mount("x", "d", "tmpfs", 0, (void *)8));
	SHOW(mount("x", "d", "tmpfs", 0, "nonsense"));
	SHOW(mount("x", "d", "tmpfs", 0, "size=nonsense"));
	SHOW(mount("x", "d", "tmpfs", 0, "mode=9"));
	SHOW(mount("x", "d", "tmpfs", 0, page));
	SHOW(mount("x", "loop", "tmpfs", 0, NULL));
	SHOW(mount("nothing", "d", NULL, MS_BIND, NULL));
	SHOW(mount("f", "d", NULL, MS_BIND, NULL));
	SHOW(mount("d", "f", NULL, MS_BIND, NULL));
	SHOW(mount("", "d", NULL, MS_BIND, NULL));
	SHOW(mount(NULL, "d", NULL, MS_BIND, NULL));
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT, NULL));
	SHOW(mount("d", "e", NULL, MS_MOVE, NULL));
	SHOW(mount(NULL, "e", NULL, MS_MOVE, NULL));
	SHOW(mount(NULL, "d", NULL, MS_PRIVATE, NULL));
	SHOW(mount(NULL, "/", NULL, MS_PRIVATE | MS_SHARED, NULL));
	SHOW(mount(NULL, "/", NULL, MS_PRIVATE | MS_BIND, NULL));
	SHOW(mount("x", "d", "tmpfs", MS_RDONLY, NULL));
	SHOW(open("d/x", O_CREAT | O_RDWR, 0600));
	SHOW(mount("d", "d", NULL, MS_MOVE, NULL));
	SHOW(mount("d", "e", NULL, MS_MOVE, NULL));
	SHOW(umount2("e", 0));
	AS_USER(1000, 1000, {
		SHOW(mount("x", "d", "tmpfs", 0, NULL));
		SHOW(mount("d", "e", NULL, MS_BIND, NULL));
		SHOW(umount2("/proc", 0));
		SHOW(mount("x", "nothing", "tmpfs", 0, NULL));
	});
}

TEST(callerr, umount)
{
	own();
	SHOW(umount2("nothing", 0));
	SHOW(umount2("d", 0));
	SHOW(umount2("f", 0));
	SHOW(umount2("", 0));
	SHOW(umount2(NULL, 0));
	SHOW(umount2("loop", 0));
	SHOW(umount2("d", 16));
	SHOW(umount2("d", MNT_EXPIRE | MNT_FORCE));
	REQUIRE_OK(mount("x", "d", "tmpfs", 0, NULL));
	REQUIRE_OK(symlink("d", "s"));
	SHOW(umount2("s", UMOUNT_NOFOLLOW));
	SHOW(umount2("d", MNT_EXPIRE));
	SHOW(umount2("d", MNT_EXPIRE));
	SHOW(umount2("d", MNT_EXPIRE));
	REQUIRE_OK(mount("x", "d", "tmpfs", 0, NULL));
	IN_CHILD({
		REQUIRE_OK(chdir("d"));
		SHOW(umount2("../d", 0));
		SHOW(umount2("../d", MNT_DETACH));
		SHOW(umount2("../d", 0));
	});
	REQUIRE_OK(mount("x", "d", "tmpfs", 0, NULL));
	SHOW(umount2("s", 0));
}

TEST(callerr, roots)
{
	own();
	SHOW(chroot("nothing"));
	SHOW(chroot("f"));
	SHOW(chroot("loop"));
	SHOW(chroot(NULL));
	SHOW(syscall(SYS_pivot_root, "nothing", "d"));
	SHOW(syscall(SYS_pivot_root, "d", "nothing"));
	SHOW(syscall(SYS_pivot_root, "d", "e"));
	SHOW(syscall(SYS_pivot_root, "f", "d"));
	SHOW(syscall(SYS_pivot_root, NULL, "d"));
	REQUIRE_OK(mount("x", "d", "tmpfs", 0, NULL));
	SHOW(syscall(SYS_pivot_root, "d", "e"));
	AS_USER(1000, 1000, {
		SHOW(chroot("d"));
		SHOW(syscall(SYS_pivot_root, "d", "d"));
	});
	chmod("e", 0);
	AS_USER(1000, 1000, {
		SHOW(chroot("e"));
		SHOW(chdir("e"));
	});
	SHOW(chdir("f"));
	SHOW(chdir("nothing"));
	SHOW(chdir(""));
	SHOW(chdir(NULL));
	SHOW(fchdir(-1));
	SHOW(fchdir(open("f", O_RDONLY)));
	SHOW(fchdir(open("d", O_PATH)));
	SHOW(syscall(SYS_getcwd, (void *)8, 100ul));
	SHOW(syscall(SYS_getcwd, (char[4]){ 0 }, 4ul));
	SHOW(syscall(SYS_getcwd, NULL, 0ul));
}
