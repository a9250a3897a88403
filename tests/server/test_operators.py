# SPDX-License-Identifier: GPL-2.0-or-later
"""Two operators work on a server while bad and good versions come in: what they commit stays, nothing of theirs is aborted, nothing hangs."""

import os
import random
import subprocess
import threading
import time

import dns.exception

from lib import APEX, FILE_ONLY, SOFT, UPDATED, Zone, check, equal, limit, long, settles, until
from test_kill import Asking
from ways import bad, good

FILE, OWNED, PLAIN, EDITED = APEX, "owned.example.", "plain.example.", "edited.example."
ZONES = (FILE, OWNED, PLAIN, EDITED)


def of(zone, text):
    return text.replace(APEX, zone)


class Everywhere(Asking):
    """Questions to all zones; where a zone is away for a moment there is no answer, never a wrong one."""

    def run(self):
        while not self.ending:
            for zone in ZONES:
                for rdtype, tcp in (("MX", False), ("A", True), ("ANY", True)):
                    try:
                        reply = self.server.query("www." + zone, rdtype, tcp=tcp, timeout=2)
                    except (OSError, EOFError, dns.exception.DNSException):
                        continue
                    self.answers += 1
                    if any(record.split()[1] == "CNAME" for record in reply.records):
                        self.wrong.append((zone, rdtype, str(reply)))


class Operator(threading.Thread):
    """Does one thing after the other until told to stop; remembers what was committed, and what should not have been said."""

    def __init__(self, server, name, seed, actions):
        super().__init__(daemon=True)
        self.server, self.id, self.random, self.actions = server, name, random.Random(seed), actions
        self.ending, self.committed, self.wrong, self.count = False, {}, [], 0

    def run(self):
        while not self.ending and not self.wrong:
            action = self.random.choice(self.actions)
            try:
                action(self)
            except Exception as error:      # told by the test
                self.wrong.append(f"{action.__name__}: {error!r}")

    def knotc(self, *arguments):
        """A knotc that has to return in time, whatever it says."""
        try:
            return self.server.knotc(*arguments, check_code=False, timeout=15)
        except subprocess.TimeoutExpired:
            self.wrong.append(f"hangs: {arguments}")
            raise

    def pause(self, most=0.15):
        time.sleep(self.random.uniform(0, most))

    # what is done; each operator has owners of his own

    def transaction(self):
        """Begun, edited, left open for a while, committed: then it is there."""
        zone = self.random.choice((PLAIN, EDITED))
        with self.server.transactions:
            if self.knotc("zone-begin", zone).returncode != 0:
                return
            self.count += 1
            owner, text = f"{self.id}{self.random.randrange(5)}.{zone}", str(self.count)
            self.must("zone-unset", zone, owner, "TXT", fails=True)
            self.must("zone-set", zone, owner, "300", "TXT", text)
            self.pause()
            if self.random.random() < 0.3:
                self.must("zone-abort", zone)
                return
            self.must("zone-commit", zone)
            self.committed[owner] = text

    def must(self, *arguments, fails=False):
        """In a transaction that is open nobody but its operator may end it."""
        said = "thread mismatch"
        while "thread mismatch" in said:        # 3.5 keeps a configuration's transaction to the thread that began it
            done = self.knotc(*arguments)
            said = done.stdout + done.stderr
        if (done.returncode != 0 and not fails) or "no transaction" in said.lower():
            self.wrong.append(f"{arguments}: {said}")

    def new_file(self):
        zone = self.random.choice((FILE, OWNED))
        with self.server.files:
            self.server.number += 1
            text = self.random.choice((bad, bad, good))(self.server.number)
            self.server.write_zone(of(zone, text + f"n TXT {self.server.number}\n"), zone)
        self.knotc("zone-reload", zone)
        self.pause()

    def reload(self):
        with self.server.transactions:
            self.knotc("reload")
        self.pause()

    def freeze(self):
        zone = self.random.choice((FILE, OWNED, PLAIN))
        self.knotc("zone-freeze", zone)
        self.pause()
        self.knotc("zone-thaw", zone)

    def flush(self):
        self.knotc("-f", "zone-flush", self.random.choice((PLAIN, EDITED)))

    def purge(self):
        """With the file taken in again behind it."""
        zone = self.random.choice((FILE, OWNED))
        self.knotc("-f", "zone-purge", zone, "+journal", "+kaspdb", "+catalog")
        self.pause()

    def backup(self):
        folder = self.server.dir / f"backup-{self.id}"
        self.knotc("-f", "-b", "zone-backup", "+backupdir", folder, FILE)
        self.knotc("-f", "-b", "zone-restore", "+backupdir", folder, FILE)

    def configure(self):
        """The zone taken out, or the mode changed, by a configuration transaction, and back.

        Knot 3.2 forgets a module that the section `module` names when it commits a configuration, and opens zones that are new by it
        without; until the next reload. So that is done to a zone that Knot itself keeps clean.
        """
        mode = "mod-cnameguard[default].mode"
        away, back = self.random.choice((([("conf-set", mode, "refuse")], [("conf-set", mode, "rewrite")]),
                                         ([("conf-unset", f"zone[{PLAIN}]")], self.server.plain_items)))
        with self.server.transactions:
            for changes in (away, back):
                # from 3.4 on it is turned away during a repair
                until(lambda: self.server.knotc("conf-begin", check_code=False).returncode == 0, "conf-begin")
                for change in changes:
                    self.must(*change)
                self.must("conf-commit")
                self.pause()
            self.knotc("reload")

    def stats(self):
        self.knotc("zone-status")
        self.knotc("stats")


