/* SPDX-License-Identifier: MIT */
/* mq_open(3), mq_notify(3). */
#pragma once
#include <stdint.h>

#define MQ_PRIO_MAX 32768
struct mq_attr {
	int64_t flags, maxmsg, msgsize, curmsgs, reserved[4];
};
_Static_assert(sizeof(struct mq_attr) == 64, "mq_attr ABI");
