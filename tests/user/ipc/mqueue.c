/* SPDX-License-Identifier: MIT */
/* POSIX message queues, by the raw calls (names without the slash). Each TEST has its own namespace. */
#include "ipc.h"
#include <mqueue.h>
#include <sys/mount.h>
#include <sys/resource.h>

static int mqo(const char *name, int flags, mode_t mode, struct mq_attr *attr)
{
	return (int)syscall(SYS_mq_open, name, flags, mode, attr);
}

static int mqu(const char *name)
{
	return (int)syscall(SYS_mq_unlink, name);
}

static int mqs(int q, const char *text, unsigned prio)
{
	return (int)syscall(SYS_mq_timedsend, q, text, strlen(text), prio, NULL);
}

/* "PRIO:TEXT" or the error. */
static const char *mqr(int q, size_t size)
{
	static char out[256];
	char text[128];
	unsigned prio = 0;
	long n;

	errno = 0;
	n = syscall(SYS_mq_timedreceive, q, text, size, &prio, NULL);
	if (n < 0)
		snprintf(out, sizeof(out), "-1 %s", errno_name(errno));
	else
		snprintf(out, sizeof(out), "%u:%.*s", prio, (int)n, text);
	return out;
}

static int small_queue(const char *name, int flags)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 64 };

	own_namespace();
	return REQUIRE_OK(mqo(name, O_RDWR | O_CREAT | flags, 0600, &attr));
}

static void show_attr(int q)
{
	struct mq_attr a;

	memset(&a, -1, sizeof(a));
	SHOW(syscall(SYS_mq_getsetattr, q, NULL, &a));
	note("flags %#lx max %ld size %ld now %ld", a.mq_flags, a.mq_maxmsg, a.mq_msgsize, a.mq_curmsgs);
}

TEST(mqueue, open_makes_finds_and_refuses)
{
	char long_name[300];
	int q;

	own_namespace();
	SHOW(mqo("a", O_RDWR, 0, NULL));
	q = REQUIRE_OK(mqo("a", O_RDWR | O_CREAT, 0640, NULL));
	SHOW(fcntl(q, F_GETFD));
	EXPECT_OK(mqo("a", O_RDONLY | O_CREAT, 0600, NULL));
	SHOW(mqo("a", O_RDWR | O_CREAT | O_EXCL, 0600, NULL));
	SHOW(mqo("a", O_ACCMODE, 0600, NULL));
	SHOW(mqo("a/b", O_RDWR | O_CREAT, 0600, NULL));
	SHOW(mqo("/a", O_RDWR | O_CREAT, 0600, NULL));
	SHOW(mqo("..", O_RDWR, 0600, NULL));
	SHOW(mqo(".", O_RDWR, 0600, NULL));
	SHOW(mqo("", O_RDWR | O_CREAT, 0600, NULL));
	SHOW(mqo((void *)8, O_RDWR, 0600, NULL));
	SHOW(mqo("b", O_RDWR | O_CREAT, 0600, (void *)8));
	memset(long_name, 'n', sizeof(long_name));
	long_name[256] = 0;
	SHOW(mqo(long_name, O_RDWR | O_CREAT, 0600, NULL));
	long_name[255] = 0;
	EXPECT_OK(mqo(long_name, O_RDWR | O_CREAT, 0600, NULL));
	show_attr(q);
	SHOW(mqu("a"));
	SHOW(mqu("a"));
	SHOW(mqu("a/b"));
	SHOW(mqs(q, "nameless", 0));
}

