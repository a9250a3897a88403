# SPDX-License-Identifier: GPL-2.0-or-later
"""Knot 3.5 with external-validation: whatever else goes wrong, each version that is held has its answer."""

import subprocess
import threading
from functools import partial

from external import (EVENTS, HELD, RECOMMENDED, Bus, answers, asks, away, by_file, everywhere_else_absent, held, names, on_bus, prepared,
                      reached, validated, write, zones)
from lib import APEX, Zone, check, equal, limit, settles, until
from ways import WEB, bad, good


# --- many zones, few workers, few sockets ------------------------------------------------------------------------------------------------

def all_at_once(server, count):
    """Every third of the next versions is bad."""
    mark = server.mark()
    for number, name in enumerate(names(count)):
        write(server, 2, good if number % 3 else bad, name)
    server.knotc("zone-reload")
    for number, name in enumerate(names(count)):
        if number % 3:
            settles(lambda: server.serial(name), 2, name, 20)
        else:
            server.verdict("refused, serial 2", mark, zone=name)
            equal(server.serial(name), 1, name)


def many(workers, bench):
    """They occupy the background workers one after the other."""
    server = prepared(bench, *zones(60), server=dict(background_workers=workers)).start()
    for name in names(60):
        settles(lambda: server.serial(name), 1, name)
    all_at_once(server, 60)


test_many_with_one_worker = partial(many, 1)
test_many_with_two_workers = partial(many, 2)


def test_many_told_by_the_bus(bench):
    server = on_bus(bench, Bus(bench).start(), *zones(60), server=dict(background_workers=2, **EVENTS)).start()
    for name in names(60):
        settles(lambda: server.serial(name), 1, name)
    all_at_once(server, 60)


QUEUE = "temporarily out of resources"


class Operators:
    """As many as there are zones, each of whom waits for the end of his command."""

    def __init__(self, server, command, count):
        self.said = {}
        self.threads = [threading.Thread(target=self.work, args=(server, command, name), daemon=True) for name in names(count)]
        for thread in self.threads:
            thread.start()

    def work(self, server, command, name):
        said = QUEUE
        while QUEUE in said:            # Knot lets five wait beside the eight that it serves
            done = server.knotc("-b", *command, name, check_code=False, timeout=60)
            said = done.stdout.strip() or done.stderr.strip()
        self.said[name] = said

    def end(self):
        for thread in self.threads:
            thread.join(70)
        return self.said


def operators_block(bench, **options):
    """Twelve operators occupy the eight threads that serve control commands, each waiting for a version that is held."""
    server = prepared(bench, *zones(12), server=dict(background_workers=2), **options).start()
    for name in names(12):
        settles(lambda: server.serial(name), 1, name)
    for number, name in enumerate(names(12)):
        write(server, 2, good if number % 4 else bad, name)
    said = Operators(server, ["zone-reload"], 12).end()
    equal(said, {name: "OK" if number % 4 else f"error: [{name}] (external validation failed)" for number, name in enumerate(names(12))})
    equal([server.serial(name) for name in names(12)], [2 if number % 4 else 1 for number in range(12)])


SOCKETS = "control:\n  listen: [knot.sock, guard.sock]\n"


def test_operators_block_one_socket(bench):
    operators_block(bench)


def test_operators_block_several_sockets(bench):
    operators_block(bench, extra=SOCKETS)


def test_operators_block_its_own_socket(bench):
    path = bench._directory("knot") / "run" / "guard.sock"
    operators_block(bench, extra=SOCKETS, control=path)


def test_operators_flush(bench):
    """They write zone files while versions are held, and have them written."""
    server = prepared(bench, *zones(12, zonefile_sync=0), server=dict(background_workers=1)).start()
    for name in names(12):
        settles(lambda: server.serial(name), 1, name)
    for name in names(12):
        write(server, 2, good, name)
    server.knotc("zone-reload")
    said = Operators(server, ["-f", "zone-flush"], 12).end()
    equal(set(said.values()), {"OK"})
    for name in names(12):
        settles(lambda: server.serial(name), 2, name)


