/* SPDX-License-Identifier: MIT */
/* musl's processes: posix_spawn (clone with CLONE_VFORK), system-like waits, signals, time, getcwd, directories. */
#define HARNESS_EXEC spawned
#include "harness.h"
#include <dirent.h>
#include <spawn.h>
#include <sys/utsname.h>

extern char **environ;

static int spawned(int argc, char **argv)
{
	note("%s %s %s", argv[1] + 1, argc > 2 ? argv[2] : "-", getenv("VARIABLE") ? getenv("VARIABLE") : "unset");
	return 3;
}

TEST(proc, posix_spawn_runs_a_program)
{
	char *argv[] = { "self", "@spawned", "argument", NULL }, *envp[] = { "VARIABLE=value", NULL };
	pid_t pid = -1;
	int status = -1;

	EXPECT_EQ(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, envp), 0);
	SHOW(waitpid(pid, &status, 0) == pid);
	note("%s", status_name(status));
	note("%s", errno_name(posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, envp)));
}

TEST(proc, spawn_file_actions)
{
	char *argv[] = { "self", "@redirected", NULL }, *envp[] = { NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "out", O_CREAT | O_WRONLY, 0644);
	EXPECT_EQ(posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, envp), 0);
	note("%s", status_name(child_status(pid)));
	note("out: %.*s", (int)strcspn(get_file("out"), "\n"), get_file("out"));
}

static volatile sig_atomic_t caught;

static void on_signal(int number, siginfo_t *info, void *context)
{
	caught = number * 1000 + info->si_value.sival_int;
}

TEST(proc, signals_without_a_restorer_of_libc)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	union sigval value = { .sival_int = 7 };

	SHOW(sigaction(SIGUSR1, &action, NULL));
	SHOW(raise(SIGUSR1));
	note("%d", caught / 1000 == SIGUSR1);
	SHOW(sigqueue(getpid(), SIGUSR1, value));
	note("%d", caught == SIGUSR1 * 1000 + 7);
	SHOW(sigaction(32, &action, NULL));
}

TEST(proc, directories_and_names)
{
	struct utsname name;
	struct dirent *e;
	char *cwd = getcwd(NULL, 0);
	int count = 0;
	DIR *d;

	SHOW(cwd != NULL);
	put_file("a", "");
	put_file("b", "");
	d = opendir(".");
	while ((e = readdir(d)))
		count++;
	closedir(d);
	note("entries %d", count);
	SHOW(uname(&name));
	note("%s %s", name.sysname, name.machine);
	char *real = realpath("./a", NULL);
	SHOW(real && strcmp(real + strlen(real) - 2, "/a") == 0);
}

TEST(proc, clocks_run)
{
	struct timespec a, b, wait = { 0, 20000000 };

	SHOW(clock_gettime(CLOCK_MONOTONIC, &a));
	SHOW(nanosleep(&wait, NULL));
	SHOW(clock_gettime(CLOCK_MONOTONIC, &b));
	SHOW((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 >= 20);
	SHOW(time(NULL) > 1600000000);
	SHOW(clock_gettime(99, &a));
}

TEST(proc, memory_comes_and_goes)
{
	static void *blocks[1000];
	int bad = 0;

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 1000; i++) {
			blocks[i] = malloc(i * 37 + 1);
			memset(blocks[i], i, i * 37 + 1);
		}
		for (int i = 0; i < 1000; i++) {
			unsigned char *p = blocks[i];

			bad += p[0] != (unsigned char)i || p[i * 37] != (unsigned char)i;
			free(p);
		}
	}
	void *big = malloc(64 << 20);
	SHOW(big != NULL);
	big = realloc(big, 128 << 20);
	SHOW(big != NULL);
	free(big);
	note("bad %d", bad);
}
