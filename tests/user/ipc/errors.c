/* SPDX-License-Identifier: MIT */
/* System V and POSIX IPC: each call with wrong ids, sizes, flags, pointers, and by a stranger. */
#include "harness.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

TEST(ipcerr, messages)
{
	struct { long type; char text[64]; } m = { 1, "text" };
	struct msqid_ds ds;
	int id = REQUIRE_OK(msgget(IPC_PRIVATE, 0600));

	SHOW(msgget(0x4711, 0));
	SHOW(msgget(0x4711, IPC_CREAT | 0600) >= 0);
	SHOW(msgget(0x4711, IPC_CREAT | IPC_EXCL | 0600));
	SHOW(msgctl(msgget(0x4711, 0), IPC_RMID, NULL));
	SHOW(msgsnd(-1, &m, 4, 0));
	SHOW(msgsnd(id + 1000, &m, 4, 0));
	SHOW(msgsnd(id, &m, -1, 0));
	SHOW(msgsnd(id, &m, 8193, 0));
	SHOW(msgsnd(id, (void *)8, 4, 0));
	m.type = 0;
	SHOW(msgsnd(id, &m, 4, 0));
	m.type = -1;
	SHOW(msgsnd(id, &m, 4, 0));
	SHOW(msgrcv(id, &m, 4, 0, IPC_NOWAIT));
	SHOW(msgrcv(id, &m, -1, 0, IPC_NOWAIT));
	SHOW(msgrcv(-1, &m, 4, 0, IPC_NOWAIT));
	m.type = 5;
	SHOW(msgsnd(id, &m, 10, 0));
	SHOW(msgrcv(id, &m, 4, 0, IPC_NOWAIT));
	SHOW(msgrcv(id, &m, 4, 6, IPC_NOWAIT));
	SHOW(msgrcv(id, &m, 64, -4, IPC_NOWAIT));
	SHOW(msgrcv(id, &m, 64, 5, IPC_NOWAIT | MSG_EXCEPT));
	SHOW(msgrcv(id, &m, 64, 0, IPC_NOWAIT | MSG_COPY));
	SHOW(msgrcv(id, &m, 64, 1, IPC_NOWAIT | MSG_COPY));
	SHOW(msgrcv(id, &m, 64, 0, MSG_COPY));
	SHOW(msgrcv(id, &m, 64, 0, IPC_NOWAIT | MSG_COPY | MSG_EXCEPT));
	SHOW(msgrcv(id, (void *)8, 64, 0, IPC_NOWAIT));
	SHOW(msgrcv(id, &m, 4, 0, IPC_NOWAIT | MSG_NOERROR));
	SHOW(msgctl(id, 99, NULL));
	SHOW(msgctl(-1, IPC_STAT, &ds));
	SHOW(msgctl(id, IPC_STAT, NULL));
	SHOW(msgctl(id, IPC_STAT, &ds));
	SHOW(msgctl(id, IPC_SET, (void *)8));
	AS_USER(1000, 1000, {
		SHOW(msgctl(id, IPC_STAT, &ds));
		SHOW(msgctl(id, IPC_SET, &ds));
		SHOW(msgctl(id, IPC_RMID, NULL));
		SHOW(msgsnd(id, &m, 4, 0));
		SHOW(msgrcv(id, &m, 4, 0, IPC_NOWAIT));
	});
	ds.msg_qbytes = 1 << 20;
	SHOW(msgctl(id, IPC_SET, &ds));
	SHOW(msgctl(id, IPC_RMID, NULL));
	SHOW(msgctl(id, IPC_RMID, NULL));
	SHOW(msgsnd(id, &m, 4, 0));
}

