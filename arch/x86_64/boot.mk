# SPDX-License-Identifier: MIT
#
# The built-in device tree, and bzImage: the flat kernel, packed, behind a program that unpacks it (boot/x86_64/unpack), behind
# the real-mode setup sectors.

ARCH_ASFLAGS += -Wa,-I$(BUILD)
DTC ?= dtc

$(BUILD)/x86_64.dtb: dts/x86_64.dts
	$(call say,DTC,$<)mkdir -p $(@D) && $(DTC) -q -I dts -O dtb -o $@ $<
$(BUILD)/boot/x86_64/dtb.S.o: $(BUILD)/x86_64.dtb

# Linked at 0 and run anywhere: the assembly adds the load address where it takes one, the C code has no absolute addresses, which is
# checked. Made here; the Makefile links the kernel and makes the flat file.
IMAGE_FLAT := $(BUILD)/kernel.bin
UNPACK := $(BUILD)/boot/x86_64/unpack
UNPACK_OBJS := $(addprefix $(UNPACK)/,setup.S.o unpack.S.o unpack.o)
UNPACK_CFLAGS = -std=gnu11 -m32 -O2 -march=i686 -ffreestanding -fPIE -fvisibility=hidden -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing -mno-sse -mno-mmx -mno-80387 -fcf-protection=none -nostdinc -isystem $(CC_INCLUDE)
UNPACK_ASFLAGS = -m32 $(filter-out -m64,$(ASFLAGS_ALL))

$(BUILD)/kernel.lz4: $(IMAGE_FLAT)
	$(call say,LZ4,$@)zstd -q -f --format=lz4 -12 -o $@ $<
# (GEN_H has no value yet where this file is read.)
$(UNPACK_OBJS): $(BUILD)/.flags arch/x86_64/boot.mk | $(BUILD)/include/config.h $(BUILD)/include/generated/version.h
$(UNPACK)/%.S.o: boot/x86_64/unpack/%.S
	$(call say,AS,$<)mkdir -p $(@D) && $(KCC) $(UNPACK_ASFLAGS) -MMD -MP -MF $(@:.o=.d) -c $< -o $@
$(UNPACK)/unpack.S.o: $(BUILD)/kernel.lz4
$(UNPACK)/unpack.o: boot/x86_64/unpack/unpack.c
	$(call say,CC,$<)mkdir -p $(@D) && $(KCC) $(UNPACK_CFLAGS) $(WARN) -MMD -MP -MF $(@:.o=.d) -c $< -o $@
$(BUILD)/bzImage: $(UNPACK_OBJS) $(ELF) boot/x86_64/unpack/unpack.lds
	$(Q)! $(CROSS)readelf -rW $(UNPACK)/unpack.o | grep R_386_32 || { echo 'unpack: an absolute address' >&2; exit 1; }
	$(call say,IMAGE,$@)$(LD) -melf_i386 -static -z noexecstack --build-id=none --gc-sections -T boot/x86_64/unpack/unpack.lds \
		--defsym=kernel_size=$$(stat -c %s $(IMAGE_FLAT)) \
		--defsym=kernel_memory=0x$$($(NM) $(ELF) | $(AWK) '$$3 == "__image_size" { print $$1 }') -o $(UNPACK)/unpack.elf $(UNPACK_OBJS) && \
		$(OBJCOPY) -O binary $(UNPACK)/unpack.elf $@
-include $(UNPACK_OBJS:.o=.d)

# A CD image with GRUB, for `make ARCH=x86_64 iso`.
iso: $(BUILD)/aramid.iso
$(BUILD)/aramid.iso: $(BUILD)/bzImage $(BUILD)/ramdisk.cpio tools/mkiso.sh
	$(call say,ISO,$@)tools/mkiso.sh -k $(BUILD)/bzImage -r $(BUILD)/ramdisk.cpio -o $@ -a '$(if $(APPEND),$(APPEND),console=ttyS0)'
.PHONY: iso
