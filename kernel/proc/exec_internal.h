/* SPDX-License-Identifier: MIT */
/* Inside exec: exec.c and the binary formats. */
#pragma once
#include <kernel/fs.h>
#include <kernel/task.h>
#include <kernel/vm.h>

#define EXEC_HEAD	1024u			/* bytes of the file that formats look at: ELF headers mostly fit */
#define SCRIPT_HEAD	256u			/* of these the ones a #! line may have */
#define STACK_EXTRA	(128ul << 10)		/* what a new stack has below its strings */
#define EXEC_MAX_DEPTH	5			/* interpreters of interpreters */
#define MAX_ARG_STRLEN	(32ul * PAGE_SIZE)
#define MAX_ARG_STRINGS	0x7fffffff

/*
 * A program on its way. The strings lie in the new stack as they will be: exec.c pushes them downwards from the top of
 * the new address space. `p` is the address of the last one pushed.
 */
struct binprm {
	struct file *file;
	struct mm *mm;			/* new; NULL once it has been installed */
	struct cred *cred;		/* new; NULL once committed */
	char head[EXEC_HEAD];
	size_t head_len;
	vaddr_t p;			/* lowest string so far */
	vaddr_t stack_low;		/* strings and their pointers may not go below */
	unsigned argc, envc;
	vaddr_t arg_start, env_start, strings_end, execfn;
	const char *filename;		/* as given; for scripts: the script */
	char *interp;			/* path of the program that is loaded: filename, or a script's interpreter (kmalloc) */
	char *fd_name;			/* "/dev/fd/N/name" of execveat, or NULL */
	bool inaccessible;		/* the name will be gone after exec (close-on-exec descriptor) */
	bool secure;			/* AT_SECURE */
	bool point_of_no_return;
	unsigned depth;
	uint64_t stack_limit;		/* RLIMIT_STACK, read once */
	struct page *page;		/* of the new stack, being written; */
	vaddr_t page_va;		/* its address */
};

/* Pushes kernel strings in front of the arguments (scripts). 0, -E2BIG, -ENOMEM, -EFAULT. */
int exec_push_string(struct binprm *b, const char *s);
int exec_pop_arg(struct binprm *b);		/* argv[0] goes */
int exec_read_head(struct binprm *b);
/* The old program goes: kills the other threads, installs the new address space and credentials. Only a fatal error after success. */
int exec_begin(struct binprm *b);
/* After the format has mapped everything. */
void exec_finish(struct binprm *b, vaddr_t entry, vaddr_t sp);

void exec_replace_file(struct binprm *b, struct file *f);	/* takes over the reference */
bool vm_randomize(void);			/* mm/mm.c */
/* exec_cred.c: set-id bits and file capabilities into b->cred. */
int exec_cred(struct binprm *b);

/* -ENOEXEC: not mine. 1: b->file was replaced by an interpreter, look again. */
int binfmt_script_load(struct binprm *b);
int binfmt_elf_load(struct binprm *b);
