# SPDX-License-Identifier: GPL-2.0-or-later
"""What `make bench` measures is the same each time, and what it prints is a table."""

import hashlib
import os
import re
import subprocess
import sys

from lib import COMMAND, ROOT, check, equal

sys.path.append(str(ROOT / "tests/bench"))

import table  # noqa: E402
import zones  # noqa: E402


def digest(*texts):
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:16]


def test_zones_are_the_same(bench):
    """Whoever changes them measures something else: the figures of before cannot be compared any more."""
    file = bench.dir / "zone"
    big = [digest(zones.write_big(file, 5000, conflicts).read_text()) for conflicts in (0, 0.01)]
    worst = digest(*(zones.write_worst(file, name, 50).read_text() for name in sorted(zones.WORST)))
    small = digest(*(zones.small(number)[1] for number in range(50)))
    equal([*big, small, worst], ["e2309dd039ae21b4", "12f35b9de1b80533", "8f94062746979945", "0a7cd5413af0d739"])


def test_zones_are_as_they_say(bench):
    file = zones.write_big(bench.dir / "example.com.zone", 5000, 0.01)
    equal(len(re.findall(r"^(?!\$)", file.read_text().rstrip("\n"), re.M)), 5000, "records")
    found = bench.check("--format", "json", file).expect(1).objects()
    check(30 <= len(found) <= 70, f"{len(found)} conflicts in 5,000 records")
    bench.check(zones.write_big(file, 5000)).expect(0)
    name, text = zones.small(7)
    equal(len([line for line in text.splitlines() if not line.startswith("$")]), 10, "records")
    bench.check(bench.write(text, f"{name[:-1]}.zone")).expect(0)


def test_table(bench):
    equal(table.interval(range(1, 6)), (1, 5), "too few for an interval")
    equal(table.interval(range(1, 14)), (3, 11), "13 values: the third and the third but last")
    pairs = ([(first, 100), (first + 2, 100), (first + 1, 100)] for first in (105, 103))
    over, met = (table.pair_row("what", three, table.number, "others", 1.05).cells() for three in pairs)
    equal(over, ("what", "106", "100 others", "1.06 (1.05 to 1.07)", "<= 1.05 OVER"))
    equal(met[4], "<= 1.05 ok")


def tool(*arguments):
    return subprocess.run([ROOT / "tests/bench/run", *arguments], capture_output=True, text=True, timeout=80,
                          env={**os.environ, "CNAMEGUARD_COMMAND": str(COMMAND)})


def test_tool(bench):
    """Tiny, and one that has nothing to measure."""
    done = tool("--scale", "0.001", "check.files")
    equal((done.returncode, done.stderr), (0, ""), done.stdout)
    rows = [line.split("|")[1:-1] for line in done.stdout.splitlines() if line.startswith("| 10 files")]
    equal([len(cells) for cells in rows], [5, 5, 5], done.stdout)
    check(all(re.search(r"\d [msM]", cells[1]) for cells in rows), done.stdout)
    check(re.search(r"<= 1.5 (ok|OVER)", rows[0][4]), done.stdout)
    equal(tool("no such measurement").returncode, 1)
