/* SPDX-License-Identifier: MIT */
/* Configuration of the host tests; CONFIG_DEBUG comes from the command line. */
#define CONFIG_LOCKDEP 0
#define CONFIG_UBSAN 0
#define CONFIG_KASAN 0
#define CONFIG_COV 0
#define CONFIG_THREAD_SAFETY 0
#define CONFIG_KTEST 0
#define CONFIG_SMP 1
#define CONFIG_NR_CPUS 1
