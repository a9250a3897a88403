# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a folder's tests: every `def test_...(bench)` in its test_*.py, each in a process and a directory of its own.

The folder's `lib.py` has `Bench(directory)`, with `kill()` and with `stop()`, which fails the test if something did not
end well.
"""

import argparse
import importlib
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("pattern", nargs="*", help="only tests whose FILE.NAME matches one of these expressions")
    parser.add_argument("-v", "--verbose", action="store_true",
                        help="show what failed tests printed, and how long each took")
    parser.add_argument("-x", "--exit-first", action="store_true", help="stop after the first failure")
    parser.add_argument("-k", "--keep", action="store_true", help="keep every test's directory")
    parser.add_argument("-l", "--list", action="store_true", help="only list the tests")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--long", action="store_true", help="with the tests for the night")
    parser.add_argument("--valgrind", action="store_true", help="run what is tested under valgrind")
    return parser.parse_args()


def collect(folder, options):
    """The tests as (name, function), in the order of the files and of their text."""
    for file in sorted(folder.glob("test_*.py")):
        module = importlib.import_module(file.stem)
        for name, test in vars(module).items():
            full = f"{file.stem.removeprefix('test_')}.{name.removeprefix('test_')}"
            if (name.startswith("test_") and callable(test) and not getattr(test, "absent", False)
                    and (options.long or not getattr(test, "long", False))
                    and (not options.pattern or any(re.search(pattern, full) for pattern in options.pattern))):
                yield full, test


class Run:
    """One test in a process group of its own."""

    def __init__(self, name, test, slot):
        self.name, self.slot = name, slot
        self.dir = Path(tempfile.mkdtemp(prefix="cg-"))
        self.begin = time.monotonic()
        self.limit = getattr(test, "limit", 1800 if getattr(test, "long", False) else 90)
        if os.environ.get("CNAMEGUARD_VALGRIND"):
            self.limit *= 10
        self.reason = None
        self.pid = os.fork()
        if self.pid == 0:
            self.child(test)

    def child(self, test):
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.environ["CNAMEGUARD_SLOT"] = str(self.slot)
        output = os.open(self.dir / "output", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        import lib
        bench = lib.Bench(self.dir)
        code = 1
        try:
            test(bench)
            bench.stop()
            code = 0
        except BaseException as error:
            traceback.print_exc()
            (self.dir / "reason").write_text(f"{type(error).__name__}: {error}" if not isinstance(error, AssertionError)
                                             else str(error))
        finally:
            bench.kill()
            sys.stdout.flush()
            os._exit(code)

    def poll(self):
        """Whether the test ended; its result is in self.reason, None for a pass."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        late = time.monotonic() - self.begin > self.limit
        if not pid and not late:
            return False
        self.kill()
        if not pid:
            os.waitpid(self.pid, 0)
            self.reason = f"not done within {self.limit} s"
        elif status:
            file = self.dir / "reason"
            self.reason = file.read_text() if file.exists() else f"test process ended with status {status}"
        return True

    def kill(self):
        """Leaves no process of the test behind."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass

    def report(self, options):
        took = f" ({time.monotonic() - self.begin:.1f} s)" if options.verbose else ""
        if self.reason is None:
            print(f"ok {self.name}{took}")
        else:
            print(f"not ok {self.name}{took} {' '.join(self.reason.split())[:300]}\n  kept: {self.dir}")
            if options.verbose:
                for line in (self.dir / "output").read_text(errors="replace").splitlines():
                    print(f"  | {line}")
        if self.reason is None and not options.keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        sys.stdout.flush()


def main(folder, description):
    sys.path.insert(0, str(folder))
    options = arguments(description)
    if options.valgrind:
        os.environ["CNAMEGUARD_VALGRIND"] = "1"
    try:
        waiting = list(collect(folder, options))
    except ImportError as error:
        print(f"not ok collect {error}\n0 passed, 1 failed")
        return 1
    if options.list:
        print("\n".join(name for name, _ in waiting))
        return 0
    running, passed, failed = [], 0, 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    try:
        while waiting or running:
            while waiting and len(running) < options.jobs:
                slot = min(set(range(options.jobs)) - {run.slot for run in running})
                running.append(Run(*waiting.pop(0), slot))
            for run in [run for run in running if run.poll()]:
                running.remove(run)
                run.report(options)
                passed, failed = passed + (run.reason is None), failed + (run.reason is not None)
                if failed and options.exit_first:
                    waiting.clear()
            time.sleep(0.01)
    finally:
        for run in running:
            run.kill()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
