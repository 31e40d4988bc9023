/* SPDX-License-Identifier: MIT */
/* System V message queues. Sleepers are seen by their state; identifiers are never printed. */
#include "ipc.h"

struct text {
	long type;
	char text[64];
};

static int put(int id, long type, const char *text, int flags)
{
	struct text m = { .type = type };

	strcpy(m.text, text);
	return msgsnd(id, &m, strlen(text), flags);
}

/* "TYPE:TEXT" or the error. */
static const char *take(int id, long type, size_t size, int flags)
{
	static char out[128];
	struct text m = { 0 };
	ssize_t n;

	errno = 0;
	n = msgrcv(id, &m, size, type, flags);
	if (n < 0)
		snprintf(out, sizeof(out), "-1 %s", errno_name(errno));
	else
		snprintf(out, sizeof(out), "%ld:%.*s", m.type, (int)n, m.text);
	return out;
}

static int queue(void)
{
	own_namespace();
	return REQUIRE_OK(msgget(IPC_PRIVATE, 0600));
}

static void four(int id)
{
	put(id, 3, "three", 0);
	put(id, 1, "one", 0);
	put(id, 2, "two", 0);
	put(id, 1, "another one", 0);
}

TEST(msg, get_makes_finds_and_refuses)
{
	int id;

	own_namespace();
	SHOW(msgget(5, 0));
	id = REQUIRE_OK(msgget(5, IPC_CREAT | 0600));
	EXPECT_EQ(msgget(5, IPC_CREAT), id);
	SHOW(msgget(5, IPC_CREAT | IPC_EXCL));
	AS_USER(1000, 1000, SHOW(msgget(5, 0400)));
	SHOW(msgctl(id, IPC_RMID, NULL));
	SHOW(msgctl(id, IPC_RMID, NULL));
	SHOW(msgctl(id, 77, NULL));
	SHOW(msgctl(-1, IPC_RMID, NULL));
}

TEST(msg, types_choose)
{
	int id = queue();

	four(id);
	note("any %s", take(id, 0, 64, 0));
	note("equal %s", take(id, 2, 64, 0));
	note("equal %s", take(id, 2, 64, IPC_NOWAIT));
	note("lowest up to 5 %s", take(id, -5, 64, 0));
	note("lowest up to 1 %s", take(id, -1, 64, 0));
	note("empty %s", take(id, 0, 64, IPC_NOWAIT));
	four(id);
	note("lowest %s", take(id, -2, 64, 0));
	note("lowest %s", take(id, -2, 64, 0));
	note("lowest %s", take(id, -2, 64, 0));
	note("lowest %s", take(id, -2, 64, IPC_NOWAIT));
	note("lowest %s", take(id, (long)(1ul << 63), 64, IPC_NOWAIT));
	four(id);
	note("except %s", take(id, 3, 64, MSG_EXCEPT));
	note("except %s", take(id, 1, 64, MSG_EXCEPT));
	note("except 0 %s", take(id, 0, 64, MSG_EXCEPT));
}

TEST(msg, sizes)
{
	struct msqid_ds ds;
	int id = queue();

	put(id, 1, "0123456789", 0);
	note("too small %s", take(id, 0, 5, 0));
	note("cut %s", take(id, 0, 5, MSG_NOERROR));
	SHOW(msgctl(id, IPC_STAT, &ds));
	note("qnum %lu bytes %lu", (unsigned long)ds.msg_qnum, (unsigned long)ds.__msg_cbytes);
	put(id, 1, "", 0);
	note("empty text %s", take(id, 0, 0, 0));
	SHOW(put(id, 0, "x", 0));
	SHOW(put(id, -1, "x", 0));
	SHOW(msgsnd(id, &ds, 8193, 0));
	SHOW(msgsnd(id, &ds, (size_t)-1, 0));
	SHOW(msgsnd(-1, &(struct text){ 1, "" }, 1, 0));
	SHOW(msgsnd(id, (void *)8, 1, 0));
	SHOW(msgrcv(id, (void *)8, 1, 0, IPC_NOWAIT));
	SHOW(msgrcv(id, &ds, (size_t)-1, 0, IPC_NOWAIT));
	SHOW(msgrcv(-1, &ds, 1, 0, IPC_NOWAIT));
	put(id, 1, "x", 0);
	SHOW(msgrcv(id, (void *)8, 1, 0, IPC_NOWAIT));
	note("what could not be delivered %s", take(id, 0, 64, IPC_NOWAIT));
}

