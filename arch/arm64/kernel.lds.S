/* SPDX-License-Identifier: MIT */
/* The image. Its parts: <kernel/image.lds.h>. */
#include <kernel/image.lds.h>
#include <machine/layout.h>

OUTPUT_ARCH(aarch64)
ENTRY(_text)

PHDRS
{
	text PT_LOAD FLAGS(5);
	init PT_LOAD FLAGS(6);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}
SECTIONS
{
	. = ARM64_IMAGE;
	.text : {
		KEEP(*(.head.text))
		. = ALIGN(2048);
		KEEP(*(.text.vectors))
		LDS_TEXT
	} :text
	LDS_INIT
	LDS_RODATA_BEGIN
		__pan_sites_start = .;
		KEEP(*(.pan_sites))
		__pan_sites_end = .;
	LDS_RODATA_END
	LDS_DATA
	.boot : {
		__boot_start = .;
		*(.boot.bss)
		__boot_end = .;
	}
	. = ALIGN(4096);
	_end = .;
	__image_size = _end - _text;

	ASSERT(__image_size <= ARM64_IMAGE_MAX, "image larger than its page tables")

	LDS_DEBUG
	/DISCARD/ : { *(.comment) *(.note .note.*) *(.eh_frame*) *(.ARM.attributes) }
}
