# SPDX-License-Identifier: GPL-2.0-or-later
"""The Nth call to the disk fails, once or from there on; a connection to the server is cut at the Nth command of a restoration.

After each: no conflict was served, no original and no last good version is missing, nothing half done is left, one line says what failed,
and all is well again without help.
"""

import errno
import os
import re
import time
from functools import partial

from faults import Faults
from lib import APEX, FILE_ONLY, Zone, check, equal, limit, long, settles, until
from test_kill import Asking, versions
from test_restore import serial_of, stored
from ways import WEB, bad, good

REWRITE = dict(mode="rewrite")
REASONS = {errno.ENOSPC: "No space left on device", errno.EIO: "Input/output error", errno.EACCES: "Permission denied"}
CALLS_MAX = 60                  # none of what is tried makes so many
ERROR = re.compile(r" error: .*module 'mod-cnameguard")


class Trial:
    """A server with a disk that fails, questions to it all the time, and what has to hold in the end."""

    def __init__(self, bench, zone, below="", **server):
        self.server = bench.prepare(zone, **server)
        self.state = self.server.storage / "cnameguard"
        self.faults = Faults(bench.dir / "faults", self.state / below)
        self.server.env = self.faults.env
        self.server.start()
        self.asking = Asking(self.server)
        self.serial = 1

    def each(self, step, everything=False, error=errno.ENOSPC, every=1, **how):
        """Step by step until a step makes fewer calls than the one that is to fail.  Before each step the disk is well."""
        self.asking.start()
        number = 1
        while True:
            check(number < CALLS_MAX, f"it never comes to an end: {self.faults.what}")
            self.serial += 2
            mark = self.server.mark()
            begin = step.begin(self)
            self.faults.arm(number, everything, error, **how)
            step.fail(self, mark)
            if not self.faults.fired:
                break
            if everything:
                said = until(lambda: self.said(mark), f"call {number}, {self.faults.what}: a line that says so")
                self.server.swept(6)
                self.complaint(number, error, mark, said)
            self.faults.lift()
            self.failed = self.faults.calls if everything else number
            step.ends(self, mark, begin)
            if not everything:
                if not self.faults.what.startswith("unlink"):
                    until(lambda: self.said(mark), f"call {number}, {self.faults.what}: a line that says so")
                self.complaint(number, error, mark, self.said(mark))
            self.sound(number)
            number += every
        self.faults.lift()
        check(number > 1, "nothing has ever failed")
        step.ends(self, mark, begin)
        self.sound(number)
        self.asking.ending = True
        self.asking.join()
        check(self.asking.answers > 0, "questions were answered")

    def said(self, mark):
        return [line for line in self.server.find_log(ERROR, mark) if "verdict refused" not in line]

    def complaint(self, number, error, mark, said):
        """One line, path and reason; a verdict beside it, what that means.

        Another one where both the audit log and the original cannot be written.  An old file that cannot be removed yet needs none.
        """
        what = self.faults.what
        why = [line for line in said if REASONS[error] in line and str(self.state) in line]
        if not said and what.startswith("unlink"):
            return
        others = [line for line in said if line not in why]
        files = {re.search(re.escape(str(self.state)) + "[^:']*", line).group() for line in why}
        check(1 <= len(why) == len(files) <= 2 and len(others) <= 1 and all("verdict failed" in line for line in others),
              f"call {number}, {what}: one line in\n{''.join(said)}\nof\n{self.server.log_text(mark)[-4000:]}")

    def sound(self, number):
        """Nothing half done is on the disk, nothing in conflict was answered, no transaction is open."""
        equal(self.asking.wrong, [], f"call {number}: conflicts that were served")
        versions(self.server, APEX)
        remembered = stored(self.server)
        check(not remembered.exists() or serial_of(remembered), f"call {number}: the last good version")
        settles(lambda: [str(path) for path in self.state.rglob("*draft*")], [], f"call {number}, {self.faults.what}: drafts")
        self.server.txn(end="zone-abort")


def kept(server):
    folder = server.state / "kept" / APEX.rstrip(".")
    return [file.read_text() for file in folder.glob("*.zone")]


