/* SPDX-License-Identifier: MIT */
/* Boot: the order is one readable list in kernel/init/kmain.c. */
#pragma once
#include <kernel/compiler.h>
#include <kernel/types.h>

/* Entered by the architecture on the boot CPU: MMU on with the final kernel map, its own stack, interrupts off. @dtb: physical address of the tree. */
__noreturn void kernel_main(paddr_t dtb);
extern char boot_command_line[2048];
/* "name=value" or "name" words: registered handlers run in order of the command line. Returns 0 when it took the word. */
struct boot_param {
	const char *name;		/* with '=' at the end when it takes a value */
	int (*fn)(const char *value);
};
#define BOOT_PARAM(id, n, f) static const struct boot_param bootparam_##id __used __section(".bootparams") __aligned(8) = { n, f }
/* Subsystem start after the core works (threads, allocation, files): in link order within a level. */
struct initcall {
	const char *name;
	int (*fn)(void);
};
#define INITCALL_FS 1		/* file system types, /dev */
#define INITCALL_DEVICE 2	/* character devices, ttys */
#define INITCALL_LATE 3		/* what needs all of that */
#define INITCALL(level, f) INITCALL_IN(level, f)	/* one step more: the level's name is replaced by its number */
#define INITCALL_IN(level, f) static const struct initcall initcall_##f __used __section(".initcalls." #level) __aligned(8) = { #f, f }
/* The kernel image, from the linker script. */
extern char _text[], _etext[], _stext_rodata[], _erodata[], _data[], _edata[], _end[], _init_begin[], _init_end[];
enum system_state { SYSTEM_BOOTING, SYSTEM_SCHEDULING, SYSTEM_RUNNING, SYSTEM_HALTING };
extern enum system_state system_state;
void initramfs_unpack(paddr_t start, paddr_t end);	/* fs/initramfs */
int initramfs_unpack_buffer(const void *p, size_t n);
