/* SPDX-License-Identifier: MIT */
/* epoll_ctl(2). The structure is packed on x86_64 only: the architecture says. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <uapi/poll.h>
#include <uapi/arch_eventpoll.h>
#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3
