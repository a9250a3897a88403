# SPDX-License-Identifier: GPL-2.0-or-later
"""Knot 3.5 with external-validation: the server itself waits for the verdict before it publishes."""

import subprocess
from functools import partial

from lib import APEX, KNOT, SOFT, Zone, check, equal, limit, settles, until, where
from ways import WEB, bad, good

EXTERNAL = dict(external_validation="guard", **SOFT)
SECTION = "external:\n  - id: guard\n    timeout: 20\n"
GOOD = {"www A": "www A 192.0.2.1", "www MX": "www MX 10 mail"}


def answers(server, expected=GOOD):
    equal({question: str(server.resolve(*question.split())) for question in expected}, expected)


def validated(bench, text, zone=None, **policy):
    server = bench.knot(Zone(text, **EXTERNAL, **{"zonefile_sync": -1, **(zone or {})}), policy=policy, extra=SECTION)
    settles(server.serial, 1)
    return server


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


def by_file(server, serial, text):
    server.write_zone(text(serial) + f"changed TXT {serial}\n")
    server.knotc("zone-reload", APEX)


test_refuses_file_whole = partial(refuses, dict(zonefile_load="whole"), by_file)
test_refuses_file_difference = partial(refuses, dict(zonefile_load="difference", journal_content="all"), by_file)
test_refuses_file_no_serial = partial(refuses, dict(zonefile_load="difference-no-serial", journal_content="all"), by_file)


def test_refuses_the_first(bench):
    """A start with a bad file: the zone is not there until a good one comes."""
    server = bench.knot(Zone(bad(1), **EXTERNAL, zonefile_sync=-1), extra=SECTION)
    server.verdict("refused")
    equal(server.serial(), None)
    mark = server.mark()
    by_file(server, 2, good)
    settles(server.serial, 2)
    server.verdict("clean", mark)
    answers(server)


def rewrites(zone, bench):
    """What is published is the repaired version, with the serial that was coming in; then the next one is news."""
    server = validated(bench, good(1), zone, mode="rewrite")
    for serial in range(2, 6):
        mark = server.mark()
        by_file(server, serial, bad if serial % 2 == 0 else good)
        settles(server.serial, serial)
        server.verdict("clean", mark)
        equal(bool(server.find_log("verdict rewritten", mark)), serial % 2 == 0)
        answers(server, {"www MX": "www MX 10 mail", "www A": f"www A {WEB}" if serial % 2 == 0 else "www A 192.0.2.1"})


test_rewrites_whole = partial(rewrites, dict(zonefile_load="whole"))
test_rewrites_difference = partial(rewrites, dict(zonefile_load="difference", journal_content="all"))


def secondary(bench, **policy):
    primary = bench.prepare(Zone(good(1), notify="second", **SOFT), guard=False)
    server = bench.prepare(Zone(None, master="primary", **EXTERNAL), policy=policy, remotes={"primary": primary.port}, extra=SECTION)
    primary.remotes["second"] = server.port
    primary.configure()
    primary.start()
    server.start()
    settles(server.serial, 1)
    return primary, server


def test_refuses_transfers(bench):
    primary, server = secondary(bench)
    mark = server.mark()
    primary.txn("unset www A", "set www 300 CNAME web")
    server.verdict("refused", mark)
    equal(server.serial(), 1)
    answers(server)
    primary.txn("unset www CNAME", "set www 300 A 192.0.2.1")
    settles(server.serial, 3)
    settles(server.contents, primary.contents())


def test_rewrites_transfers(bench):
    """A secondary keeps its primary's serial, and gets all that comes after."""
    primary, server = secondary(bench, mode="rewrite")
    for number in range(6):
        edits = ("unset www A", "set www 300 CNAME web") if number % 2 == 0 else ("unset www CNAME", "set www 300 A 192.0.2.1")
        primary.txn(*edits, f"set t{number} 300 TXT {number}")
        settles(server.serial, primary.serial(), "serial", 20)
        check("CNAME" not in str(server.resolve("www", "MX")), "mail")
    settles(lambda: server.contents() == primary.contents(), True, "equal at the end", 20)


