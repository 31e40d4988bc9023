/* SPDX-License-Identifier: MIT */
/* struct stat of 64-bit Arm: Linux's generic layout. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct stat {
	uint64_t st_dev, st_ino;
	uint32_t st_mode, st_nlink, st_uid, st_gid;
	uint64_t st_rdev, pad1;
	int64_t st_size;
	int32_t st_blksize, pad2;
	int64_t st_blocks;
	int64_t st_atime;
	uint64_t st_atime_nsec;
	int64_t st_mtime;
	uint64_t st_mtime_nsec;
	int64_t st_ctime;
	uint64_t st_ctime_nsec;
	uint32_t unused[2];
};
_Static_assert(sizeof(struct stat) == 128, "struct stat ABI");
_Static_assert(offsetof(struct stat, st_size) == 48, "struct stat ABI");
_Static_assert(offsetof(struct stat, st_ctime_nsec) == 112, "struct stat ABI");
/* The members that carry nothing are cleared: they go to the user. */
static inline void arch_stat_pad(struct stat *s)
{
	s->pad1 = 0;
	s->pad2 = 0;
	s->unused[0] = s->unused[1] = 0;
}
