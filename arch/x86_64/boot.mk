# SPDX-License-Identifier: MIT
#
# The built-in device tree. The rest of bzImage is the linker script's work: the real-mode setup sectors lie in front of the
# image, so that the flat file has the format already.

ARCH_ASFLAGS += -Wa,-I$(BUILD)
DTC ?= dtc

$(BUILD)/x86_64.dtb: dts/x86_64.dts
	$(call say,DTC,$<)mkdir -p $(@D) && $(DTC) -q -I dts -O dtb -o $@ $<
$(BUILD)/boot/x86_64/dtb.S.o: $(BUILD)/x86_64.dtb

# A CD image with GRUB, for `make ARCH=x86_64 iso`.
iso: $(BUILD)/aramid.iso
$(BUILD)/aramid.iso: $(BUILD)/bzImage $(BUILD)/ramdisk.cpio tools/mkiso.sh
	$(call say,ISO,$@)tools/mkiso.sh -k $(BUILD)/bzImage -r $(BUILD)/ramdisk.cpio -o $@ -a '$(if $(APPEND),$(APPEND),console=ttyS0)'
.PHONY: iso
