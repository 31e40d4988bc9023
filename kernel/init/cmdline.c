/* SPDX-License-Identifier: MIT */
/*
 * The command line: words for the kernel go to their BOOT_PARAM handlers; what no one takes goes to init, as on Linux:
 * NAME=VALUE as environment, words without a dot as arguments, and everything after "--" as arguments.
 */
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "init_internal.h"

char boot_command_line[2048];
const char *init_argv[INIT_ARGS + 2] = { "init" };
const char *init_envp[INIT_ENVS + 2] = { "HOME=/", "TERM=linux" };
static unsigned nargs = 1, nenvs = 2;
static char words[sizeof(boot_command_line)] __initdata;
/* What init gets has to stay when .init is gone. */
static char kept[sizeof(boot_command_line)];
static size_t kept_used;

extern const struct boot_param __bootparams_start[], __bootparams_end[];

/* For the log: words left to init, and "module.option" words, which are nobody's. */
static char left[256] __initdata, dropped[256] __initdata;

static void __init note(char *list, size_t size, const char *word)
{
	size_t n = strlen(list);

	scnprintf(list + n, size - n, " %s", word);
}

void __init cmdline_report(void)
{
	if (*left)
		pr_notice("Command line: left to init:%s", left);
	if (*dropped)
		pr_notice("Command line: no module here takes:%s", dropped);
}

static const char *keep(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = kept + kept_used;

	memcpy(p, s, n);	/* fits: the words of one line, once each */
	kept_used += n;
	return p;
}

static bool __init handle(const char *word)
{
	bool taken = false;

	for (const struct boot_param *p = __bootparams_start; p < __bootparams_end; p++) {
		size_t n = strlen(p->name);

		if (p->name[n - 1] == '=') {
			if (!strncmp(word, p->name, n))
				taken |= p->fn(word + n) == 0;
		} else if (!strncmp(word, p->name, n) && (!word[n] || word[n] == '=')) {
			taken |= p->fn(word[n] ? word + n + 1 : NULL) == 0;
		}
	}
	return taken;
}

static void __init give_to_init(const char *word)
{
	const char *eq = strchr(word, '=');

	if (!eq) {
		if (nargs <= INIT_ARGS)
			init_argv[nargs++] = keep(word);
		return;
	}
	for (unsigned i = 0; i < nenvs; i++) {
		if (!strncmp(init_envp[i], word, (size_t)(eq - word) + 1)) {
			init_envp[i] = keep(word);
			return;
		}
	}
	if (nenvs <= INIT_ENVS)
		init_envp[nenvs++] = keep(word);
}

/* Splits at blanks outside of double quotes; the quotes go. Returns the next word in place, or NULL. */
static char *__init next_word(char **line)
{
	char *p = *line, *word, *out;
	bool quoted = false;

	while (isspace(*p))
		p++;
	if (!*p)
		return NULL;
	for (word = out = p; *p && (quoted || !isspace(*p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else
			*out++ = *p;
	}
	if (*p)
		p++;
	*out = '\0';
	*line = p;
	return word;
}

/* "driver.option=value" is for a module; a dot in the value is nobody's concern. */
static bool is_module_word(const char *word)
{
	const char *dot = strchr(word, '.'), *eq = strchr(word, '=');

	return dot && (!eq || dot < eq);
}

/* Handlers that are needed before the allocator works run at the same time: none of them may allocate. */
void __init cmdline_parse(void)
{
	char *line = words, *word;
	bool rest = false;

	strscpy(words, boot_command_line, sizeof(words));
	while ((word = next_word(&line))) {
		if (rest) {
			if (nargs <= INIT_ARGS)
				init_argv[nargs++] = keep(word);
		} else if (!strcmp(word, "--")) {
			rest = true;
		} else if (!handle(word)) {
			if (is_module_word(word)) {
				note(dropped, sizeof(dropped), word);
				continue;
			}
			note(left, sizeof(left), word);
			give_to_init(word);
		}
	}
}
