/* SPDX-License-Identifier: MIT */
/*
 * What every architecture's linker script (arch/NAME/kernel.lds.S) has in common: the parts of the image, in the order in which
 * it places them, each part of another protection on a page of its own. It names the program headers text, init, rodata, data.
 *
 *	its own start of .text, then LDS_TEXT		R X
 *	LDS_INIT: .init.text				R X	given back after boot
 *		  .init.data				RW	given back after boot
 *	LDS_RODATA_BEGIN, tables of its own,
 *	LDS_RODATA_END: .rodata, .ksyms			R	behind all text: the second link, which fills .ksyms, moves no function
 *	LDS_DATA: .ro_after_init			RW, then R (arch_finish_init)
 *		  .data .percpu .bss			RW
 *	first page tables of its own
 *	LDS_DEBUG: not loaded
 */
#pragma once

#define LDS_TEXT \
	*(.text .text.[!f]* .text.f[!i]* .text.fi[!x]*) \
	*(.text.fixup .text.fix*)

#define LDS_INIT \
	. = ALIGN(4096); \
	_etext = .; \
	_init_begin = .; \
	__init_text_begin = .; \
	.init.text : { *(.init.text .init.text.*) } \
	. = ALIGN(4096); \
	__init_text_end = .; \
	__init_data_begin = .; \
	.init.data : { *(.init.data .init.data.*) } :init \
	. = ALIGN(4096); \
	_init_end = .;

#define LDS_RODATA_BEGIN \
	_stext_rodata = .; \
	.rodata : { \
		*(.rodata .rodata.*) \
		. = ALIGN(8); \
		__drivers_start = .; \
		KEEP(*(.drivers)) \
		__drivers_end = .; \
		__virtio_drivers_start = .; \
		KEEP(*(.virtio_drivers)) \
		__virtio_drivers_end = .; \
		__pci_drivers_start = .; \
		KEEP(*(.pci_drivers)) \
		__pci_drivers_end = .; \
		__earlycon_start = .; \
		KEEP(*(.earlycon)) \
		__earlycon_end = .; \
		__ktests_start = .; \
		KEEP(*(.ktests)) \
		__ktests_end = .; \
		__bootparams_start = .; \
		KEEP(*(.bootparams)) \
		__bootparams_end = .; \
		__initcalls1_start = .; \
		KEEP(*(.initcalls.1)) \
		__initcalls1_end = .; \
		__initcalls2_start = .; \
		KEEP(*(.initcalls.2)) \
		__initcalls2_end = .; \
		__initcalls3_start = .; \
		KEEP(*(.initcalls.3)) \
		__initcalls3_end = .;

#define LDS_RODATA_END \
		. = ALIGN(8); \
		*(.ksyms) \
		*(.got .got.plt .igot .igot.plt) \
	} :rodata \
	. = ALIGN(4096); \
	_erodata = .;

#define LDS_DATA \
	_data = .; \
	__ro_after_init_start = .; \
	.ro_after_init : { \
		*(.data.ro_after_init .data.ro_after_init.*) \
		. = ALIGN(8); \
		__extable_start = .; \
		KEEP(*(.extable)) \
		__extable_end = .; \
		. = ALIGN(4096); \
	} :data \
	__ro_after_init_end = .; \
	.data : { \
		. = ALIGN(64); \
		*(.data .data.*) \
	} \
	. = ALIGN(64); \
	.percpu : { \
		__percpu_start = .; \
		*(.percpu) \
		. = ALIGN(64); \
		__percpu_end = .; \
	} \
	. = ALIGN(64); \
	_edata = .; \
	.bss : { \
		__bss_start = .; \
		*(.bss .bss.* COMMON) \
		. = ALIGN(64); \
		__bss_end = .; \
	} \
	. = ALIGN(4096);

#define LDS_DEBUG \
	.debug_info 0 : { *(.debug_info) } \
	.debug_abbrev 0 : { *(.debug_abbrev) } \
	.debug_aranges 0 : { *(.debug_aranges) } \
	.debug_line 0 : { *(.debug_line) } \
	.debug_line_str 0 : { *(.debug_line_str) } \
	.debug_str 0 : { *(.debug_str) } \
	.debug_str_offsets 0 : { *(.debug_str_offsets) } \
	.debug_addr 0 : { *(.debug_addr) } \
	.debug_loclists 0 : { *(.debug_loclists) } \
	.debug_rnglists 0 : { *(.debug_rnglists) } \
	.debug_frame 0 : { *(.debug_frame) }
