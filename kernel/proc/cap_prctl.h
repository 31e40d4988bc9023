/* SPDX-License-Identifier: MIT */
#pragma once
#include <kernel/types.h>
/* prctl operations on capabilities; true: it was one, *result is the answer. */
bool cap_prctl(int option, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5, long *result);
