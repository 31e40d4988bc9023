/* SPDX-License-Identifier: MIT */
/* getdents64(2) and getdents(2). Records are multiples of 8 bytes; the name is terminated. */
#pragma once
#include <stddef.h>
#include <stdint.h>
struct linux_dirent64 {
	uint64_t d_ino;
	int64_t d_off;
	uint16_t d_reclen;
	uint8_t d_type;
	char d_name[];
};
_Static_assert(offsetof(struct linux_dirent64, d_name) == 19, "getdents64 ABI");
/* The older form: the last byte of a record is the type. */
struct linux_dirent {
	uint64_t d_ino;
	int64_t d_off;
	uint16_t d_reclen;
	char d_name[];
};
_Static_assert(offsetof(struct linux_dirent, d_name) == 18, "getdents ABI");
_Static_assert(offsetof(struct linux_dirent, d_off) == offsetof(struct linux_dirent64, d_off), "readdir.c sets either");
