# SPDX-License-Identifier: GPL-2.0-or-later
"""Knot 3.5, big zones: what is held is judged by what it changes, and not read again when it is published."""

from functools import partial

from external import EXTERNAL, everywhere_else_absent, section
from lib import APEX, Zone, check, equal, limit, records, settles, until

NAMES = 2000
JOURNAL = dict(zonefile_load="none", journal_content="all")
FILE = dict(zonefile_load="difference", journal_content="all")


def big(serial, *parts):
    """More records than are kept while they are read."""
    return records(serial, *(f"n{number} A 192.0.2.1" for number in range(NAMES)), "web A 192.0.2.80", "mail A 192.0.2.25",
                   "www A 192.0.2.1", "www MX 10 mail", *parts)


class Big:
    """A server with a big zone; what it was asked for since the last look."""

    def __init__(self, bench, zone, *parts, policy=None, timeout=300):
        first = {**zone, **({"zonefile_load": "difference"} if zone["zonefile_load"] == "none" else {})}
        self.server = bench.knot(Zone(big(1, *parts), **EXTERNAL, **first, zonefile_sync=-1), policy=policy, extra=section(timeout))
        settles(self.server.serial, 1)
        self.server.verdict("clean")
        if zone != first:       # from here on the journal alone
            self.server.zones[APEX].options["zonefile_load"] = zone["zonefile_load"]
            self.server.configure()
            self.server.reload()
            self.server.swept()
        self.mark = self.server.mark()

    def update(self, *changes):
        self.mark = self.server.mark()
        equal(self.server.update(*changes), "NOERROR")

    def by_file(self, serial, *parts):
        self.mark = self.server.mark()
        self.server.write_zone(big(serial, *parts))
        self.server.knotc("zone-reload", APEX)

    def heard(self, command):
        return len(self.server.find_log(f"received command '{command}'", self.mark))

    def read_by_changes(self):
        """What was held was looked at by its changes: the apex and some names, each by a command of its own."""
        return self.heard("zone-diff") == 1 and self.heard("zone-get") > 1

    def read_whole(self):
        return self.heard("zone-get") == 1


def test_update(bench):
    """One record more: one name is read, beside the apex."""
    zone = Big(bench, JOURNAL)
    for number in range(5):
        zone.update(f"add new{number} 300 A 192.0.2.7")
        zone.server.verdict(f"clean, serial {zone.server.serial()}, .* {NAMES + 8 + number} records", zone.mark)
        check(zone.read_by_changes(), zone.server.log_text(zone.mark))
        equal(zone.server.ask(f"new{number} A"), f"new{number} A 192.0.2.7")


def test_read_once(bench):
    """What was judged before it was published is not read again for its verdict."""
    zone = Big(bench, FILE)
    until((zone.server.storage / "cnameguard/good/example.com.zone").exists, "it is remembered, for which it is read")
    zone.by_file(2, "new A 192.0.2.7")
    line = zone.server.verdict("clean, serial 2", zone.mark)
    before = zone.server.log_text(zone.mark).split(line)[0]
    equal([before.count(f"received command '{command}'") for command in ("zone-diff", "zone-get", "zone-read")], [1, 2, 0])


def conflict(record, owner, types, bench):
    """It is seen in the changes, and then told with all records; the next version is read by its changes again."""
    parts = ["alias CNAME web", "deep.below.child TXT 1", "old DNAME new"]
    zone = Big(bench, FILE, *parts)
    zone.by_file(2, *parts, record)
    zone.server.verdict("refused, serial 2", zone.mark)
    equal(zone.heard("zone-diff"), 1)
    finding, = zone.server.audit("finding")
    equal(finding["owner"], owner)
    equal(finding["types"], types)
    zone.by_file(3, *parts, "fine A 192.0.2.9")
    settles(zone.server.serial, 3)
    check(zone.read_by_changes(), zone.server.log_text(zone.mark))


test_conflict = partial(conflict, "n7 CNAME web", "n7.example.com.", ["A", "CNAME"])
test_conflict_alias = partial(conflict, "alias MX 10 mail", "alias.example.com.", ["CNAME", "MX"])
test_conflict_below = partial(conflict, "below.old TXT 1", "old.example.com.", ["DNAME"])
test_conflict_deep = partial(conflict, "a.b.c.below.old TXT 1", "old.example.com.", ["DNAME"])
test_conflict_dname = partial(conflict, "below.child DNAME web", "below.child.example.com.", ["DNAME"])


