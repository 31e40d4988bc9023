/* SPDX-License-Identifier: MIT */
/* Modes, statx(2), struct stat (whose layout is the architecture's). */
#pragma once
#include <stdint.h>
#include <uapi/arch_stat.h>	/* struct stat */

#define S_IFMT		0170000
#define S_IFSOCK	0140000
#define S_IFLNK		0120000
#define S_IFREG		0100000
#define S_IFBLK		0060000
#define S_IFDIR		0040000
#define S_IFCHR		0020000
#define S_IFIFO		0010000
#define S_ISUID		0004000
#define S_ISGID		0002000
#define S_ISVTX		0001000
#define S_IRWXU		00700
#define S_IRUSR		00400
#define S_IWUSR		00200
#define S_IXUSR		00100
#define S_IRWXG		00070
#define S_IRGRP		00040
#define S_IWGRP		00020
#define S_IXGRP		00010
#define S_IRWXO		00007
#define S_IROTH		00004
#define S_IWOTH		00002
#define S_IXOTH		00001
#define S_IRWXUGO	00777
#define S_IALLUGO	07777
#define S_IXUGO		00111
#define S_ISREG(m)	(((m) & S_IFMT) == S_IFREG)
#define S_ISDIR(m)	(((m) & S_IFMT) == S_IFDIR)
#define S_ISCHR(m)	(((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK(m)	(((m) & S_IFMT) == S_IFBLK)
#define S_ISFIFO(m)	(((m) & S_IFMT) == S_IFIFO)
#define S_ISLNK(m)	(((m) & S_IFMT) == S_IFLNK)
#define S_ISSOCK(m)	(((m) & S_IFMT) == S_IFSOCK)

struct statx_timestamp {
	int64_t tv_sec;
	uint32_t tv_nsec;
	int32_t pad;
};
struct statx {
	uint32_t stx_mask, stx_blksize;
	uint64_t stx_attributes;
	uint32_t stx_nlink, stx_uid, stx_gid;
	uint16_t stx_mode, pad0;
	uint64_t stx_ino, stx_size, stx_blocks, stx_attributes_mask;
	struct statx_timestamp stx_atime, stx_btime, stx_ctime, stx_mtime;
	uint32_t stx_rdev_major, stx_rdev_minor, stx_dev_major, stx_dev_minor;
	uint64_t stx_mnt_id;
	uint32_t stx_dio_mem_align, stx_dio_offset_align;
	uint64_t spare[12];
};
_Static_assert(sizeof(struct statx) == 256, "statx ABI");
#define STATX_TYPE	0x0001u
#define STATX_MODE	0x0002u
#define STATX_NLINK	0x0004u
#define STATX_UID	0x0008u
#define STATX_GID	0x0010u
#define STATX_ATIME	0x0020u
#define STATX_MTIME	0x0040u
#define STATX_CTIME	0x0080u
#define STATX_INO	0x0100u
#define STATX_SIZE	0x0200u
#define STATX_BLOCKS	0x0400u
#define STATX_BASIC_STATS 0x07ffu
#define STATX_BTIME	0x0800u
#define STATX_MNT_ID	0x1000u
#define STATX_DIOALIGN	0x2000u
#define STATX__RESERVED	0x80000000u
#define STATX_ATTR_IMMUTABLE	0x10u
#define STATX_ATTR_APPEND	0x20u
#define STATX_ATTR_NODUMP	0x40u
#define STATX_ATTR_AUTOMOUNT	0x1000u
#define STATX_ATTR_MOUNT_ROOT	0x2000u
#define STATX_ATTR_DAX		0x200000u

#define UTIME_NOW	0x3fffffff
#define UTIME_OMIT	0x3ffffffe
