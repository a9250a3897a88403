# SPDX-License-Identifier: GPL-2.0-or-later
"""Reloads, starts and stops while clients ask: no crash, no deadlock, no slow end."""

from lib import FILE_ONLY, KNOT, SOFT, Zone, check, equal, long, settles, until, where
from load import Asker, asking, fails
from ways import bad, good


def reloads(bench, count):
    """Of the configuration, each with another policy, in the middle of queries."""
    server = bench.knot(Zone(good(1), **SOFT))
    server.verdict("clean")
    clients = [Asker(server, question, fails, resolver=True, patience=2) for question in ("plain A", "www MX", "nowhere A")]
    with asking(*clients, Asker(server, "alias A", lambda reply: None), Asker(server, "www ANY", lambda reply: None)):
        for number in range(count):
            server.configure(mode=("refuse", "audit")[number % 2])
            server.reload()
    check(server.running(), "the server is alive")
    server.swept()
    equal(server.ask("www MX"), "www MX 10 mail")
    check(server.stop() < 2, "the server stops")


def test_reloads(bench):
    reloads(bench, 20)


@long
def test_reloads_long(bench):
    reloads(bench, 200)


@where(KNOT < (3, 4))       # later ones crash, also without the module
def test_forced_reloads(bench):
    """`knotc -f zone-reload` at any moment, also in the middle of a repair."""
    server = bench.knot(Zone(good(1), **FILE_ONLY), policy=dict(mode="rewrite"))
    with asking(Asker(server, "plain A", fails, patience=2)):
        for serial in range(2, 32):
            server.write_zone((good if serial % 2 else bad)(serial) + f"changed TXT {serial}\n")
            server.zone_reload(force=True)
    settles(lambda: server.ask("changed TXT"), 'changed TXT "31"')
    settles(lambda: str(server.axfr()), f"AXFR {server.serial()}")
    equal(server.ask("www MX"), "www MX 10 mail")


def stops(bench, count, guard, zone, policy=None):
    """The seconds that each stop took, under queries."""
    server = bench.knot(Zone(bad(1), **zone), guard=guard, policy=policy)
    times, mark = [], 0
    clients = [Asker(server, question, lambda reply: None) for question in ("plain A", "www MX", "alias A")]
    with asking(*clients):
        for number in range(count):
            asked = [client.asked for client in clients]
            until(lambda: all(client.asked > before + 5 for client, before in zip(clients, asked)), "questions")
            if number % 2 and guard:            # now at once, now after the verdict
                server.wait_log(r"\bverdict ", mark)
            times.append(server.stop())
            mark = server.mark()
            server.start()
    times.append(server.stop())
    return times


def starts_and_stops(bench, count, zone, policy):
    alone, guarded = stops(bench, 3, False, zone), stops(bench, count, True, zone, policy)
    check(max(guarded) < max(alone) + 1, f"stopping takes {max(guarded):.2f} s, and {max(alone):.2f} s without the module")


def test_starts_and_stops_refuse(bench):
    starts_and_stops(bench, 5, SOFT, dict(mode="refuse"))


def test_starts_and_stops_rewrite(bench):
    starts_and_stops(bench, 5, FILE_ONLY, dict(mode="rewrite"))


@long
def test_starts_and_stops_long(bench):
    starts_and_stops(bench, 50, FILE_ONLY, dict(mode="rewrite"))


def test_guard_comes_and_goes(bench):
    """A reload that removes the module and one that brings it back."""
    server = bench.knot(Zone(bad(1), **SOFT))
    for _ in range(3):
        mark = server.mark()
        until(lambda: server.ask("www MX") == "SERVFAIL EDE 24", "guarded")
        with_guard = server.conf.read_text()
        server.conf.write_text(with_guard.replace("    module: mod-cnameguard/default\n", ""))
        server.reload()
        equal(server.ask("www MX"), "www CNAME web", "not guarded")
        server.conf.write_text(with_guard)
        server.reload()
        server.verdict("held", mark)


def test_zone_comes_and_goes(bench):
    """A zone that is removed from the configuration while it is guarded, and comes back."""
    server = bench.knot(Zone(good(1), **SOFT), Zone(bad(1), name="example.net.", **SOFT))
    server.verdict("held", zone="example.net.")
    full = server.conf.read_text()
    for _ in range(3):
        server.conf.write_text(full[:full.index("  - domain: example.net.")])
        server.reload()
        equal(server.query("www.example.net.", "MX").rcode, "REFUSED")
        mark = server.mark()
        server.conf.write_text(full)
        server.reload()
        server.verdict("held", mark, zone="example.net.")
        equal(server.ask("www.example.net. MX"), "SERVFAIL EDE 24")
    equal(server.ask("www MX"), "www MX 10 mail")
    check(server.stop() < 2, "the server stops")


def test_many_zones(bench):
    """Each gets its verdict, and one in conflict does not keep the others."""
    names = [f"zone{number}.example." for number in range(200)]
    server = bench.knot(*(Zone((bad if number % 50 == 0 else good)(1), name=name, **SOFT) for number, name in enumerate(names)))
    until(lambda: len(server.audit("verdict")) == len(names), lambda: f"{len(server.audit('verdict'))} verdicts", 20)
    for number, name in enumerate(names):
        equal(server.ask(f"www.{name} MX").startswith("SERVFAIL"), number % 50 == 0, name)
