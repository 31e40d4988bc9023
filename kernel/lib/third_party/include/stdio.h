/* SPDX-License-Identifier: MIT */
/* For foreign code only: nothing of it prints. */
#pragma once
