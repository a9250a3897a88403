# SPDX-License-Identifier: GPL-2.0-or-later
"""Knot 3.5 with external-validation: the server itself waits for the verdict before it publishes."""

from functools import partial

from external import (HELD, RECOMMENDED, Bus, answers, asked, by_file, everywhere_else_absent, on_bus, prepared, validated, write, zones)
from lib import APEX, SOFT, Zone, check, equal, records, settles, until
from ways import WEB, bad, good

NO_SERIAL = dict(zonefile_load="difference-no-serial", journal_content="all")
JOURNAL = dict(zonefile_load="difference", journal_content="all")


def refuses(zone, bring, bench):
    """The bad version never becomes current; the last good one goes on, is transferred, and the next good one comes."""
    server = validated(bench, good(1), zone)
    mark = server.mark()
    bring(server, 2, bad)
    line = server.verdict("refused", mark)
    check("was not published" in line, line)
    answers(server)
    equal(server.serial(), 1)
    equal(str(server.axfr()), "AXFR 1")
    equal(server.stats()["held"] + server.stats()["refused"], 0)
    entry, = server.audit("verdict", action="refused")
    equal(entry["judged"], "pending")
    bring(server, 3, good)
    settles(lambda: server.serial() > 1, True)
    answers(server)


test_refuses_file_whole = partial(refuses, dict(zonefile_load="whole"), by_file)
test_refuses_file_difference = partial(refuses, JOURNAL, by_file)
test_refuses_file_no_serial = partial(refuses, NO_SERIAL, by_file)


def test_refuses_the_first(bench):
    """A start with a bad file: the zone is not there until a good one comes."""
    server = prepared(bench, Zone(bad(1), **RECOMMENDED)).start()
    server.verdict("refused")
    equal(server.serial(), None)
    mark = server.mark()
    by_file(server, 2, good)
    settles(server.serial, 2)
    server.verdict("clean", mark)
    answers(server)


def rewrites(zone, bench):
    """What is published is the repaired version, with the serial that was coming in; then the next one is news."""
    server = validated(bench, good(1), zone, policy=dict(mode="rewrite"))
    for serial in range(2, 6):
        mark = server.mark()
        by_file(server, serial, bad if serial % 2 == 0 else good)
        settles(server.serial, serial)
        server.verdict("clean", mark)
        equal(bool(server.find_log("verdict rewritten", mark)), serial % 2 == 0)
        answers(server, {"www MX": "www MX 10 mail", "www A": f"www A {WEB}" if serial % 2 == 0 else "www A 192.0.2.1"})


test_rewrites_whole = partial(rewrites, dict(zonefile_load="whole"))
test_rewrites_difference = partial(rewrites, JOURNAL)


def test_rewrites_the_first(bench):
    """There is nothing else that could be served."""
    server = prepared(bench, Zone(bad(7), **RECOMMENDED), policy=dict(mode="rewrite")).start()
    server.verdict("rewritten, serial 7")
    settles(server.serial, 7)
    answers(server, {"www MX": "www MX 10 mail", "www A": f"www A {WEB}"})


def elsewhere(late, bench):
    """The alias leads to another zone, which is not there yet: the repair waits, and is made when it can be."""
    here, there = "here.example.", "there.example."
    texts = {here: lambda serial: records(serial, "www CNAME web.there.example.", "www MX 10 ns"),
             there: lambda serial: records(serial, "web A 192.0.2.9")}
    server = prepared(bench, Zone(texts[here](1), name=here, **RECOMMENDED),
                      Zone(None if late else texts[there](1), name=there, **RECOMMENDED), policy=dict(mode="rewrite")).start()
    if late:
        server.verdict("failed, serial 1", zone=here)
        by_file(server, 1, texts[there], there)
    server.verdict("rewritten, serial 1", zone=here)
    settles(lambda: server.serial(here), 1)
    equal(server.ask("www.here.example. A"), "www.here.example. A 192.0.2.9")


test_rewrites_with_a_target_elsewhere = partial(elsewhere, False)
test_rewrites_when_the_target_comes = partial(elsewhere, True)


def secondary(bench, first=good, **policy):
    primary = bench.prepare(Zone(first(1), notify="second", **SOFT), guard=False)
    server = prepared(bench, Zone(None, master="primary", **RECOMMENDED), policy=policy, remotes={"primary": primary.port})
    primary.remotes["second"] = server.port
    primary.configure()
    primary.start()
    server.start()
    return primary, server


def test_refuses_ixfr(bench):
    primary, server = secondary(bench)
    settles(server.serial, 1)
    mark = server.mark()
    primary.txn("unset www A", "set www 300 CNAME web")
    server.wait_log("IXFR, incoming.*finished", mark)
    server.verdict("refused, serial 2", mark)
    equal(server.serial(), 1)
    answers(server)
    primary.txn("unset www CNAME", "set www 300 A 192.0.2.1")
    settles(server.serial, 3)
    settles(server.contents, primary.contents())


