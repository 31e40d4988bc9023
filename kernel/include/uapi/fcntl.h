/* SPDX-License-Identifier: MIT */
/* open(2), openat2(2), fcntl(2), flock(2), *at(2). The bits that differ between architectures are in <uapi/arch_fcntl.h>. */
#pragma once
#include <stdint.h>
#include <uapi/arch_fcntl.h>	/* O_DIRECTORY, O_NOFOLLOW, O_DIRECT, O_LARGEFILE */

#define O_ACCMODE	00000003
#define O_RDONLY	00000000
#define O_WRONLY	00000001
#define O_RDWR		00000002
#define O_CREAT		00000100
#define O_EXCL		00000200
#define O_NOCTTY	00000400
#define O_TRUNC		00001000
#define O_APPEND	00002000
#define O_NONBLOCK	00004000
#define O_NDELAY	O_NONBLOCK
#define O_DSYNC		00010000
#define O_ASYNC		00020000
#define O_NOATIME	01000000
#define O_CLOEXEC	02000000
#define O_SYNC		(04000000 | O_DSYNC)
#define O_PATH		010000000
#define O_TMPFILE_BIT	020000000
#define O_TMPFILE	(O_TMPFILE_BIT | O_DIRECTORY)

#define F_DUPFD		0
#define F_GETFD		1
#define F_SETFD		2
#define F_GETFL		3
#define F_SETFL		4
#define F_GETLK		5
#define F_SETLK		6
#define F_SETLKW	7
#define F_SETOWN	8
#define F_GETOWN	9
#define F_SETSIG	10
#define F_GETSIG	11
#define F_SETOWN_EX	15
#define F_GETOWN_EX	16
#define F_GETOWNER_UIDS	17
#define F_OFD_GETLK	36
#define F_OFD_SETLK	37
#define F_OFD_SETLKW	38
#define F_SETLEASE	1024
#define F_GETLEASE	1025
#define F_NOTIFY	1026
#define DN_ACCESS	0x01u		/* what F_NOTIFY tells of a directory */
#define DN_MODIFY	0x02u
#define DN_CREATE	0x04u
#define DN_DELETE	0x08u
#define DN_RENAME	0x10u
#define DN_ATTRIB	0x20u
#define DN_MULTISHOT	0x80000000u
#define F_CANCELLK	1029
#define F_DUPFD_CLOEXEC	1030
#define F_SETPIPE_SZ	1031
#define F_GETPIPE_SZ	1032
#define F_ADD_SEALS	1033
#define F_GET_SEALS	1034
#define F_GET_RW_HINT	1035
#define F_SET_RW_HINT	1036
#define RWH_WRITE_LIFE_EXTREME 5
#define FD_CLOEXEC	1

#define F_RDLCK		0
#define F_WRLCK		1
#define F_UNLCK		2
#define F_OWNER_TID	0
#define F_OWNER_PID	1
#define F_OWNER_PGRP	2
struct f_owner_ex {
	int32_t type, pid;
};
struct flock {
	int16_t l_type, l_whence;
	int32_t pad0;
	int64_t l_start, l_len;
	int32_t l_pid, pad1;
};
_Static_assert(sizeof(struct flock) == 32, "struct flock ABI");

#define LOCK_SH		1
#define LOCK_EX		2
#define LOCK_NB		4
#define LOCK_UN		8

#define F_SEAL_SEAL	1u
#define F_SEAL_SHRINK	2u
#define F_SEAL_GROW	4u
#define F_SEAL_WRITE	8u
#define F_SEAL_FUTURE_WRITE 16u
#define F_SEAL_EXEC	32u
#define F_SEAL_ALL	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

#define AT_FDCWD		(-100)
#define AT_SYMLINK_NOFOLLOW	0x100
#define AT_EACCESS		0x200
#define AT_REMOVEDIR		0x200
#define AT_SYMLINK_FOLLOW	0x400
#define AT_NO_AUTOMOUNT		0x800
#define AT_EMPTY_PATH		0x1000
#define AT_STATX_SYNC_TYPE	0x6000
#define AT_STATX_FORCE_SYNC	0x2000
#define AT_STATX_DONT_SYNC	0x4000
#define AT_RECURSIVE		0x8000

struct open_how {
	uint64_t flags, mode, resolve;
};
_Static_assert(sizeof(struct open_how) == 24, "openat2 ABI");
#define RESOLVE_NO_XDEV		0x01
#define RESOLVE_NO_MAGICLINKS	0x02
#define RESOLVE_NO_SYMLINKS	0x04
#define RESOLVE_BENEATH		0x08
#define RESOLVE_IN_ROOT		0x10
#define RESOLVE_CACHED		0x20

#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#define SEEK_DATA	3
#define SEEK_HOLE	4

#define R_OK		4
#define W_OK		2
#define X_OK		1

#define RENAME_NOREPLACE	1u
#define RENAME_EXCHANGE		2u
#define RENAME_WHITEOUT		4u

#define CLOSE_RANGE_UNSHARE	2u
#define CLOSE_RANGE_CLOEXEC	4u

#define MFD_CLOEXEC		1u
#define MFD_ALLOW_SEALING	2u
#define MFD_HUGETLB		4u
#define MFD_NOEXEC_SEAL		8u
#define MFD_EXEC		16u

#define RWF_HIPRI	1
#define RWF_DSYNC	2
#define RWF_SYNC	4
#define RWF_NOWAIT	8
#define RWF_APPEND	16

#define FALLOC_FL_KEEP_SIZE	0x01
#define FALLOC_FL_PUNCH_HOLE	0x02
#define FALLOC_FL_COLLAPSE_RANGE 0x08
#define FALLOC_FL_ZERO_RANGE	0x10
#define FALLOC_FL_INSERT_RANGE	0x20
#define FALLOC_FL_UNSHARE_RANGE	0x40

#define POSIX_FADV_NORMAL	0
#define POSIX_FADV_RANDOM	1
#define POSIX_FADV_SEQUENTIAL	2
#define POSIX_FADV_WILLNEED	3
#define POSIX_FADV_DONTNEED	4
#define POSIX_FADV_NOREUSE	5

#define XATTR_CREATE	1
#define XATTR_REPLACE	2
#define XATTR_NAME_MAX	255
#define XATTR_SIZE_MAX	65536
#define XATTR_LIST_MAX	65536

#define SYNC_FILE_RANGE_WAIT_BEFORE	1u
#define SYNC_FILE_RANGE_WRITE		2u
#define SYNC_FILE_RANGE_WAIT_AFTER	4u
