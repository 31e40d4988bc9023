/* SPDX-License-Identifier: MIT */
/* The kernel's configuration as host tests see it. */
#pragma once
#define CONFIG_DEBUG 1
#define CONFIG_LOCKDEP 0
#define CONFIG_KTEST 0
#define CONFIG_KASAN 0
#define CONFIG_COV 0
#define CONFIG_SMP 1
#define CONFIG_NR_CPUS 8
#define CONFIG_THREAD_SAFETY 0