TEST(ipcerr, semaphores)
{
	struct sembuf op = { 0, 1, 0 }, many[2] = { { 0, 1, 0 }, { 5, 1, 0 } };
	static struct sembuf most[501];
	struct timespec zero = { 0, 0 }, bad = { 0, -1 };
	unsigned short values[3] = { 1, 2, 40000 };
	int id = REQUIRE_OK(semget(IPC_PRIVATE, 3, 0600));

	SHOW(semget(0x4712, 0, 0));
	SHOW(semget(0x4712, 0, IPC_CREAT | 0600));
	SHOW(semget(0x4712, -1, IPC_CREAT | 0600));
	SHOW(semget(0x4712, 32001, IPC_CREAT | 0600));
	SHOW(semget(0x4712, 2, IPC_CREAT | 0600) >= 0);
	SHOW(semget(0x4712, 3, 0));
	SHOW(semget(0x4712, 1, IPC_CREAT | IPC_EXCL | 0600));
	SHOW(semctl(semget(0x4712, 0, 0), 0, IPC_RMID));
	SHOW(semop(id, &op, 0));
	SHOW(semop(id, NULL, 1));
	SHOW(semop(id, (void *)8, 1));
	SHOW(semop(id, many, 2));
	SHOW(semop(id, most, 501));
	SHOW(semop(-1, &op, 1));
	SHOW(semop(id + 1000, &op, 1));
	op = (struct sembuf){ 0, -1, IPC_NOWAIT };
	SHOW(semop(id, &op, 1));
	op = (struct sembuf){ 0, 32767, 0 };
	SHOW(semop(id, &op, 1));
	SHOW(semop(id, &op, 1));
	op = (struct sembuf){ 0, 0, IPC_NOWAIT };
	SHOW(semop(id, &op, 1));
	op = (struct sembuf){ 1, -1, 0 };
	SHOW(syscall(SYS_semtimedop, id, &op, 1ul, &zero));
	SHOW(syscall(SYS_semtimedop, id, &op, 1ul, &bad));
	SHOW(syscall(SYS_semtimedop, id, &op, 1ul, (void *)8));
	SHOW(semctl(id, 0, GETVAL));
	SHOW(semctl(id, 3, GETVAL));
	SHOW(semctl(id, -1, GETVAL));
	SHOW(semctl(id, 0, SETVAL, 32768));
	SHOW(semctl(id, 0, SETVAL, -1));
	SHOW(semctl(id, 0, SETALL, values));
	SHOW(semctl(id, 0, SETALL, (void *)8));
	SHOW(semctl(id, 0, GETALL, (void *)8));
	SHOW(semctl(id, 0, GETPID) == getpid());
	SHOW(semctl(id, 0, GETNCNT));
	SHOW(semctl(id, 0, GETZCNT));
	SHOW(semctl(id, 0, 99));
	SHOW(semctl(id, 0, IPC_STAT, NULL));
	AS_USER(1000, 1000, {
		SHOW(semctl(id, 0, GETVAL));
		SHOW(semctl(id, 0, SETVAL, 1));
		SHOW(semctl(id, 0, IPC_RMID));
		SHOW(semop(id, &op, 1));
	});
	SHOW(semctl(id, 0, IPC_RMID));
	SHOW(semctl(id, 0, GETVAL));
}

TEST(ipcerr, shared_memory)
{
	struct shmid_ds ds;
	int id = REQUIRE_OK(shmget(IPC_PRIVATE, 5000, 0600));
	char *p;
#define ATTACHED(...) (shmat(__VA_ARGS__) == (void *)-1 ? -1 : 0)

	SHOW(shmget(0x4713, 0, 0));
	SHOW(shmget(0x4713, 0, IPC_CREAT | 0600));
	SHOW(shmget(0x4713, -1, IPC_CREAT | 0600));
	SHOW(shmget(0x4713, 4096, IPC_CREAT | 0600) >= 0);
	SHOW(shmget(0x4713, 8192, 0));
	SHOW(shmget(0x4713, 100, 0) >= 0);
	SHOW(shmget(0x4713, 100, IPC_CREAT | IPC_EXCL));
	SHOW(shmctl(shmget(0x4713, 0, 0), IPC_RMID, NULL));
	p = shmat(id, NULL, 0);
	SHOW(p != (void *)-1);
	SHOW(ATTACHED(-1, NULL, 0));
	SHOW(ATTACHED(id, p + 1, 0));
	SHOW(ATTACHED(id, p, 0));
	SHOW(ATTACHED(id, p + 8192 + 1, SHM_RND | SHM_REMAP));
	SHOW(ATTACHED(id, NULL, SHM_REMAP));
	SHOW(shmdt(p + 4096));
	SHOW(shmdt(NULL));
	SHOW(shmdt(p));
	SHOW(shmdt(p));
	SHOW(shmctl(id, 99, NULL));
	SHOW(shmctl(-1, IPC_STAT, &ds));
	SHOW(shmctl(id, IPC_STAT, NULL));
	SHOW(shmctl(id, SHM_LOCK, NULL));
	SHOW(shmctl(id, SHM_UNLOCK, NULL));
	AS_USER(1000, 1000, {
		SHOW(ATTACHED(id, NULL, 0));
		SHOW(shmctl(id, IPC_STAT, &ds));
		SHOW(shmctl(id, IPC_RMID, NULL));
		SHOW(shmctl(id, SHM_LOCK, NULL));
	});
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(ATTACHED(id, NULL, 0));
}

static long raw_open(const char *name, int flags, const struct mq_attr *a)
{
	return syscall(SYS_mq_open, name, flags, 0600, a);
}

