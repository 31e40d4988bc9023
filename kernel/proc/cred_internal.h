/* SPDX-License-Identifier: MIT */
/* Inside kernel/proc: changes of credentials. */
#pragma once
#include <kernel/cred.h>
int cred_set_uid(struct cred *c, uid_t uid) __must_check;
bool groups_search(const struct groups *g, gid_t gid);
void groups_put(struct groups *g);
