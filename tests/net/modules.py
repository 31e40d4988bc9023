# SPDX-License-Identifier: MIT
"""The network drivers of Debian's kernel, which are modules: for --linux, which proves the tests."""
import os
import re
import subprocess

WANTED = ["virtio_pci", "virtio_mmio", "virtio_net", "af_packet", "virtio_rng"]


def unpack(deb_arch, folder):
    """Puts the modules into the folder; their names in the order in which they load."""
    debs = subprocess.run(["tools/get-deb.sh", "-d", deb_arch, "linux-image-" + deb_arch], check=True, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL).stdout.split()
    kernel = [d for d in debs if re.search(r"/linux-image-[0-9]", d)][-1]
    tar = subprocess.Popen(["dpkg", "--fsys-tarfile", kernel], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", folder, "--strip-components=6", "--wildcards"] +
                   ["*/kernel/drivers/virtio", "*/kernel/drivers/net/*virtio_net.ko*", "*/kernel/drivers/net/*failover.ko*",
                    "*/kernel/net/core/failover.ko*", "*/kernel/drivers/char/hw_random"],
                   stdin=tar.stdout, stderr=subprocess.DEVNULL, check=False)
    tar.wait()
    found = {}
    for at, _, names in os.walk(folder):
        for n in names:
            if n.endswith(".ko"):
                found[n[:-3].replace("-", "_")] = os.path.join(at, n)
    order = []

    def load(name):
        if name not in found or name in order:
            return
        with open(found[name], "rb") as f:
            depends = re.search(rb"\0depends=([^\0]*)\0", f.read())
        for d in (depends.group(1).decode().split(",") if depends else []):
            load(d)
        order.append(name)

    for w in WANTED:
        load(w)
    flat = []
    for name in order:
        os.rename(found[name], os.path.join(folder, name + ".ko"))
        flat.append(name + ".ko")
    for at, dirs, names in os.walk(folder, topdown=False):
        for n in names:
            if at != folder:
                os.unlink(os.path.join(at, n))
        for d in dirs:
            os.rmdir(os.path.join(at, d))
    return flat
