/* SPDX-License-Identifier: MIT */
/* Inside kernel/signal only: sets, classes, and the functions its files share. */
#pragma once
#include <kernel/signal.h>
#include <kernel/task.h>

#define sigmask(sig) (1ull << ((sig) - 1))
#define SIG_KERNEL_ONLY (sigmask(SIGKILL) | sigmask(SIGSTOP))
#define SIG_STOP_SET (sigmask(SIGSTOP) | sigmask(SIGTSTP) | sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define SIG_IGNORE_SET (sigmask(SIGCONT) | sigmask(SIGCHLD) | sigmask(SIGWINCH) | sigmask(SIGURG))
#define SIG_COREDUMP_SET (sigmask(SIGQUIT) | sigmask(SIGILL) | sigmask(SIGTRAP) | sigmask(SIGABRT) | sigmask(SIGFPE) | \
	sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGSYS) | sigmask(SIGXCPU) | sigmask(SIGXFSZ))
/* Raised by the program's own instruction: taken before others, so that the report names the culprit. */
#define SIG_SYNC_SET (sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | sigmask(SIGTRAP) | sigmask(SIGFPE) | sigmask(SIGSYS))
#define SIG_HANDLER_DFL ((void *)SIG_DFL)
#define SIG_HANDLER_IGN ((void *)SIG_IGN)

static inline bool sig_in(int sig, sigset_t set) { return sig > 0 && sig <= _NSIG && (set >> (sig - 1) & 1); }
static inline bool sig_valid(int sig) { return sig > 0 && sig <= _NSIG; }

/* send.c; siglock held. @info NULL: made by the kernel (SI_KERNEL). */
int signal_send_locked(int sig, const struct siginfo *info, struct task *t, bool group);
void signal_wake_up(struct task *t, bool fatal);
void sigqueue_free(struct sigqueue *q);
/* Takes @mask's signals out of @p. */
void sigpending_remove(struct sigpending *p, sigset_t mask);
bool signal_ignored_by(const struct task *t, int sig);

/* dequeue.c; siglock held. 0: none. */
int signal_dequeue(struct task *t, sigset_t blocked, struct siginfo *info);
int signal_dequeue_sync(struct task *t, struct siginfo *info);
/* The process dies of @code: every thread gets SIGKILL; siglock held. */
void signal_kill_threads(struct proc *p, int code);
struct sigqueue *sigqueue_alloc(struct task *t, bool force);
unsigned signal_queued_count(uid_t uid);
/* signalfd.c: readers of this signal look. siglock held. */
void signalfd_notify(struct task *t, int sig);
void signal_force_fatal(int sig);