def test_refuses_axfr(bench):
    """The first version that there is, and a transfer that the operator wants anew."""
    primary, server = secondary(bench, bad)
    server.verdict("refused, serial 1")
    mark = server.mark()
    server.knotc("zone-retransfer", APEX)
    server.wait_log("AXFR, incoming.*external validation failed", mark)
    equal(server.serial(), None)
    primary.txn("unset www CNAME", "set www 300 A 192.0.2.1")
    settles(server.serial, 2)
    settles(server.contents, primary.contents())
    answers(server)


def test_rewrites_transfers(bench):
    """A secondary keeps its primary's serial, and gets all that comes after."""
    primary, server = secondary(bench, mode="rewrite")
    settles(server.serial, 1)
    for number in range(6):
        edits = ("unset www A", "set www 300 CNAME web") if number % 2 == 0 else ("unset www CNAME", "set www 300 A 192.0.2.1")
        primary.txn(*edits, f"set t{number} 300 TXT {number}")
        settles(server.serial, primary.serial(), "serial", 20)
        check("CNAME" not in str(server.resolve("www", "MX")), "mail")
    settles(lambda: server.contents() == primary.contents(), True, "equal at the end", 20)


def test_audit_lets_all_through(bench):
    server = validated(bench, good(1), policy=dict(mode="audit"))
    by_file(server, 2, bad)
    settles(server.serial, 2)
    server.verdict("audited")


# --- D-Bus -------------------------------------------------------------------------------------------------------------------------------

def test_hears(bench):
    """It is told, and does not ask for all zones again and again."""
    server = on_bus(bench, Bus(bench).start()).start()
    settles(server.serial, 1)
    mark = server.mark()
    for serial in range(2, 12):
        by_file(server, serial, bad if serial % 3 == 0 else good)
        if serial % 3:
            settles(server.serial, serial)
        else:
            server.verdict(f"refused, serial {serial}", mark)
    equal(len(server.find_log(HELD, mark)), 10)
    answers(server)
    mark = server.mark()
    until(lambda: asked(server, mark, "s") >= 4, "four sweeps, a second apart")
    check(asked(server, mark) <= 4, "it asks all the time")


def test_many_zones_start(bench):
    """Two hundred zones, of which each is held for its verdict."""
    server = on_bus(bench, Bus(bench).start(), *zones(200)).start()
    until(lambda: len(server.find_log("loaded, serial none -> 1")) == 200, "all loaded", 20)


# --- where Knot does not ask, the gate stays -----------------------------------------------------------------------------------------------

REFUSED = {"www MX": "SERVFAIL EDE 24", "plain MX": "plain MX 10 mail"}


def held_by_the_gate(server, mark=0):
    """Nobody was asked, and what was published does no harm."""
    server.verdict("held", mark)
    equal(server.find_log(HELD, mark), [])
    answers(server, REFUSED)
    equal(str(server.axfr()), "SERVFAIL")


def test_first_load_into_a_journal(bench):
    held_by_the_gate(prepared(bench, Zone(bad(1), **RECOMMENDED, **JOURNAL)).start())


def test_edit_that_keeps_the_serial(bench):
    """Knot numbers it itself, and publishes it without asking."""
    server = validated(bench, good(1), JOURNAL)
    server.verdict("clean")
    mark = server.mark()
    server.write_zone(bad(1))
    server.zone_reload()
    held_by_the_gate(server, mark)


def restarted(options, bench):
    """What a lenient policy let in is in the journal; an unchanged restart asks nobody."""
    server = validated(bench, good(1), options, policy=dict(mode="audit"))
    by_file(server, 2, bad)
    settles(server.serial, 2)
    server.stop()
    server.configure(mode="refuse")
    mark = server.mark()
    server.start()
    held_by_the_gate(server, mark)


test_restart_difference = partial(restarted, JOURNAL)
test_restart_no_serial = partial(restarted, NO_SERIAL)


def test_reload_after_a_repair(bench):
    """An uncorrected file that is loaded once more has the serial of the repair, which is in the journal: Knot asks nobody."""
    server = validated(bench, good(1), policy=dict(mode="rewrite"))
    by_file(server, 2, bad)
    server.verdict("rewritten, serial 2")
    settles(server.serial, 2)
    mark = server.mark()
    server.zone_reload()
    server.verdict("rewritten, serial 2", mark)
    equal(server.find_log(HELD, mark), [])
    answers(server, {"www A": f"www A {WEB}", "www MX": "www MX 10 mail"})
    equal(str(server.axfr()), "SERVFAIL")


def test_transaction_refuse(bench):
    """A control transaction is published at once."""
    server = validated(bench, good(1), dict(acl=["local"], **NO_SERIAL))
    server.verdict("clean")
    mark = server.mark()
    server.txn("unset www A", "set www 300 CNAME web")
    held_by_the_gate(server, mark)


