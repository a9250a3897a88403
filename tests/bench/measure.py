# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole processes, timed: alternately, and with the most memory that they had."""

import os
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(os.environ.get("CNAMEGUARD_COMMAND") or Path(__file__).resolve().parents[2] / "cnameguard")
PACKAGES = {
    "named-checkzone": "bind9-utils", "kzonecheck": "knot-dnssecutils", "nsd-checkzone": "nsd", "validns": "validns",
    "dnsperf": "dnsperf", "valgrind": "valgrind", "vgdb": "valgrind", "dbus-daemon": "dbus-daemon",
}


class NotMeasured(Exception):
    """Why a row has no figure."""


def need(program):
    path = shutil.which(str(program))
    if not path:
        package = PACKAGES.get(str(program))
        raise NotMeasured(f"program not found: {program}" + (f" (package {package})" if package else ""))
    return path


def program(name):
    """One of our own, which `make bench` builds."""
    return need(COMMAND.parent / "tests/bench" / name)


@dataclass
class Took:
    """What a process took: seconds by the clock, seconds of processors, octets resident at most."""
    wall: float
    cpu: float
    memory: int
    code: int


def took(*command, codes=(0, 1), cwd=None):
    """Runs a command, its output going nowhere; fails where it ends with another code than one of these."""
    need(command[0])
    begin = time.monotonic()
    process = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, cwd=cwd)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in codes:
        raise NotMeasured(f"{Path(command[0]).name} ended with {code}")
    return Took(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, code)


def alternately(first, second, times):
    """Calls both so many times, in the order A B B A, and returns the pairs of what they returned."""
    pairs = []
    for turn in range(times):
        if turn % 2 == 0:
            here = first()
            there = second()
        else:
            there = second()
            here = first()
        pairs.append((here, there))
    return pairs


# --- processes that run --------------------------------------------------------------------------------------------------------------

def cpu_seconds(pid):
    """What a process has used of processors so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid, field="VmRSS"):
    """Octets that a process has resident; with VmHWM the most that it ever had."""
    for entry in Path(f"/proc/{pid}/status").read_text().splitlines():
        if entry.startswith(field + ":"):
            return int(entry.split()[1]) * 1024
    raise NotMeasured(f"no {field} of process {pid}")


def raise_file_limit():
    """As many open files as we may have, for servers that want many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
