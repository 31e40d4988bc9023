/* SPDX-License-Identifier: MIT */
/* O_EXCL, mkdir and link as locks: exactly one of many succeeds. */
#include "harness.h"

enum { RACERS = 4, ROUNDS = 100 };

static int race(int (*attempt)(const char *name))
{
	pid_t pids[RACERS];
	int wins[2], total = 0;
	unsigned char won;

	REQUIRE_OK(pipe(wins));
	for (int p = 0; p < RACERS; p++) {
		CHILD(pids[p]) {
			unsigned char mine = 0;

			for (int i = 0; i < ROUNDS; i++) {
				char name[16];

				snprintf(name, sizeof(name), "r%d", i);
				mine += attempt(name) >= 0;
			}
			write_all(wins[1], &mine, 1);
		}
	}
	for (int p = 0; p < RACERS; p++)
		EXPECT_CHILD_OK(pids[p]);
	for (int p = 0; p < RACERS; p++) {
		EXPECT_EQ(read(wins[0], &won, 1), 1);
		total += won;
	}
	return total;
}

static int by_open(const char *name)
{
	int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);

	if (fd >= 0)
		close(fd);
	return fd;
}

static int by_mkdir(const char *name)
{
	return mkdir(name, 0755);
}

static int by_link(const char *name)
{
	return link("source", name);
}

static int by_symlink(const char *name)
{
	return symlink("x", name);
}

static int by_unlink(const char *name)
{
	return unlink(name);
}

TEST(race, each_name_is_won_once)
{
	SHOW(race(by_open));
	SHOW(race(by_unlink));
	SHOW(race(by_mkdir));
	SHOW(race(rmdir));
	SHOW(race(by_symlink));
	SHOW(race(by_unlink));
	put_file("source", "");
	SHOW(race(by_link));
	SHOW(race(by_unlink));
}
