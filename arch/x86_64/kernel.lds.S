/* SPDX-License-Identifier: MIT */
/*
 * The image. Parts of different protection begin on page boundaries:
 *
 *	.head .text		R X
 *	.init.text		R X	given back after boot
 *	.init.data		RW	given back after boot
 *	.rodata, .ksyms		R	behind all text: the second link, which fills .ksyms, moves no function
 *	.ro_after_init		RW, then R (arch_finish_init)
 *	.data .percpu .bss	RW
 *	.boot			RW	first page tables: live on as the kernel's
 */
#include <machine/layout.h>

OUTPUT_ARCH(i386:x86-64)
ENTRY(_text)

PHDRS
{
	setup PT_LOAD FLAGS(4);
	text PT_LOAD FLAGS(5);
	init PT_LOAD FLAGS(6);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}
SECTIONS
{
	/* In front of the image in the file: with it the flat file is a bzImage. */
	.setup 0 : AT(X86_IMAGE - 10 * 512) { KEEP(*(.setup)) } :setup
	. = X86_IMAGE;
	.text : AT(X86_IMAGE) {
		KEEP(*(.head.text))
		*(.text .text.[!f]* .text.f[!i]* .text.fi[!x]*)
		*(.text.fixup .text.fix*)
	} :text
	. = ALIGN(4096);
	_etext = .;

	_init_begin = .;
	__init_text_begin = .;
	.init.text : { *(.init.text .init.text.*) }
	. = ALIGN(4096);
	__init_text_end = .;
	__init_data_begin = .;
	.init.data : { *(.init.data .init.data.*) } :init
	. = ALIGN(4096);
	_init_end = .;

	_stext_rodata = .;
	.rodata : {
		*(.rodata .rodata.*)
		. = ALIGN(8);
		__drivers_start = .;
		KEEP(*(.drivers))
		__drivers_end = .;
		__virtio_drivers_start = .;
		KEEP(*(.virtio_drivers))
		__virtio_drivers_end = .;
		__pci_drivers_start = .;
		KEEP(*(.pci_drivers))
		__pci_drivers_end = .;
		__earlycon_start = .;
		KEEP(*(.earlycon))
		__earlycon_end = .;
		__ktests_start = .;
		KEEP(*(.ktests))
		__ktests_end = .;
		__bootparams_start = .;
		KEEP(*(.bootparams))
		__bootparams_end = .;
		__initcalls1_start = .;
		KEEP(*(.initcalls.1))
		__initcalls1_end = .;
		__initcalls2_start = .;
		KEEP(*(.initcalls.2))
		__initcalls2_end = .;
		__initcalls3_start = .;
		KEEP(*(.initcalls.3))
		__initcalls3_end = .;
		__smap_sites_start = .;
		KEEP(*(.smap_sites))
		__smap_sites_end = .;
		. = ALIGN(8);
		*(.ksyms)
		*(.got .got.plt .igot .igot.plt)
	} :rodata
	. = ALIGN(4096);
	_erodata = .;

	_data = .;
	__ro_after_init_start = .;
	.ro_after_init : {
		*(.data.ro_after_init .data.ro_after_init.*)
		. = ALIGN(8);
		__extable_start = .;
		KEEP(*(.extable))
		__extable_end = .;
		. = ALIGN(4096);
	} :data
	__ro_after_init_end = .;
	.data : {
		. = ALIGN(64);
		*(.data .data.*)
	}
	. = ALIGN(64);
	.percpu : {
		__percpu_start = .;
		*(.percpu)
		. = ALIGN(64);
		__percpu_end = .;
	}
	. = ALIGN(64);
	_edata = .;
	.bss : {
		__bss_start = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(64);
		__bss_end = .;
	}
	. = ALIGN(4096);
	.boot (NOLOAD) : {
		__boot_start = .;
		*(.boot.bss)
		__boot_end = .;
	}
	. = ALIGN(4096);
	_end = .;
	__image_size = _end - _text;
	__setup_syssize = (_edata - _text + 15) / 16;

	ASSERT(__image_size <= X86_IMAGE_MAX, "image larger than its page tables")


	.debug_info 0 : { *(.debug_info) }
	.debug_abbrev 0 : { *(.debug_abbrev) }
	.debug_aranges 0 : { *(.debug_aranges) }
	.debug_line 0 : { *(.debug_line) }
	.debug_line_str 0 : { *(.debug_line_str) }
	.debug_str 0 : { *(.debug_str) }
	.debug_str_offsets 0 : { *(.debug_str_offsets) }
	.debug_addr 0 : { *(.debug_addr) }
	.debug_loclists 0 : { *(.debug_loclists) }
	.debug_rnglists 0 : { *(.debug_rnglists) }
	.debug_frame 0 : { *(.debug_frame) }
	/DISCARD/ : { *(.comment) *(.note .note.*) *(.eh_frame*) }
}
