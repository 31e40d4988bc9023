/* SPDX-License-Identifier: MIT */
/* sigevent(7): how timers and message queues notify. */
#pragma once
#include <uapi/signal.h>

#define SIGEV_SIGNAL 0
#define SIGEV_NONE 1
#define SIGEV_THREAD 2
#define SIGEV_THREAD_ID 4

struct sigevent {
	union sigval value;
	int32_t signo, notify;
	union {
		int32_t tid;
		int32_t pad[12];
	};
};
_Static_assert(sizeof(struct sigevent) == 64, "sigevent ABI");