class Repair:
    """A bad version comes in under mode rewrite."""

    def __init__(self, raw):
        self.raw = raw

    def begin(self, trial):
        mark = trial.server.mark()
        trial.server.write_zone(good(trial.serial) + f"number TXT {trial.serial}\n")
        trial.server.zone_reload()
        trial.server.verdict("clean", mark)
        settles(lambda: serial_of(stored(trial.server)), trial.server.serial(), "remembered", 20)

    def text(self, trial):
        return bad(trial.serial + 1) + f'number TXT "{trial.serial}"\n'

    def fail(self, trial, mark):
        self.mark = trial.server.mark()
        trial.server.write_zone(self.text(trial))
        trial.server.zone_reload()
        until(lambda: trial.faults.fired or trial.server.find_log("verdict rewritten", self.mark), "tried")

    def ends(self, trial, mark, begin):
        trial.server.repaired(self.mark, 20)
        equal([trial.server.ask("www A"), trial.server.ask("www MX")], [f"www A {WEB}", "www MX 10 mail"])
        originals = [text for text in kept(trial) if f'"{trial.serial}"' in text]
        check(any(re.search(r"^www\.example\.com\..*CNAME", text, re.M) for text in originals), "the original is kept")
        if self.raw and not trial.server.find_log("zone file updated", self.mark)[1:]:
            check(any(text.endswith(self.text(trial)) for text in originals), "the zone file is kept, if Knot did not replace it at load")


def repair(raw, bench, below="kept", **how):
    zone = Zone(good(1), **{**FILE_ONLY, "zonefile_sync": 0 if raw else -1})
    Trial(bench, zone, below, policy=dict(**REWRITE, keep=1000)).each(Repair(raw), **how)


test_repair = limit(60)(partial(repair, False))
test_repair_with_file = limit(60)(partial(repair, True, every=3))
test_repair_while_all_fails = limit(60)(partial(repair, False, everything=True, every=3))


class Remember:
    """A good version comes in."""
    calls = 9                       # from making the folder to syncing it

    def begin(self, trial):
        return serial_of(stored(trial.server))

    def fail(self, trial, mark):
        trial.server.write_zone(good(trial.serial))
        trial.server.zone_reload()
        trial.server.verdict("clean", mark)
        until(lambda: trial.faults.fired or serial_of(stored(trial.server)) == trial.serial, "tried")

    def ends(self, trial, mark, begin):
        check(serial_of(stored(trial.server)) in (begin, trial.serial), "the old one or the new one")
        if trial.faults.fired:
            until(lambda: trial.faults.calls >= trial.failed + self.calls, "tried again, to the end", 40)
        settles(lambda: serial_of(stored(trial.server)), trial.serial, "remembered", 20)
        equal(trial.server.ask("www A"), "www A 192.0.2.1")


def remember(bench, **how):
    trial = Trial(bench, Zone(good(1)), "good")
    settles(lambda: serial_of(stored(trial.server)), 1, "remembered")
    trial.each(Remember(), **how)


test_remember = limit(60)(remember)
test_remember_while_all_fails = limit(60)(partial(remember, everything=True, every=3))


class Restore:
    """A start with a file that Knot refuses, and would write over."""

    def begin(self, trial):
        trial.server.write_zone(good(trial.serial))
        trial.server.zone_reload()
        settles(lambda: serial_of(stored(trial.server)), trial.serial, "remembered", 20)
        trial.server.stop()

    def text(self, trial):
        return bad(trial.serial + 1) + f"; number {trial.serial}\n"

    def fail(self, trial, mark):
        trial.server.write_zone(self.text(trial))
        trial.server.start()
        until(lambda: trial.faults.fired or trial.server.find_log("verdict restored", mark), "tried")

    def ends(self, trial, mark, begin):
        trial.server.verdict("restored", mark, 20)
        settles(trial.server.serial, trial.serial)
        settles(lambda: trial.server.ask("www MX"), "www MX 10 mail")
        check(any(text.endswith(self.text(trial)) for text in kept(trial)), "the refused file is kept")


def restore(bench, **how):
    trial = Trial(bench, Zone(good(1)), "kept", policy=dict(keep=1000))
    trial.server.verdict("clean")
    trial.each(Restore(), **how)


test_restore = limit(60)(partial(restore, every=2))
test_restore_while_all_fails = limit(90)(partial(restore, everything=True, every=4))


