/* SPDX-License-Identifier: MIT */
/* Inside kernel/init only. */
#pragma once
#define INIT_ARGS 32
#define INIT_ENVS 32
extern const char *init_argv[INIT_ARGS + 2], *init_envp[INIT_ENVS + 2];
void cmdline_parse(void);
void cmdline_report(void);	/* what nobody here took */
