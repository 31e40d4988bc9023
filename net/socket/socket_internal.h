/* SPDX-License-Identifier: MIT */
/* Inside net/socket only. */
#pragma once
#include <net/socket.h>

struct fd;
/* A descriptor that is a socket; give it back by fd_put(). NULL with *err: -EBADF, -ENOTSOCK. */
struct socket *socket_fd_get(int fd, struct fd *f, int *err);
/* An address from the user. The rest of *a is zeroed. */
int socket_addr_in(struct sockaddr_storage *a, const void __user *uaddr, int len) __must_check;
int socket_sol_set(struct socket *s, int name, const void __user *val, unsigned len);
int socket_sol_get(struct socket *s, int name, void __user *val, int __user *len);
long socket_dev_ioctl(unsigned cmd, void __user *arg);
ssize_t socket_splice_read(struct file *f, loff_t *pos, struct pipe *p, size_t len, unsigned flags);
