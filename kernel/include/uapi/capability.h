/* SPDX-License-Identifier: MIT */
/* capget(2), capset(2); file capabilities as stored in the attribute security.capability. */
#pragma once
#include <stdint.h>
#define CAP_VERSION_1 0x19980330u
#define CAP_VERSION_2 0x20071026u
#define CAP_VERSION_3 0x20080522u
struct cap_user_header {
	uint32_t version;
	int32_t pid;
};
struct cap_user_data {
	uint32_t effective, permitted, inheritable;
};
_Static_assert(sizeof(struct cap_user_data) == 12, "capget ABI");

#define VFS_CAP_REVISION_MASK	0xff000000u
#define VFS_CAP_REVISION_1	0x01000000u
#define VFS_CAP_REVISION_2	0x02000000u
#define VFS_CAP_REVISION_3	0x03000000u
#define VFS_CAP_EFFECTIVE	0x00000001u
#define VFS_CAP_SIZE_2		20
#define VFS_CAP_SIZE_3		24
struct vfs_cap_data {			/* little-endian */
	uint32_t magic;
	struct { uint32_t permitted, inheritable; } w[2];
	uint32_t rootid;		/* revision 3 */
};
_Static_assert(sizeof(struct vfs_cap_data) == 24, "security.capability, revision 3");

#define SECBIT_NOROOT			0x01u
#define SECBIT_NO_SETUID_FIXUP		0x04u
#define SECBIT_KEEP_CAPS		0x10u
#define SECBIT_NO_CAP_AMBIENT_RAISE	0x40u
#define SECBIT_ALL			0x55u
#define SECBIT_LOCKED(b)		((b) << 1)
