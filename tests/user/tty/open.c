/* SPDX-License-Identifier: MIT */
/* Opening pseudo-terminals: ptmx, the lock, names, numbers, modes. */
#include "pty.h"
#include <sys/sysmacros.h>

TEST(pty, the_slave_is_locked_until_unlocked)
{
	char name[64];
	int m = REQUIRE_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY)), lock = -1, n = -1;

	SHOW(ioctl(m, TIOCGPTN, &n));
	SHOW(n >= 0);
	snprintf(name, sizeof(name), "/dev/pts/%d", n);
	SHOW(ioctl(m, TIOCGPTLCK, &lock));
	note("lock %d", lock);
	SHOW(open(name, O_RDWR | O_NOCTTY));
	lock = 0;
	SHOW(ioctl(m, TIOCSPTLCK, &lock));
	SHOW(ioctl(m, TIOCGPTLCK, &lock));
	note("lock %d", lock);
	SHOW(open(name, O_RDWR | O_NOCTTY) >= 0);
	lock = 1;
	SHOW(ioctl(m, TIOCSPTLCK, &lock));
	SHOW(open(name, O_RDWR | O_NOCTTY));
}

TEST(pty, the_slave_node)
{
	struct pty p = pty_open();
	struct stat st;

	stat(p.name, &st);
	note("type %o mode %o uid %u gid %u major %u", st.st_mode & S_IFMT, st.st_mode & 07777, st.st_uid,
	     st.st_gid, major(st.st_rdev));
	SHOW(isatty(p.master));
	SHOW(isatty(p.slave));
	fstat(p.master, &st);
	note("master major %u minor %u", major(st.st_rdev), minor(st.st_rdev));
	SHOW(strncmp(ttyname(p.slave), "/dev/pts/", 9));
}

TEST(pty, the_name_goes_with_the_master)
{
	struct pty p = pty_open();

	close(p.slave);
	SHOW(access(p.name, F_OK));
	close(p.master);
	SHOW(access(p.name, F_OK));
}

TEST(pty, the_number_is_used_again_when_both_sides_are_closed)
{
	int a = -1, b = -1, m;

	m = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(m, TIOCGPTN, &a);
	close(m);
	m = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(m, TIOCGPTN, &b);
	SHOW(a == b);
}

TEST(pty, an_owner_is_who_opened_the_master)
{
	AS_USER(1000, 1000, {
		int m = REQUIRE_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
		struct stat st;
		int zero = 0;

		ioctl(m, TIOCSPTLCK, &zero);
		stat(ptsname(m), &st);
		note("uid %u gid %u mode %o", st.st_uid, st.st_gid, st.st_mode & 07777);
		SHOW(open(ptsname(m), O_RDWR | O_NOCTTY) >= 0);
	});
}

TEST(pty, peer_opens_without_a_name)
{
	int m = REQUIRE_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY)), zero = 0, s;

	ioctl(m, TIOCSPTLCK, &zero);
	s = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	SHOW(s >= 0);
	SHOW(isatty(s));
	SHOW(ioctl(s, TIOCGPTN, &zero));
	SHOW(ioctl(s, TIOCSPTLCK, &zero));
}

TEST(pty, bytes_go_both_ways)
{
	struct pty p = pty_open();

	make_raw(p.slave);
	put(p.master, "to the slave");
	note("%s", get_bytes(p.slave, 12));
	put(p.slave, "to the master");
	note("%s", get_bytes(p.master, 13));
}

TEST(pty, a_hundred_of_them)
{
	struct pty p[50];
	int bad = 0;

	for (int i = 0; i < 50; i++)
		p[i] = pty_open();
	for (int i = 0; i < 50; i++) {
		char byte = 'A' + i % 26, line[3] = { byte, '\n', 0 }, got[8] = "";

		put(p[i].master, line);
		bad += read(p[i].slave, got, 8) != 2 || got[0] != byte;
	}
	note("bad %d", bad);
}

TEST(pty, a_lot_of_data)
{
	struct pty p = pty_open();
	static char block[4096];
	long total = 0, wrong = 0;
	pid_t pid;

	make_raw(p.slave);
	CHILD(pid) {
		for (int n = 0; n < 20; n++) {
			for (int i = 0; i < 4096; i++)
				block[i] = (n * 4096 + i) % 251;
			for (int done = 0; done < 4096;) {
				ssize_t w = write(p.slave, block + done, 4096 - done);

				REQUIRE_TRUE(w > 0);
				done += w;
			}
		}
	}
	while (total < 20 * 4096) {
		ssize_t n = read(p.master, block, sizeof(block));

		if (n <= 0)
			break;
		for (int i = 0; i < n; i++)
			wrong += (unsigned char)block[i] != (total + i) % 251;
		total += n;
	}
	EXPECT_CHILD_OK(pid);
	note("total %ld wrong %ld", total, wrong);
}
