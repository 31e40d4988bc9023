# SPDX-License-Identifier: MIT
#
# What the build must know about 64-bit Arm. Read by the Makefile.

CROSS ?= aarch64-linux-gnu-
CLANG_TARGET := aarch64-linux-gnu
IMAGE_NAME := Image

# x18 is the running task (machine/current.h). No FP or SIMD registers in the kernel; no calls to libgcc's outline atomics; addresses below
# 4 KiB are ordinary memory to the compiler (GCC 12 otherwise warns about fixed addresses).
ARCH_CFLAGS := -mgeneral-regs-only -mno-outline-atomics -march=armv8-a -mcmodel=small -ffixed-x18
ARCH_GCC_CFLAGS := --param=min-pagesize=0
ARCH_ASFLAGS := -march=armv8-a
ARCH_LDFLAGS := -maarch64linux --no-relax

# Runs with the MMU off, where memory is Device: no unaligned access.
BOOT_CFLAGS := -mstrict-align

# Shadow of the kernel half: shadow = (address >> 3) + offset.
ARCH_KASAN :=
ARCH_CONFIG :=

# ---- the vDSO: an object for user mode, linked by itself, embedded by vdso_image.S
VDSO_DIR := arch/arm64/vdso
VDSO_CFLAGS = -std=gnu11 -O2 -g -ffreestanding -fPIC -fvisibility=hidden -fno-stack-protector -fno-builtin -nostdinc \
	-isystem $(CC_INCLUDE) -Ikernel/include -mgeneral-regs-only -march=armv8-a -Wall -Wextra $(if $(filter 1,$(WERROR)),-Werror)
ARCH_ASFLAGS += -Wa,-I$(BUILD)

$(BUILD)/vdso/clock.o: $(VDSO_DIR)/clock.c kernel/time/vdso_clock.h kernel/include/kernel/vdso.h
	$(call say,VDSO,$<)mkdir -p $(@D) && $(KCC) $(VDSO_CFLAGS) -fvisibility=default -c $< -o $@
$(BUILD)/vdso/sigreturn.o: $(VDSO_DIR)/sigreturn.S
	$(call say,VDSO,$<)mkdir -p $(@D) && $(KCC) -march=armv8-a -c $< -o $@
$(BUILD)/vdso.so: $(BUILD)/vdso/clock.o $(BUILD)/vdso/sigreturn.o $(VDSO_DIR)/vdso.lds
	$(call say,VDSO,$@)$(LD) -shared -Bsymbolic -soname=linux-vdso.so.1 --hash-style=both --eh-frame-hdr --build-id=none \
		-z max-page-size=4096 -z noexecstack --no-undefined -T $(VDSO_DIR)/vdso.lds -o $@.new \
		$(filter %.o,$^) && $(OBJCOPY) -S $@.new $@ && rm -f $@.new
$(BUILD)/include/generated/vdso_offsets.h: $(BUILD)/vdso.so
	$(Q)mkdir -p $(@D) && $(CROSS)readelf --dyn-syms -W $< | $(AWK) '/ __kernel_rt_sigreturn/ { print "#define VDSO_SIGRETURN_OFFSET 0x" $$2 }' >$@
$(BUILD)/arch/arm64/vdso_image.S.o: $(BUILD)/vdso.so
$(BUILD)/arch/arm64/signal.o: $(BUILD)/include/generated/vdso_offsets.h
