/* SPDX-License-Identifier: MIT */
#pragma once
struct arch_thread { int unused; };
struct pt_regs { int unused; };
