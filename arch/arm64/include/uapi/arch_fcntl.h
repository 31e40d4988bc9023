/* SPDX-License-Identifier: MIT */
/* Bits of open(2) that 64-bit Arm numbers in its own way. */
#pragma once
#define O_DIRECTORY	0040000
#define O_NOFOLLOW	0100000
#define O_DIRECT	0200000
#define O_LARGEFILE	0400000
