/* SPDX-License-Identifier: MIT */
/*
 * "#!" scripts, execve(2), "Interpreter scripts": the first line names an interpreter and at most one argument, which
 * runs as: interpreter [argument] script argv[1]...
 */
#include "exec_internal.h"
#include <kernel/errno.h>
#include <kernel/string.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Finds interpreter and argument in the head, which is changed. -ENOEXEC: the line is empty or cut off in the name. */
static int script_parse(struct binprm *b, char **interp, char **arg)
{
	char *end = b->head + b->head_len, *p = b->head + 2, *nl, *q;
	bool newline;

	nl = memchr(p, '\n', (size_t)(end - p));
	newline = nl;
	if (!nl && b->head_len == SCRIPT_HEAD) {
		/* No end of line in sight: the name itself must be whole, the argument may be cut. */
		for (q = p; q < end && blank(*q); q++)
			;
		while (q < end && !blank(*q) && *q)
			q++;
		if (q == end)
			return -ENOEXEC;
		nl = end - 1;
	} else if (!nl) {
		nl = end;	/* a short file without a newline; the buffer is longer than SCRIPT_HEAD */
	}
	*nl = 0;
	while (nl > p && blank(nl[-1]))
		*--nl = 0;
	while (blank(*p))
		p++;
	if (!*p)
		return newline ? -ENOEXEC : -EACCES;	/* without an end of line Linux opens "", which is a directory */
	*interp = p;
	while (*p && !blank(*p))
		p++;
	*arg = NULL;
	if (!*p)
		return 0;
	*p++ = 0;
	while (blank(*p))
		p++;
	if (*p)
		*arg = p;
	return 0;
}

int binfmt_script_load(struct binprm *b)
{
	char *interp = NULL, *arg, *name;
	struct file *f;
	int err;

	b->head_len = MIN(b->head_len, (size_t)SCRIPT_HEAD);
	if (b->head_len < 2 || b->head[0] != '#' || b->head[1] != '!')
		return -ENOEXEC;
	err = script_parse(b, &interp, &arg);
	if (err || !interp)
		return err ? err : -ENOEXEC;
	if (b->inaccessible)
		return -ENOENT;		/* the interpreter could not open it by its /dev/fd name */
	if (++b->depth > EXEC_MAX_DEPTH)
		return -ELOOP;
	name = kstrdup(interp, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	/* argv[0] goes; in front of the rest: interpreter, argument, script (pushed from the last to the first). */
	err = exec_pop_arg(b);
	if (!err)
		err = exec_push_string(b, b->interp);
	if (!err)
		b->argc++;
	if (!err && arg) {
		err = exec_push_string(b, arg);
		b->argc += !err;
	}
	if (!err)
		err = exec_push_string(b, name);
	if (!err)
		b->argc++;
	f = err ? NULL : file_open_exec(AT_FDCWD, name, 0, &err);
	if (!f) {
		kfree(name);
		return err;
	}
	exec_replace_file(b, f);
	kfree(b->interp);
	b->interp = name;
	err = exec_read_head(b);
	return err ? err : 1;
}
