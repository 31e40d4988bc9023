/* SPDX-License-Identifier: MIT */
/* What a crashed program held is given back: descriptors, locks, memory, children, futexes, terminals. */
#include "../harness.h"
#include "../process/util.h"
#include <pthread.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static void crash(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	*(volatile int *)wild(0) = 1;
}

TEST(aftermath, pipes_are_closed)
{
	int pipes[2];
	char byte;
	pid_t pid;

	EXPECT_OK(pipe(pipes));
	CHILD(pid)
		crash();
	close(pipes[1]);
	EXPECT_EQ(read(pipes[0], &byte, 1), 0);
	note("%s", status_name(child_status(pid)));
}

TEST(aftermath, locks_are_released)
{
	struct flock lock = { .l_type = F_WRLCK };
	struct gate ready = gate_make(), go = gate_make();
	pid_t pid;

	put_file("a", "x");
	put_file("b", "x");
	CHILD(pid) {
		EXPECT_OK(flock(open("a", O_RDWR), LOCK_EX));
		EXPECT_OK(fcntl(open("b", O_RDWR), F_SETLK, &lock));
		gate_open(&ready);
		gate_wait(&go);
		crash();
	}
	gate_wait(&ready);
	int a = open("a", O_RDWR), b = open("b", O_RDWR);

	EXPECT_ERRNO(flock(a, LOCK_EX | LOCK_NB), EAGAIN);
	EXPECT_ERRNO(fcntl(b, F_SETLK, &lock), EAGAIN);
	gate_open(&go);
	EXPECT_OK(flock(a, LOCK_EX));
	EXPECT_OK(fcntl(b, F_SETLKW, &lock));
	note("%s", status_name(child_status(pid)));
}

TEST(aftermath, children_find_a_new_parent)
{
	int *shared = shared_memory(4096);
	struct gate gate = gate_make();
	pid_t pid;
	int status;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(pid) {
		pid_t inner;

		CHILD(inner) {
			gate_wait(&gate);
			_exit(5);
		}
		shared[0] = inner;
		crash();
	}
	note("%s", status_name(child_status(pid)));
	gate_open(&gate);
	EXPECT_EQ(waitpid(shared[0], &status, 0), shared[0]);
	note("%s", status_name(status));
}

TEST(aftermath, shared_memory_and_files_keep_what_was_written)
{
	char *s = shared_memory(4096);
	int fd = temp_fd();
	char *f, text[6] = "";
	pid_t pid;

	EXPECT_OK(ftruncate(fd, 4096));
	f = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHILD(pid) {
		strcpy(s, "memory");
		strcpy(f, "file");
		crash();
	}
	child_status(pid);
	EXPECT_EQ(pread(fd, text, 5, 0), 5);
	note("%s %s", s, text);
}

TEST(aftermath, a_handler_may_leave_in_good_order)
{
	pid_t pid;

	CHILD(pid) {
		struct sigaction action = { .sa_handler = _exit };

		sigaction(SIGSEGV, &action, NULL);
		crash();
	}
	note("%s", status_name(child_status(pid)));
}

static int pipes_of_thread[2];

static void *blocks(void *arg)
{
	char byte;

	(void)!read(pipes_of_thread[0], &byte, 1);
	return arg;
}

TEST(aftermath, another_thread_was_in_the_middle_of_a_system_call)
{
	for (int i = 0; i < 20; i++) {
		pid_t pid;

		EXPECT_OK(pipe(pipes_of_thread));
		CHILD(pid) {
			pthread_t thread;

			pthread_create(&thread, NULL, blocks, NULL);
			crash();
		}
		EXPECT_EQ(WTERMSIG(child_status(pid)), SIGSEGV);
		close(pipes_of_thread[0]);
		close(pipes_of_thread[1]);
	}
}

TEST(aftermath, proc_shows_the_zombie_until_it_is_reaped)
{
	char path[64];
	struct stat st;
	pid_t pid;

	CHILD(pid)
		crash();
	EXPECT_TRUE(wait_state(pid, 'Z'));
	snprintf(path, sizeof(path), "/proc/%d", pid);
	EXPECT_OK(stat(path, &st));
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	EXPECT_STR(get_file(path), "");
	child_status(pid);
	snprintf(path, sizeof(path), "/proc/%d", pid);
	EXPECT_ERRNO(stat(path, &st), ENOENT);
}
