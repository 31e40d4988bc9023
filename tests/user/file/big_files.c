/* SPDX-License-Identifier: MIT */
/* Sparse and large files on tmpfs: offsets past 4 GiB, the limit, blocks. */
#include "harness.h"

#define GIB (1LL << 30)

TEST(large, data_beyond_four_gigabytes)
{
	char text[4] = "";
	struct stat st;
	int fd = temp_fd();

	SHOW(pwrite(fd, "end", 3, 5 * GIB));
	SHOW(pwrite(fd, "mid", 3, 4 * GIB - 1));
	SHOW(pread(fd, text, 3, 5 * GIB));
	note("%s", text);
	SHOW(pread(fd, text, 3, 4 * GIB - 1));
	note("%s", text);
	fstat(fd, &st);
	note("size %lld blocks %lld", (long long)st.st_size, (long long)st.st_blocks);
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, 4 * GIB + 4096, SEEK_DATA));
	SHOW(ftruncate(fd, 4 * GIB));
	fstat(fd, &st);
	note("size %lld blocks %lld", (long long)st.st_size, (long long)st.st_blocks);
	SHOW(pread(fd, text, 3, 4 * GIB - 1));
}

TEST(large, the_largest_size)
{
	struct stat st;
	int fd = temp_fd();

	SHOW(ftruncate(fd, 0x7fffffffffffffff));
	SHOW(ftruncate(fd, 0x7ffffffffffff000));
	fstat(fd, &st);
	note("size %llx", (long long)st.st_size);
	SHOW(ftruncate(fd, 1LL << 42));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(pwrite(fd, "x", 1, (1LL << 42) - 1));
	SHOW(lseek(fd, 0, SEEK_DATA));
}

TEST(large, a_file_of_eight_megabytes_written_in_odd_pieces)
{
	static unsigned char piece[7919], back[65536];
	int fd = temp_fd();
	long total = 0, wrong = 0;
	ssize_t n;

	for (int i = 0; i < 1060; i++) {
		for (size_t j = 0; j < sizeof(piece); j++)
			piece[j] = (total + j) * 7;
		write_all(fd, piece, sizeof(piece));
		total += sizeof(piece);
	}
	lseek(fd, 0, SEEK_SET);
	total = 0;
	while ((n = read(fd, back, sizeof(back))) > 0) {
		for (ssize_t j = 0; j < n; j++)
			wrong += back[j] != (unsigned char)((total + j) * 7);
		total += n;
	}
	note("total %ld wrong %ld", total, wrong);
}