TEST(mqueue, attributes)
{
	struct mq_attr a = { .mq_maxmsg = 0, .mq_msgsize = 10 }, set = { .mq_flags = O_NONBLOCK, .mq_maxmsg = 99 };
	int q;

	own_namespace();
	SHOW(mqo("a", O_RDWR | O_CREAT, 0600, &a));
	a.mq_maxmsg = 65537;
	SHOW(mqo("a", O_RDWR | O_CREAT, 0600, &a));
	a.mq_maxmsg = 2;
	a.mq_msgsize = 16 * 1024 * 1024 + 1;
	SHOW(mqo("a", O_RDWR | O_CREAT, 0600, &a));
	a.mq_msgsize = -1;
	SHOW(mqo("a", O_RDWR | O_CREAT, 0600, &a));
	a.mq_msgsize = 20;
	a.mq_curmsgs = 7;
	q = REQUIRE_OK(mqo("a", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &a));
	show_attr(q);
	set.mq_flags = 0;
	SHOW(syscall(SYS_mq_getsetattr, q, &set, NULL));
	show_attr(q);
	set.mq_flags = O_NONBLOCK;
	SHOW(syscall(SYS_mq_getsetattr, q, &set, NULL));
	note("%#x", fcntl(q, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	set.mq_flags = O_APPEND;
	SHOW(syscall(SYS_mq_getsetattr, q, &set, NULL));
	SHOW(syscall(SYS_mq_getsetattr, 0, NULL, &a));
	SHOW(syscall(SYS_mq_getsetattr, -1, NULL, &a));
	SHOW(syscall(SYS_mq_getsetattr, q, (void *)8, NULL));
	SHOW(syscall(SYS_mq_getsetattr, q, NULL, (void *)8));
}

TEST(mqueue, the_most_urgent_and_oldest_first)
{
	int q = small_queue("q", O_NONBLOCK);

	SHOW(mqs(q, "low", 1));
	SHOW(mqs(q, "high", 30000));
	SHOW(mqs(q, "low again", 1));
	SHOW(mqs(q, "middle", 5));
	SHOW(mqs(q, "one too many", 5));
	SHOW(mqs(q, "x", 32768));
	show_attr(q);
	for (int i = 0; i < 5; i++)
		note("%s", mqr(q, 64));
	SHOW(mqs(q, "", 32767));
	note("%s", mqr(q, 64));
}

TEST(mqueue, sizes_and_descriptors)
{
	char big[66] = { 0 };
	int q = small_queue("q", O_NONBLOCK), r, w;

	memset(big, 'b', 65);
	SHOW(mqs(q, big, 0));
	big[64] = 0;
	SHOW(mqs(q, big, 0));
	note("%s", mqr(q, 63));
	note("%.10s", mqr(q, 64));
	SHOW(syscall(SYS_mq_timedsend, q, (void *)8, 4, 0, NULL));
	r = REQUIRE_OK(mqo("q", O_RDONLY, 0, NULL));
	w = REQUIRE_OK(mqo("q", O_WRONLY | O_NONBLOCK, 0, NULL));
	SHOW(mqs(r, "x", 0));
	SHOW(mqs(w, "x", 0));
	note("%s", mqr(w, 64));
	note("%s", mqr(r, 64));
	SHOW(mqs(1, "x", 0));
	note("%s", mqr(0, 64));
	SHOW(mqs(-1, "x", 0));
	mqs(q, "lost", 0);
	SHOW(syscall(SYS_mq_timedreceive, q, (void *)8, 64, NULL, NULL));
	note("%s", mqr(q, 64));
}

TEST(mqueue, timeouts_are_absolute)
{
	struct timespec past = { 1, 0 }, bad = { 1, 1000000000 }, negative = { -1, 0 }, soon;
	char text[64];
	int q = small_queue("q", 0);

	SHOW(syscall(SYS_mq_timedreceive, q, text, 64, NULL, &past));
	SHOW(syscall(SYS_mq_timedreceive, q, text, 64, NULL, &bad));
	SHOW(syscall(SYS_mq_timedreceive, q, text, 64, NULL, &negative));
	SHOW(syscall(SYS_mq_timedreceive, q, text, 64, NULL, (void *)8));
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 20000000;
	if (soon.tv_nsec >= 1000000000) {
		soon.tv_sec++;
		soon.tv_nsec -= 1000000000;
	}
	SHOW(syscall(SYS_mq_timedreceive, q, text, 64, NULL, &soon));
	for (int i = 0; i < 4; i++)
		mqs(q, "m", 0);
	SHOW(syscall(SYS_mq_timedsend, q, "x", 1, 0, &past));
	mqr(q, 64);
	SHOW(syscall(SYS_mq_timedsend, q, "x", 1, 0, &past));
}

TEST(mqueue, receivers_and_senders_wait)
{
	int q = small_queue("q", 0);
	pid_t pid;

	CHILD(pid) EXPECT_STR(mqr(q, 64), "3:direct");
	wait_state(pid, 'S');
	EXPECT_OK(mqs(q, "direct", 3));
	EXPECT_CHILD_OK(pid);
	show_attr(q);
	for (int i = 0; i < 4; i++)
		mqs(q, "filler", 1);
	CHILD(pid) EXPECT_OK(mqs(q, "waited", 9));
	wait_state(pid, 'S');
	note("%s", mqr(q, 64));
	EXPECT_CHILD_OK(pid);
	note("%s", mqr(q, 64));
	show_attr(q);
	CHILD(pid) {
		for (int i = 0; i < 3; i++)
			mqr(q, 64);
		mqr(q, 64);
	}
	wait_state(pid, 'S');
	kill(pid, SIGTERM);
	note("%s", status_name(child_status(pid)));
}

static volatile int got_signal, got_code, got_value, got_pid;

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	got_signal = number;
	got_code = info->si_code;
	got_value = info->si_value.sival_int;
	got_pid = info->si_pid;
}

TEST(mqueue, notification_by_signal)
{
	struct sigaction act = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42 };
	int q = small_queue("q", O_NONBLOCK);
	pid_t pid;

	sigaction(SIGUSR1, &act, NULL);
	SHOW(syscall(SYS_mq_notify, q, &ev));
	SHOW(syscall(SYS_mq_notify, q, &ev));
	IN_CHILD(SHOW(syscall(SYS_mq_notify, q, &ev)));
	CHILD(pid) EXPECT_OK(mqs(q, "first", 0));
	EXPECT_CHILD_OK(pid);
	note("%s code %d value %d", signal_name(got_signal), got_code, got_value);
	EXPECT_EQ(got_pid, pid);
	got_signal = 0;
	mqs(q, "second", 0);
	note("%s", signal_name(got_signal));
	SHOW(syscall(SYS_mq_notify, q, &ev));
	mqs(q, "third: the queue was not empty", 0);
	note("%s", signal_name(got_signal));
	mqr(q, 64);
	mqr(q, 64);
	mqr(q, 64);
	mqs(q, "fourth", 0);
	note("%s", signal_name(got_signal));
	mqr(q, 64);
	got_signal = 0;
	SHOW(syscall(SYS_mq_notify, q, &ev));
	SHOW(syscall(SYS_mq_notify, q, NULL));
	mqs(q, "fifth", 0);
	note("%s", signal_name(got_signal));
}