def test_transaction_rewrite(bench):
    server = validated(bench, good(1), dict(acl=["local"], **NO_SERIAL), policy=dict(mode="rewrite"))
    server.verdict("clean")
    mark = server.mark()
    server.txn("unset www A", "set www 300 CNAME web")
    server.repaired(mark)
    answers(server, {"www MX": "www MX 10 mail", "www A": f"www A {WEB}"})


# --- updates, signing --------------------------------------------------------------------------------------------------------------------

def test_updates(bench):
    """A client of a dynamic update has its answer when the version is published."""
    server = validated(bench, good(1))
    for number in range(10):
        equal(server.update(f"add u{number} 300 A 192.0.2.9"), "NOERROR")
        equal(server.ask(f"u{number} A"), f"u{number} A 192.0.2.9")


def test_update_refused(bench):
    """The client hears SERVFAIL, the audit log has all records and what to write instead; the next update is made.

    Knot itself leaves out what would conflict; what gets so far as to be refused is by a rule that was raised.
    """
    server = validated(bench, good(1), policy=dict(enforce=["mx-alias"]))
    until(lambda: server.audit("verdict"), "the verdict of what is published")
    mark = server.mark_audit()
    equal(server.update("add shop 300 MX 10 alias", "add shop 300 MX 20 mail"), "SERVFAIL")
    equal(server.ask("shop MX"), "NXDOMAIN")
    equal(server.serial(), 1)
    until(lambda: server.audit("verdict", mark), "a verdict")
    verdict, = server.audit("verdict", mark)
    equal([verdict["action"], verdict["judged"], verdict["serial"]], ["refused", "pending", 2])
    finding, = server.audit("finding", mark)
    equal([finding["rule"], finding["owner"], finding["serial"]], ["mx-alias", f"shop.{APEX}", 2])
    check(any("10 alias" in record for record in finding["records"]), finding["records"])
    check(finding["remedy"], "what to do")
    equal(server.update("add shop 300 MX 20 mail"), "NOERROR")
    equal(server.ask("shop MX"), "shop MX 20 mail")


def signatures(server):
    return server.query("plain", "A", dnssec=True, edns=4096).records


def test_signing(bench):
    """What Knot signs anew is held as well, and let through; what is refused changes no signature."""
    server = validated(bench, good(1), dict(dnssec_signing=True, **JOURNAL))
    mark = server.mark()
    before, serial = signatures(server), server.serial()
    check(any("RRSIG" in record for record in before), before)
    server.knotc("-b", "zone-sign", APEX)
    equal(len(server.find_log(HELD, mark)), 1)
    check(server.serial() != serial, "signed anew")
    settles(lambda: signatures(server) != before, True)
    before, serial = signatures(server), server.serial()
    by_file(server, 100, bad)
    server.verdict("refused", mark)
    equal([signatures(server), server.serial()], [before, serial])
    answers(server)
    by_file(server, 200, good)
    settles(lambda: server.ask("changed TXT"), 'changed TXT "200"')
    check(server.serial() >= 200, "the next version")


def test_signing_rewrite(bench):
    """The repaired version is signed by Knot as it is published; there is no moment without signatures, or with the alias."""
    server = validated(bench, good(1), dict(dnssec_signing=True, **JOURNAL), policy=dict(mode="rewrite"))
    mark = server.mark()
    by_file(server, 100, bad)
    server.verdict("rewritten", mark)
    settles(lambda: server.ask("www A"), f"www A {WEB}")
    for question in ("www A", "www MX", "plain A"):
        records = server.query(*question.split(), dnssec=True, edns=4096).records
        check(any("RRSIG" in record for record in records), records)


# --- the owner's file -----------------------------------------------------------------------------------------------------------------------

def test_file_stays(bench):
    """In the recommended configuration a stop does not write over what was not published."""
    server = validated(bench, good(1))
    by_file(server, 2, bad)
    server.verdict("refused")
    text = server.zone_file().read_text()
    server.stop()
    equal(server.zone_file().read_text(), text)
    equal(server.find_log("warning: .*mod-cnameguard.*zonefile-sync"), [])


def test_file_is_kept(bench):
    """Elsewhere it does: there is a warning at load, and the file is kept first."""
    server = validated(bench, good(1), dict(zonefile_sync=0))
    server.wait_log("warning: .*when it stops Knot writes what it serves over the zone file")
    by_file(server, 2, bad)
    server.verdict("refused")
    text = server.zone_file().read_text()
    server.stop()
    kept = [file.read_text() for file in (server.storage / "cnameguard/kept/example.com").glob("*.zone")]
    check(any(each.endswith(text) for each in kept), "the owner's file, octet for octet")


everywhere_else_absent(globals())
