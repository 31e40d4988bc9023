/* SPDX-License-Identifier: MIT */
/* Writes of at most PIPE_BUF bytes never mix, whoever writes. */
#include "harness.h"
#include <limits.h>
#include <sys/uio.h>

static void writers_do_not_mix(size_t size, int records)
{
	enum { WRITERS = 4 };
	static char record[PIPE_BUF];
	int p[2], counts[WRITERS] = { 0 }, torn = 0;
	pid_t pids[WRITERS];

	REQUIRE_OK(pipe(p));
	for (int i = 0; i < WRITERS; i++) {
		CHILD(pids[i]) {
			close(p[0]);
			memset(record, 'a' + i, size);
			for (int n = 0; n < records; n++)
				write_all(p[1], record, size);
		}
	}
	close(p[1]);
	for (;;) {
		size_t got = 0;
		ssize_t n = 0;

		while (got < size && (n = read(p[0], record + got, size - got)) > 0)
			got += n;
		if (got == 0)
			break;
		for (size_t i = 1; i < got; i++)
			torn += record[i] != record[0];
		if (got == size && record[0] >= 'a' && record[0] < 'a' + WRITERS)
			counts[record[0] - 'a']++;
	}
	for (int i = 0; i < WRITERS; i++)
		EXPECT_CHILD_OK(pids[i]);
	note("size %zu torn %d counts %d %d %d %d", size, torn, counts[0], counts[1], counts[2], counts[3]);
}

TEST(atomic, small_records)
{
	writers_do_not_mix(17, 1000);
}

TEST(atomic, records_of_pipe_buf)
{
	writers_do_not_mix(PIPE_BUF, 200);
}

TEST(atomic, odd_records_across_page_ends)
{
	writers_do_not_mix(3001, 200);
}

TEST(atomic, writev_is_one_record)
{
	int p[2], torn = 0, whole = 0;
	pid_t pids[2];
	char record[48];

	REQUIRE_OK(pipe(p));
	for (int i = 0; i < 2; i++) {
		CHILD(pids[i]) {
			char part[16];
			struct iovec vector[3];

			memset(part, 'a' + i, sizeof(part));
			for (int v = 0; v < 3; v++)
				vector[v] = (struct iovec){ part, 16 };
			for (int n = 0; n < 300; n++)
				EXPECT_EQ(writev(p[1], vector, 3), 48);
		}
	}
	close(p[1]);
	while (read(p[0], record, 48) == 48) {
		whole++;
		for (int i = 1; i < 48; i++)
			torn += record[i] != record[0];
	}
	EXPECT_CHILD_OK(pids[0]);
	EXPECT_CHILD_OK(pids[1]);
	note("whole %d torn %d", whole, torn);
}

TEST(atomic, a_megabyte_goes_through_unchanged)
{
	static unsigned char data[1 << 20], part[50000];
	int p[2];
	long total = 0, wrong = 0;
	ssize_t n;
	pid_t pid;

	REQUIRE_OK(pipe(p));
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 13 + (i >> 12);
	CHILD(pid) {
		close(p[0]);
		EXPECT_EQ(write(p[1], data, sizeof(data)), sizeof(data));
	}
	close(p[1]);
	while ((n = read(p[0], part, sizeof(part))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			wrong += part[i] != data[total + i];
		total += n;
	}
	EXPECT_CHILD_OK(pid);
	note("total %ld wrong %ld", total, wrong);
}
