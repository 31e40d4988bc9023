/* SPDX-License-Identifier: MIT */
/* The image. Its parts: <kernel/image.lds.h>. */
#include <kernel/image.lds.h>
#include <machine/layout.h>

OUTPUT_ARCH(i386:x86-64)
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
	. = X86_IMAGE;
	.text : AT(X86_IMAGE) {
		KEEP(*(.head.text))
		LDS_TEXT
	} :text
	LDS_INIT
	LDS_RODATA_BEGIN
		__smap_sites_start = .;
		KEEP(*(.smap_sites))
		__smap_sites_end = .;
	LDS_RODATA_END
	LDS_DATA
	.boot (NOLOAD) : {
		__boot_start = .;
		*(.boot.bss)
		. = ALIGN(4096);
		__boot_init_begin = .;		/* given back after boot */
		*(.boot.init)
		. = ALIGN(4096);
		__boot_init_end = .;
		__boot_end = .;
	}
	. = ALIGN(4096);
	_end = .;
	__image_size = _end - _text;

	ASSERT(__image_size <= X86_IMAGE_MAX, "image larger than its page tables")

	LDS_DEBUG
	/DISCARD/ : { *(.comment) *(.note .note.*) *(.eh_frame*) }
}
