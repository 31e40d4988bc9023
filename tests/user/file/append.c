/* SPDX-License-Identifier: MIT */
/* O_APPEND: every write goes to the end of that moment, whoever else writes. */
#include "harness.h"

TEST(append, writes_go_to_the_end)
{
	char text[32] = "";
	int a = REQUIRE_OK(open("f", O_RDWR | O_CREAT | O_APPEND, 0600));
	int b = REQUIRE_OK(open("f", O_RDWR));

	write_all(a, "one", 3);
	SHOW(lseek(a, 0, SEEK_CUR));
	lseek(b, 0, SEEK_END);
	write_all(b, "two", 3);
	lseek(a, 0, SEEK_SET);
	write_all(a, "three", 5);
	SHOW(lseek(a, 0, SEEK_CUR));
	pread(b, text, 31, 0);
	note("%s", text);
}

TEST(append, can_be_switched_on_and_off)
{
	char text[32] = "";
	int fd = temp_fd();

	write_all(fd, "0123456789", 10);
	fcntl(fd, F_SETFL, O_APPEND);
	lseek(fd, 0, SEEK_SET);
	write_all(fd, "ab", 2);
	fcntl(fd, F_SETFL, 0);
	lseek(fd, 0, SEEK_SET);
	write_all(fd, "cd", 2);
	pread(fd, text, 31, 0);
	note("%s", text);
}

TEST(append, four_writers_lose_nothing_and_tear_nothing)
{
	enum { WRITERS = 4, RECORDS = 200, SIZE = 61 };
	static char text[WRITERS * RECORDS * SIZE + 1];
	int fd, counts[WRITERS] = { 0 }, torn = 0;
	pid_t pids[WRITERS];

	put_file("f", "");
	for (int i = 0; i < WRITERS; i++) {
		CHILD(pids[i]) {
			char record[SIZE];
			int mine = open("f", O_WRONLY | O_APPEND);

			memset(record, 'a' + i, SIZE);
			for (int n = 0; n < RECORDS; n++)
				write_all(mine, record, SIZE);
		}
	}
	for (int i = 0; i < WRITERS; i++)
		EXPECT_CHILD_OK(pids[i]);
	fd = open("f", O_RDONLY);
	SHOW(read(fd, text, sizeof(text)));
	for (int n = 0; n < WRITERS * RECORDS; n++) {
		char *record = text + n * SIZE;

		for (int i = 1; i < SIZE; i++)
			torn += record[i] != record[0];
		if (record[0] >= 'a' && record[0] < 'a' + WRITERS)
			counts[record[0] - 'a']++;
	}
	note("torn %d counts %d %d %d %d", torn, counts[0], counts[1], counts[2], counts[3]);
}

TEST(append, one_shared_offset_loses_nothing_either)
{
	enum { WRITERS = 4, RECORDS = 200 };
	int fd = temp_fd();
	pid_t pids[WRITERS];

	for (int i = 0; i < WRITERS; i++)
		CHILD(pids[i])
			for (int n = 0; n < RECORDS; n++)
				write_all(fd, "0123456789", 10);
	for (int i = 0; i < WRITERS; i++)
		EXPECT_CHILD_OK(pids[i]);
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(lseek(fd, 0, SEEK_END));
}