class Audited(Repair):
    """The same, and all of it stands in the audit log, each line whole."""

    def begin(self, trial):
        super().begin(trial)
        return trial.server.mark_audit()

    def ends(self, trial, mark, begin):
        trial.server.repaired(self.mark, 20)
        edits = [entry["record"] for entry in trial.server.audit("edit", begin)]
        check(any("CNAME web" in record for record in edits), f"edits are written down: {edits}")
        check(trial.server.audit("finding", begin), "so are findings")


def audit(bench, **how):
    zone = Zone(good(1), **FILE_ONLY)
    Trial(bench, zone, "audit.json", policy=REWRITE).each(Audited(False), **how)


test_audit = limit(60)(audit)
test_audit_halves = limit(60)(partial(audit, halves=True))
test_audit_while_all_fails = limit(60)(partial(audit, everything=True, every=4))
test_audit_while_disk_is_full = limit(60)(partial(audit, everything=True, writes=True))     # open() does not mind

for _error in (errno.EIO, errno.ENOSPC, errno.EACCES):
    for _all in (False, True):
        for _name, _test in (("repair", partial(repair, False, below="")), ("repair_with_file", partial(repair, True, below="")),
                             ("remember", remember), ("restore", restore), ("audit", audit)):
            _name = f"test_{_name}_{errno.errorcode[_error].lower()}_{'all' if _all else 'once'}"
            globals()[_name] = limit(600)(long(partial(_test, everything=_all, error=_error)))


# --- the connection, while a version is put back ---------------------------------------------------------------------------------------

def put_back(bench, cut=None, at=1, options=None, **behaviour):
    """The connection is cut once when the command comes the `at`th time, or behaves otherwise."""
    path = bench.dir / "proxy.sock"
    server = bench.prepare(Zone(good(1), **(options or {})), control=path)
    proxy = bench.proxy(path, server.socket)
    proxy.start()
    server.start()
    settles(lambda: serial_of(stored(server)), 1, "remembered")
    whole = server.contents()
    server.stop()
    server.write_zone(bad(2))
    proxy.behave(at=at, times=1, **({cut: behaviour.pop("command")} if cut else {}), **behaviour)
    mark = server.mark()
    asking = Asking(server)
    asking.start()
    server.start()

    def half():
        """Whole or empty, whenever it is looked at."""
        contents = server.contents()
        check(contents in ("SERVFAIL", whole), f"half filled: {contents}")
        return contents == whole
    until(half, "put back", 40)
    server.verdict("restored", mark)
    server.swept()
    equal(server.find_log("verdict restored", mark)[1:], [], "said once")
    equal((server.serial(), server.ask("www MX")), (1, "www MX 10 mail"))
    errors = [line for line in server.find_log(ERROR, mark) if "verdict refused" not in line]
    check(len(errors) <= 1, f"one line: {errors}")
    server.txn(end="zone-abort")
    asking.ending = True
    asking.join()
    equal(asking.wrong, [])
    return proxy


for _where in ("before", "after"):
    for _command in ("begin", "set", "commit"):
        globals()[f"test_cut_{_where}_{_command}"] = partial(put_back, cut=f"cut_{_where}", command=f"zone-{_command}")
    globals()[f"test_cut_{_where}_7th_set"] = partial(put_back, cut=f"cut_{_where}", command="zone-set", at=7)
test_cut_in_a_reply = partial(put_back, reply_limit=300)
test_slow_replies = partial(put_back, delay=0.05)


def test_lost_reply_is_no_reason_to_abort(bench):
    """The commit was made and its reply lost: a transaction that is open then is an operator's."""
    path = bench.dir / "proxy.sock"
    server = bench.prepare(Zone(good(1)), control=path)
    proxy = bench.proxy(path, server.socket)
    proxy.start()
    server.start()
    settles(lambda: serial_of(stored(server)), 1, "remembered")
    server.stop()
    server.write_zone(bad(2))
    proxy.behave(cut_after="zone-commit", refuse_then=True, times=1)
    server.start()
    until(lambda: server.serial() == 1, "put back")
    server.txn("set his 300 A 192.0.2.99", end=None)
    proxy.behave()
    server.verdict("restored")
    server.swept(4)
    check("his.example.com." in server.knotc("zone-diff", APEX).stdout, "his transaction is there")
    server.knotc("zone-commit", APEX)
    settles(lambda: server.ask("his A"), "his A 192.0.2.99")