def test_audit_lets_all_through(bench):
    server = validated(bench, good(1), mode="audit")
    by_file(server, 2, bad)
    settles(server.serial, 2)
    server.verdict("audited")


def test_nobody_is_held_for_long(bench):
    """Ten zones at once, some of them bad."""
    zones = [Zone((bad if number % 3 == 0 else good)(1).replace(APEX, f"z{number}.example."), name=f"z{number}.example.", **EXTERNAL,
                  zonefile_sync=-1) for number in range(10)]
    server = bench.knot(*zones, extra=SECTION, server=dict(background_workers=2))
    for number in range(10):
        if number % 3:
            settles(lambda: server.serial(f"z{number}.example."), 1, f"zone {number}", 10)
        else:
            server.verdict("refused", zone=f"z{number}.example.")


# --- D-Bus -------------------------------------------------------------------------------------------------------------------------------

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""


class Bus:
    """A private system bus."""
    name = "dbus-daemon"

    def __init__(self, directory):
        self.dir, self.process = directory, None
        self.socket = directory / "bus"
        self.conf = directory / "bus.conf"
        self.conf.write_text(BUS.format(socket=self.socket))
        self.env = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.socket}"}

    def start(self):
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(["dbus-daemon", "--config-file", self.conf, "--nofork"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self.socket.exists, "the bus listens")
        return self

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    kill = stop


def with_bus(bench, *zones, **options):
    bus = Bus(bench.dir)
    bench.things.append(bus)
    bus.start()
    server = bench.prepare(*zones, extra=SECTION, server=dict(dbus_event=["zone-updated", "external-verify"], dbus_init_delay=0), **options)
    server.env = bus.env
    return bus, server.start()


def asked(server, mark):
    return len(server.find_log("received command 'zone-status', filters 't'", mark))


def test_hears(bench):
    """It is told, and does not ask for all zones again and again."""
    bus, server = with_bus(bench, Zone(good(1), **EXTERNAL, zonefile_sync=-1))
    settles(server.serial, 1)
    mark = server.mark()
    for serial in range(2, 12):
        by_file(server, serial, bad if serial % 3 == 0 else good)
        settles(server.serial, serial if serial % 3 else serial - 1)
        if serial % 3 == 0:
            server.verdict(f"refused, serial {serial}", mark)
    equal(len(server.find_log("waiting for external validation", mark)), 10)
    answers(server)


def test_bus_goes_and_comes(bench):
    """Without the bus it asks; with it again it hears again."""
    bus, server = with_bus(bench, Zone(good(1), **EXTERNAL, zonefile_sync=-1))
    settles(server.serial, 1)
    bus.stop()
    by_file(server, 2, good)
    settles(server.serial, 2)
    bus.start()
    by_file(server, 3, bad)
    server.verdict("refused, serial 3")
    by_file(server, 4, good)
    settles(server.serial, 4)


def test_many_zones_start(bench):
    """Two hundred zones, of which each is held for its verdict."""
    zones = [Zone(good(1).replace(APEX, f"z{number}.example."), name=f"z{number}.example.", **EXTERNAL, zonefile_sync=-1)
             for number in range(200)]
    bus, server = with_bus(bench, *zones)
    until(lambda: len(server.find_log("loaded, serial none -> 1")) == 200, "all loaded", 20)


# --- where Knot does not ask, the gate stays -----------------------------------------------------------------------------------------------

REFUSED = {"www MX": "SERVFAIL EDE 24", "plain MX": "plain MX 10 mail"}
JOURNAL = dict(zonefile_load="difference", journal_content="all")


def test_first_load_into_a_journal(bench):
    server = bench.knot(Zone(bad(1), **EXTERNAL, **JOURNAL, zonefile_sync=-1), extra=SECTION)
    server.verdict("held")
    answers(server, REFUSED)


def test_edit_that_keeps_the_serial(bench):
    """Knot numbers it itself, and publishes it without asking."""
    server = validated(bench, good(1), JOURNAL)
    server.write_zone(bad(1))
    server.zone_reload()
    server.verdict("held")
    answers(server, REFUSED)


def restarted(options, bench):
    """What a lenient policy let in is in the journal; an unchanged restart asks nobody."""
    server = validated(bench, good(1), options, mode="audit")
    by_file(server, 2, bad)
    settles(server.serial, 2)
    server.stop()
    server.configure(mode="refuse")
    mark = server.mark()
    server.start()
    server.verdict("held", mark)
    answers(server, REFUSED)


test_restart_difference = partial(restarted, JOURNAL)
test_restart_no_serial = partial(restarted, dict(zonefile_load="difference-no-serial", journal_content="all"))


def by_transaction(mode, action, expected, bench):
    """A control transaction is published at once."""
    server = validated(bench, good(1), dict(zonefile_load="difference-no-serial", journal_content="all", acl=["local"]), mode=mode)
    server.verdict("clean")
    mark = server.mark()
    server.txn("unset www A", "set www 300 CNAME web")
    server.verdict(action, mark)
    settles(lambda: server.ask("www MX"), expected)


test_transaction_refuse = partial(by_transaction, "refuse", "held", "SERVFAIL EDE 24")
test_transaction_rewrite = partial(by_transaction, "rewrite", "rewritten", "www MX 10 mail")


# --- nobody waits for ever -------------------------------------------------------------------------------------------------------------------

def test_stop_while_held(bench):
    """knotd ends soon, though a version is held that nobody answers for."""
    server = bench.knot(Zone(good(1), **EXTERNAL, zonefile_sync=-1), extra=SECTION.replace("20", "3"), policy=dict(control=bench.dir / "nobody"))
    server.wait_log("waiting for external validation")
    check(server.stop() < 10, "stops")


def test_operator_blocks(bench):
    """An operator who waits by `knotc -b` has his answer, and so has the version; also with several sockets."""
    server = validated(bench, good(1))
    for serial in range(2, 8):
        server.write_zone((bad if serial % 2 else good)(serial))
        server.knotc("-b", "zone-reload", APEX, check_code=False, timeout=10)
        equal(server.serial(), serial - serial % 2)


@limit(120)
def test_reload_while_held(bench):
    """Knot serves nobody's control commands then, and aborts what is held after its time-out: it is asked for again."""
    server = bench.knot(Zone(good(1), **EXTERNAL, zonefile_sync=-1), extra=SECTION.replace("20", "3"))
    settles(server.serial, 1)
    for serial in range(2, 5):
        by_file(server, serial, good)
        server.knotc("reload", timeout=30)
        settles(server.serial, serial, "serial", 20)


def test_socket_away(bench):
    """The control socket is silent for a while: the version is held, and answered for when it speaks again."""
    server = bench.prepare(Zone(good(1), **EXTERNAL, zonefile_sync=-1), extra=SECTION, control=bench.dir / "proxy.sock")
    proxy = bench.proxy(bench.dir / "proxy.sock", server.socket)
    proxy.start()
    server.start()
    settles(server.serial, 1, "first", 20)
    proxy.stop()
    by_file(server, 2, good)
    server.wait_log(r"no new verdicts for any zone")
    equal(server.serial(), 1)
    proxy.start()
    settles(server.serial, 2, "second", 20)


def test_updates(bench):
    """A client of a dynamic update has its answer when the version is published."""
    server = validated(bench, good(1))
    for number in range(10):
        equal(server.update(f"add u{number} 300 A 192.0.2.9"), "NOERROR")
        equal(server.ask(f"u{number} A"), f"u{number} A 192.0.2.9")



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
    server = validated(bench, good(1), dict(zonefile_sync=0, zonefile_load="whole"))
    server.wait_log("warning: .*when it stops Knot writes what it serves over the zone file")
    by_file(server, 2, bad)
    server.verdict("refused")
    text = server.zone_file().read_text()
    server.stop()
    kept = [file.read_text() for file in (server.storage / "cnameguard/kept/example.com").glob("*.zone")]
    check(any(each.endswith(text) for each in kept), "the owner's file, octet for octet")


for _name in [name for name in globals() if name.startswith("test_")]:
    where(KNOT >= (3, 5))(globals()[_name])         # there is no external validation before
