/* SPDX-License-Identifier: MIT */
/*
 * CONTRACT: user memory.
 *	bool access_ok(ptr, n)			the range lies in the user half (tags stripped where the ABI allows them)
 *	size_t raw_copy_from_user(dst, src, n), raw_copy_to_user, raw_clear_user	bytes not done; widest moves; exact to the byte at a fault
 *	get_user(x, ptr), put_user(x, ptr)	1, 2, 4, 8 bytes; 0 or -EFAULT; check access_ok themselves
 *	int arch_user_cmpxchg32(uint32_t __user *p, uint32_t old, uint32_t new, uint32_t *was)	0 or -EFAULT
 *	int arch_user_atomic_op32(int op, int arg, uint32_t __user *p, uint32_t *old)	futex wake_op: FUTEX_OP_SET ADD OR ANDN XOR
 *	int arch_user_fault_in(ptr, write)	touch; 0 or -EFAULT
 * A faulting instruction has an entry in the exception table (.extable: fault address, fixup, both relative). Privileged access
 * to user memory is otherwise off (PAN, SMAP). With user_access_disabled() (nofault copies) faults go to the fixup at once.
 */
#pragma once
#include <kernel/types.h>
#include <machine/uaccess.h>
