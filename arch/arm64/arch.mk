# SPDX-License-Identifier: MIT
#
# What the build must know about 64-bit Arm. Read by the Makefile.

CROSS ?= aarch64-linux-gnu-
CLANG_TARGET := aarch64-linux-gnu
IMAGE_NAME := Image

# No FP or SIMD registers in the kernel; no calls to libgcc's outline atomics; addresses below
# 4 KiB are ordinary memory to the compiler (GCC 12 otherwise warns about fixed addresses).
ARCH_CFLAGS := -mgeneral-regs-only -mno-outline-atomics -march=armv8-a -mcmodel=small
ARCH_GCC_CFLAGS := --param=min-pagesize=0
ARCH_ASFLAGS := -march=armv8-a
ARCH_LDFLAGS := -maarch64linux --no-relax

# Runs with the MMU off, where memory is Device: no unaligned access.
BOOT_CFLAGS := -mstrict-align

# Shadow of the kernel half: shadow = (address >> 3) + offset.
ARCH_KASAN :=
ARCH_CONFIG :=
