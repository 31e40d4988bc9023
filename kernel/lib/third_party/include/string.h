/* SPDX-License-Identifier: MIT */
/* For foreign code only: the kernel's own functions under the C library's header name. */
#pragma once
#include <kernel/string.h>

#ifdef THIRD_PARTY_CODE	/* it brings functions of these names */
#undef MIN
#undef MAX
#endif