TEST(msg, copy_leaves_the_message)
{
	int id = queue();

	four(id);
	note("0: %s", take(id, 0, 64, MSG_COPY | IPC_NOWAIT));
	note("3: %s", take(id, 3, 64, MSG_COPY | IPC_NOWAIT));
	note("4: %s", take(id, 4, 64, MSG_COPY | IPC_NOWAIT));
	note("small: %s", take(id, 0, 2, MSG_COPY | IPC_NOWAIT));
	note("cut: %s", take(id, 0, 2, MSG_COPY | IPC_NOWAIT | MSG_NOERROR));
	note("waits: %s", take(id, 0, 64, MSG_COPY));
	note("except: %s", take(id, 0, 64, MSG_COPY | IPC_NOWAIT | MSG_EXCEPT));
	note("still there: %s", take(id, 0, 64, 0));
}

TEST(msg, a_full_queue)
{
	struct msqid_ds ds;
	int id = queue(), n = 0;
	pid_t pid;

	msgctl(id, IPC_STAT, &ds);
	note("qbytes %lu", (unsigned long)ds.msg_qbytes);
	ds.msg_qbytes = 100;
	SHOW(msgctl(id, IPC_SET, &ds));
	while (put(id, 1, "0123456789", IPC_NOWAIT) == 0)
		n++;
	note("%d, then %s", n, errno_name(errno));
	SHOW(put(id, 1, "", IPC_NOWAIT));
	CHILD(pid) EXPECT_OK(put(id, 9, "late", 0));
	wait_state(pid, 'S');
	take(id, 0, 64, 0);
	EXPECT_CHILD_OK(pid);
	note("%s", take(id, 9, 64, 0));
	ds.msg_qbytes = 20000;
	SHOW(msgctl(id, IPC_SET, &ds));
	AS_USER(1000, 1000, SHOW(msgctl(id, IPC_SET, &ds)));
}

TEST(msg, empty_messages_are_limited_in_number)
{
	struct msqid_ds ds;
	int id = queue(), n = 0;

	msgctl(id, IPC_STAT, &ds);
	ds.msg_qbytes = 7;
	SHOW(msgctl(id, IPC_SET, &ds));
	while (put(id, 1, "", IPC_NOWAIT) == 0)
		n++;
	note("%d, then %s", n, errno_name(errno));
}

TEST(msg, a_receiver_waits_for_its_type)
{
	int id = queue(), status;
	pid_t pid, small;

	CHILD(small) EXPECT_STR(take(id, 5, 2, 0), "-1 E2BIG");
	wait_state(small, 'S');
	CHILD(pid) note("%s", take(id, 5, 64, 0));
	wait_state(pid, 'S');
	put(id, 4, "not this", 0);
	SHOW(waitpid(pid, &status, WNOHANG));
	put(id, 5, "this", 0);
	EXPECT_CHILD_OK(small);
	EXPECT_CHILD_OK(pid);
	note("%s", take(id, 0, 64, IPC_NOWAIT));
	note("%s", take(id, 0, 64, IPC_NOWAIT));
}

TEST(msg, removal_and_signals_end_waits)
{
	int id = queue(), full = REQUIRE_OK(msgget(IPC_PRIVATE, 0600));
	struct msqid_ds ds;
	pid_t a, b, c;

	msgctl(full, IPC_STAT, &ds);
	ds.msg_qbytes = 1;
	msgctl(full, IPC_SET, &ds);
	CHILD(a) EXPECT_STR(take(id, 0, 64, 0), "-1 EIDRM");
	CHILD(b) EXPECT_ERRNO(put(full, 1, "xxxx", 0), EIDRM);
	CHILD(c) take(id, 0, 64, 0);
	wait_state(a, 'S');
	wait_state(b, 'S');
	wait_state(c, 'S');
	kill(c, SIGTERM);
	note("%s", status_name(child_status(c)));
	SHOW(msgctl(id, IPC_RMID, NULL));
	SHOW(msgctl(full, IPC_RMID, NULL));
	EXPECT_CHILD_OK(a);
	EXPECT_CHILD_OK(b);
}

static void nothing(int number)
{
	(void)number;
}

