/* SPDX-License-Identifier: MIT */
/* Wild pointers to the calls on files and paths. Each answers what Linux answers, and nothing else happens. */
#include "../harness.h"
#include "wild.h"
#include <fcntl.h>
#include <sys/uio.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <sys/inotify.h>

static int fd, pipes[2], dirfd_;

static void setup(void)
{
	wild_setup();
	fd = temp_fd();
	write_all(fd, "0123456789abcdef", 16);
	REQUIRE_OK(pipe(pipes));
	write_all(pipes[1], "0123456789abcdef", 16);
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	fcntl(pipes[1], F_SETFL, O_NONBLOCK);
	dirfd_ = REQUIRE_OK(open(".", O_RDONLY | O_DIRECTORY));
	put_file("file", "x");
}

CALL(paths_0, syscall(SYS_openat, AT_FDCWD, p, O_RDONLY))
CALL(paths_1, syscall(SYS_mkdirat, AT_FDCWD, p, 0755))
CALL(paths_2, syscall(SYS_unlinkat, AT_FDCWD, p, 0))
CALL(paths_3, syscall(SYS_symlinkat, p, AT_FDCWD, "file"))
CALL(paths_4, syscall(SYS_symlinkat, "t", AT_FDCWD, p))
CALL(paths_5, syscall(SYS_linkat, AT_FDCWD, "file", AT_FDCWD, p, 0))
CALL(paths_6, syscall(SYS_renameat2, AT_FDCWD, p, AT_FDCWD, "new", 0))
CALL(paths_7, syscall(SYS_faccessat, AT_FDCWD, p, R_OK))
CALL(paths_8, syscall(SYS_fchmodat, AT_FDCWD, p, 0644))
CALL(paths_9, syscall(SYS_fchownat, AT_FDCWD, p, 0, 0, 0))
CALL(paths_10, syscall(SYS_truncate, p, 0))
CALL(paths_11, syscall(SYS_chdir, p))
CALL(paths_12, syscall(SYS_chroot, p))
CALL(paths_13, syscall(SYS_mknodat, AT_FDCWD, p, S_IFREG | 0644, 0))
CALL(paths_14, syscall(SYS_readlinkat, AT_FDCWD, p, (char[8]){ 0 }, 8))
CALL(paths_15, syscall(SYS_umount2, p, 0))
CALL(paths_16, syscall(SYS_statfs, p, (char[256]){ 0 }))
CALL(paths_17, syscall(SYS_memfd_create, p, 0))

TEST(wild_files, paths)
{
	setup();
	wild_try("openat", paths_0);
	wild_try("mkdirat", paths_1);
	wild_try("unlinkat", paths_2);
	wild_try("symlinkat target", paths_3);
	wild_try("symlinkat name", paths_4);
	wild_try("linkat", paths_5);
	wild_try("renameat2", paths_6);
	wild_try("faccessat", paths_7);
	wild_try("fchmodat", paths_8);
	wild_try("fchownat", paths_9);
	wild_try("truncate", paths_10);
	wild_try("chdir", paths_11);
	wild_try("chroot", paths_12);
	wild_try("mknodat", paths_13);
	wild_try("readlinkat path", paths_14);
	wild_try("umount2", paths_15);
	wild_try("statfs path", paths_16);
	wild_try("memfd_create", paths_17);
}

CALL(results_0, syscall(SYS_fstat, fd, p))
CALL(results_1, syscall(SYS_newfstatat, AT_FDCWD, "file", p, 0))
CALL(results_2, syscall(SYS_statx, AT_FDCWD, "file", 0, 0xfff, p))
CALL(results_3, syscall(SYS_fstatfs, fd, p))
CALL(results_4, syscall(SYS_getcwd, p, 4096))
CALL(results_5, syscall(SYS_readlinkat, AT_FDCWD, "/proc/self", p, 100))
CALL(results_6, (lseek(dirfd_, 0, SEEK_SET), syscall(SYS_getdents64, dirfd_, p, 4096)))
CALL(results_7, syscall(SYS_pipe2, p, O_CLOEXEC))
CALL(results_8, syscall(SYS_fcntl, fd, F_GETLK, p))

TEST(wild_files, results)
{
	setup();
	wild_try("fstat", results_0);
	wild_try("newfstatat", results_1);
	wild_try("statx", results_2);
	wild_try("fstatfs", results_3);
	wild_try("getcwd", results_4);
	wild_data("readlinkat", results_5);
	wild_try("getdents64", results_6);
	wild_try("pipe2", results_7);
	wild_try("flock F_GETLK", results_8);
}

CALL(data_0, (lseek(fd, 0, SEEK_SET), syscall(SYS_read, fd, p, 16)))
CALL(data_1, (lseek(fd, 0, SEEK_SET), syscall(SYS_write, fd, p, 16)))
CALL(data_2, syscall(SYS_pread64, fd, p, 16, 0))
CALL(data_3, syscall(SYS_pwrite64, fd, p, 16, 0))
CALL(data_4, (write(pipes[1], "0123456789abcdef", 16), syscall(SYS_read, pipes[0], p, 16)))
CALL(data_5, syscall(SYS_write, pipes[1], p, 16))
CALL(data_6, (lseek(fd, 0, SEEK_SET), syscall(SYS_readv, fd, p, 2)))
CALL(data_7, syscall(SYS_writev, fd, p, 2))
CALL(data_8, (lseek(fd, 0, SEEK_SET), syscall(SYS_readv, fd, &(struct iovec){ p, 16 }, 1)))
CALL(data_9, syscall(SYS_writev, fd, &(struct iovec){ p, 16 }, 1))
CALL(data_10, syscall(SYS_read, fd, p, 0))
CALL(data_11, syscall(SYS_write, fd, p, 0))
CALL(data_12, syscall(SYS_read, open("/dev/zero", O_RDONLY | O_CLOEXEC), p, 16))
CALL(data_13, syscall(SYS_write, open("/dev/null", O_WRONLY | O_CLOEXEC), p, 16))
CALL(data_14, syscall(SYS_sendfile, pipes[1], fd, p, 1))
CALL(data_15, syscall(SYS_utimensat, AT_FDCWD, "file", p, 0))
CALL(data_16, syscall(SYS_getrandom, p, 16, 0))
CALL(data_17, syscall(SYS_fgetxattr, fd, p, (char[8]){ 0 }, 8))

TEST(wild_files, data)
{
	setup();
	wild_data("read", data_0);
	wild_data("write", data_1);
	wild_data("pread64", data_2);
	wild_data("pwrite64", data_3);
	wild_data("read of a pipe", data_4);
	wild_data("write to a pipe", data_5);
	wild_try("readv vector", data_6);
	wild_try("writev vector", data_7);
	wild_data("readv buffer", data_8);
	wild_data("writev buffer", data_9);
	wild_try("read of nothing", data_10);
	wild_try("write of nothing", data_11);
	wild_data("read of /dev/zero", data_12);
	wild_try("write to /dev/null", data_13);
	wild_try("sendfile offset", data_14);
	wild_try("utimensat times", data_15);
	wild_data("getrandom", data_16);
	wild_try("fgetxattr name", data_17);
}
