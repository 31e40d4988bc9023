/* SPDX-License-Identifier: MIT */
/* Scalars that must not mix, and Linux's own names for ABI scalars. */
#pragma once
#include <kernel/compiler.h>

typedef uint64_t paddr_t;	/* physical address */
typedef uint64_t vaddr_t;	/* virtual address, user or kernel, when it is a number and not a pointer */
typedef int64_t nsec_t;		/* nanoseconds; a deadline is absolute on CLOCK_MONOTONIC unless said otherwise */
#define NSEC_NEVER	INT64_MAX
#define NSEC_PER_SEC	1000000000ll
#define NSEC_PER_MSEC	1000000ll
#define NSEC_PER_USEC	1000ll

typedef int64_t loff_t;
typedef int64_t ssize_t;
typedef int32_t pid_t;
typedef uint32_t uid_t;
typedef uint32_t gid_t;
typedef uint16_t umode_t;
typedef uint64_t ino_t;
typedef uint32_t dev_t;		/* kernel form: major << 20 | minor */
typedef unsigned long irqflags_t;
typedef uint32_t gfp_t;

#define MAJOR(d)	((d) >> 20)
#define MINOR(d)	((d) & 0xfffff)
#define MKDEV(ma, mi)	((dev_t)(ma) << 20 | (mi))