def test_operators_refresh(bench):
    """Secondaries, told to ask their primary."""
    primary = bench.prepare(*[Zone(zone.text, name=zone.name) for zone in zones(12)], guard=False)
    server = prepared(bench, *[Zone(None, name=zone.name, master="primary", **zone.options) for zone in zones(12)], remotes={"primary": primary.port},
                      server=dict(background_workers=2))
    primary.start()
    server.start()
    for name in names(12):
        settles(lambda: server.serial(name), 1, name, 20)
        primary.write_zone(good(2).replace(APEX, name), name)
    primary.knotc("-b", "zone-reload")
    equal(set(Operators(server, ["zone-refresh"], 12).end().values()), {"OK"})
    for name in names(12):
        settles(lambda: server.serial(name), 2, name)


# --- reload, stop, configuration ---------------------------------------------------------------------------------------------------------

@limit(120)
def test_reload_while_held(bench):
    """Knot serves nobody's control commands then, and aborts what is held after its time-out: it is asked for again."""
    server = validated(bench, good(1), timeout=3, answered=False)
    for serial in range(2, 5):
        by_file(server, serial, good)
        server.knotc("reload", timeout=30)
        settles(server.serial, serial, "serial", 20)


@limit(120)
def test_reload_while_held_and_silent(bench):
    """The same where Knot soon says OK to whatever it cannot do meanwhile: nothing that it did not say is believed."""
    server, proxy = reached(bench, timeout=6, answered=False, extra="control:\n  timeout: 1\n")
    server.verdict("clean")
    proxy.stop()
    mark = server.mark()
    by_file(server, 2, bad)
    held(server, mark)
    reload = threading.Thread(target=lambda: server.knotc("reload", timeout=30))
    reload.start()
    proxy.start()
    reload.join()
    server.verdict("refused, serial 2", mark, timeout=20)
    equal(server.serial(), 1)
    answers(server)
    by_file(server, 3, good)
    settles(server.serial, 3)


def from_database(server):
    server.database = server.dir / "confdb"
    subprocess.run(["knotc", "-C", server.database, "conf-import", server.conf], check=True, capture_output=True)
    return server


@limit(120)
def test_configuration_while_held(bench):
    """A configuration is committed while a version is held: Knot lets it wait like a reload."""
    server = from_database(prepared(bench, Zone(good(1), **RECOMMENDED), timeout=3, answered=False)).start()
    settles(server.serial, 1)
    for serial in range(2, 5):
        server.knotc("conf-begin")
        server.knotc("conf-set", f"zone[{APEX}].zonefile-sync", 3600 + serial)
        by_file(server, serial, bad if serial == 3 else good)
        server.knotc("conf-commit", timeout=30)
        if serial == 3:
            server.verdict("refused, serial 3", timeout=20)
        else:
            settles(server.serial, serial, "serial", 20)
    equal(server.knotc("conf-read", f"zone[{APEX}].zonefile-sync").stdout.strip(), f"zone[{APEX}].zonefile-sync = 3604")


def being_edited(path, bench):
    """An operator has begun to edit the configuration, and takes his time: Knot serves one client after the other on his socket."""
    options = dict(control=bench._directory("knot") / "run" / path, extra=SOCKETS) if path else {}
    server = from_database(prepared(bench, Zone(good(1), **RECOMMENDED), **options)).start()
    settles(server.serial, 1)
    mark = server.mark()
    operator = subprocess.Popen(["knotc", "-s", server.socket], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, text=True)
    operator.stdin.write("conf-begin\n")
    operator.stdin.flush()
    server.wait_log("control, received command 'conf-begin'", mark)
    for serial in range(2, 6):
        by_file(server, serial, good if serial % 2 else bad)
        if serial % 2:
            settles(server.serial, serial)
        else:
            server.verdict(f"refused, serial {serial}", mark)
    operator.communicate("conf-abort\n", 20)
    server.wait_log("control, received command 'conf-abort'", mark)


test_being_edited = partial(being_edited, None)
test_being_edited_own_socket = partial(being_edited, "guard.sock")


def test_stop_while_held(bench):
    """knotd ends soon, though a version is held that nobody answers for."""
    server, _ = away(bench, timeout=3, answered=False)
    server.start(wait=False)
    server.wait_log(HELD)
    check(server.stop() < 10, "stops")


