# SPDX-License-Identifier: GPL-2.0-or-later
"""Knot, NSD and BIND as secondaries of a guarded server: each version reaches them, and none that carries a conflict."""

import socket
from functools import partial

from lib import APEX, FILE_ONLY, LOCAL, SOFT, Transfer, Zone, check, equal, long, receive_transfer, send_message, settles, until
from ways import WEB, bad, good


def secondaries(bench, text, policy, zone, timeout=10):
    """A guarded primary and a secondary of each kind, all with the first version."""
    server = bench.prepare(Zone(text, notify=["knot", "nsd", "bind"], **zone), policy=policy)
    knot = bench.prepare(Zone(None, master="primary", **SOFT), guard=False, remotes={"primary": server.port})
    nsd, bind = bench.nsd(server.port), bench.bind(server.port)
    server.remotes.update(knot=knot.port, nsd=nsd.port, bind=bind.port)
    server.configure()
    server.start()
    server.wait_log(r"\bverdict ", timeout=60)
    others = [knot, nsd, bind]
    for other in others:
        other.start()
    arrive(server, others, timeout)
    return server, others


def arrive(server, others, timeout=10):
    """Every secondary has the server's version, within the time."""
    serial = server.serial()
    for other in others:
        settles(other.serial, serial, f"serial at {other.name}", timeout)


def same(server, others):
    """Every secondary has what the server transfers; BIND was never given a conflict."""
    contents = server.contents()
    check(isinstance(contents, list), f"the server transfers: {contents}")
    for other in others:
        settles(lambda: other.contents() == contents, True, f"{other.name} has what the server has", 20)
    equal(others[-1].errors(), [], "errors in BIND's log")


def numbered(size):
    return "".join(f"n{number} A 192.0.2.{number % 250}\n" for number in range(size))


def clean_updates(bench, size, updates):
    server, others = secondaries(bench, good(1) + numbered(size), dict(mode="refuse"), {**SOFT, "zonefile_sync": -1}, 60)
    for number in range(updates):
        equal(server.update(f"add u{number} 300 A 192.0.2.9"), "NOERROR")
        arrive(server, others)
    same(server, others)


def test_clean_updates(bench):
    clean_updates(bench, 20000, 10)


@long
def test_clean_updates_long(bench):
    clean_updates(bench, 100000, 100)


def test_clean_updates_in_a_burst(bench):
    """Updates faster than transfers: the last one arrives."""
    server, others = secondaries(bench, good(1) + numbered(20000), dict(mode="refuse"), {**SOFT, "zonefile_sync": -1}, 60)
    for number in range(30):
        equal(server.update(f"add u{number} 300 A 192.0.2.9"), "NOERROR")
    arrive(server, others, 30)
    same(server, others)


def test_clean_file_versions(bench):
    server, others = secondaries(bench, good(1), dict(mode="rewrite"), FILE_ONLY)
    for serial in range(2, 8):
        server.write_zone(good(serial) + f"changed TXT {serial}\n")
        server.zone_reload()
        arrive(server, others)
    same(server, others)


def test_rewritten_versions_arrive(bench):
    """Bad and good versions in turn: the secondaries get the repaired ones."""
    server, others = secondaries(bench, good(1), dict(mode="rewrite"), FILE_ONLY)
    for serial in range(2, 6):
        mark = server.mark()
        server.write_zone((good if serial % 2 else bad)(serial) + f"changed TXT {serial}\n")
        server.zone_reload()
        server.verdict("clean", mark) if serial % 2 else server.repaired(mark)
        address = "192.0.2.1" if serial % 2 else WEB
        for each in (server, *others):
            settles(lambda: each.ask("www A"), f"www A {address}", f"www at {each.name}")
            equal(each.ask("www MX"), "www MX 10 mail", f"mail at {each.name}")
    arrive(server, others)
    same(server, others)


def test_bad_at_first(bench):
    """The first version of all is repaired before anyone gets it."""
    server, others = secondaries(bench, bad(1), dict(mode="rewrite"), FILE_ONLY)
    server.repaired()
    arrive(server, others)
    same(server, others)
    equal([each.ask("www A") for each in others], [f"www A {WEB}"] * 3)


def test_refused_versions_do_not_arrive(bench):
    """They keep the last good one, and get the next."""
    server, others = secondaries(bench, good(1), dict(mode="refuse"), {**SOFT, "zonefile_sync": -1})
    for serial in (2, 4):
        mark = server.mark()
        server.write_zone(bad(serial))
        server.zone_reload()
        server.verdict("held", mark)
        for other in others:
            equal([other.ask("www A"), other.ask("www MX")], ["www A 192.0.2.1", "www MX 10 mail"], other.name)
        server.write_zone(good(serial + 1))
        server.zone_reload()
        arrive(server, others)
        same(server, others)


