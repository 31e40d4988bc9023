/* SPDX-License-Identifier: MIT */
/* semctl(2): struct semid64_ds. */
#pragma once
#include <uapi/ipc.h>

struct semid64_ds {
	struct ipc64_perm perm;
	int64_t otime, ctime;
	uint64_t nsems;
	uint64_t unused[2];
};
_Static_assert(sizeof(struct semid64_ds) == 88, "semid_ds ABI");
