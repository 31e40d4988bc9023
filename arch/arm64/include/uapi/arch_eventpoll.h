/* SPDX-License-Identifier: MIT */
/* epoll_ctl(2): natural layout on this architecture. */
#pragma once
#include <stdint.h>
struct epoll_event {
	uint32_t events;
	uint64_t data;
};
_Static_assert(sizeof(struct epoll_event) == 16, "epoll_event ABI");
