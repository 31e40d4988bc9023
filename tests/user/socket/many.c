/* SPDX-License-Identifier: MIT */
/* sendmmsg(2), recvmmsg(2). */
#include "../harness.h"
#include "common.h"

#define N 4
static char bufs[N][16];
static struct iovec iov[N];
static struct mmsghdr vec[N];

static void prepare(void)
{
	memset(bufs, 0, sizeof(bufs));
	memset(vec, 0, sizeof(vec));
	for (int i = 0; i < N; i++) {
		iov[i] = (struct iovec){ bufs[i], 15 };
		vec[i].msg_hdr.msg_iov = &iov[i];
		vec[i].msg_hdr.msg_iovlen = 1;
		vec[i].msg_len = 77;
	}
}

static void show(int n)
{
	for (int i = 0; i < N; i++)
		note("%d: len %u flags %#x '%s'%s", i, vec[i].msg_len, vec[i].msg_hdr.msg_flags, bufs[i], i < n ? "" : " -");
}

TEST(many, sent_and_received)
{
	int p[2], n;

	new_pair(SOCK_DGRAM, p);
	prepare();
	for (int i = 0; i < N; i++) {
		snprintf(bufs[i], 16, "message %d", i);
		iov[i].iov_len = 9 - i;
	}
	SHOW(sendmmsg(p[0], vec, N, 0));
	show(N);
	prepare();
	iov[1].iov_len = 3;
	n = recvmmsg(p[1], vec, 3, 0, NULL);
	note("%d", n);
	show(n);
	prepare();
	n = recvmmsg(p[1], vec, N, MSG_DONTWAIT, NULL);
	note("%d", n);
	show(n);
	SHOW(recvmmsg(p[1], vec, N, MSG_DONTWAIT, NULL));
	SHOW(sendmmsg(p[0], vec, 0, 0));
	SHOW(recvmmsg(p[1], vec, 0, 0, NULL));
}

TEST(many, wait_for_one)
{
	int p[2];
	pid_t pid;

	new_pair(SOCK_DGRAM, p);
	CHILD(pid) {
		prepare();
		SHOW(recvmmsg(p[1], vec, N, MSG_WAITFORONE, NULL));
	}
	wait_state(pid, 'S');
	write_all(p[0], "a", 1);
	EXPECT_CHILD_OK(pid);
	write_all(p[0], "a", 1);
	write_all(p[0], "b", 1);
	prepare();
	SHOW(recvmmsg(p[1], vec, N, MSG_WAITFORONE, NULL));
}

TEST(many, time_out)
{
	struct timespec ts = { 0, 1 };
	int p[2];

	new_pair(SOCK_DGRAM, p);
	for (int i = 0; i < 3; i++)
		write_all(p[0], "a", 1);
	prepare();
	SHOW(recvmmsg(p[1], vec, N, 0, &ts));
	note("left %d %d", (int)ts.tv_sec, (int)ts.tv_nsec);
	ts = (struct timespec){ 100, 0 };
	SHOW(recvmmsg(p[1], vec, 2, 0, &ts));
	note("left some %d", ts.tv_sec > 50 && ts.tv_sec < 100);
	ts.tv_nsec = 1000000000;
	SHOW(recvmmsg(p[1], vec, 2, 0, &ts));
	ts.tv_sec = -1;
	ts.tv_nsec = 0;
	SHOW(recvmmsg(p[1], vec, 2, 0, &ts));
	SHOW(recvmmsg(p[1], vec, 2, 0, (void *)8));
}

TEST(many, errors_in_the_middle)
{
	int p[2];

	new_pair(SOCK_DGRAM, p);
	prepare();
	vec[2].msg_hdr.msg_iov = (void *)8;
	SHOW(sendmmsg(p[0], vec, N, 0));
	SHOW(sendmmsg(p[0], vec + 2, 1, 0));
	/* An error behind messages that came is for the next call. */
	prepare();
	vec[1].msg_hdr.msg_iov = (void *)8;
	SHOW(recvmmsg(p[1], vec, N, MSG_DONTWAIT, NULL));
	prepare();
	SHOW(recvmmsg(p[1], vec, N, MSG_DONTWAIT, NULL));
	SHOW(recvmmsg(p[1], vec, N, MSG_DONTWAIT, NULL));
	SHOW(sendmmsg(p[0], NULL, 1, 0));
	SHOW(sendmmsg(p[0], vec, 1, 0x80000000));
	SHOW(recvmmsg(p[0], vec, 1, 0x80000000, NULL));
}

TEST(many, on_streams)
{
	int p[2];

	new_pair(SOCK_STREAM, p);
	prepare();
	for (int i = 0; i < N; i++) {
		bufs[i][0] = 'a' + i;
		iov[i].iov_len = 1;
	}
	SHOW(sendmmsg(p[0], vec, N, 0));
	prepare();
	SHOW(recvmmsg(p[1], vec, N, MSG_DONTWAIT, NULL));
	show(N);
}
