# SPDX-License-Identifier: GPL-2.0-or-later
"""The last good version: remembered while it is served, and put back where a start with a refused file would serve nothing."""

import os
import re
from functools import partial

from lib import APEX, FILE_ONLY, UPDATED, Zone, check, equal, records, settles
from ways import bad, good, version

GOOD = {"www A": "www A 192.0.2.1", "www MX": "www MX 10 mail", "plain MX": "plain MX 10 mail"}


def stored(server, zone=APEX):
    return server.storage / "cnameguard/good" / f"{zone.rstrip('.')}.zone"


def serial_of(file):
    lines = [line for line in file.read_text().splitlines() if line.startswith("; serial ")] if file.exists() else []
    return int(lines[0].split()[-1]) if lines else None


def remembered(server, serial, zone=APEX):
    settles(lambda: serial_of(stored(server, zone)), serial, "remembered serial")


def answers(server, expected=GOOD):
    equal({question: str(server.resolve(*question.split())) for question in expected}, expected)


def started_with(server, text):
    """The server is killed, and comes back to a file that Knot refuses."""
    server.stop()
    server.write_zone(text)
    mark = server.mark()
    server.start()
    return mark


def put_back(options, bench):
    """With its serial; the corrected file loads over it as always."""
    server = bench.knot(Zone(good(1), **options))
    remembered(server, 1)
    mark = started_with(server, bad(2))
    line = server.verdict("restored", mark)
    check("serial 1" in line, line)
    server.verdict("clean", mark)
    answers(server)
    equal(server.serial(), 1)
    equal([(entry["serial"], entry["judged"]) for entry in server.audit("verdict", action="restored")], [(1, "file")])
    mark = server.mark()
    server.write_zone(good(3) + "new A 192.0.2.9\n")
    server.reload()
    server.verdict("clean", mark)
    answers(server, {"new A": "new A 192.0.2.9", "www MX": "www MX 10 mail"})
    remembered(server, server.serial())


test_put_back = partial(put_back, {})
test_put_back_no_sync = partial(put_back, dict(zonefile_sync=-1))
test_put_back_difference = partial(put_back, dict(zonefile_load="difference", journal_content="all", zonefile_sync=-1))
test_put_back_no_journal = partial(put_back, dict(journal_content="none"))


def test_put_back_syntax_error(bench):
    """Also under soft, where only a syntax error makes Knot refuse."""
    server = bench.knot(Zone(good(1), **FILE_ONLY), policy=dict(mode="rewrite"))
    remembered(server, 1)
    mark = started_with(server, good(2) + "broken A 192.0.2.300\n")
    server.verdict("restored", mark)
    server.verdict("clean", mark)
    answers(server)


def kept(server, zone=APEX):
    """The texts of the kept originals, by time."""
    folder = server.storage / "cnameguard/kept" / zone.rstrip(".")
    return [file.read_text() for file in sorted(folder.glob("*.zone"))]


def test_refused_file_is_kept(bench):
    """Where Knot writes over the zone file, its text is there still, comments and all."""
    server = bench.knot(Zone(good(1)))
    remembered(server, 1)
    text = bad(2) + "; the customer's own comment\n"
    server.verdict("restored", started_with(server, text))
    settles(lambda: server.zone_file().read_text() != text, True, "Knot writes its file")
    check(kept(server)[-1].endswith(text), kept(server))


def test_refused_file_stays(bench):
    """Without zonefile-sync nothing touches it, and nothing has to be kept."""
    server = bench.knot(Zone(good(1), zonefile_sync=-1))
    remembered(server, 1)
    server.verdict("restored", started_with(server, bad(2)))
    server.stop()
    mark = server.mark()
    server.start()
    server.verdict("restored", mark)
    equal((server.zone_file().read_text(), kept(server)), (bad(2), []))


