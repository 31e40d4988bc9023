# SPDX-License-Identifier: MIT
"""An Alpine package repository, made from nothing and signed with a key of its own.

A package is three gzip streams one after the other, each a tar archive: the signature, the control data (.PKGINFO and
scripts) and the files; the first two have no end-of-archive blocks, so that the whole is one archive too. An index is a
signature and an archive with APKINDEX, whose C: is the SHA-1 of a package's control stream.
References: the Alpine wiki on the apk format, apk(8).
"""
import base64
import gzip
import hashlib
import io
import os
import subprocess
import tarfile

KEY = "aramid-test"


def archive(entries, cut):
    """A gzipped tar of (name, mode, bytes); `cut' leaves the end of the archive away."""
    out = io.BytesIO()
    for name, mode, data in entries:
        info = tarfile.TarInfo(name)
        info.mode, info.size = mode, len(data or b"")
        info.uname = info.gname = "root"
        if data is None:
            info.type = tarfile.DIRTYPE
        elif not name.startswith("."):
            info.pax_headers = {"APK-TOOLS.checksum.SHA1": hashlib.sha1(data).hexdigest()}
        out.write(info.tobuf(tarfile.PAX_FORMAT))
        if data:
            out.write(data + b"\0" * (-len(data) % 512))
    if not cut:
        out.write(b"\0" * 1024)
    return gzip.compress(out.getvalue(), 6, mtime=0)


class Repository:
    def __init__(self, folder, arch):
        self.arch, self.at, self.index = arch, os.path.join(folder, arch), []
        os.makedirs(self.at)
        self.key = os.path.join(folder, KEY + ".rsa")
        self.public = self.key + ".pub"
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)
        subprocess.run(["openssl", "rsa", "-in", self.key, "-pubout", "-out", self.public], check=True, capture_output=True)

    def signature(self, data):
        sign = subprocess.run(["openssl", "dgst", "-sha1", "-sign", self.key], input=data, check=True, capture_output=True).stdout
        return archive([(".SIGN.RSA.%s.rsa.pub" % KEY, 0o644, sign)], cut=True)

    def add(self, name, version, files, depends="", scripts=()):
        """A real package. files: (name, mode, bytes or None for a folder); scripts: (.post-install, text)."""
        data = archive(files, cut=False)
        size = sum(len(f[2] or b"") for f in files)
        info = {"pkgname": name, "pkgver": version, "pkgdesc": "a package of the tests", "url": "http://aramid.test",
                "builddate": "1700000000", "packager": "tests", "size": str(size), "arch": self.arch, "origin": name,
                "license": "MIT", "datahash": hashlib.sha256(data).hexdigest()}
        text = "".join("%s = %s\n" % x for x in info.items()) + "".join("depend = %s\n" % d for d in depends.split())
        control = archive([(".PKGINFO", 0o644, text.encode())] + [(n, 0o755, t.encode()) for n, t in scripts], cut=True)
        package = self.signature(control) + control + data
        with open(os.path.join(self.at, "%s-%s.apk" % (name, version)), "wb") as f:
            f.write(package)
        self.entry(name, version, hashlib.sha1(control).digest(), len(package), size, depends)

    def entry(self, name, version, digest, size, installed, depends=""):
        lines = ["C:Q1" + base64.b64encode(digest).decode(), "P:" + name, "V:" + version, "A:" + self.arch, "S:%d" % size,
                 "I:%d" % installed, "T:a package of the tests, number %d of its kind" % len(self.index),
                 "U:http://aramid.test", "L:MIT", "o:" + name, "m:tests", "t:1700000000"]
        if depends:
            lines.append("D:" + depends)
        self.index.append("\n".join(lines) + "\n\n")

    def fill(self, count):
        """Entries of packages that do not exist, until there are so many."""
        for n in range(len(self.index), count):
            self.entry("filler-%05d" % n, "1.%d-r0" % n, hashlib.sha1(b"%d" % n).digest(), 1000 + n, 4096,
                       "filler-%05d" % (n - 1) if n % 7 == 0 and n > 100 else "")

    def write(self):
        body = archive([("DESCRIPTION", 0o644, b"tests"), ("APKINDEX", 0o644, "".join(self.index).encode())], cut=False)
        with open(os.path.join(self.at, "APKINDEX.tar.gz"), "wb") as f:
            f.write(self.signature(body) + body)
