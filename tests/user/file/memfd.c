/* SPDX-License-Identifier: MIT */
/* memfd_create(2) and file seals. */
#include "harness.h"
#include <sys/mman.h>

TEST(memfd, is_a_file_without_a_place)
{
	struct stat st;
	char path[64], text[128] = "";
	int fd = REQUIRE_OK(memfd_create("name", 0));

	SHOW(fcntl(fd, F_GETFD));
	SHOW(write(fd, "hello", 5));
	SHOW(fstat(fd, &st));
	note("mode %o size %lld nlink %lu", st.st_mode, (long long)st.st_size,
	     (unsigned long)st.st_nlink);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	SHOW(readlink(path, text, sizeof(text)));
	note("%s", text);
	SHOW(fcntl(memfd_create("", MFD_CLOEXEC), F_GETFD));
}

TEST(memfd, name_and_flags_are_checked)
{
	char name[260];

	memset(name, 'n', sizeof(name));
	name[250] = 0;
	SHOW(memfd_create(name, 0));
	name[249] = 0;
	EXPECT_OK(memfd_create(name, 0));
	SHOW(memfd_create("x", 0x100));
	SHOW(memfd_create(NULL, 0));
}

TEST(memfd, without_allow_sealing_it_is_sealed_against_seals)
{
	int fd = memfd_create("x", 0);

	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
}

TEST(memfd, size_seals)
{
	int fd = memfd_create("x", MFD_ALLOW_SEALING);

	SHOW(fcntl(fd, F_GET_SEALS));
	write_all(fd, "0123456789", 10);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	SHOW(ftruncate(fd, 5));
	SHOW(ftruncate(fd, 20));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	SHOW(ftruncate(fd, 30));
	SHOW(pwrite(fd, "zz", 2, 19));
	SHOW(pwrite(fd, "zz", 2, 20));
	SHOW(fallocate(fd, 0, 0, 40));
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(fd, F_ADD_SEALS, 0x100));
}

TEST(memfd, write_seals_and_mappings)
{
	int fd = memfd_create("x", MFD_ALLOW_SEALING);
	char *map;

	ftruncate(fd, 4096);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(map, 4096);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(write(fd, "x", 1));
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 10));
	SHOW((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_TRUE(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
	EXPECT_TRUE(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) != MAP_FAILED);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	SHOW(fcntl(fd, F_GET_SEALS));
}

TEST(memfd, future_write_spares_existing_mappings)
{
	int fd = memfd_create("x", MFD_ALLOW_SEALING);
	char *map;

	ftruncate(fd, 4096);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	map[0] = 'a';
	SHOW(write(fd, "x", 1));
	SHOW((long)mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0));
	SHOW(map[0]);
}

TEST(memfd, seals_need_a_writable_descriptor)
{
	char path[64];
	int fd = memfd_create("x", MFD_ALLOW_SEALING), ro;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = REQUIRE_OK(open(path, O_RDONLY));
	SHOW(fcntl(ro, F_ADD_SEALS, F_SEAL_GROW));
	SHOW(fcntl(ro, F_GET_SEALS));
}

TEST(memfd, can_be_executed_by_descriptor)
{
	char buffer[65536];
	int in = open("/proc/self/exe", O_RDONLY), fd = memfd_create("program", 0);
	ssize_t n;
	pid_t pid;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		write_all(fd, buffer, n);
	CHILD(pid) {
		char *argv[] = { "program", "no such test", NULL }, *envp[] = { NULL };

		fexecve(fd, argv, envp);
		fail("fexecve: %s", errno_name(errno));
	}
	note("%s", status_name(child_status(pid)));
}