@limit(120)
def test_stop_while_many_are_held(bench):
    """What was not answered for before the stop is loaded at the next start, and judged then."""
    server = prepared(bench, *zones(30), timeout=3, answered=False, server=dict(background_workers=1)).start()
    for name in names(30):
        settles(lambda: server.serial(name), 1, name)
    for number, name in enumerate(names(30)):
        write(server, 2, good if number % 3 else bad, name)
    server.knotc("zone-reload")
    server.stop(30)
    mark = server.mark()
    server.start()
    for number, name in enumerate(names(30)):
        if number % 3:
            settles(lambda: server.serial(name), 2, name)
        else:
            server.verdict("refused, serial 2", mark, zone=name)


# --- a validator that is away, slow or dead ----------------------------------------------------------------------------------------------

def test_socket_away(bench):
    """The control socket is gone for a while: the version is held, and answered for when it is there again."""
    server, proxy = reached(bench)
    proxy.stop()
    by_file(server, 2, good)
    server.wait_log(r"no new verdicts for any zone")
    equal(server.serial(), 1)
    proxy.start()
    settles(server.serial, 2, "second", 20)


def test_socket_silent(bench):
    """Nobody answers on it: the conversation is given up, and the next one has success."""
    server, proxy = reached(bench)
    proxy.behave(silent=True)
    mark = server.mark()
    by_file(server, 2, bad)
    held(server, mark)
    server.wait_log(r"no new verdicts for any zone", mark, timeout=20)
    proxy.behave()
    server.verdict("refused, serial 2", mark, timeout=20)
    by_file(server, 3, good)
    settles(server.serial, 3)


def cut(command, when, bench):
    """The connection is lost at one of its commands, more than once; what it asks for again may be held when knotd ends."""
    server, proxy = reached(bench, timeout=5)
    proxy.behave(**{when: command}, times=2)
    mark = server.mark()
    by_file(server, 2, good if command == "zone-commit" else bad)
    if command == "zone-commit":
        settles(server.serial, 2, "published", 20)
    else:
        server.verdict("refused, serial 2", mark, timeout=20)
        equal(server.serial(), 1)
    by_file(server, 3, good)
    settles(server.serial, 3, "the next one", 20)


test_cut_before_the_read = partial(cut, "zone-get", "cut_before")
test_cut_in_the_read = partial(cut, "zone-get", "cut_after")
test_cut_before_the_commit = partial(cut, "zone-commit", "cut_before")
test_cut_after_the_commit = partial(cut, "zone-commit", "cut_after")
test_cut_before_the_abort = partial(cut, "zone-abort", "cut_before")
test_cut_after_the_abort = partial(cut, "zone-abort", "cut_after")


def cut_in_repair(command, when, bench):
    """What was aborted to be repaired is not lost with the connection."""
    server, proxy = reached(bench, policy=dict(mode="rewrite"))
    proxy.behave(**{when: command}, times=1)
    by_file(server, 2, bad)
    settles(server.serial, 2, "repaired", 20)
    answers(server, {"www A": f"www A {WEB}", "www MX": "www MX 10 mail"})
    by_file(server, 3, good)
    settles(server.serial, 3, "the next one", 20)


test_cut_at_the_begin_of_a_repair = partial(cut_in_repair, "zone-begin", "cut_before")
test_cut_after_the_begin_of_a_repair = partial(cut_in_repair, "zone-begin", "cut_after")
test_cut_in_a_repair = partial(cut_in_repair, "zone-set", "cut_before")
test_cut_before_the_end_of_a_repair = partial(cut_in_repair, "zone-commit", "cut_before")
test_cut_after_the_end_of_a_repair = partial(cut_in_repair, "zone-commit", "cut_after")


def claims(bench, server, proxy):
    """The server says OK to zone-commit, and does nothing: that is noticed, and it is told again."""
    proxy.behave(replace=("zone-commit", b"zone-commit", b"zone-status"))
    mark = server.mark()
    by_file(server, 2, good)
    held(server, mark)
    before = proxy.count("zone-commit")
    until(lambda: proxy.count("zone-commit") >= before + 2, "it is told again")
    equal(server.serial(), 1)
    proxy.behave()
    settles(server.serial, 2)


