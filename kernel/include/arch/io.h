/* SPDX-License-Identifier: MIT */
/* CONTRACT: readb/w/l/q, writeb/w/l/q (ordered against normal memory and DMA), *_relaxed (ordered among themselves per device). */
#pragma once
#include <kernel/types.h>
#include <machine/io.h>
