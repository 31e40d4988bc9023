/* SPDX-License-Identifier: MIT */
/* semctl(2): struct semid64_ds. x86 keeps the gaps of its 32-bit form behind the times. */
#pragma once
#include <uapi/ipc.h>

struct semid64_ds {
	struct ipc64_perm perm;
	int64_t otime;
	uint64_t unused1;
	int64_t ctime;
	uint64_t unused2;
	uint64_t nsems;
	uint64_t unused[2];
};
_Static_assert(sizeof(struct semid64_ds) == 104, "semid_ds ABI");
