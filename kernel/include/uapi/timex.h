/* SPDX-License-Identifier: MIT */
/* adjtimex(2) */
#pragma once
#include <stdint.h>
#define ADJ_OFFSET 0x0001u
#define ADJ_FREQUENCY 0x0002u
#define ADJ_SETOFFSET 0x0100u
#define ADJ_NANO 0x2000u
#define ADJ_OFFSET_SS_READ 0xa001u
#define STA_UNSYNC 0x0040
#define TIME_ERROR 5
struct timex {
	uint32_t modes, pad0;
	int64_t offset, freq, maxerror, esterror;
	int32_t status, pad1;
	int64_t constant, precision, tolerance;
	int64_t time_sec, time_usec;
	int64_t tick, ppsfreq, jitter;
	int32_t shift, pad2;
	int64_t stabil, jitcnt, calcnt, errcnt, stbcnt;
	int32_t tai;
	int32_t pad3[11];
};
_Static_assert(sizeof(struct timex) == 208, "adjtimex ABI");
