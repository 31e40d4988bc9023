/* SPDX-License-Identifier: MIT */
/* The umask and each call that makes something: what mode results, and that chmod is not touched by it. */
#include "harness.h"
#include <mqueue.h>
#include <sys/socket.h>
#include <sys/un.h>

static unsigned mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_mode;
}

TEST(umask, every_maker)
{
	static const unsigned masks[] = { 0, 022, 077, 0777, 0111 };
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "socket" };

	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		umask(masks[i]);
		REQUIRE_OK(open("file", O_CREAT | O_WRONLY, 06777));
		REQUIRE_OK(mkdir("dir", 07777));
		REQUIRE_OK(mkfifo("fifo", 0666));
		REQUIRE_OK(mknod("node", S_IFREG | 07777, 0));
		REQUIRE_OK(symlink("x", "link"));
		REQUIRE_OK(bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof(name)));
		note("umask %o: %o %o %o %o %o %o", masks[i], mode_of("file"), mode_of("dir"), mode_of("fifo"), mode_of("node"),
		     mode_of("link"), mode_of("socket"));
		REQUIRE_OK(chmod("file", 07777));
		note("after chmod %o", mode_of("file"));
		unlink("file");
		rmdir("dir");
		unlink("fifo");
		unlink("node");
		unlink("link");
		unlink("socket");
	}
}

TEST(umask, its_value)
{
	SHOW(umask(0123));
	SHOW(umask(07777));
	SHOW(umask(-1));
	SHOW(umask(022));
	umask(0135);
	IN_CHILD({
		SHOW(umask(0));
	});
	SHOW(umask(022));
}
