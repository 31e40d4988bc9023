#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write a newc cpio archive from a list, without root and the same bytes every time.

usage: mkcpio.py [-o OUT] [LIST...]      (standard input without LIST)

One entry a line; `#' starts a comment. Paths may not contain blanks.
    dir   PATH MODE UID GID
    file  PATH HOSTFILE MODE UID GID [HARDLINK...]
    slink PATH TARGET MODE UID GID
    nod   PATH MODE UID GID b|c MAJOR MINOR
    pipe  PATH MODE UID GID
    sock  PATH MODE UID GID
    tree  PATH HOSTDIR                     everything below HOSTDIR, owned by root
"""
import os
import stat
import sys


class Archive:
    def __init__(self, out):
        self.out = out
        self.ino = 721
        self.at = 0

    def put(self, data):
        self.out.write(data)
        self.at += len(data)

    def pad(self):
        self.put(b"\0" * (-self.at % 4))

    def entry(self, path, mode, uid, gid, data=b"", nlink=1, rmajor=0, rminor=0, ino=None, mtime=0):
        if ino is None:
            self.ino += 1
            ino = self.ino
        name = os.fsencode(path.lstrip("/")) or b"."
        fields = (ino, mode, uid, gid, nlink, mtime, len(data), 3, 1, rmajor, rminor, len(name) + 1, 0)
        self.put(b"070701" + b"".join(b"%08X" % f for f in fields) + name + b"\0")
        self.pad()
        self.put(data)
        self.pad()
        return ino

    def file(self, path, host, mode, uid, gid, links=()):
        with open(host, "rb") as f:
            data = f.read()
        # As cpio does it: all names of a file carry one inode number, the last one its data.
        names = [path, *links]
        self.ino += 1
        ino = self.ino
        for n in names:
            last = n == names[-1]
            self.entry(n, stat.S_IFREG | mode, uid, gid, data if last else b"", len(names), ino=ino)

    def tree(self, path, host):
        for name in sorted(os.listdir(host)):
            src = os.path.join(host, name)
            dst = path.rstrip("/") + "/" + name
            st = os.lstat(src)
            mode = stat.S_IMODE(st.st_mode)
            if stat.S_ISDIR(st.st_mode):
                self.entry(dst, stat.S_IFDIR | mode, 0, 0, nlink=2)
                self.tree(dst, src)
            elif stat.S_ISLNK(st.st_mode):
                self.entry(dst, stat.S_IFLNK | 0o777, 0, 0, os.readlink(src).encode())
            elif stat.S_ISREG(st.st_mode):
                self.file(dst, src, mode, 0, 0)

    def line(self, words):
        kind, path, *rest = words
        num = lambda i: int(rest[i])
        mode = lambda i: int(rest[i], 8)
        if kind == "dir":
            self.entry(path, stat.S_IFDIR | mode(0), num(1), num(2), nlink=2)
        elif kind == "file":
            self.file(path, rest[0], mode(1), num(2), num(3), rest[4:])
        elif kind == "slink":
            self.entry(path, stat.S_IFLNK | mode(1), num(2), num(3), rest[0].encode())
        elif kind == "nod":
            fmt = stat.S_IFBLK if rest[3] == "b" else stat.S_IFCHR
            self.entry(path, fmt | mode(0), num(1), num(2), rmajor=num(4), rminor=num(5))
        elif kind == "pipe":
            self.entry(path, stat.S_IFIFO | mode(0), num(1), num(2))
        elif kind == "sock":
            self.entry(path, stat.S_IFSOCK | mode(0), num(1), num(2))
        elif kind == "tree":
            self.tree(path, rest[0])
        else:
            raise ValueError("unknown kind " + kind)

    def end(self):
        self.entry("TRAILER!!!", 0, 0, 0, ino=0)
        self.put(b"\0" * (-self.at % 512))


def main():
    args = sys.argv[1:]
    out = sys.stdout.buffer
    if args[:1] == ["-o"]:
        out = open(args[1], "wb")
        args = args[2:]
    archive = Archive(out)
    for path in args or ["/dev/stdin"]:
        with open(path, encoding="utf-8") as f:
            for nr, text in enumerate(f, 1):
                words = text.split("#")[0].split() if not text.startswith("#") else []
                if not words:
                    continue
                try:
                    archive.line(words)
                except (ValueError, IndexError, OSError) as e:
                    sys.exit(f"mkcpio: {path}:{nr}: {e}")
    archive.end()
    out.flush()


if __name__ == "__main__":
    main()