def test_file_that_cannot_be_kept(bench):
    """Then the refused file is not given up: nothing is put back, and one line says why, until it can be kept."""
    server = bench.knot(Zone(good(1)))
    remembered(server, 1)
    (server.storage / "cnameguard/kept").write_text("in the way")
    mark = started_with(server, bad(2))
    server.wait_log("is not put back: the refused zone file cannot be kept", mark)
    server.swept(6)
    equal((str(server.query("plain", "A")), server.zone_file().read_text()), ("SERVFAIL EDE 24", bad(2)))
    equal(len(server.find_log("is not put back", mark)), 1)
    (server.storage / "cnameguard/kept").unlink()
    server.verdict("restored", mark, timeout=30)


# --- never ---------------------------------------------------------------------------------------------------------------------------

def not_put_back(server, mark, expected="SERVFAIL EDE 24"):
    server.swept(6)
    equal(server.find_log("verdict restored", mark), [])
    equal(str(server.query("plain", "A")), expected)


def test_never_in_audit(bench):
    server = bench.knot(Zone(good(1)), policy=dict(mode="audit"))
    server.verdict("clean")
    not_put_back(server, started_with(server, bad(2)))
    check(not stored(server).exists(), "audit remembers nothing")


def test_never_on_a_secondary(bench):
    primary = bench.knot(Zone(good(1)), guard=False)
    server = bench.knot(Zone(None, master="primary"), remotes={"primary": primary.port})
    server.verdict("clean")
    primary.stop()
    not_put_back(server, started_with(server, bad(2)))
    check(not stored(server).exists(), "of a secondary nothing is remembered")


def test_never_without_a_file(bench):
    """An operator who takes the file away means it."""
    server = bench.knot(Zone(good(1)))
    remembered(server, 1)
    server.stop()
    server.zone_file().unlink()
    mark = server.mark()
    server.start()
    not_put_back(server, mark)


def test_never_over_what_is_there(bench):
    """A file that Knot takes is served, whatever is remembered; one that it refuses later leaves the zone as it is."""
    server = bench.knot(Zone(good(5)))
    remembered(server, 5)
    mark = started_with(server, good(3) + "older A 192.0.2.7\n")
    server.verdict("clean", mark)
    equal((server.serial(), server.ask("older A")), (3, "older A 192.0.2.7"))
    remembered(server, 3)
    server.write_zone(bad(6))
    server.reload()
    server.verdict("refused", mark)
    not_put_back(server, mark, "plain A 192.0.2.3")


def test_never_after_a_purge(bench):
    """What an operator purges is forgotten, also for a later zone of that name."""
    server = bench.knot(Zone(good(1)))
    remembered(server, 1)
    server.knotc("-f", "-b", "zone-purge", APEX)
    settles(stored(server).exists, False, "forgotten")
    not_put_back(server, started_with(server, bad(2)))


def test_never_after_a_purge_and_a_reload(bench):
    """Also when the next file, a bad one, is there before the purge is seen."""
    server = bench.knot(Zone(good(1)), policy=dict(sweep_interval=60))
    remembered(server, 1)
    server.knotc("-f", "-b", "zone-purge", APEX)
    server.write_zone(bad(2))
    mark = server.mark()
    server.reload()
    server.verdict("refused", mark)
    server.reload()
    server.swept(1)
    equal(server.find_log("verdict restored", mark), [])
    equal(str(server.query("plain", "A")), "SERVFAIL EDE 24")


def test_never_after_the_zone_was_removed(bench):
    """The next zone of that name may be another customer's."""
    other = Zone(records(1, "www A 192.0.2.9"), name="example.net.")
    server = bench.knot(Zone(good(1)), other)
    remembered(server, 1)
    zone = server.zones.pop(APEX)
    server.configure()
    server.reload()
    settles(stored(server).exists, False, "forgotten")
    check(stored(server, "example.net.").exists(), "the other one is not")
    server.zones[APEX] = zone
    server.write_zone(bad(1))
    server.configure()
    mark = server.mark()
    server.reload()
    server.verdict("refused", mark)
    not_put_back(server, mark)


