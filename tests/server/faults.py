# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that fails: the Nth call that changes a file below a folder, in the one server that was started with it (faults.c)."""

import errno
import mmap
import struct

from lib import MODULE, check

LIBRARY = MODULE.parents[2] / "tests/server/.libs/faults.so"
NUMBERS = struct.Struct("8I")       # as in faults.c
TEXT = 1024


class Faults:
    """What fails, and how often it did."""

    def __init__(self, file, below):
        check(LIBRARY.exists(), f"make check-programs has not built {LIBRARY}")
        file.write_bytes(bytes(NUMBERS.size + 2 * TEXT))
        with open(file, "r+b") as shared:
            self.shared = mmap.mmap(shared.fileno(), 0)
        self.env = {"LD_PRELOAD": str(LIBRARY), "CNAMEGUARD_FAULTS": str(file)}
        self.aim(below)

    def aim(self, below):
        """At a folder and all in it, or a file."""
        self.lift()
        self.shared[NUMBERS.size:NUMBERS.size + TEXT] = str(below).encode().ljust(TEXT, b"\0")

    def arm(self, first, everything=False, error=errno.ENOSPC, halves=False, writes=False, stalls=False):
        """The call of that number from now on fails, or all from there on; writes: others do not count.

        stalls: it waits until the disk is well, and so does who reads a zone file as the guard does.
        """
        self.lift()
        self.shared[:NUMBERS.size] = NUMBERS.pack(0, everything, error, halves, writes, stalls, 0, 0)
        self.shared[:4] = struct.pack("I", first)

    def lift(self):
        """The disk is well again."""
        self.shared[:4] = bytes(4)

    @property
    def calls(self):
        return NUMBERS.unpack_from(self.shared)[6]

    @property
    def fired(self):
        return NUMBERS.unpack_from(self.shared)[7]

    @property
    def what(self):
        """`fsync PATH`: the call that failed last."""
        return self.shared[NUMBERS.size + TEXT:].split(b"\0")[0].decode()
