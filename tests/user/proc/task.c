/* SPDX-License-Identifier: MIT */
/* /proc/PID/task: threads as directories. */
#include "shape.h"
#include <pthread.h>
#include <sys/prctl.h>

static int ready[2], go[2];

static void *thread(void *argument)
{
	char byte;

	prctl(PR_SET_NAME, argument);
	write_all(ready[1], "x", 1);
	EXPECT_EQ(read(go[0], &byte, 1), 1);
	return NULL;
}

static int entries(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);
	int count = 0;

	while (d && (e = readdir(d)))
		count += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return count;
}

TEST(task, one_directory_a_thread)
{
	pthread_t threads[3];
	struct dirent *e;
	char byte, path[300];
	int named = 0;
	DIR *d;

	REQUIRE_OK(pipe(ready));
	REQUIRE_OK(pipe(go));
	SHOW(entries("/proc/self/task"));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(pthread_create(&threads[i], NULL, thread, "worker"), 0);
		EXPECT_EQ(read(ready[0], &byte, 1), 1);
	}
	SHOW(entries("/proc/self/task"));
	note("Threads: %s", field("/proc/self/status", "Threads"));
	d = opendir("/proc/self/task");
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", e->d_name);
		named += strcmp(get_file(path), "worker\n") == 0;
		snprintf(path, sizeof(path), "/proc/self/task/%s/status", e->d_name);
		EXPECT_EQ(atoi(field(path, "Tgid")), getpid());
		EXPECT_EQ(atoi(field(path, "Pid")), atoi(e->d_name));
		/* A thread's number is a directory of /proc, too, though not listed there. */
		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		EXPECT_OK(access(path, R_OK));
	}
	closedir(d);
	note("named worker %d", named);
	for (int i = 0; i < 3; i++)
		write_all(go[1], "x", 1);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

TEST(task, a_foreign_number_is_not_there)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d", getppid());
	SHOW(access(path, F_OK));
	SHOW(access("/proc/self/task/x", F_OK));
	SHOW(access("/proc/self/task/0", F_OK));
}