def test_commit_without_effect(bench):
    claims(bench, *reached(bench))


def test_abort_without_effect(bench):
    server, proxy = reached(bench)
    proxy.behave(replace=("zone-abort", b"zone-abort", b"zone-stats"))
    mark = server.mark()
    by_file(server, 2, bad)
    held(server, mark)
    until(lambda: proxy.count("zone-abort") >= 2, "it is told again")
    equal(server.serial(), 1)
    proxy.behave()
    server.wait_log("external validation failed", mark)
    by_file(server, 3, good)
    settles(server.serial, 3)


def test_commit_without_effect_on_the_bus(bench):
    bus = Bus(bench).start()
    server, proxy = away(bench, server=EVENTS)
    server.env = bus.env
    proxy.start()
    server.start()
    settles(server.serial, 1)
    claims(bench, server, proxy)


def killed(zone, bench):
    """knotd is killed while a version is held, and started again as a supervisor does: the last good version is served again."""
    server, proxy = away(bench, Zone(good(1), **RECOMMENDED, **zone), answered=False)
    proxy.start()
    server.start()
    server.verdict("clean")
    good_file = server.storage / "cnameguard" / "good" / "example.com.zone"
    until(good_file.exists, "the last good version is remembered")
    proxy.stop()
    mark = server.mark()
    by_file(server, 2, bad)
    held(server, mark)
    server.kill()
    proxy.start()
    mark = server.mark()
    server.start()
    server.verdict("refused, serial 2", mark)
    settles(server.serial, 1)
    answers(server)
    by_file(server, 3, good)
    settles(server.serial, 3)


def test_killed_whole(bench):
    killed(dict(zonefile_load="whole"), bench)


def test_killed_difference(bench):
    killed(dict(zonefile_load="difference", journal_content="all"), bench)


# --- two versions, two validators --------------------------------------------------------------------------------------------------------

def in_succession(first, second, bench):
    """A second version comes while the first is held: each is judged by itself."""
    server, proxy = reached(bench)
    proxy.stop()
    mark = server.mark()
    by_file(server, 2, first)
    held(server, mark)
    by_file(server, 3, second)
    equal(server.serial(), 1)
    proxy.start()
    if first is bad:
        server.verdict("refused, serial 2", mark)
    if second is bad:
        server.verdict("refused, serial 3", mark)
    settles(server.serial, 3 if second is good else 2, "serial", 20)
    answers(server)


test_good_after_bad = partial(in_succession, bad, good)
test_bad_after_good = partial(in_succession, good, bad)
test_good_after_good = partial(in_succession, good, good)


def test_operator_commits(bench):
    """An operator publishes by himself what is held: the gate is underneath."""
    server, proxy = reached(bench)
    proxy.stop()
    mark = server.mark()
    by_file(server, 2, bad)
    held(server, mark)
    server.knotc("zone-commit", APEX)
    settles(server.serial, 2)
    equal(server.ask("www MX", tcp=True), "SERVFAIL EDE 14")
    proxy.start()
    server.verdict("held, serial 2", mark)
    answers(server, {"www MX": "SERVFAIL EDE 24", "plain MX": "plain MX 10 mail"})


def test_operator_aborts(bench):
    server, proxy = reached(bench)
    proxy.stop()
    mark = server.mark()
    by_file(server, 2, bad)
    held(server, mark)
    server.knotc("zone-abort", APEX)
    proxy.start()
    answers(server)
    by_file(server, 3, good)
    settles(server.serial, 3)


def test_another_validator(bench):
    """A loop that lets everything through runs beside the guard: no conflict is served, and good versions come through."""
    server = validated(bench, good(1), answered=False)
    ending = threading.Event()

    def loop():
        while not ending.is_set():
            server.knotc("zone-commit", APEX, check_code=False)
    other = threading.Thread(target=loop, daemon=True)
    other.start()
    try:
        for serial in range(2, 22):
            mark = server.mark()
            by_file(server, serial, good if serial % 2 else bad)
            held(server, mark)
            if serial % 2:
                settles(server.serial, serial)
            else:
                until(lambda: server.find_log(rf"verdict (refused|held), serial {serial}", mark), "a verdict")
            reply = server.ask("www MX", tcp=True)
            check("CNAME" not in reply, reply)
    finally:
        ending.set()
        other.join()