TEST(mqueue, notification_rules)
{
	struct sigevent none = { .sigev_notify = SIGEV_NONE }, bad = { .sigev_notify = 77 }, sig = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65 };
	struct sigevent usr = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int q = small_queue("q", O_NONBLOCK), other;
	pid_t pid;

	SHOW(syscall(SYS_mq_notify, q, &bad));
	SHOW(syscall(SYS_mq_notify, q, &sig));
	sig.sigev_signo = -1;
	SHOW(syscall(SYS_mq_notify, q, &sig));
	SHOW(syscall(SYS_mq_notify, q, (void *)8));
	SHOW(syscall(SYS_mq_notify, 0, &none));
	SHOW(syscall(SYS_mq_notify, -1, NULL));
	SHOW(syscall(SYS_mq_notify, q, &none));
	SHOW(syscall(SYS_mq_notify, q, &usr));
	mqs(q, "used up", 0);
	SHOW(syscall(SYS_mq_notify, q, &none));
	/* Closing any descriptor of the queue ends it. */
	other = mqo("q", O_RDONLY, 0, NULL);
	close(other);
	SHOW(syscall(SYS_mq_notify, q, &none));
	/* So does exit; and what another process closes does not matter. */
	SHOW(syscall(SYS_mq_notify, q, NULL));
	IN_CHILD(SHOW(syscall(SYS_mq_notify, q, &none)));
	SHOW(syscall(SYS_mq_notify, q, &none));
	IN_CHILD(close(q));
	SHOW(syscall(SYS_mq_notify, q, &none));
	/* A receiver that waits takes the message, and nobody is notified. */
	mqr(q, 64);
	SHOW(syscall(SYS_mq_notify, q, NULL));
	signal(SIGUSR1, SIG_DFL);
	SHOW(syscall(SYS_mq_notify, q, &usr));
	fcntl(q, F_SETFL, 0);
	CHILD(pid) EXPECT_STR(mqr(q, 64), "0:x");
	wait_state(pid, 'S');
	mqs(q, "x", 0);
	EXPECT_CHILD_OK(pid);
	note("still here");
}

TEST(mqueue, poll_and_read)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	int q = small_queue("q", O_NONBLOCK);
	struct pollfd p = { .fd = q, .events = POLLIN | POLLOUT };
	char text[128];
	ssize_t n;
	struct stat st;

	note_poll("empty", &p, 0);
	mqs(q, "abc", 0);
	note_poll("one", &p, 0);
	mqs(q, "defg", 0);
	mqs(q, "h", 0);
	mqs(q, "i", 0);
	note_poll("full", &p, 0);
	n = read(q, text, sizeof(text));
	note("%.*s", (int)n - 1, text);
	SHOW(read(q, text, sizeof(text)));
	SHOW(lseek(q, 0, SEEK_SET));
	syscall(SYS_mq_notify, q, &ev);
	n = read(q, text, sizeof(text));
	note("%.40s", text);
	SHOW(write(q, "x", 1));
	SHOW(fstat(q, &st));
	note("mode %o size %lld nlink %lu", st.st_mode, (long long)st.st_size, (unsigned long)st.st_nlink);
}

