/* SPDX-License-Identifier: MIT */
/* threads/shared_locks with musl's threads. */
#include "../threads/shared_locks.c"
