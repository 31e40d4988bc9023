/* SPDX-License-Identifier: MIT */
/*
 * What an init and a supervisor of services ask of a kernel, each need as they use it: the file systems of a boot, one loop
 * that waits for everything, children that are reaped, started under other names and rights, watched, stopped and handed sockets.
 */
#include "../harness.h"
#include "../process/util.h"
#include <linux/capability.h>
#include <linux/reboot.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/utsname.h>

#define REAP_LIMIT_MS 15000

static void own_mounts(void)
{
	REQUIRE_OK(unshare(CLONE_NEWNS));
	REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

static int watch(int epfd, int fd, uint64_t id)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = id };

	return REQUIRE_OK(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e));
}

/* The one descriptor that is ready, 0 if none or several are. */
static unsigned ready(int epfd, int timeout)
{
	struct epoll_event e[4] = { 0 };
	int n = epoll_wait(epfd, e, 4, timeout);

	return n == 1 ? (unsigned)e[0].data.u64 : 0;
}

static int signals_as_fd(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return REQUIRE_OK(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

TEST(init, mounts_the_file_systems_of_a_boot)
{
	struct stat st;

	own_mounts();
	mkdir("root", 0755);
	SHOW(mount("tmpfs", "root", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=4m,nr_inodes=100"));
	REQUIRE_OK(chdir("root"));
	mkdir("proc", 0555), mkdir("sys", 0555), mkdir("dev", 0755), mkdir("run", 0755), mkdir("old", 0755);
	SHOW(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
	SHOW(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
	SHOW(mount("devtmpfs", "dev", "devtmpfs", MS_NOSUID, "mode=0755"));
	mkdir("dev/pts", 0755), mkdir("dev/shm", 01777);
	SHOW(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=0620,gid=5,ptmxmode=0666"));
	SHOW(mount("tmpfs", "run", "tmpfs", MS_NOSUID | MS_NODEV | MS_STRICTATIME, "mode=0755,size=20%"));
	note("self %d, kernel %d, null %d, ptmx %d", access("proc/self/stat", R_OK), access("sys/kernel", X_OK),
	     stat("dev/null", &st) || !S_ISCHR(st.st_mode), access("dev/pts/ptmx", R_OK | W_OK));
	SHOW(mkdir("run/lock", 0755));
	SHOW(mount("run", "run", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, "mode=0755"));
	SHOW(mkdir("run/more", 0755));
	SHOW(umount2("run", MNT_DETACH));
	SHOW(umount2("run", MNT_DETACH));
}

TEST(init, moves_into_the_real_root)
{
	own_mounts();
	mkdir("root", 0755);
	REQUIRE_OK(mount("tmpfs", "root", "tmpfs", 0, NULL));
	mkdir("root/proc", 0755), mkdir("root/old", 0755);
	put_file("root/here", "the real one\n");
	REQUIRE_OK(mount("proc", "root/proc", "proc", 0, NULL));
	REQUIRE_OK(chdir("root"));
	SHOW(syscall(SYS_pivot_root, ".", "old"));	/* not out of the first root, which nothing can be put in place of */
	SHOW(mount(".", "/", NULL, MS_MOVE, NULL));
	SHOW(chroot("."));
	SHOW(chdir("/"));
	note("%s", get_file("/here"));
	note("proc %d, programs of the old root %d", access("/proc/self/stat", R_OK), access("/tests", F_OK));
}

TEST(init, waits_for_everything_in_one_loop)
{
	int ep = REQUIRE_OK(epoll_create1(EPOLL_CLOEXEC)), tfd, efd, sfd, ifd, unix_pair[2], fifo[2];
	struct itimerspec at = { .it_value.tv_nsec = 1 };
	struct signalfd_siginfo si;
	struct inotify_event ev;
	uint64_t count = 0;
	char byte;
	pid_t pid;

	sfd = signals_as_fd(SIGHUP);
	tfd = REQUIRE_OK(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
	efd = REQUIRE_OK(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	ifd = REQUIRE_OK(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	REQUIRE_OK(inotify_add_watch(ifd, ".", IN_CREATE));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, unix_pair));
	REQUIRE_OK(pipe2(fifo, O_CLOEXEC));
	watch(ep, sfd, 1), watch(ep, tfd, 2), watch(ep, efd, 3), watch(ep, ifd, 4), watch(ep, unix_pair[0], 5), watch(ep, fifo[0], 6);
	note("nothing: %u", ready(ep, 0));
	kill(getpid(), SIGHUP);
	note("signal: %u", ready(ep, -1));
	SHOW(read(sfd, &si, sizeof(si)));
	note("%s", signal_name((int)si.ssi_signo));
	timerfd_settime(tfd, 0, &at, NULL);
	note("timer: %u", ready(ep, -1));
	SHOW(read(tfd, &count, 8));
	note("%llu", (unsigned long long)count);
	eventfd_write(efd, 3);
	note("event: %u", ready(ep, -1));
	SHOW(read(efd, &count, 8));
	note("%llu", (unsigned long long)count);
	mkdir("made", 0700);
	note("file: %u", ready(ep, -1));
	{
		char buf[256];

		REQUIRE_OK(read(ifd, buf, sizeof(buf)));
		memcpy(&ev, buf, sizeof(ev));
		note("mask %#x %s", ev.mask, buf + sizeof(ev));
	}
	write_all(unix_pair[1], "x", 1);
	note("socket: %u", ready(ep, -1));
	note("read %s", RESULT(recv(unix_pair[0], &byte, 1, 0)));
	CHILD(pid) write_all(fifo[1], "y", 1);
	note("pipe: %u", ready(ep, -1));
	note("read %s", RESULT(read(fifo[0], &byte, 1)));
	EXPECT_CHILD_OK(pid);
	note("nothing: %u", ready(ep, 0));
}

TEST(init, reaps_whatever_ends)
{
	int sfd = signals_as_fd(SIGCHLD), exits = 0, kills = 0, others = 0, ep = REQUIRE_OK(epoll_create1(EPOLL_CLOEXEC));
	long long limit = now_ms() + REAP_LIMIT_MS;
	struct signalfd_siginfo si;

	watch(ep, sfd, 1);
	for (int i = 0; i < 10; i++) {
		pid_t pid;

		CHILD(pid) {
			if (i % 2)
				raise(SIGKILL);
			_exit(i);
		}
	}
	/* Signals of one number are merged: after each, all that have ended are reaped. */
	while (exits + kills + others < 10 && now_ms() < limit && ready(ep, REAP_LIMIT_MS)) {
		siginfo_t info = { 0 };

		while (read(sfd, &si, sizeof(si)) == sizeof(si))
			;
		while (info.si_pid = 0, !waitid(P_ALL, 0, &info, WEXITED | WNOHANG) && info.si_pid)
			if (info.si_code == CLD_EXITED && info.si_status % 2 == 0)
				exits++;
			else if (info.si_code == CLD_KILLED && info.si_status == SIGKILL)
				kills++;
			else
				others++;
	}
	note("exits %d kills %d others %d", exits, kills, others);
	SHOW(waitid(P_ALL, 0, NULL, WEXITED | WNOHANG));
}

TEST(init, inherits_orphans)
{
	struct gate orphaned = gate_make();
	pid_t reaper = getpid(), middle, orphan;
	int status, ids[2];

	REQUIRE_OK(pipe2(ids, O_CLOEXEC));
	SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	CHILD(middle) {
		if (!fork()) {
			int pid = getpid();

			write_all(ids[1], &pid, sizeof(pid));
			gate_wait(&orphaned);
			_exit(getppid() == reaper ? 7 : 1);
		}
	}
	EXPECT_CHILD_OK(middle);
	gate_open(&orphaned);
	REQUIRE_OK(read(ids[0], &orphan, sizeof(orphan)));
	status = child_status(orphan);
	note("orphan: %s", status_name(status));
	SHOW(waitpid(-1, NULL, WNOHANG));
}

TEST(init, is_known_by_its_name)
{
	char name[16] = "";
	pid_t pid;

	SHOW(prctl(PR_SET_NAME, "supervisor-with-a-long-name", 0, 0, 0));
	prctl(PR_GET_NAME, name, 0, 0, 0);
	note("%s", name);
	note("%s", get_file("/proc/self/comm"));
	CHILD(pid) note("child %s", get_file("/proc/self/comm"));
	EXPECT_CHILD_OK(pid);
	put_file("/proc/self/comm", "renamed\n");
	prctl(PR_GET_NAME, name, 0, 0, 0);
	note("%s", name);
}

static void show_status(const char *const *keys)
{
	char *text = get_file("/proc/self/status");

	for (; *keys; keys++) {
		char *line = strstr(text, *keys);

		note("%.*s", line ? (int)strcspn(line, "\n") : 0, line ? line : "");
	}
}

TEST(init, starts_a_service_as_another_user)
{
	static const char *const keys[] = { "Uid:", "Gid:", "Groups:", "CapEff:", "NoNewPrivs:", NULL };
	static const gid_t groups[] = { 20, 30 };
	pid_t pid;

	CHILD(pid) {
		SHOW(setsid() == getpid());
		SHOW(syscall(SYS_setgroups, 2, groups));
		SHOW(syscall(SYS_setresgid, 500, 500, 500));
		SHOW(syscall(SYS_setresuid, 600, 600, 600));
		SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		show_status(keys);
		SHOW(setuid(0));
		SHOW(kill(1, 0));
	}
	EXPECT_CHILD_OK(pid);
}

TEST(init, leaves_a_service_only_some_rights)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = { 0 };
	pid_t pid;

	CHILD(pid) {
		for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
			if (cap != CAP_NET_BIND_SERVICE)
				prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
		SHOW(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0));
		SHOW(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
		SHOW(syscall(SYS_setresuid, 600, 600, 600));
		d[0].effective = d[0].permitted = d[0].inheritable = 1U << CAP_NET_BIND_SERVICE;
		SHOW(syscall(SYS_capset, &h, d));
		SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0));
		SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0));
		show_status((const char *const[]){ "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", NULL });
		SHOW(mount("none", "/", "tmpfs", 0, NULL));
	}
	EXPECT_CHILD_OK(pid);
}

TEST(init, learns_who_is_ready)
{
	struct sockaddr_un a = { AF_UNIX, "@ready" };
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + 6;
	char text[32], control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec io = { text, sizeof(text) };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	int s = REQUIRE_OK(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), on = 1;
	struct ucred who;
	pid_t pid;

	a.sun_path[0] = 0;
	REQUIRE_OK(setsockopt(s, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	REQUIRE_OK(bind(s, (void *)&a, len));
	CHILD(pid) {
		int c = REQUIRE_OK(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

		harness_become(600, 500);
		EXPECT_EQ(sendto(c, "READY=1", 7, MSG_NOSIGNAL, (void *)&a, len), 7);
	}
	note("%s bytes", RESULT(recvmsg(s, &m, MSG_CMSG_CLOEXEC)));
	memcpy(&who, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(who));
	note("%.7s from the child %d, uid %u gid %u", text, who.pid == pid, who.uid, who.gid);
	EXPECT_CHILD_OK(pid);
}

TEST(init, hands_a_listening_socket_to_a_service)
{
	struct sockaddr_un a = { AF_UNIX, "socket" };
	int s = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), c, ep = REQUIRE_OK(epoll_create1(EPOLL_CLOEXEC));
	char text[8] = "";
	pid_t pid;

	REQUIRE_OK(bind(s, (void *)&a, sizeof(a)));
	REQUIRE_OK(listen(s, 5));
	watch(ep, s, 1);
	c = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	SHOW(connect(c, (void *)&a, sizeof(a)));
	note("asked for: %u", ready(ep, -1));
	CHILD(pid) {		/* as a service finds it: number 3, not closed on exec, and itself accepts */
		int listening = 0, conn;
		socklen_t len = sizeof(listening);

		if (s == 3)
			EXPECT_OK(fcntl(3, F_SETFD, 0));
		else
			EXPECT_OK(dup2(s, 3));
		SHOW(syscall(SYS_close_range, 4, ~0U, 0));
		SHOW(fcntl(3, F_GETFD));
		SHOW(getsockopt(3, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len));
		note("listening %d", listening);
		conn = EXPECT_OK(accept4(3, NULL, NULL, SOCK_CLOEXEC));
		write_all(conn, "served", 6);
	}
	SHOW(read(c, text, 6));
	note("%s", text);
	EXPECT_CHILD_OK(pid);
}

TEST(init, sets_the_bounds_of_a_service)
{
	struct rlimit files = { 64, 128 }, core = { 0, 0 }, got;
	struct gate set = gate_make();
	char path[64];
	pid_t pid;

	CHILD(pid) {
		SHOW(setrlimit(RLIMIT_NOFILE, &files));
		SHOW(prlimit(0, RLIMIT_CORE, &core, NULL));
		SHOW(setpriority(PRIO_PROCESS, 0, 5));
		put_file("/proc/self/oom_score_adj", "500");
		gate_open(&set);
		pause();
	}
	gate_wait(&set);
	REQUIRE_OK(prlimit(pid, RLIMIT_NOFILE, NULL, &got));
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	note("files %llu of %llu, nice %d, score %s", (unsigned long long)got.rlim_cur, (unsigned long long)got.rlim_max,
	     getpriority(PRIO_PROCESS, pid), get_file(path));
	kill(pid, SIGKILL);
	note("%s", status_name(child_status(pid)));
}

/* A service that ignores SIGTERM is given some time, by a timer in the same loop, and is killed then. */
TEST(init, stops_a_service_that_does_not_want_to)
{
	struct itimerspec in = { .it_value.tv_nsec = 50000000 };
	int ep = REQUIRE_OK(epoll_create1(EPOLL_CLOEXEC)), tfd = REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)), pidfd;
	struct gate deaf = gate_make();
	siginfo_t info = { 0 };
	uint64_t n;
	pid_t pid;

	CHILD(pid) {
		signal(SIGTERM, SIG_IGN);
		gate_open(&deaf);
		for (;;)
			pause();
	}
	gate_wait(&deaf);
	pidfd = REQUIRE_OK(syscall(SYS_pidfd_open, pid, 0));
	watch(ep, pidfd, 1), watch(ep, tfd, 2);
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0));
	REQUIRE_OK(timerfd_settime(tfd, 0, &in, NULL));
	note("first: %u", ready(ep, -1));
	REQUIRE_OK(read(tfd, &n, 8));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0));
	note("then: %u", ready(ep, -1));
	SHOW(waitid((idtype_t)3 /* P_PIDFD */, (id_t)pidfd, &info, WEXITED));
	note("%d %s", info.si_code == CLD_KILLED, signal_name(info.si_status));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
}