def prepared(bench):
    """A server whose configuration is in a database, so that it can be changed by transactions."""
    owned = dict(**SOFT, zonefile_load="whole", zonefile_sync=-1)
    edited = {**UPDATED, "zonefile_load": "whole", "semantic_checks": "off"}
    template = "template:\n  - id: default\n    module: mod-cnameguard/default\n"
    zones = [Zone(of(name, good(1)), name=name, module=None, **options)
             for name, options in ((FILE, FILE_ONLY), (OWNED, owned), (PLAIN, dict(zonefile_sync=-1)), (EDITED, edited))]
    server = bench.prepare(*zones, policy=dict(mode="rewrite", keep=50), extra=template)
    server.transactions = threading.Lock()          # Knot aborts open ones when it reloads
    server.files, server.number = threading.Lock(), 10
    items = [("", ()), (".storage", (server.storage,)), (".file", ("%s.zone",)), (".acl", ("local", "keyed", "updates")),
             (".zonefile-sync", ("-1",))]
    server.plain_items = [("conf-set", f"zone[{PLAIN}]{item}", *values) for item, values in items]
    database = server.dir / "confdb"
    subprocess.run(["knotc", "-C", database, "conf-import", server.conf], check=True, capture_output=True)
    server.database = database
    return server


def work(seconds, bench):
    server = prepared(bench)
    server.start()
    for zone in ZONES:
        server.verdict("clean", zone=zone)
    asking = Everywhere(server)
    asking.start()
    seed = int(os.environ.get("CNAMEGUARD_SEED", time.time()))
    print("seed", seed)
    first = Operator(server, "a", seed, [Operator.transaction, Operator.transaction, Operator.new_file, Operator.reload, Operator.backup,
                                         Operator.configure, Operator.stats])
    second = Operator(server, "b", seed + 1, [Operator.transaction, Operator.new_file, Operator.new_file, Operator.freeze, Operator.flush,
                                              Operator.purge, Operator.stats])
    for operator in (first, second):
        operator.start()
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end or first.wrong or second.wrong, "time", seconds + 1)
    for operator in (first, second):
        operator.ending = True
    for operator in (first, second):
        operator.join(60)
        check(not operator.is_alive(), "an operator hangs")
        equal(operator.wrong, [], f"seed {seed}: what went wrong for operator {operator.id}")
    for zone in (FILE, OWNED):
        server.knotc("zone-thaw", zone, check_code=False)
    for operator in (first, second):
        check(operator.committed, "something was committed")
        for owner, text in operator.committed.items():
            settles(lambda: [record.split('"')[1] for record in server.query(owner, "TXT").records], [text], f"seed {seed}: {owner}")
    server.write_zone(good(server.number + 5) + "last TXT x\n")
    server.write_zone(of(OWNED, good(server.number + 5) + "last TXT x\n"), OWNED)
    server.knotc("reload")
    for zone in (FILE, OWNED):
        settles(lambda: server.query("last." + zone, "TXT").rcode, "NOERROR", f"{zone} goes on")
        settles(lambda: server.axfr(zone).rcode, "NOERROR", f"{zone} is transferred")
    asking.ending = True
    asking.join()
    equal(asking.wrong, [], f"seed {seed}: conflicts that were served")
    equal(server.find_log("control transaction aborted"), [], "by nobody but his own knotc")
    check(asking.answers > 100, "questions were answered")
    check(server.stop() < 10, "it ends well")


def test_operators(bench):
    work(8, bench)


@limit(400)
@long
def test_operators_long(bench):
    work(float(os.environ.get("CNAMEGUARD_SECONDS", 240)), bench)
