# SPDX-License-Identifier: MIT
#
# What the build must know about x86_64. Read by the Makefile.

CROSS ?= x86_64-linux-gnu-
CLANG_TARGET := x86_64-linux-gnu
IMAGE_NAME ?= bzImage

# The image lies in the top 2 GiB. Interrupts would overwrite a red zone. No FP or SIMD registers in the kernel.
ARCH_CFLAGS := -m64 -march=x86-64 -mcmodel=kernel -mno-red-zone -mno-sse -mno-mmx -mno-80387 -msoft-float -mno-avx \
	-fcf-protection=none -mstack-protector-guard=global
# Loops and jump targets are not padded: it costs 5 % of the image, and CPUs of today take their instructions from elsewhere.
ARCH_GCC_CFLAGS := --param=min-pagesize=0 -fno-align-jumps -fno-align-loops -fno-align-labels -falign-functions=8
ARCH_ASFLAGS := -m64
ARCH_LDFLAGS := -melf_x86_64

BOOT_CFLAGS :=

ARCH_KASAN :=
ARCH_CONFIG :=

# ---- the vDSO: an object for user mode, linked by itself, embedded by vdso_image.S
VDSO_DIR := arch/x86_64/vdso
VDSO_CFLAGS = -std=gnu11 -O2 -g -ffreestanding -fPIC -fvisibility=hidden -fno-stack-protector -fno-builtin -nostdinc \
	-isystem $(CC_INCLUDE) -Ikernel/include -m64 -march=x86-64 -mno-sse -fcf-protection=none -Wall -Wextra \
	$(if $(filter 1,$(WERROR)),-Werror)
ARCH_ASFLAGS += -Wa,-I$(BUILD)

$(BUILD)/vdso/clock.o: $(VDSO_DIR)/clock.c kernel/time/vdso_clock.h kernel/include/kernel/vdso.h
	$(call say,VDSO,$<)mkdir -p $(@D) && $(KCC) $(VDSO_CFLAGS) -fvisibility=default -c $< -o $@
$(BUILD)/vdso/note.o: $(VDSO_DIR)/note.S
	$(call say,VDSO,$<)mkdir -p $(@D) && $(KCC) -m64 -c $< -o $@
$(BUILD)/vdso.so: $(BUILD)/vdso/clock.o $(BUILD)/vdso/note.o $(VDSO_DIR)/vdso.lds
	$(call say,VDSO,$@)$(LD) -shared -Bsymbolic -soname=linux-vdso.so.1 --hash-style=both --eh-frame-hdr --build-id=none \
		-z max-page-size=4096 -z noexecstack --no-undefined -T $(VDSO_DIR)/vdso.lds -o $@.new \
		$(filter %.o,$^) && $(OBJCOPY) -S $@.new $@ && rm -f $@.new
$(BUILD)/arch/x86_64/vdso_image.S.o: $(BUILD)/vdso.so

-include arch/x86_64/boot.mk