def test_never_what_the_policy_forbids_by_now(bench):
    server = bench.knot(Zone(good(1) + "badmx MX 10 alias\n"))
    remembered(server, 1)
    server.stop()
    server.configure(enforce=["mx-alias"])
    server.write_zone(bad(2))
    mark = server.mark()
    server.start()
    server.wait_log("is not put back: the last good version is not good under the policy of today", mark)
    not_put_back(server, mark)


def damaged(damage, bench):
    """A torn or altered file is recognised, said once, and written anew with the next good version."""
    server = bench.knot(Zone(good(1)))
    remembered(server, 1)
    server.stop()
    damage(stored(server))
    server.write_zone(bad(2))
    mark = server.mark()
    server.start()
    server.wait_log("the last good version was damaged on the disk and is not used", mark)
    not_put_back(server, mark)
    server.write_zone(good(3))
    server.reload()
    server.verdict("clean", mark)
    remembered(server, 3)


test_torn = partial(damaged, lambda file: os.truncate(file, file.stat().st_size - 20))
test_altered = partial(damaged, lambda file: file.write_text(file.read_text().replace("192.0.2.1", "192.0.2.2")))
test_emptied = partial(damaged, lambda file: os.truncate(file, 0))


# --- others at work --------------------------------------------------------------------------------------------------------------------

def test_operator_fills_the_zone_first(bench):
    """Somebody's transaction is left alone; what it commits stays."""
    server = bench.knot(Zone(good(1), zonefile_sync=-1))
    remembered(server, 1)
    server.stop()
    (server.storage / "cnameguard/good").rename(server.storage / "aside")
    server.write_zone(bad(2))
    mark = server.mark()
    server.start()
    server.verdict("refused", mark)
    server.txn("set @ 300 SOA ns hostmaster 9 3600 600 86400 300", end=None)
    (server.storage / "cnameguard/good").mkdir(exist_ok=True)
    (server.storage / "aside" / "example.com.zone").rename(stored(server))
    server.wait_log("is not put back: somebody's transaction is open", mark, timeout=30)
    for edit in ("@ 300 NS ns", "ns 300 A 192.0.2.1", "mine 300 A 192.0.2.77"):
        server.knotc("zone-set", APEX, *edit.split(None, 3))
    server.knotc("zone-commit", APEX)
    server.verdict("clean", mark)
    equal((server.serial(), server.ask("mine A")), (9, "mine A 192.0.2.77"))
    equal(server.find_log("verdict restored", mark), [])


# --- the disk ------------------------------------------------------------------------------------------------------------------------

def test_nothing_is_written_twice(bench):
    """An unchanged version over restarts and reloads."""
    server = bench.knot(Zone(good(1), zonefile_load="difference", journal_content="all", zonefile_sync=-1))
    remembered(server, 1)
    before = (stored(server).stat().st_ino, stored(server).stat().st_mtime_ns)
    for _ in range(2):
        mark = server.mark()
        server.restart()
        server.verdict("clean", mark)
        server.reload()
        server.zone_reload()
        server.swept(6)
    equal((stored(server).stat().st_ino, stored(server).stat().st_mtime_ns), before)
    equal([path.name for path in stored(server).parent.iterdir()], ["example.com.zone"])
    equal(stored(server).stat().st_mode & 0o777, 0o640)


def checksum(octets):
    """FNV-1a, 64 bits, as in docs/state.md."""
    value = 0xcbf29ce484222325
    for octet in octets:
        value = (value ^ octet) * 0x100000001b3 % 2**64
    return f"{value:016x}"


def stored_at(server, time):
    """As if it had been written at that time."""
    head, rest = re.sub(rb"(?m)^; time .*$", b"; time " + time.encode(), stored(server).read_bytes()).split(b"; checksum ")
    stored(server).write_bytes(head + b"; checksum " + checksum(head).encode() + rest[16:])


