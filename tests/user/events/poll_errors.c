/* SPDX-License-Identifier: MIT */
/* poll, ppoll, select, pselect, eventfd, inotify: errors and limits. */
#include "harness.h"
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/select.h>

TEST(pollerr, poll)
{
	struct timespec zero = { 0, 0 }, bad = { 0, 1000000000 }, negative = { -1, 0 };
	struct pollfd p[2] = { { 0, 0, 0x55 }, { 99, POLLIN, 0x55 } };
	struct rlimit r = { 20, 20 };
	static struct pollfd many[30];

	SHOW(ppoll(p, 2, &zero, NULL));
	note("%#x %#x", p[0].revents, p[1].revents);
	p[1].fd = -5;
	SHOW(ppoll(p, 2, &zero, NULL));
	note("%#x %#x", p[0].revents, p[1].revents);
	SHOW(ppoll(NULL, 0, &zero, NULL));
	SHOW(ppoll(NULL, 1, &zero, NULL));
	SHOW(ppoll((void *)8, 1, &zero, NULL));
	SHOW(ppoll(p, 2, &bad, NULL));
	SHOW(ppoll(p, 2, &negative, NULL));
	SHOW(syscall(SYS_ppoll, p, 2, (void *)8, NULL, 8));
	SHOW(syscall(SYS_ppoll, p, 2, &zero, p, 4));
	SHOW(syscall(SYS_ppoll, p, 2, &zero, (void *)8, 8));
	SHOW(syscall(SYS_ppoll, p, 2, &zero, NULL, 4));
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &r));
	for (int i = 0; i < 30; i++)
		many[i].fd = -1;
	SHOW(ppoll(many, 20, &zero, NULL));
	SHOW(ppoll(many, 21, &zero, NULL));
	SHOW(syscall(SYS_ppoll, many, -1, &zero, NULL, 8));
}

TEST(pollerr, each_event_bit)
{
	int p[2];

	REQUIRE_OK(pipe(p));
	write_all(p[1], "x", 1);
	for (int bit = 0; bit < 15; bit++) {
		struct pollfd in = { p[0], (short)(1 << bit), 0 }, out = { p[1], (short)(1 << bit), 0 };

		note_poll("reader", &in, 0);
		note_poll("writer", &out, 0);
	}
}

TEST(pollerr, select)
{
	struct timespec zero = { 0, 0 }, bad = { 0, 1000000000 }, negative = { -1, 0 };
	fd_set set;

	FD_ZERO(&set);
	SHOW(pselect(0, NULL, NULL, NULL, &zero, NULL));
	SHOW(pselect(-1, NULL, NULL, NULL, &zero, NULL));
	SHOW(pselect(1024, &set, NULL, NULL, &zero, NULL));
	SHOW(pselect(0x7fffffff, NULL, NULL, NULL, &zero, NULL));
	SHOW(pselect(1, (void *)8, NULL, NULL, &zero, NULL));
	SHOW(pselect(1, NULL, NULL, NULL, &bad, NULL));
	SHOW(pselect(1, NULL, NULL, NULL, &negative, NULL));
	FD_SET(99, &set);
	SHOW(pselect(100, &set, NULL, NULL, &zero, NULL));
	SHOW(pselect(99, &set, NULL, NULL, &zero, NULL));
	SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, (void *)8, NULL));
	SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &zero, (void *)8));
	SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &zero, ((uint64_t[]){ (uintptr_t)&set, 4 })));
	SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &zero, ((uint64_t[]){ 8, 8 })));
	SHOW(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &zero, ((uint64_t[]){ 0, 4 })));
}

TEST(pollerr, eventfd)
{
	uint64_t v = 1;
	int fd, s;

	SHOW(syscall(SYS_eventfd2, 0, 2));
	SHOW(syscall(SYS_eventfd2, 0, 0x80000000));
	fd = (int)syscall(SYS_eventfd2, 5, EFD_NONBLOCK | EFD_CLOEXEC);
	s = (int)syscall(SYS_eventfd2, 2, EFD_NONBLOCK | EFD_SEMAPHORE);
	SHOW(read(fd, &v, 7));
	SHOW(read(fd, (void *)8, 8));
	SHOW(read(fd, &v, 16));
	note("%llu", (unsigned long long)v);
	SHOW(read(fd, &v, 8));
	SHOW(read(s, &v, 8));
	note("%llu", (unsigned long long)v);
	SHOW(read(s, &v, 8));
	SHOW(read(s, &v, 8));
	v = ~0ull;
	SHOW(write(fd, &v, 8));
	v--;
	SHOW(write(fd, &v, 8));
	v = 1;
	SHOW(write(fd, &v, 8));
	v = 0;
	SHOW(write(fd, &v, 8));
	SHOW(write(fd, &v, 7));
	SHOW(write(fd, (void *)8, 8));
	note_poll("full", &(struct pollfd){ fd, POLLIN | POLLOUT, 0 }, 0);
	SHOW(pread(fd, &v, 8, 0));
}

TEST(pollerr, inotify)
{
	int fd, p[2];
	char space[64];

	put_file("f", "");
	REQUIRE_OK(mkdir("closed", 0700));
	put_file("closed/f", "");
	REQUIRE_OK(pipe(p));
	SHOW(syscall(SYS_inotify_init1, 1));
	fd = (int)syscall(SYS_inotify_init1, IN_NONBLOCK | IN_CLOEXEC);
	SHOW(inotify_add_watch(fd, "f", 0));
	SHOW(inotify_add_watch(fd, "f", IN_ISDIR));
	SHOW(inotify_add_watch(fd, "f", 0x10000));
	SHOW(inotify_add_watch(fd, "nothing", IN_MODIFY));
	SHOW(inotify_add_watch(fd, "", IN_MODIFY));
	SHOW(inotify_add_watch(fd, NULL, IN_MODIFY));
	SHOW(inotify_add_watch(p[0], "f", IN_MODIFY));
	SHOW(inotify_add_watch(-1, "f", IN_MODIFY));
	SHOW(inotify_add_watch(fd, "f", IN_MODIFY | IN_ONLYDIR));
	SHOW(inotify_add_watch(fd, "f", IN_MODIFY));
	SHOW(inotify_add_watch(fd, "f", IN_ATTRIB));
	SHOW(inotify_add_watch(fd, "f", IN_ATTRIB | IN_MASK_ADD));
	SHOW(inotify_add_watch(fd, "f", IN_ATTRIB | IN_MASK_CREATE));
	SHOW(inotify_add_watch(fd, "f", IN_ATTRIB | IN_MASK_CREATE | IN_MASK_ADD));
	SHOW(inotify_add_watch(fd, "closed", IN_ATTRIB | IN_MASK_CREATE));
	SHOW(inotify_rm_watch(fd, 99));
	SHOW(inotify_rm_watch(fd, 1));
	SHOW(inotify_rm_watch(fd, 1));
	SHOW(inotify_rm_watch(p[0], 1));
	SHOW(inotify_rm_watch(-1, 1));
	SHOW(read(fd, space, 15));
	SHOW(read(fd, space, 64));
	SHOW(read(fd, space, 64));
	SHOW(write(fd, space, 1));
	AS_USER(1000, 1000, {
		SHOW(inotify_add_watch(fd, "closed", IN_MODIFY));
		SHOW(inotify_add_watch(fd, "closed/f", IN_MODIFY));
	});
}
