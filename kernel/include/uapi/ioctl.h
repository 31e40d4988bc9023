/* SPDX-License-Identifier: MIT */
/* Requests that the VFS itself answers; ioctl(2). Terminal requests are in <uapi/termios.h>. */
#pragma once
#define FIBMAP		0x0001
#define FIGETBSZ	0x0002
#define FIONREAD	0x541b
#define FIONBIO		0x5421
#define FIONCLEX	0x5450
#define FIOCLEX		0x5451
#define FIOASYNC	0x5452
#define FIOQSIZE	0x5460
#define FIFREEZE	0xc0045877u
#define FITHAW		0xc0045878u
#define FICLONE		0x40049409u
#define FICLONERANGE	0x4020940du
#define FIDEDUPERANGE	0xc0189436u
#define FS_IOC_GETFLAGS	0x80086601u
#define FS_IOC_SETFLAGS	0x40086602u
#define FS_IOC_FSGETXATTR 0x801c581fu
#define FS_IOC_FSSETXATTR 0x401c5820u
#define FS_IOC_FIEMAP	0xc020660bu