TEST(ipcerr, message_queues)
{
	struct mq_attr a = { .mq_maxmsg = 2, .mq_msgsize = 8 }, got;
	struct timespec past = { 0, 0 }, bad = { 0, 1000000000 };
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	static char name[300];
	unsigned priority;
	char space[16];
	int q, p[2];

	REQUIRE_OK(pipe(p));
	memset(name, 'n', 256);
	SHOW(raw_open("ipcerr", O_RDWR, NULL));
	SHOW(raw_open("", O_RDWR | O_CREAT, NULL));
	SHOW(raw_open(".", O_RDWR | O_CREAT, NULL));
	SHOW(raw_open("a/b", O_RDWR | O_CREAT, NULL));
	SHOW(raw_open("/ipcerr", O_RDWR | O_CREAT, NULL));
	SHOW(raw_open(name, O_RDWR | O_CREAT, NULL));
	SHOW(raw_open(NULL, O_RDWR | O_CREAT, NULL));
	SHOW(raw_open("ipcerr", O_RDWR | O_CREAT, (void *)8));
	a.mq_maxmsg = 0;
	SHOW(raw_open("ipcerr", O_RDWR | O_CREAT, &a));
	a.mq_maxmsg = 1 << 20;
	SHOW(raw_open("ipcerr", O_RDWR | O_CREAT, &a));
	a.mq_maxmsg = 2;
	a.mq_msgsize = 0;
	SHOW(raw_open("ipcerr", O_RDWR | O_CREAT, &a));
	a.mq_msgsize = 8;
	q = (int)raw_open("ipcerr", O_RDWR | O_CREAT | O_NONBLOCK, &a);
	SHOW(q >= 0);
	SHOW(raw_open("ipcerr", O_RDWR | O_CREAT | O_EXCL, &a));
	SHOW(syscall(SYS_mq_timedsend, q, space, 9ul, 0, NULL));
	SHOW(syscall(SYS_mq_timedsend, q, space, 8ul, 32768, NULL));
	SHOW(syscall(SYS_mq_timedsend, q, (void *)8, 8ul, 0, NULL));
	SHOW(syscall(SYS_mq_timedsend, p[1], space, 8ul, 0, NULL));
	SHOW(syscall(SYS_mq_timedsend, -1, space, 8ul, 0, NULL));
	SHOW(syscall(SYS_mq_timedsend, q, space, 8ul, 32767, &bad));
	SHOW(syscall(SYS_mq_timedsend, q, space, 8ul, 32767, &past));
	SHOW(syscall(SYS_mq_timedsend, q, space, 0ul, 1, NULL));
	SHOW(syscall(SYS_mq_timedsend, q, space, 8ul, 0, NULL));
	SHOW(syscall(SYS_mq_timedreceive, q, space, 7ul, &priority, NULL));
	SHOW(syscall(SYS_mq_timedreceive, q, space, 16ul, &priority, NULL));
	note("priority %u", priority);
	SHOW(syscall(SYS_mq_timedreceive, q, space, 16ul, (void *)8, NULL));
	SHOW(syscall(SYS_mq_timedreceive, q, space, 16ul, NULL, NULL));
	SHOW(syscall(SYS_mq_timedreceive, p[0], space, 16ul, NULL, NULL));
	SHOW(syscall(SYS_mq_getsetattr, q, NULL, &got));
	note("%ld %ld %ld %d", got.mq_maxmsg, got.mq_msgsize, got.mq_curmsgs, !!(got.mq_flags & O_NONBLOCK));
	got.mq_flags = O_RDWR;
	SHOW(syscall(SYS_mq_getsetattr, q, &got, NULL));
	got.mq_flags = 0;
	SHOW(syscall(SYS_mq_getsetattr, q, &got, NULL));
	SHOW(syscall(SYS_mq_getsetattr, q, NULL, (void *)8));
	SHOW(syscall(SYS_mq_getsetattr, p[0], NULL, &got));
	SHOW(syscall(SYS_mq_timedreceive, q, space, 16ul, NULL, &past));
	SHOW(syscall(SYS_mq_notify, q, &e));
	SHOW(syscall(SYS_mq_notify, q, &e));
	IN_CHILD(SHOW(syscall(SYS_mq_notify, q, NULL)));
	SHOW(syscall(SYS_mq_notify, q, NULL));
	e.sigev_signo = 65;
	SHOW(syscall(SYS_mq_notify, q, &e));
	e.sigev_notify = 9;
	SHOW(syscall(SYS_mq_notify, q, &e));
	SHOW(syscall(SYS_mq_notify, p[0], NULL));
	SHOW(syscall(SYS_mq_notify, q, (void *)8));
	AS_USER(1000, 1000, {
		SHOW(raw_open("ipcerr", O_RDONLY, NULL));
		SHOW(syscall(SYS_mq_unlink, "ipcerr"));
	});
	SHOW(syscall(SYS_mq_unlink, "ipcerr"));
	SHOW(syscall(SYS_mq_unlink, "ipcerr"));
	SHOW(syscall(SYS_mq_unlink, ""));
	SHOW(syscall(SYS_mq_unlink, NULL));
}
