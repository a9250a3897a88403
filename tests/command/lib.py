# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the command `cnameguard` on files that a test writes, and says what it expects of it."""

import importlib.util
import json
import os
import resource
import shutil
import subprocess
from pathlib import Path

import dns.name
import dns.rdatatype
import oracle

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(os.environ.get("CNAMEGUARD_COMMAND") or ROOT / "cnameguard").resolve()
VALGRIND = os.environ.get("CNAMEGUARD_VALGRIND", "") not in ("", "0")

# knotd and what talks to it come from the tests of the module
_spec = importlib.util.spec_from_file_location("servers", ROOT / "tests/server/lib.py")
servers = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(servers)

APEX = servers.APEX
KNOT = servers.KNOT
check, equal, until, long, limit = servers.check, servers.equal, servers.until, servers.long, servers.limit
where = servers.where
BASE = "$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\n"


class Done:
    """How a run ended: its exit code and what it wrote."""

    def __init__(self, command, code, out, err):
        self.command, self.code, self.out, self.err = command, code, out, err

    def __str__(self):
        said = f"out: {self.out[-2000:]}\n    err: {self.err[-2000:]}"
        return f"{' '.join(self.command)}\n    exit {self.code}\n    {said}"

    def expect(self, code):
        check(self.code == code, f"expected exit {code} of {self}")
        return self

    def objects(self):
        """What `--format json` printed: one object a line."""
        check(not self.out or self.out.endswith("\n"), f"no newline at the end: {self.out[-200:]!r}")
        return [json.loads(line) for line in self.out.splitlines()]


def finding(entry):
    """A finding of the command in the form of the oracle's."""
    def name(text):
        return dns.name.from_text(text).to_text().lower()
    types = tuple(dns.rdatatype.to_text(dns.rdatatype.from_text(kind)) for kind in entry["types"])
    records = tuple(sorted(oracle.parse_line(record, dns.name.root).show() for record in entry["records"]))
    return oracle.Finding(name(entry["zone"]), entry["rule"], entry["level"], name(entry["owner"]), types, records)


def by_place(found):
    """In an order of their own: the command's order is not asked for here."""
    return sorted(found, key=lambda item: (item.zone, dns.name.from_text(item.owner), oracle.RULES.index(item.rule)))


def agree(found, expected, what=""):
    """The command finds what the oracle finds; of what is below a DNAME it lists as much as there is room for."""
    def cut(item):
        return item._replace(records=None) if item.rule == "dname-children" else item

    def show(items):
        return "".join(f"\n    {item.brief()} {sorted(item.records)}" for item in items) or " nothing"

    def children(item):
        return sum(1 for record in item.records if not record.startswith(f"{item.owner} DNAME "))
    unlike = [item for item in found if cut(item) not in map(cut, expected)]
    missed = [item for item in expected if cut(item) not in map(cut, found)]
    check(not unlike and not missed,
          f"{what}: found, not expected:{show(unlike)}\n  expected, not found:{show(missed)}")
    check(len(found) == len(expected), f"{what}: found twice: {show(found)}")
    for item, other in zip(found, expected):
        check(item.rule != "dname-children"
              or set(item.records) <= set(other.records) and children(item) == min(children(other), oracle.LISTED),
              f"{what}: records below a DNAME:{show([item, other])}")


class Bench:
    """A test's directory and the servers that it starts."""

    def __init__(self, directory):
        self.dir = Path(directory)
        self.servers = servers.Bench(directory)

    def write(self, text, name="example.com.zone"):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def command(self, *arguments, valgrind=None, tool=()):
        """The command line of a run; `tool` stands before it."""
        check(COMMAND.exists(), f"the command is not built: {COMMAND}")
        if VALGRIND if valgrind is None else valgrind:
            check(shutil.which("valgrind"), "program not found: valgrind")
            tool = ("valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite",
                    *tool)
        return [*map(str, tool), str(COMMAND), *map(str, arguments)]

    def run(self, *arguments, stdin=None, env=None, stack=None, timeout=60, valgrind=None, tool=(), text=True,
            **options):
        """Runs it to its end. A crash, or an exit code that is none of its own, fails the test."""
        command = self.command(*arguments, valgrind=valgrind, tool=tool)
        if stack:
            options["preexec_fn"] = lambda: resource.setrlimit(resource.RLIMIT_STACK, (stack, stack))
        if "stdout" not in options:
            options["stdout"] = subprocess.PIPE
        done = subprocess.run(command, input=stdin.encode() if isinstance(stdin, str) else stdin if stdin is not None
                              else b"",
                              stderr=subprocess.PIPE, cwd=self.dir,
                              env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})},
                              timeout=timeout * (20 if VALGRIND or valgrind else 1), **options)
        out, err = done.stdout or b"", done.stderr
        if text:
            out = out.decode()
        result = Done(command, done.returncode, out, err.decode(errors="replace"))
        check(done.returncode in (0, 1, 2), f"ended with {done.returncode}: {result}")
        check(not servers.CRASH.search(result.err), f"{result}")
        return result

    def check(self, *arguments, **options):
        return self.run("check", *arguments, **options)

    def judge(self, *files, options=("--level", "info"), code=None, **more):
        """The findings about files, in the form of the oracle's; the exit code must agree with them."""
        done = self.check("--format", "json", *options, *files, **more)
        entries = done.objects()
        errors = any(entry["level"] == "error" and not entry["exempt"] for entry in entries)
        done.expect((1 if errors else 0) if code is None else code)
        return by_place(map(finding, entries))

    def judge_text(self, text, origin=APEX, **options):
        return self.judge(self.write(text, f"{origin}zone"), **options)

    def stop(self):
        self.servers.stop()

    def kill(self):
        self.servers.kill()
