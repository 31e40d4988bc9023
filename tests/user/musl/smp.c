/* SPDX-License-Identifier: MIT */
/* threads/smp with musl's threads. */
#include "../threads/smp.c"
