/* SPDX-License-Identifier: MIT */
/* process_vm_readv and process_vm_writev, and /proc/PID/mem. */
#include "../harness.h"
#include "../process/util.h"
#include <sys/prctl.h>
#include <sys/uio.h>

#define PAGE 4096UL

static char *data;

static pid_t sleeper(void)
{
	struct gate ready = gate_make();
	pid_t pid;

	if (!data)
		data = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHILD(pid) {
		strcpy(data, "child's own text");
		strcpy(data + PAGE, "second page");
		mprotect(data + 2 * PAGE, PAGE, PROT_READ);
		munmap(data + 3 * PAGE, PAGE);
		gate_open(&ready);
		for (;;)
			pause();
	}
	gate_wait(&ready);
	return pid;
}

TEST(process_vm, read_and_write)
{
	pid_t pid = sleeper();
	char buffer[64] = "";
	struct iovec local = { buffer, 16 }, remote = { data, 16 };

	EXPECT_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), 16);
	note("%s", buffer);
	note("ours: \"%s\"", data);
	strcpy(buffer, "changed from out");
	EXPECT_EQ(process_vm_writev(pid, &local, 1, &remote, 1, 0), 16);
	memset(buffer, 0, sizeof(buffer));
	EXPECT_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), 16);
	note("%s", buffer);
	kill(pid, SIGKILL);
	child_status(pid);
	EXPECT_ERRNO(process_vm_readv(pid, &local, 1, &remote, 1, 0), ESRCH);
}

TEST(process_vm, vectors)
{
	pid_t pid = sleeper();
	char a[4] = "", b[32] = "";
	struct iovec local[2] = { { a, 3 }, { b, 20 } };
	struct iovec remote[2] = { { data, 5 }, { data + PAGE, 11 } };

	EXPECT_EQ(process_vm_readv(pid, local, 2, remote, 2, 0), 16);
	note("%s %s", a, b);
	EXPECT_EQ(process_vm_readv(pid, local, 0, remote, 2, 0), 0);
	EXPECT_EQ(process_vm_readv(pid, local, 2, remote, 0, 0), 0);
	EXPECT_ERRNO(process_vm_readv(pid, local, 1025, remote, 1, 0), EINVAL);
	EXPECT_ERRNO(process_vm_readv(pid, local, 1, remote, 1025, 0), EINVAL);
	EXPECT_ERRNO(process_vm_readv(pid, local, 1, remote, 1, 1), EINVAL);
	EXPECT_ERRNO(process_vm_readv(pid, wild(8), 1, remote, 1, 0), EFAULT);
	EXPECT_ERRNO(process_vm_readv(pid, local, 1, wild(8), 1, 0), EFAULT);
	EXPECT_ERRNO(process_vm_readv(0x7ffffff, local, 1, remote, 1, 0), ESRCH);
	kill(pid, SIGKILL);
	child_status(pid);
}

TEST(process_vm, bad_remote_memory)
{
	pid_t pid = sleeper();
	char buffer[2 * PAGE];
	struct iovec local = { buffer, 2 * PAGE }, remote = { data + 3 * PAGE, 16 };

	EXPECT_ERRNO(process_vm_readv(pid, &local, 1, &remote, 1, 0), EFAULT);
	/* What could be read before the hole is reported. */
	remote = (struct iovec){ data + 2 * PAGE, 2 * PAGE };
	EXPECT_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), (long)PAGE);
	EXPECT_ERRNO(process_vm_writev(pid, &local, 1, &remote, 1, 0), EFAULT);
	remote = (struct iovec){ data + PAGE, 2 * PAGE };
	note("write into a read-only page: %s", RESULT(process_vm_writev(pid, &local, 1, &remote, 1, 0)));
	kill(pid, SIGKILL);
	child_status(pid);
}

TEST(process_vm, permission)
{
	pid_t pid = sleeper(), mine;
	char buffer[16];
	struct iovec local = { buffer, 16 }, remote = { data, 16 };
	struct gate ready = gate_make();

	AS_USER(1000, 1000, EXPECT_ERRNO(process_vm_readv(pid, &local, 1, &remote, 1, 0), EPERM));
	kill(pid, SIGKILL);
	child_status(pid);
	CHILD(mine) {
		harness_become(1000, 1000);
		prctl(PR_SET_DUMPABLE, 1);
		gate_open(&ready);
		for (;;)
			pause();
	}
	gate_wait(&ready);
	AS_USER(1000, 1000, EXPECT_EQ(process_vm_readv(mine, &local, 1, &remote, 1, 0), 16));
	AS_USER(1001, 1001, EXPECT_ERRNO(process_vm_readv(mine, &local, 1, &remote, 1, 0), EPERM));
	kill(mine, SIGKILL);
	child_status(mine);
}

TEST(process_vm, own_memory_by_proc_mem)
{
	char text[] = "abcdef", buffer[8] = "";
	char *ro = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = REQUIRE_OK(open("/proc/self/mem", O_RDWR));

	EXPECT_EQ(pread(fd, buffer, 6, (off_t)text), 6);
	note("%s", buffer);
	EXPECT_EQ(pwrite(fd, "XY", 2, (off_t)text + 2), 2);
	note("%s", text);
	EXPECT_ERRNO(pread(fd, buffer, 6, 8), EIO);
	/* The file may be written where the program itself may not: a copy is made. */
	note("read-only page: %s", RESULT(pwrite(fd, "Z", 1, (off_t)ro)));
	note("%c", ro[0] ? ro[0] : '0');
}
