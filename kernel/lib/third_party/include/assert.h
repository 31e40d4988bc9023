/* SPDX-License-Identifier: MIT */
/* For foreign code only: its assertions are off. */
#undef assert
#define assert(x) ((void)0)
