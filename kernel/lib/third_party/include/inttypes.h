/* SPDX-License-Identifier: MIT */
/* For foreign code only. */
#pragma once
#include <stdint.h>