TEST(msg, a_handler_ends_the_wait_even_with_restart)
{
	struct sigaction act = { .sa_handler = nothing, .sa_flags = SA_RESTART };
	int id = queue();
	pid_t pid;

	CHILD(pid) {
		sigaction(SIGUSR1, &act, NULL);
		EXPECT_STR(take(id, 0, 64, 0), "-1 EINTR");
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
}

TEST(msg, status)
{
	struct msqid_ds ds;
	int id = queue();

	SHOW(msgctl(id, IPC_STAT, &ds));
	note("mode %o qnum %lu lspid %d lrpid %d times %d %d", ds.msg_perm.mode, (unsigned long)ds.msg_qnum, ds.msg_lspid, ds.msg_lrpid,
	     ds.msg_stime != 0, ds.msg_rtime != 0);
	put(id, 1, "x", 0);
	take(id, 0, 64, 0);
	msgctl(id, IPC_STAT, &ds);
	EXPECT_EQ(ds.msg_lspid, getpid());
	EXPECT_EQ(ds.msg_lrpid, getpid());
	EXPECT_TRUE(ds.msg_stime && ds.msg_rtime && ds.msg_ctime);
	SHOW(msgctl(id, IPC_STAT, (void *)8));
	SHOW(msgctl(id, IPC_SET, (void *)8));
}

TEST(msg, permissions)
{
	struct msqid_ds ds;
	int id = queue();

	msgctl(id, IPC_STAT, &ds);
	ds.msg_perm.mode = 0604;
	SHOW(msgctl(id, IPC_SET, &ds));
	put(id, 1, "readable", 0);
	AS_USER(1000, 1000,
		SHOW(put(id, 1, "x", IPC_NOWAIT));
		note("%s", take(id, 0, 64, IPC_NOWAIT));
		SHOW(msgctl(id, IPC_RMID, NULL));
		SHOW(msgctl(id, IPC_STAT, &ds)));
	ds.msg_perm.mode = 0602;
	msgctl(id, IPC_SET, &ds);
	AS_USER(1000, 1000,
		SHOW(put(id, 1, "x", IPC_NOWAIT));
		note("%s", take(id, 0, 64, IPC_NOWAIT));
		SHOW(msgctl(id, IPC_STAT, &ds));
		SHOW(msgctl(0, MSG_STAT, &ds));
		EXPECT_OK(msgctl(0, 13 /* MSG_STAT_ANY */, &ds)));
}

TEST(msg, information)
{
	struct msginfo i;
	struct msqid_ds ds;
	int id = queue();

	SHOW(msgctl(0, IPC_INFO, (struct msqid_ds *)&i));
	note("max %d mnb %d mni %d pool %d map %d ssz %d tql %d seg %u", i.msgmax, i.msgmnb, i.msgmni, i.msgpool, i.msgmap, i.msgssz, i.msgtql, i.msgseg);
	put(id, 1, "abc", 0);
	put(id, 1, "de", 0);
	SHOW(msgctl(0, MSG_INFO, (struct msqid_ds *)&i));
	note("queues %d messages %d bytes %d", i.msgpool, i.msgmap, i.msgtql);
	EXPECT_EQ(msgctl(0, MSG_STAT, &ds), id);
	note("%.*s", (int)strcspn(get_file("/proc/sysvipc/msg"), "\n"), get_file("/proc/sysvipc/msg"));
	note("%s", get_file("/proc/sys/kernel/msgmax"));
	note("%s", get_file("/proc/sys/kernel/msgmnb"));
	note("%s", get_file("/proc/sys/kernel/msgmni"));
	put_file("/proc/sys/kernel/msgmax", "10");
	SHOW(put(id, 1, "0123456789a", 0));
	put_file("/proc/sys/kernel/msgmni", "1");
	SHOW(msgget(IPC_PRIVATE, 0600));
}

TEST(msg, many_writers_and_readers_lose_nothing)
{
	enum { PAIRS = 3, ROUNDS = 400 };
	int id = queue(), sum = 0, total[2];
	pid_t w[PAIRS], r[PAIRS];

	REQUIRE_OK(pipe(total));
	for (int i = 0; i < PAIRS; i++) {
		CHILD(w[i])
			for (int n = 1; n <= ROUNDS; n++) {
				char text[16];

				snprintf(text, sizeof(text), "%d", n);
				EXPECT_OK(put(id, i + 1, text, 0));
			}
		CHILD(r[i]) {
			int own = 0;

			for (int n = 1; n <= ROUNDS; n++) {
				const char *t = take(id, i + 1, 64, 0);

				EXPECT_EQ(atoi(strchr(t, ':') ? strchr(t, ':') + 1 : "0"), n);
				own += n;
			}
			write_all(total[1], &own, sizeof(own));
		}
	}
	for (int i = 0; i < PAIRS; i++) {
		int own;

		EXPECT_CHILD_OK(w[i]);
		EXPECT_CHILD_OK(r[i]);
		REQUIRE_OK(read(total[0], &own, sizeof(own)));
		sum += own;
	}
	note("%d", sum);
}
