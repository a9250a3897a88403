# SPDX-License-Identifier: GPL-2.0-or-later
"""The command.

`cnameguard check` on zone files, against a program that parses the same file with libzscanner and does nothing else
(zscan.c), and against the checkers that Debian has.
"""

import table
import zones
from measure import COMMAND, alternately, need, program, took

MEMORY = 64 << 20
PEERS = {
    "validns": lambda file: ("validns", "-z", zones.APEX, file),
    "nsd-checkzone": lambda file: ("nsd-checkzone", zones.APEX, file),
    "kzonecheck": lambda file: ("kzonecheck", "-o", zones.APEX, file),
    "named-checkzone": lambda file: ("named-checkzone", "-q", zones.APEX, file),
}


def check(*arguments):
    return took(COMMAND, "check", "-o", zones.APEX, *arguments)


def against_parser(run, file, what, ours, limit=1.5, memory=None):
    """Clock, processors and memory, against the bare parser on the same files."""
    pairs = alternately(ours, lambda: took(program("zscan"), *file, codes=(0,)), run.size(9, 1))
    yield table.pair_row(f"{what}: cnameguard check", [(here.wall, there.wall) for here, there in pairs], table.seconds,
                         "libzscanner alone", limit)
    yield table.pair_row(f"{what}: processor time", [(here.cpu, there.cpu) for here, there in pairs], table.seconds, "libzscanner alone")
    yield table.value_row(f"{what}: most resident", [here.memory for here, _ in pairs], table.mebibytes, memory,
                          f"<= {memory >> 20} MiB" if memory else "", f"libzscanner alone {table.mebibytes(pairs[0][1].memory)}")


def measure_big(run):
    for count in run.sizes(1_000_000, long=(10_000_000,)):
        for conflicts in (0, 0.01):
            file = zones.write_big(run.dir / "example.com.zone", count, conflicts)
            what = f"{count:,} records, " + (f"{conflicts:.0%} conflicts" if conflicts else "clean")
            yield from against_parser(run, [file], what, lambda: check(file), memory=MEMORY if count <= 1_000_000 else None)


def measure_peers(run):
    """The other checkers, on the clean zone."""
    count = run.size(1_000_000)
    file = zones.write_big(run.dir / "example.com.zone", count)
    for name, command in PEERS.items():
        need(name)
        pairs = alternately(lambda: check(file), lambda: took(*command(file)), run.size(3, 1))
        times = [(here.wall, there.wall) for here, there in pairs]
        yield table.pair_row(f"{count:,} records, clean: cnameguard check", times, table.seconds,
                             f"{name} ({table.mebibytes(pairs[0][1].memory)})", 1.0)


def measure_files(run):
    """Many small ones, in one process."""
    count = run.size(10_000)
    folder = run.dir / "zones"
    files = [folder / f"{name[:-1]}.zone" for name in zones.write_small(folder, count)]
    yield from against_parser(run, files, f"{count:,} files of ten records", lambda: took(COMMAND, "check", *files))


def measure_worst(run):
    """Processor time of twice as much, to that of once: 2 is linear."""
    count = run.size(100_000, 100)
    for name in zones.WORST:
        once, twice = (zones.write_worst(run.dir / f"{factor}.zone", name, factor * count) for factor in (1, 2))
        pairs = alternately(*(lambda file=file: check("--level", "info", file).cpu for file in (twice, once)), times=run.size(3, 1))
        yield table.pair_row(f"{name}: {2 * count:,} lines", pairs, table.seconds, f"for {count:,}", 2.6)