def test_no_step_with_a_conflict(bench):
    """After a repair the journal holds the bad step: an IXFR over it becomes an AXFR; over clean steps it stays one."""
    server = bench.knot(Zone(good(1), **SOFT, zonefile_sync=-1), policy=dict(mode="refuse"))
    server.verdict("clean")
    steps = (("clean", "set a 300 A 192.0.2.7"), ("held", "set www 300 CNAME web"), ("clean", "unset www CNAME"),
             ("clean", "set b 300 A 192.0.2.8"))
    for action, edit in steps:
        mark = server.mark()
        server.txn(edit)
        server.verdict(action, mark)
    kinds = {since: str(server.ixfr(since)) for since in (1, 2, 4, 5)}
    equal(kinds, {1: "AXFR 5", 2: "AXFR 5", 4: "IXFR 5", 5: "empty 5"})
    equal(server.stats()["ixfr-to-axfr"], 2)
    mark = server.mark()
    server.restart()
    server.verdict("clean", mark)
    equal(str(server.ixfr(4)), "AXFR 5", "after a restart nothing is known of the steps")


def transfer_in_pieces(server, meanwhile):
    """Reads the beginning of an AXFR, lets something happen, and reads the rest."""
    query = server.message("@", "AXFR", edns=None)
    with socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)      # so that most of it waits in the server
        link.settimeout(60)
        link.connect((LOCAL, server.port))
        send_message(link, query.to_wire())
        return Transfer(receive_transfer(link, query, meanwhile))


def test_transfer_with_an_update_in_its_middle(bench):
    """A transfer that began on a clean version ends on it, whatever comes meanwhile: a clean version, or a bad one."""
    text = "".join(f'n{number} TXT "{"x" * 240}"\n' for number in range(40000))
    server = bench.knot(Zone(good(1) + text, **SOFT, zonefile_sync=-1), policy=dict(mode="refuse"), server=dict(tcp_io_timeout=60000))
    server.verdict("clean", timeout=60)
    for serial, action, contents in ((2, "clean", good), (3, "held", bad)):
        mark = server.mark()

        def meanwhile():
            """Knot publishes the new version at once, and ends its loading only after the transfer."""
            server.write_zone(contents(serial) + text)
            server.knotc("zone-reload", APEX)
            settles(server.serial, serial)
        transfer = transfer_in_pieces(server, meanwhile)
        equal((str(transfer), len(transfer.lines)), (f"AXFR {serial - 1}", 40013))
        check(transfer.messages > 50, f"a transfer of many messages, not of {transfer.messages}")
        equal(transfer.at("www"), ["www A 192.0.2.1", "www MX 10 mail"])
        server.verdict(action, mark, timeout=60)


def test_guarded_secondary_of_a_guarded_primary(bench):
    """Both refuse; a repaired version goes through both."""
    first = bench.prepare(Zone(good(1), notify="second", **SOFT), policy=dict(mode="refuse"))
    second = bench.prepare(Zone(None, master="first", **SOFT), policy=dict(mode="refuse"), remotes={"first": first.port})
    first.remotes["second"] = second.port
    first.configure()
    first.start()
    first.verdict("clean")
    second.start()
    second.verdict("clean")
    first.txn("set www 300 CNAME web")
    first.verdict("held")
    equal(second.ask("www MX"), "www MX 10 mail")
    first.txn("unset www CNAME")
    settles(second.serial, 3)
    settles(second.contents, first.contents())


def let_go(policy, bench):
    """A version that was refused is let go by another policy: secondaries are told, not left to their retry."""
    server = bench.prepare(Zone(good(1), notify="secondary", **SOFT), policy=dict(mode="refuse"))
    secondary = bench.prepare(Zone(None, master="primary", **SOFT), guard=False, remotes={"primary": server.port})
    server.remotes["secondary"] = secondary.port
    server.configure()
    server.start()
    server.verdict("clean")
    secondary.start()
    settles(secondary.serial, 1)
    mark = server.mark()
    server.write_zone(bad(2))
    server.reload()
    server.verdict("held", mark)
    until(lambda: server.stats()["transfers-refused"] > 0, "refused")
    server.configure(**policy)
    server.reload()
    settles(secondary.serial, 2)


test_let_go_by_exemption = partial(let_go, dict(exempt="www.example.com."))
test_let_go_by_audit = partial(let_go, dict(mode="audit"))
