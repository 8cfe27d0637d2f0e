# SPDX-License-Identifier: Apache-2.0
"""Bulk binary data through stdin and stdout at once arrives as it was sent, NUL and escape bytes too."""
import hashlib
import os

TIMEOUT = 180
LONG_TIMEOUT = 600


def test(env):
    size = (1024 if env.long else 128) << 20
    piece = bytes(range(256)) * 256 + b"\n~.\n~~\n\xff\xf4" + os.urandom(1 << 20)
    path = "/root/bulk"
    with open(path, "wb") as file:
        while file.tell() < size:
            file.write(piece)
    with open(path, "rb") as file:
        expected = hashlib.file_digest(file, "sha256").hexdigest()
    env.equal(env.ssh_ok("stu1", f"sha256sum < /dev/stdin; :", stdin=open(path, "rb"), timeout=170).split()[0],
              expected)
    child = env.ssh_popen("stu1", "cat", stdin=open(path, "rb"), stderr=None)
    digest = hashlib.sha256()
    while chunk := child.stdout.read(1 << 20):
        digest.update(chunk)
    env.equal((child.wait(), digest.hexdigest()), (0, expected))
    os.unlink(path)
