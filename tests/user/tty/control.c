/* SPDX-License-Identifier: MIT */
/* The other ioctls: FIONREAD, TIOCOUTQ, TCFLSH, TIOCSTI, TIOCEXCL, drain, poll states. */
#include "pty.h"

static void arrived(int fd, int count)
{
	int n = 0;

	while (ioctl(fd, FIONREAD, &n) == 0 && n < count)
		sleep_ms(1);
}

TEST(control, fionread_counts_complete_lines)
{
	struct pty p = pty_open();
	int n = -1;

	CHANGE(p.slave, c_lflag, ECHO, 0);
	SHOW(ioctl(p.slave, FIONREAD, &n));
	note("%d", n);
	put(p.master, "line\n");
	arrived(p.slave, 5);
	SHOW(ioctl(p.slave, FIONREAD, &n));
	note("%d", n);
	put(p.master, "part");
	put(p.slave, "sync\n");
	get_until(p.master, '\n');
	SHOW(ioctl(p.slave, TIOCOUTQ, &n));
	note("%d", n);
}

TEST(control, flushing_input)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, ECHO, 0);
	put(p.master, "lost\n");
	arrived(p.slave, 5);
	SHOW(tcflush(p.slave, TCIFLUSH));
	put(p.master, "kept\n");
	note("%s", get_once(p.slave, 100));
	SHOW(tcflush(p.slave, TCOFLUSH));
	SHOW(tcflush(p.slave, TCIOFLUSH));
	SHOW(tcflush(p.slave, 9));
	SHOW(tcdrain(p.slave));
	SHOW(tcdrain(p.master));
}

TEST(control, sti_types_for_the_user)
{
	struct pty p = pty_open();

	CHANGE(p.slave, c_lflag, ECHO, 0);
	IN_CHILD({
		lead_session(&p);
		SHOW(ioctl(p.slave, TIOCSTI, "h"));
		SHOW(ioctl(p.slave, TIOCSTI, "i"));
		SHOW(ioctl(p.slave, TIOCSTI, "\n"));
		note("%s", get_once(p.slave, 100));
		SHOW(ioctl(p.slave, TIOCSTI, (void *)8));
	});
	AS_USER(1000, 1000, SHOW(ioctl(p.slave, TIOCSTI, "x")));
}

TEST(control, exclusive_mode)
{
	struct pty p = pty_open();
	int state = -1;

	SHOW(ioctl(p.slave, TIOCGEXCL, &state));
	note("%d", state);
	SHOW(ioctl(p.slave, TIOCEXCL));
	SHOW(ioctl(p.slave, TIOCGEXCL, &state));
	note("%d", state);
	chmod(p.name, 0666);
	AS_USER(1000, 1000, SHOW(open(p.name, O_RDWR | O_NOCTTY)));
	SHOW(open(p.name, O_RDWR | O_NOCTTY) >= 0);
	SHOW(ioctl(p.slave, TIOCNXCL));
	AS_USER(1000, 1000, SHOW(open(p.name, O_RDWR | O_NOCTTY) >= 0));
}

TEST(control, poll_states)
{
	struct pty p = pty_open();
	struct pollfd poller = { p.slave, POLLIN | POLLOUT, 0 };

	CHANGE(p.slave, c_lflag, ECHO, 0);
	note_poll("slave idle", &poller, 0);
	put(p.master, "line\n");
	arrived(p.slave, 5);
	note_poll("slave with a line", &poller, 0);
	poller.fd = p.master;
	note_poll("master idle", &poller, 0);
	put(p.slave, "x\n");
	poller.events = POLLIN;
	note_poll("master with data", &poller, 10000);
}

TEST(control, modem_lines_are_not_there)
{
	struct pty p = pty_open();
	int bits = 0;

	SHOW(ioctl(p.slave, TIOCMGET, &bits));
	SHOW(ioctl(p.slave, TIOCGSOFTCAR, &bits));
	SHOW(ioctl(p.slave, TIOCGSERIAL, &bits));
}

TEST(control, seeking_and_positions)
{
	struct pty p = pty_open();
	char byte;

	SHOW(lseek(p.slave, 0, SEEK_SET));
	SHOW(pread(p.slave, &byte, 1, 0));
	SHOW(ftruncate(p.slave, 0));
	SHOW(fsync(p.slave));
}

TEST(control, a_signal_interrupts_a_read)
{
	struct pty p = pty_open();
	pid_t pid;

	CHILD(pid) {
		struct sigaction action = { .sa_handler = harness_expired };
		char byte;

		harness_child = 0;
		sigaction(SIGUSR1, &action, NULL);
		SHOW(read(p.slave, &byte, 1));
		_exit(0);
	}
	wait_state(pid, 'S');
	kill(pid, SIGUSR1);
	EXPECT_CHILD_OK(pid);
}

TEST(control, output_waits_for_room_and_goes_on)
{
	struct pty p = pty_open();
	static char block[100000];
	long total = 0;
	pid_t pid;

	make_raw(p.slave);
	memset(block, 'x', sizeof(block));
	CHILD(pid) {
		close(p.master);
		SHOW(write(p.slave, block, sizeof(block)));
	}
	wait_state(pid, 'S');
	while (total < (long)sizeof(block)) {
		char part[4096];
		ssize_t n = read(p.master, part, sizeof(part));

		if (n <= 0)
			break;
		total += n;
	}
	EXPECT_CHILD_OK(pid);
	note("total %ld", total);
}
