/* SPDX-License-Identifier: MIT */
/*
 * The one lock order of the kernel. A CPU (spinlocks) or a task (sleeping locks) may take a lock only
 * when its rank is higher than that of every lock it holds; the debug build asserts it. Two locks of
 * one rank are taken by the _nested forms, in an order that the owner's file states.
 * docs/locking.md is generated from this list: keep one line a rank, and say what it protects.
 */
#pragma once

enum lockrank {
	LR_NONE = 0,		/* not checked: early boot, tests */

	/* Sleeping locks, outermost first. */
	LR_FPOS,		/* file->pos_lock: held around a whole read, write, getdents */
	LR_SEQ,			/* text of a /proc file being made; reading the log */
	LR_MOUNT_SEM,		/* mount topology changes (mount, umount, pivot_root) */
	LR_EXEC,		/* proc->exec_lock: one exec or credential change at a time */
	LR_RENAME,		/* sb->rename_mutex: renames across directories */
	LR_PIPE,		/* pipe->lock: the ring (two pipes by address: _nested); a splice writes a file under it */
	LR_INODE_DIR,		/* inode->rwsem of a directory (parents before children: _nested) */
	LR_INODE,		/* inode->rwsem of a file: size, contents against truncation */
	LR_TTY,			/* tty termios and ldisc change */
	LR_TTY_READ,		/* one reader at a time */
	LR_TTY_WRITE,		/* one writer at a time */
	LR_TTY_LDISC,		/* line discipline: input buffer, editing, echo */
	LR_TTY_OUTPUT,		/* output processing: columns, order of echo and writes */
	LR_TTY_PTY,		/* what a pty's slave has written and its master not read */
	LR_EPOLL_NEST,		/* epoll loop check */
	LR_EPOLL,		/* epoll instance's tree */
	LR_SOCKET,		/* socket state */
	LR_NET,			/* net_lock: the protocol stack, network devices, routes */
	LR_MM,			/* mm->lock (rwsem): the map of areas */
	LR_MAPPING,		/* page_cache->map_lock (rwsem): who maps a file; truncation */
	LR_PAGE_IO,		/* page contents being filled */
	LR_WORK,		/* work queues and other low-level mutexes */
	LR_MUTEX_LEAF,		/* a mutex under which no other sleeping lock is taken */

	/* Spinlocks; from here on nothing may sleep. */
	LR_SPIN,		/* first spin rank (never used itself) */
	LR_IPC_IDS,		/* tables of System V objects */
	LR_IPC_UNDO,		/* a process's semaphore adjustments */
	LR_IPC,			/* one System V object, with its waiters */
	LR_FILES,		/* files->lock: fd table changes */
	LR_FS,			/* task's cwd, root, umask */
	LR_MOUNT,		/* mount hash and lists */
	LR_DCACHE_RENAME,	/* rename_lock seqlock writers */
	LR_DENTRY,		/* dentry->lock (parent before child: _nested) */
	LR_DCACHE_HASH,		/* chains of the dentry hash */
	LR_DCACHE_LRU,		/* unused dentries */
	LR_INODE_LIST,		/* sb's inodes */
	LR_INODE_SPIN,		/* inode->lock: refs, times, flock lists */
	LR_FLOCK,		/* all file locks */
	LR_EPOLL_READY,		/* epoll ready list; taken from wake-ups */
	LR_PAGE_CACHE,		/* page_cache->lock: tree changes */
	LR_PT,			/* mm->pt_lock: page tables */
	LR_VM_BLOCK,		/* a 2 MiB block that address spaces share: who maps it how */
	LR_PROC_TREE,		/* proc_tree_lock: parents, children, groups, sessions */
	LR_PID,			/* pid allocation and hash */
	LR_TTY_CTRL,		/* tty->ctrl_lock: session, pgrp, flow control */
	LR_SIGHAND,		/* proc->siglock: actions, pending signals */
	LR_CPUTIMER,		/* posix timers */
	LR_TTY_BUF,		/* tty buffers, from the interrupt */
	LR_FUTEX,		/* futex buckets (two by address: _nested) */
	LR_UNIX_GC,		/* descriptors in flight over Unix sockets */
	LR_UNIX_TABLE,		/* names and list of Unix sockets */
	LR_UNIX,		/* one Unix socket: queue, peer, state (two by address: _nested) */
	LR_UNIX_FULL,		/* who waits for room in whose queue */
	LR_NETLINK_TABLE,	/* list of netlink sockets, their numbers and groups */
	LR_NETLINK,		/* one netlink socket's queue */
	LR_PACKET_RING,		/* a packet socket's rings: which there are, who maps them */
	LR_SOCKET_PEER,		/* socket->peer_lock: SO_PEERCRED */
	LR_WAITQ,		/* wait queues; the wake-up callback may take those below */
	LR_WAITQ_INNER,		/* wait queues woken from a wake-up callback (epoll's own) */
	LR_SEM,			/* inside mutex and rwsem */
	LR_TIMER,		/* timer bases */
	LR_PI,			/* pi_lock: who waits for whose lock */
	LR_RUNQ,		/* run queues (two by cpu number: _nested) */
	LR_RCU,			/* call-back lists */
	LR_WORKQ,		/* work lists */
	LR_IRQ,			/* interrupt descriptors */
	LR_SLAB,		/* object caches */
	LR_VMALLOC,		/* kernel address ranges */
	LR_PAGES,		/* buddy lists */
	LR_ASID,		/* address-space numbers */
	LR_KPT,			/* kernel page tables */
	LR_DEVICE,		/* leaf device state */
	LR_RANDOM,		/* generator state */
	LR_PRINTK,		/* log ring */
	LR_CONSOLE,		/* console hardware */
	LR_LEAF,		/* taken with anything held, takes nothing */
	LR_COUNT
};