def test_apex(bench):
    """NS that goes is seen at the apex."""
    zone = Big(bench, FILE, policy=dict(enforce=["apex-no-ns"]))
    zone.mark = zone.server.mark()
    zone.server.write_zone(big(2).replace("@ NS ns\n", ""))
    zone.server.knotc("zone-reload", APEX)
    zone.server.verdict("refused, serial 2", zone.mark)
    equal(zone.server.serial(), 1)


def test_much(bench):
    """So much is changed that it is read whole."""
    zone = Big(bench, FILE)
    zone.by_file(2, *(f"m{number} A 192.0.2.2" for number in range(NAMES)))
    settles(zone.server.serial, 2)
    check(zone.read_whole(), zone.server.log_text(zone.mark))


def test_targets(bench):
    """Where a rule about targets is enforced all names count."""
    zone = Big(bench, FILE, policy=dict(enforce=["cname-dangling"]))
    zone.by_file(2, "fine A 192.0.2.9")
    settles(zone.server.serial, 2)
    equal(zone.heard("zone-diff"), 0)
    zone.by_file(3, "fine A 192.0.2.9", "lost CNAME nowhere")
    zone.server.verdict("refused, serial 3", zone.mark)


def signed(bench):
    """A file loaded whole and signed: the changes are those of the signing alone, under the serial of the file."""
    server = bench.knot(Zone(big(1), **EXTERNAL, zonefile_load="whole", zonefile_sync=-1, dnssec_signing="on"), extra=section())
    settles(lambda: server.serial() is not None, True)
    server.verdict("clean")
    return server


def test_whole_and_signed(bench):
    server = signed(bench)
    for serial in (server.serial(), server.serial() + 1):
        mark = server.mark()
        server.write_zone(big(serial, "n7 CNAME web"))
        server.knotc("zone-reload", APEX)
        server.verdict("refused", mark)
        equal(server.ask("n7 A"), "n7 A 192.0.2.1")


def test_policy(bench):
    """What was clean under another policy was not judged under this one."""
    zone = Big(bench, FILE, "lost CNAME nowhere")
    zone.server.configure(ignore=["cname-dangling"])
    zone.server.reload()
    zone.server.swept()
    zone.by_file(2, "n7 CNAME web")
    zone.server.verdict("refused, serial 2", zone.mark)


def test_transfers(bench):
    """Incremental transfers are judged by their changes; the published version by its addresses."""
    primary = bench.prepare(Zone(big(1), notify="second", semantic_checks="soft"), guard=False)
    server = bench.prepare(Zone(None, master="primary", **EXTERNAL), remotes={"primary": primary.port}, extra=section())
    primary.remotes["second"] = server.port
    primary.configure()
    primary.start()
    server.start()
    settles(server.serial, 1)
    server.verdict("clean")
    for number in range(3):
        mark = server.mark()
        primary.txn(f"set t{number} 300 TXT {number}")
        settles(server.serial, primary.serial())
        equal(len(server.find_log("received command 'zone-diff'", mark)), 1)
        check(len(server.find_log("received command 'zone-get'", mark)) > 1, "by its changes")
    mark = server.mark()
    primary.txn("set n7 300 CNAME web")
    server.verdict("refused", mark)
    equal(server.ask("n7 A"), "n7 A 192.0.2.1")
    primary.txn("unset n7 CNAME")
    settles(server.contents, primary.contents(), "equal at the end", 20)


@limit(120)
def test_after_a_reload(bench):
    """A reload may have aborted what was let through: then nothing is taken from it."""
    zone = Big(bench, FILE, timeout=3)
    for serial in range(2, 5):
        zone.by_file(serial, f"r{serial} A 192.0.2.2")
        zone.server.reload()
        settles(zone.server.serial, serial, "serial", 20)
        zone.server.verdict(f"clean, serial {serial}", zone.mark)
    zone.by_file(5, "n7 CNAME web")
    zone.server.verdict("refused, serial 5", zone.mark)


everywhere_else_absent(globals())
