/* SPDX-License-Identifier: MIT */
/* What lwIP asks of a compiler and a platform. Included by lwIP's arch.h only. */
#pragma once
#include <stdint.h>
#include <stddef.h>

#define BYTE_ORDER LITTLE_ENDIAN
#ifndef LITTLE_ENDIAN
#define LITTLE_ENDIAN 1234
#define BIG_ENDIAN 4321
#endif
#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1
#define LWIP_NO_LIMITS_H 0
#define X8_F "02x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "lu"
#define SSIZE_MAX INT64_MAX
typedef int64_t ssize_t;

#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS 1
#define lwip_htons(x) ((u16_t)__builtin_bswap16(x))
#define lwip_ntohs(x) ((u16_t)__builtin_bswap16(x))
#define lwip_htonl(x) ((u32_t)__builtin_bswap32(x))
#define lwip_ntohl(x) ((u32_t)__builtin_bswap32(x))

/* Broken invariants of the stack stop the kernel; LWIP_ERROR's conditions, which input can cause, only return. */
void lwip_port_assert(const char *what) __attribute__((noreturn, cold));
#define LWIP_PLATFORM_ASSERT(x) lwip_port_assert(x)
#define LWIP_PLATFORM_DIAG(x) do { } while (0)
#define LWIP_ERROR(message, expression, handler) do { if (!(expression)) { handler; } } while (0)

uint32_t lwip_port_rand(void);
#define LWIP_RAND() lwip_port_rand()
