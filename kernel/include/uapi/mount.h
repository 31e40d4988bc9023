/* SPDX-License-Identifier: MIT */
/* mount(2), umount2(2) */
#pragma once
#define MS_RDONLY	1u
#define MS_NOSUID	2u
#define MS_NODEV	4u
#define MS_NOEXEC	8u
#define MS_SYNCHRONOUS	16u
#define MS_REMOUNT	32u
#define MS_MANDLOCK	64u
#define MS_DIRSYNC	128u
#define MS_NOSYMFOLLOW	256u
#define MS_NOATIME	1024u
#define MS_NODIRATIME	2048u
#define MS_BIND		4096u
#define MS_MOVE		8192u
#define MS_REC		16384u
#define MS_SILENT	32768u
#define MS_POSIXACL	(1u << 16)
#define MS_UNBINDABLE	(1u << 17)
#define MS_PRIVATE	(1u << 18)
#define MS_SLAVE	(1u << 19)
#define MS_SHARED	(1u << 20)
#define MS_RELATIME	(1u << 21)
#define MS_KERNMOUNT	(1u << 22)
#define MS_I_VERSION	(1u << 23)
#define MS_STRICTATIME	(1u << 24)
#define MS_LAZYTIME	(1u << 25)
#define MS_MGC_VAL	0xc0ed0000u
#define MS_MGC_MSK	0xffff0000u

#define MNT_FORCE	1
#define MNT_DETACH	2
#define MNT_EXPIRE	4
#define UMOUNT_NOFOLLOW	8

/* The new interface: fsopen(2), fsconfig(2), fsmount(2), fspick(2), open_tree(2), move_mount(2), mount_setattr(2). */
#include <stdint.h>

#define FSOPEN_CLOEXEC		1u
#define FSPICK_CLOEXEC		1u
#define FSPICK_SYMLINK_NOFOLLOW	2u
#define FSPICK_NO_AUTOMOUNT	4u
#define FSPICK_EMPTY_PATH	8u
#define FSMOUNT_CLOEXEC		1u

#define FSCONFIG_SET_FLAG	0u
#define FSCONFIG_SET_STRING	1u
#define FSCONFIG_SET_BINARY	2u
#define FSCONFIG_SET_PATH	3u
#define FSCONFIG_SET_PATH_EMPTY	4u
#define FSCONFIG_SET_FD		5u
#define FSCONFIG_CMD_CREATE	6u
#define FSCONFIG_CMD_RECONFIGURE 7u

#define MOUNT_ATTR_RDONLY	0x1u
#define MOUNT_ATTR_NOSUID	0x2u
#define MOUNT_ATTR_NODEV	0x4u
#define MOUNT_ATTR_NOEXEC	0x8u
#define MOUNT_ATTR_ATIME	0x70u	/* the field; relatime is 0 in it */
#define MOUNT_ATTR_NOATIME	0x10u
#define MOUNT_ATTR_STRICTATIME	0x20u
#define MOUNT_ATTR_NODIRATIME	0x80u
#define MOUNT_ATTR_IDMAP	0x100000u
#define MOUNT_ATTR_NOSYMFOLLOW	0x200000u

#define OPEN_TREE_CLONE		1u
#define MOVE_MOUNT_F_SYMLINKS	0x1u
#define MOVE_MOUNT_F_AUTOMOUNTS	0x2u
#define MOVE_MOUNT_F_EMPTY_PATH	0x4u
#define MOVE_MOUNT_T_SYMLINKS	0x10u
#define MOVE_MOUNT_T_AUTOMOUNTS	0x20u
#define MOVE_MOUNT_T_EMPTY_PATH	0x40u
#define MOVE_MOUNT_SET_GROUP	0x100u

struct mount_attr {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};
_Static_assert(sizeof(struct mount_attr) == 32, "mount_attr ABI");