def same_serial(time, touched, bench):
    """Other contents under the same serial are remembered anew."""
    server = bench.knot(Zone(good(1), zonefile_sync=-1))
    remembered(server, 1)
    server.stop()
    stored_at(server, time)
    server.write_zone(good(1) + "more A 192.0.2.9\n")
    os.utime(server.zone_file(), touched)
    server.start()
    settles(lambda: "more.example.com." in stored(server).read_text(), True, "remembered anew")


test_same_serial_after_the_clock_was_set_back = partial(same_serial, "2099-01-01T00:00:00Z", None)
test_same_serial_in_a_file_with_an_old_time = partial(same_serial, "2020-01-01T00:00:00Z", (10**9, 10**9))


def test_cannot_be_remembered(bench):
    """Said once; answered as always; remembered as soon as it can be."""
    server = bench.prepare(Zone(good(1)))
    (server.storage / "cnameguard").mkdir()
    (server.storage / "cnameguard/good").write_text("in the way")
    server.start()
    server.wait_log("this version cannot be remembered")
    answers(server)
    server.swept(6)
    equal(len(server.find_log("cannot be remembered")), 1)
    (server.storage / "cnameguard/good").unlink()
    mark = server.mark()
    server.write_zone(good(2))
    server.reload()
    server.verdict("clean", mark)
    settles(lambda: serial_of(stored(server)), 2, "remembered serial", 30)


def test_of_a_journal(bench):
    """Updates are in it; so the version that comes back is the newest, not the file's."""
    server = bench.knot(Zone(good(1), zonefile_sync=-1))
    for number in range(5):
        equal(server.update(f"add u{number} 300 A 192.0.2.{number}"), "NOERROR")
    remembered(server, 6)
    server.verdict("restored", started_with(server, bad(1)))
    settles(server.serial, 6)
    equal(server.ask("u4 A"), "u4 A 192.0.2.4")
    equal(server.update("add more 300 A 192.0.2.9"), "NOERROR")
    equal((server.serial(), server.ask("more A")), (7, "more A 192.0.2.9"))


def journal_only(options, bench):
    """What updates have brought is in the journal alone, which a restoration deletes: it is kept, and the line says so."""
    server = bench.knot(Zone(good(1), zonefile_sync=-1, **options), policy=dict(keep=1))
    server.verdict("clean")
    equal(server.update("add dynamic 300 A 192.0.2.9"), "NOERROR")
    remembered(server, 2)
    line = server.verdict("restored", started_with(server, bad(1)))
    check("give the corrected file a serial above 2" in line, line)
    text, = kept(server)
    name, = (file.name for file in (server.storage / "cnameguard/kept/example.com").glob("*.zone"))
    check(name in line, line)
    mark = server.mark()
    server.write_zone(good(3))
    server.reload()
    server.verdict("clean, serial 3", mark)
    equal(server.ask("dynamic A"), "NXDOMAIN")
    check("dynamic.example.com. 300 IN A 192.0.2.9" in text, text)


test_journal_only_whole = partial(journal_only, {})
test_journal_only_difference = partial(journal_only, dict(zonefile_load="difference", journal_content="all"))


def test_journal_only_that_cannot_be_kept(bench):
    """Then the journal stays, and Knot applies it to the corrected file."""
    server = bench.knot(Zone(good(1), zonefile_sync=-1))
    server.verdict("clean")
    equal(server.update("add dynamic 300 A 192.0.2.9"), "NOERROR")
    remembered(server, 2)
    (server.storage / "cnameguard/kept").write_text("in the way")
    mark = started_with(server, bad(1))
    server.wait_log("is not put back: it may have changes that are in Knot's journal only, and cannot be kept", mark)
    server.write_zone(good(1))
    server.reload()
    settles(lambda: server.ask("dynamic A"), "dynamic A 192.0.2.9")