TEST(init, ends_a_whole_session)
{
	int hold[2], n = 0;
	char byte;
	pid_t pid;

	REQUIRE_OK(pipe(hold));
	CHILD(pid) {		/* a service with helpers, all of one group; each holds the pipe */
		setsid();
		close(hold[0]);
		for (int i = 0; i < 3; i++)
			if (!fork())
				break;
		write_all(hold[1], "h", 1);
		for (;;)
			pause();
	}
	close(hold[1]);
	while (n < 4 && read(hold[0], &byte, 1) == 1)
		n++;
	note("helpers and service %d", n);
	SHOW(kill(-pid, SIGTERM));
	note("%s", status_name(child_status(pid)));
	note("all gone: %s", RESULT(read(hold[0], &byte, 1)));
}

TEST(init, runs_one_of_a_kind)
{
	int fd = REQUIRE_OK(open("pid.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0644));
	struct flock whole = { .l_type = F_WRLCK };
	pid_t pid;

	SHOW(flock(fd, LOCK_EX | LOCK_NB));
	SHOW(fcntl(fd, F_SETLK, &whole));
	CHILD(pid) {
		int again = REQUIRE_OK(open("pid.lock", O_RDWR | O_CLOEXEC));
		struct flock seen = { .l_type = F_WRLCK };

		SHOW(flock(again, LOCK_EX | LOCK_NB));
		SHOW(fcntl(again, F_SETLK, &whole));
		SHOW(fcntl(again, F_GETLK, &seen));
		note("held by the parent %d", seen.l_pid == getppid());
	}
	EXPECT_CHILD_OK(pid);
}

TEST(init, speaks_to_the_kernel)
{
	struct utsname u;
	pid_t pid;
	int fd;

	CHILD(pid) {
		REQUIRE_OK(unshare(CLONE_NEWUTS));
		SHOW(sethostname("box", 3));
		uname(&u);
		note("%s %s", u.nodename, get_file("/proc/sys/kernel/hostname"));
		SHOW(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, NULL));
		SHOW(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, 1, LINUX_REBOOT_CMD_CAD_OFF, NULL));
		SHOW(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, 77, NULL));
		fd = EXPECT_OK(open("/dev/kmsg", O_WRONLY | O_CLOEXEC));
		SHOW(write(fd, "<30>needs: a word of a service\n", 31));
		harness_become(600, 500);
		SHOW(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, NULL));
		SHOW(sethostname("no", 2));
	}
	EXPECT_CHILD_OK(pid);
}
