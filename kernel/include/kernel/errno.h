/* SPDX-License-Identifier: MIT */
/* Errors are negative: return -EINVAL. The ABI numbers are in <uapi/errno.h>. */
#pragma once
#include <uapi/errno.h>

/*
 * Codes that live inside the kernel only, all >= 512; the system-call exit asserts that none escapes.
 * ERESTARTSYS: restart when the handler has SA_RESTART (or no handler runs), else EINTR.
 * ERESTARTNOINTR: always restart. ERESTARTNOHAND: restart unless a handler runs, else EINTR.
 * ERESTART_RESTARTBLOCK: as NOHAND, but restarting goes through restart_syscall(2), task->restart.
 */
#define ERESTARTSYS		512
#define ERESTARTNOINTR		513
#define ERESTARTNOHAND		514
#define ENOIOCTLCMD		515	/* ioctl not known to this layer: becomes ENOTTY */
#define ERESTART_RESTARTBLOCK	516
#define EPROBE_LATER		517	/* a driver waits for another one */
