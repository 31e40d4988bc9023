/* SPDX-License-Identifier: MIT */
/*
 * ptyrun: run a command on a pseudo-terminal of its own and type at it.
 *
 *	ptyrun COMMAND <script		COMMAND by sh -c
 *	ptyrun -s <script		an interactive shell with the prompt "$ "
 *
 * The script, one step a line:
 *	expect TEXT	wait until TEXT appears in what came since the last expect
 *	send TEXT	type it; \r \n \t \xNN are understood
 *	sync MS		wait until nothing has come for so many milliseconds
 *	size R C	change the window size
 *	close		hang up
 *	end		wait for the command to end
 * At the end of the script it waits for the command as well. No step waits more than 15 s.
 *
 * Prints what the command wrote, without \r and with control characters as ^X, then its status
 * when that is not 0. A plain Linux program: the transcript is the same on every kernel.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 15000
#define QUIET_MS 100

static char got[1 << 20];	/* everything received */
static size_t ngot;
static size_t mark;		/* where the next expect starts to look */
static int master = -1;
static int hung;		/* the other side has gone */

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Receive for at most @ms; returns whether something came. */
static int receive(long ms)
{
	struct pollfd p = { .fd = master, .events = POLLIN };
	ssize_t n;

	if (hung || poll(&p, 1, ms) <= 0)
		return 0;
	n = read(master, got + ngot, sizeof(got) - ngot - 1);
	if (n <= 0) {
		hung = 1;
		return 0;
	}
	ngot += n;
	return 1;
}

static int expect(const char *text)
{
	long end = now_ms() + STEP_MS;

	for (;;) {
		char *at = memmem(got + mark, ngot - mark, text, strlen(text));

		if (at) {
			mark = at - got + strlen(text);
			return 0;
		}
		if (hung || now_ms() >= end)
			return -1;
		receive(end - now_ms());
	}
}

/*
 * Until nothing has come for @ms: what the command writes then stands before the echo of what is
 * typed next, whatever the speed of the machine.
 */
static void settle(long ms)
{
	while (receive(ms))
		;
}

static void type_text(const char *s)
{
	char buf[512];
	size_t n = 0;

	settle(QUIET_MS);
	while (*s && n < sizeof(buf)) {
		unsigned int c;

		if (*s != '\\') {
			buf[n++] = *s++;
			continue;
		}
		switch (s[1]) {
		case 'r':
			buf[n++] = '\r';
			break;
		case 'n':
			buf[n++] = '\n';
			break;
		case 't':
			buf[n++] = '\t';
			break;
		case 'x':
			if (sscanf(s + 2, "%2x", &c) == 1)
				buf[n++] = c;
			s += 2;
			break;
		default:
			buf[n++] = s[1];
		}
		s += 2;
	}
	if (write(master, buf, n) != (ssize_t)n)
		perror("ptyrun: write");
}

static void show(void)
{
	for (size_t i = 0; i < ngot; i++) {
		unsigned char c = got[i];

		if (c == '\r')
			continue;
		if (c == '\n' || c == '\t' || (c >= ' ' && c < 127))
			putchar(c);
		else if (c < ' ' || c == 127)
			printf("^%c", c ^ 64);
		else
			printf("\\x%02x", c);
	}
	if (ngot && got[ngot - 1] != '\n')
		putchar('\n');
}

static pid_t start(int argc, char **argv)
{
	struct winsize ws = { .ws_row = 24, .ws_col = 80 };
	const char *name;
	pid_t pid;

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) || unlockpt(master) || !(name = ptsname(master))) {
		perror("ptyrun: /dev/ptmx");
		exit(125);
	}
	ioctl(master, TIOCSWINSZ, &ws);
	pid = fork();
	if (pid)
		return pid;
	setsid();
	int slave = open(name, O_RDWR);

	if (slave < 0) {
		perror("ptyrun: slave");
		_exit(125);
	}
	ioctl(slave, TIOCSCTTY, 0);
	dup2(slave, 0);
	dup2(slave, 1);
	dup2(slave, 2);
	if (slave > 2)
		close(slave);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	if (argc > 1 && strcmp(argv[1], "-s") == 0) {
		setenv("PS1", "$ ", 1);
		setenv("TERM", "dumb", 1);
		execl("/bin/sh", "sh", "-i", (char *)NULL);
	} else if (argc > 1) {
		execl("/bin/sh", "sh", "-c", argv[1], (char *)NULL);
	}
	_exit(127);
}

/* Wait for the command, taking in what it still writes; kill it after STEP_MS. */
static int finish(pid_t pid)
{
	long end = now_ms() + STEP_MS;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now_ms() >= end) {
			printf("[still running]\n");
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			break;
		}
		if (!receive(50))
			usleep(hung ? 20000 : 0);
	}
	while (master >= 0 && receive(100))
		;
	return status;
}

int main(int argc, char **argv)
{
	char line[512];
	char failed[600] = "";
	int status;
	pid_t pid = start(argc, argv);

	signal(SIGPIPE, SIG_IGN);
	while (!failed[0] && fgets(line, sizeof(line), stdin)) {
		struct winsize ws = { 0 };

		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "expect ", 7) == 0) {
			if (expect(line + 7))
				snprintf(failed, sizeof(failed), "[never came: %s]\n", line + 7);
		} else if (strncmp(line, "send ", 5) == 0) {
			type_text(line + 5);
		} else if (strncmp(line, "sync ", 5) == 0) {
			settle(atoi(line + 5));
		} else if (sscanf(line, "size %hu %hu", &ws.ws_row, &ws.ws_col) == 2) {
			settle(QUIET_MS);
			ioctl(master, TIOCSWINSZ, &ws);
		} else if (strcmp(line, "close") == 0) {
			settle(QUIET_MS);
			close(master);
			master = -1;
			hung = 1;
		} else if (strcmp(line, "end") == 0) {
			break;
		} else {
			snprintf(failed, sizeof(failed), "[no such step: %s]\n", line);
		}
	}
	if (failed[0])
		kill(pid, SIGKILL);
	status = finish(pid);
	show();
	fputs(failed, stdout);
	if (WIFSIGNALED(status))
		printf("[killed by signal %d]\n", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		printf("[status %d]\n", WEXITSTATUS(status));
	return 0;
}