# --- D-Bus -------------------------------------------------------------------------------------------------------------------------------

def goes_on(server, serial):
    """A good version, a bad one and a good one."""
    mark = server.mark()
    by_file(server, serial, good)
    settles(server.serial, serial)
    by_file(server, serial + 1, bad)
    server.verdict(f"refused, serial {serial + 1}", mark)
    by_file(server, serial + 2, good)
    settles(server.serial, serial + 2)


def test_bus_away(bench):
    """knotd is told to use a bus that is not there: it says so, and the guard asks."""
    server = on_bus(bench, Bus(bench)).start()
    settles(server.serial, 1)
    server.wait_log("d-bus: failed to open system bus")
    goes_on(server, 2)


def test_bus_comes_later(bench):
    """knotd does not try again; so the guard goes on asking, whoever is on the bus."""
    bus = Bus(bench)
    server = on_bus(bench, bus).start()
    settles(server.serial, 1)
    bus.start()
    asks(server)
    goes_on(server, 2)
    asks(server)


def test_bus_restarted(bench):
    """knotd has lost it for good. Without the bus, and with the new one, the guard asks."""
    bus = Bus(bench).start()
    server = on_bus(bench, bus).start()
    settles(server.serial, 1)
    goes_on(server, 2)
    bus.stop()
    goes_on(server, 5)
    bus.start()
    asks(server)
    goes_on(server, 8)
    asks(server)


def test_bus_refuses(bench):
    server = on_bus(bench, Bus(bench, refuses=True).start()).start()
    settles(server.serial, 1)
    goes_on(server, 2)


def test_bus_hangs(bench):
    """It takes signals and passes none on: the guard asks once in a while all the same."""
    bus = Bus(bench).start()
    server = on_bus(bench, bus).start()
    settles(server.serial, 1)
    bus.hang()
    goes_on(server, 2)
    bus.go_on()
    goes_on(server, 5)


def test_bus_hangs_at_first(bench):
    """A guard that comes while the bus hangs asks, and neither a reload nor the end waits for the bus."""
    bus = Bus(bench).start()
    server = on_bus(bench, bus, answered=False)
    server.guard = False
    server.configure()
    server.start(wait=False)
    server.wait_log(HELD)
    server.knotc("zone-commit", APEX)
    settles(server.serial, 1)
    bus.hang()
    server.guard = True
    server.configure(sweep_interval=1, audit_log="audit.json")
    server.knotc("reload")
    goes_on(server, 2)
    server.guard = False
    server.configure()
    server.knotc("reload")
    check(server.stop() < 10, "stops")


def test_bus_of_another_server(bench):
    """Two servers on a machine: the name on the bus belongs to the first. The other's guard asks."""
    bus = Bus(bench).start()
    first, second = on_bus(bench, bus).start(), on_bus(bench, bus)
    settles(first.serial, 1)
    second.start()
    settles(second.serial, 1)
    second.wait_log("d-bus: failed to open system bus")
    asks(second)
    goes_on(second, 2)
    goes_on(first, 2)


def test_bus_without_the_event(bench):
    """`dbus-event` was forgotten."""
    server = on_bus(bench, Bus(bench).start(), server=dict(dbus_event=["zone-updated"], dbus_init_delay=0)).start()
    settles(server.serial, 1)
    goes_on(server, 2)


def test_told_before_the_socket(bench):
    """The first signals come before there is a control socket."""
    bus = Bus(bench).start()
    path = bench.dir / "proxy.sock"
    server = on_bus(bench, bus, *zones(5), control=path)
    server.start(wait=False)
    for name in names(5)[:2]:
        held(server, 0, name)
    bench.proxy(path, server.socket).start()
    for name in names(5):
        settles(lambda: server.serial(name), 1, name, 20)


everywhere_else_absent(globals())
