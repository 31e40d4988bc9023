/* SPDX-License-Identifier: MIT */
/* struct stat of x86_64. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct stat {
	uint64_t st_dev, st_ino;
	uint64_t st_nlink;
	uint32_t st_mode, st_uid, st_gid, pad0;
	uint64_t st_rdev;
	int64_t st_size;
	int64_t st_blksize;
	int64_t st_blocks;
	int64_t st_atime;
	uint64_t st_atime_nsec;
	int64_t st_mtime;
	uint64_t st_mtime_nsec;
	int64_t st_ctime;
	uint64_t st_ctime_nsec;
	int64_t unused[3];
};
_Static_assert(sizeof(struct stat) == 144, "struct stat ABI");
_Static_assert(offsetof(struct stat, st_size) == 48, "struct stat ABI");
_Static_assert(offsetof(struct stat, st_ctime_nsec) == 112, "struct stat ABI");
/* The members that carry nothing are cleared: they go to the user. */
static inline void arch_stat_pad(struct stat *s)
{
	s->pad0 = 0;
	s->unused[0] = s->unused[1] = s->unused[2] = 0;
}
