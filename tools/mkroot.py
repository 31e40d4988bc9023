#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pack a root file system into a newc cpio archive, without being root.

usage: mkroot.py -o OUT [-x PATH]... [-l LINK=TARGET]... [-a HOSTFILE=PATH]... SOURCE...

SOURCE, later ones over earlier ones:
    FILE.tar[.gz|.bz2|.xz|.zst]     owners, modes, times, links and devices as the archive has them
    FILE.deb                        its files
    DIR                             a folder; what belongs to you becomes root's
-x PATH           leave out PATH and all below it (blanks and `*' are not special)
-l LINK=TARGET    a symbolic link; one made before it is filled may stand for a folder (/bin=usr/bin)
-a HOSTFILE=PATH  one file, mode 0755, owned by root
-m                print the MiB of memory a machine needs that unpacks OUT

Folders that a source reaches through a symbolic link of an earlier one (/lib -> usr/lib) land where
it leads, as they would when unpacked. Extended attributes are not carried: cpio has no room for them.
"""
import getopt
import os
import stat
import subprocess
import sys
import tarfile
import tempfile

from mkcpio import Archive


class Node:
    """One inode: what a name stands for. Several names may share it."""

    def __init__(self, mode, uid=0, gid=0, mtime=0, target="", rdev=(0, 0), at=0, size=0):
        self.mode, self.uid, self.gid, self.mtime = mode, uid, gid, int(mtime)
        self.target, self.rdev, self.at, self.size = target, rdev, at, size


class Root:
    def __init__(self, exclude):
        self.nodes = {"": Node(stat.S_IFDIR | 0o755)}
        self.spool = tempfile.TemporaryFile()
        self.exclude = [x.strip("/") for x in exclude]

    def place(self, path):
        """The name with the links of its folders followed; the folders are made if need be."""
        done = []
        todo = [w for w in path.split("/") if w not in ("", ".")]
        hops = 0
        while todo:
            word = todo.pop(0)
            if word == "..":
                done = done[:-1]
                continue
            here = "/".join(done + [word])
            node = self.nodes.get(here)
            if todo and node and stat.S_ISLNK(node.mode):
                hops += 1
                if hops > 40:
                    raise ValueError(path + ": too many links")
                todo = [w for w in node.target.split("/") if w not in ("", ".")] + todo
                done = [] if node.target.startswith("/") else done
                continue
            if todo and not node:
                self.nodes[here] = Node(stat.S_IFDIR | 0o755)
            done.append(word)
        return "/".join(done)

    def unwanted(self, path):
        return any(path == x or path.startswith(x + "/") for x in self.exclude)

    def add(self, path, node):
        path = self.place(path)
        if self.unwanted(path):
            return
        old = self.nodes.get(path)
        if stat.S_ISDIR(node.mode) and old and stat.S_ISLNK(old.mode):
            return  # a folder arrives where a link to a folder stands: the link stays
        self.nodes[path] = node

    def store(self, stream):
        at = self.spool.seek(0, os.SEEK_END)
        size = 0
        while chunk := stream.read(1 << 20):
            self.spool.write(chunk)
            size += len(chunk)
        if size >= 1 << 32:
            raise ValueError("a file of 4 GiB or more does not fit the format")
        return {"at": at, "size": size}

    def add_tar(self, stream):
        kinds = {tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK, tarfile.CHRTYPE: stat.S_IFCHR,
                 tarfile.BLKTYPE: stat.S_IFBLK, tarfile.FIFOTYPE: stat.S_IFIFO}
        for m in stream:
            if m.islnk():
                other = self.nodes.get(self.place(m.linkname))
                if other:
                    self.add(m.name, other)
                continue
            what = {"uid": m.uid, "gid": m.gid, "mtime": max(0, m.mtime)}
            mode = m.mode & 0o7777
            if m.isreg():
                if not self.unwanted(self.place(m.name)):
                    self.add(m.name, Node(stat.S_IFREG | mode, **what, **self.store(stream.extractfile(m))))
            elif m.type in kinds:
                self.add(m.name, Node(kinds[m.type] | mode, **what, target=m.linkname,
                                      rdev=(m.devmajor, m.devminor)))

    def add_dir(self, top):
        seen = {}
        me = os.geteuid()
        for where, dirs, files in os.walk(top):
            dirs.sort()
            for name in [""] * (where == top) + sorted(dirs + files):
                src = os.path.join(where, name)
                dst = os.path.relpath(src, top)
                st = os.lstat(src)
                mine = st.st_uid == me
                node = seen.get((st.st_dev, st.st_ino))
                if not node:
                    node = Node(st.st_mode, 0 if mine else st.st_uid, 0 if mine else st.st_gid, st.st_mtime,
                                rdev=(os.major(st.st_rdev), os.minor(st.st_rdev)))
                    if stat.S_ISLNK(st.st_mode):
                        node.target = os.readlink(src)
                    elif stat.S_ISREG(st.st_mode) and not self.unwanted(self.place(dst)):
                        with open(src, "rb") as f:
                            vars(node).update(self.store(f))
                    if not stat.S_ISDIR(st.st_mode):
                        seen[st.st_dev, st.st_ino] = node
                self.add(dst, node)

    def add_source(self, path):
        if os.path.isdir(path):
            self.add_dir(path)
            return
        with open(path, "rb") as f:
            magic = f.read(8)
        unpack = None
        if magic == b"!<arch>\n":
            unpack = ["dpkg-deb", "--fsys-tarfile", path]
        elif magic[:4] == b"\x28\xb5\x2f\xfd":
            unpack = ["zstd", "-dcq", path]
        if not unpack:
            with tarfile.open(path) as t:
                self.add_tar(t)
            return
        with subprocess.Popen(unpack, stdout=subprocess.PIPE) as p:
            with tarfile.open(fileobj=p.stdout, mode="r|") as t:
                self.add_tar(t)
        if p.returncode:
            raise OSError(unpack[0] + " failed")

    def write(self, out):
        archive = Archive(out)
        # Folders before what is in them; all names of an inode together, so that one pass can link them.
        names = {}
        for path, node in sorted(self.nodes.items(), key=lambda i: (not stat.S_ISDIR(i[1].mode), i[0])):
            names.setdefault(id(node), (node, []))[1].append(path)
        for node, paths in names.values():
            data = b""
            if stat.S_ISLNK(node.mode):
                data = os.fsencode(node.target)
            elif stat.S_ISREG(node.mode):
                self.spool.seek(node.at)
                data = self.spool.read(node.size)
            nlink = 2 if stat.S_ISDIR(node.mode) else len(paths)
            ino = None
            for path in paths:
                ino = archive.entry(path, node.mode, node.uid, node.gid, data if path == paths[-1] else b"", nlink,
                                    *node.rdev, ino=ino, mtime=node.mtime)
        archive.end()
        return archive.at


def main():
    opts, sources = getopt.gnu_getopt(sys.argv[1:], "o:x:l:a:m")
    out = dict(opts).get("-o")
    if not out or not sources:
        sys.exit(__doc__)
    root = Root([v for o, v in opts if o == "-x"])
    for option, value in opts:
        if option == "-l":
            link, target = value.split("=", 1)
            root.add(link, Node(stat.S_IFLNK | 0o777, target=target))
    try:
        for s in sources:
            root.add_source(s)
        for option, value in opts:
            if option == "-a":
                host, path = value.split("=", 1)
                with open(host, "rb") as f:
                    root.add(path, Node(stat.S_IFREG | 0o755, **root.store(f)))
    except (OSError, ValueError, tarfile.TarError) as e:
        sys.exit(f"mkroot: {e}")
    with open(out, "wb") as f:
        size = root.write(f)
    if ("-m", "") in opts:
        # The archive and what it unpacks to are there at once for a while.
        print(max(512, (2 * size // (1 << 20) + 256 + 127) // 128 * 128))


main()