TEST(mqueue, poll_wakes)
{
	int q = small_queue("q", O_NONBLOCK);
	struct pollfd p = { .fd = q, .events = POLLIN };
	pid_t pid;

	CHILD(pid) note_poll("poll", &p, -1);
	wait_state(pid, 'S');
	mqs(q, "x", 0);
	EXPECT_CHILD_OK(pid);
}

TEST(mqueue, permissions)
{
	int q;

	own_namespace();
	umask(022);
	q = REQUIRE_OK(mqo("a", O_RDWR | O_CREAT, 0666, NULL));
	close(q);
	mqo("secret", O_RDWR | O_CREAT, 0600, NULL);
	AS_USER(1000, 1000,
		SHOW(mqo("a", O_RDWR, 0, NULL));
		EXPECT_OK(mqo("a", O_RDONLY, 0, NULL));
		SHOW(mqo("secret", O_RDONLY, 0, NULL));
		SHOW(mqu("a"));
		EXPECT_OK(mqo("mine", O_WRONLY | O_CREAT, 0, NULL));
		SHOW(mqo("mine", O_WRONLY, 0, NULL));
		SHOW(mqu("mine")));
}

TEST(mqueue, limits)
{
	struct mq_attr a = { .mq_maxmsg = 10, .mq_msgsize = 8192 }, more = { .mq_maxmsg = 11, .mq_msgsize = 10 }, bigger = { .mq_maxmsg = 1, .mq_msgsize = 8193 };
	struct rlimit rl = { 100000, 100000 };

	own_namespace();
	note("%s", get_file("/proc/sys/fs/mqueue/queues_max"));
	note("%s", get_file("/proc/sys/fs/mqueue/msg_max"));
	note("%s", get_file("/proc/sys/fs/mqueue/msgsize_max"));
	note("%s", get_file("/proc/sys/fs/mqueue/msg_default"));
	note("%s", get_file("/proc/sys/fs/mqueue/msgsize_default"));
	/* A user of its own: the queues of a namespace that has gone may count against theirs for a while. */
	AS_USER(1001, 1001,
		setrlimit(RLIMIT_MSGQUEUE, &rl);
		SHOW(mqo("more", O_RDWR | O_CREAT, 0600, &more));
		SHOW(mqo("bigger", O_RDWR | O_CREAT, 0600, &bigger));
		EXPECT_OK(mqo("one", O_RDWR | O_CREAT, 0600, &a));
		SHOW(mqo("two", O_RDWR | O_CREAT, 0600, &a));
		a.mq_msgsize = 800;
		EXPECT_OK(mqo("two", O_RDWR | O_CREAT, 0600, &a));
		SHOW(mqu("one"));
		SHOW(mqu("two")));
	put_file("/proc/sys/fs/mqueue/queues_max", "1");
	mqo("x", O_RDWR | O_CREAT, 0600, &more);
	AS_USER(1000, 1000, SHOW(mqo("y", O_RDWR | O_CREAT, 0600, &bigger)));
	EXPECT_OK(mqo("y", O_RDWR | O_CREAT, 0600, &more));
}

TEST(mqueue, the_file_system)
{
	struct stat st;
	int q, fd;

	own_namespace();
	unshare(CLONE_NEWNS);
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mkdir("m", 0755);
	REQUIRE_OK(mount("none", "m", "mqueue", 0, NULL));
	SHOW(stat("m", &st));
	note("mode %o", st.st_mode);
	q = REQUIRE_OK(mqo("a", O_RDWR | O_CREAT, 0600, &(struct mq_attr){ .mq_maxmsg = 3, .mq_msgsize = 128 }));
	mqs(q, "hello", 0);
	SHOW(stat("m/a", &st));
	note("mode %o size %lld", st.st_mode, (long long)st.st_size);
	fd = REQUIRE_OK(open("m/a", O_RDWR));
	note("%s", mqr(fd, 128));
	fd = open("m/b", O_RDWR | O_CREAT, 0644);
	EXPECT_OK(fd);
	EXPECT_OK(mqo("b", O_RDWR, 0, NULL));
	SHOW(mkdir("m/d", 0755));
	SHOW(symlink("x", "m/l"));
	SHOW(rename("m/a", "m/c"));
	SHOW(link("m/a", "m/c"));
	SHOW(unlink("m/a"));
	SHOW(mqo("a", O_RDWR, 0, NULL));
	SHOW(mount("none", "m", "mqueue", 0, "uid=1"));
	SHOW(umount("m"));
}
