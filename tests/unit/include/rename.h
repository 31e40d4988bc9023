/* SPDX-License-Identifier: MIT */
/* The kernel's string functions under other names, beside the C library's (which the sanitizers intercept). */
#pragma once
#define memcmp k_memcmp
#define memchr k_memchr
#define strlen k_strlen
#define strnlen k_strnlen
#define strcmp k_strcmp
#define strncmp k_strncmp
#define strcasecmp k_strcasecmp
#define strchr k_strchr
#define strrchr k_strrchr
#define strstr k_strstr
#define vsnprintf k_vsnprintf
#define snprintf k_snprintf
