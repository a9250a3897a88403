# SPDX-License-Identifier: GPL-2.0-or-later
"""Knot 3.2 does not hold what zone-read walks over: the guard does, and a zone that is updated all the time may be read all the time."""

import re
from itertools import islice

from lib import APEX, KNOT, SOFT, Zone, check, equal, limit, long, records, until, where
from load import Asker, asking, pace
from ways import good


def anything(reply):
    return None


@long
@limit(300)
def test_reads_under_updates(bench):
    """The first such read without it ends a stock knotd."""
    text = good(1) + "".join(f"n{number} A 192.0.2.{number % 250}\n" for number in range(300000))
    server = bench.knot(Zone(text, **SOFT, zonefile_sync=-1), policy=dict(mode="refuse"))
    server.verdict("clean", timeout=120)
    askers = [Asker(server, f"{name} A", anything, resolver=True, patience=2) for name in ("alias", "deep.wild", "www")]
    with asking(*askers):
        for number, _ in enumerate(islice(pace(0.05), 600)):
            server.update(f"add u{number} 300 A 192.0.2.9")
    check(server.running(), "the server is alive")
    reads = len(server.find_log("received command 'zone-read'"))
    check(reads > 500, f"only {reads} reads")
    equal(server.ask("plain A").split()[0], "plain")


@where(KNOT >= (3, 4))          # before, the server serves one control client at a time
@limit(120)
def test_small_beside_big(bench):
    """While a big zone is being read, a small one gets its verdict, and the read goes on."""
    big = "big.example."

    def text(serial):
        return records(serial) + "\n" + "".join(f"n{number} A 192.0.2.{number % 250}\n" for number in range(300000))

    server = bench.knot(Zone(good(1), **SOFT, zonefile_sync=-1), Zone(text(1), name=big, **SOFT), policy=dict(mode="refuse", sweep_interval=1),
                        server=dict(background_workers=4))
    until((server.storage / "cnameguard/good/big.example.zone").exists, "it is remembered, for which it is read", 60)
    beside = rf"\[{big}\].*'zone-read'|\[{APEX}\].*verdict clean|\[{big}\].*verdict clean"
    for turn in range(2, 22):
        mark = server.mark()
        server.write_zone(text(turn), zone=big)
        server.zone_reload(zone=big)
        server.wait_log(rf"\[{big}\].*'zone-read'", mark, timeout=30)
        server.update(f"add u{turn} 300 A 192.0.2.9")
        server.ask("alias A")
        server.wait_log(rf"\[{big}\].*verdict clean", mark, timeout=30)
        lines = [line.split("[", 1)[1].split("]")[0] for line in server.find_log(beside, mark)]
        if lines[:3] == [big, APEX, big] and "verdict" in server.find_log(beside, mark)[2]:
            return
    check(False, f"in no turn came the small zone's verdict while the big one was read once: {lines}")


def big_text(serial, count, conflicts=0):
    """A zone of addresses and aliases, some of the latter with mail too."""
    return records(serial) + "\n" + "".join(f"n{number} A 192.0.2.{number % 250}\nc{number} CNAME n{number}\n" +
                                            (f"c{number} MX 1 n{number}\n" if number < conflicts else "") for number in range(count))


BIG = "big.example."
EITHER = rf"\[({re.escape(APEX)}|{re.escape(BIG)})\].*verdict "


@limit(60)
def test_small_first(bench):
    """Of what was wanted while nobody answered the small zone has its verdict first."""
    path = bench.dir / "proxy.sock"
    server = bench.prepare(Zone(good(1), **SOFT), Zone(big_text(1, 5000), name=BIG, **SOFT), Zone(good(1), name="third.example.", **SOFT),
                           policy=dict(mode="refuse", sweep_interval=3600), control=path)
    proxy = bench.proxy(path, server.socket).start()
    server.start()
    for zone in APEX, BIG, "third.example.":
        server.verdict("clean", timeout=30, zone=zone)
    proxy.behave(silent=True)
    mark, before = server.mark(), proxy.connections
    server.update("add new 300 A 192.0.2.9", zone="third.example.")
    server.query("alias.third.example.", "A")
    until(lambda: proxy.connections > before, "somebody is asked in vain")
    for zone, alias in (BIG, "c1." + BIG), (APEX, "alias." + APEX):
        server.update("add new 300 A 192.0.2.9", zone=zone)
        server.query(alias, "A")
    proxy.behave()
    server.verdict("clean", mark, timeout=30, zone=BIG)
    equal([re.search(EITHER, line)[1] for line in server.find_log(EITHER, mark)][:2], [APEX, BIG])


@limit(200)
def test_small_beside_long_work(bench):
    """When all of a big zone was read, and its many conflicts are being judged, a small one has its verdict before."""
    server = bench.knot(Zone(good(1), **SOFT, zonefile_sync=-1), Zone(big_text(1, 60000, 60000), name=BIG, **SOFT),
                        policy=dict(mode="refuse", sweep_interval=1), server=dict(background_workers=4))
    server.verdict("held", timeout=60, zone=BIG)
    for turn in range(2, 12):
        mark = server.mark()
        server.write_zone(big_text(turn, 60000, 60000), zone=BIG)
        server.zone_reload(zone=BIG)
        for number, _ in enumerate(pace(0.1)):
            server.update(f"add u{turn}-{number} 300 A 192.0.2.9")
            server.query("alias", "A")
            if server.find_log(rf"\[{re.escape(BIG)}\].*verdict held, serial {turn}", mark):
                break
        steps = [re.search(r"\[(.*?)\]", line)[1] + (" read" if "zone-read" in line else " verdict")
                 for line in server.find_log(rf"\[{re.escape(BIG)}\].*('zone-read'|verdict )|\[{re.escape(APEX)}\].*verdict ", mark)]
        end = steps.index(f"{BIG} verdict")
        last = max(place for place in range(end) if steps[place] == f"{BIG} read")
        if f"{APEX} verdict" in steps[last:end]:
            return
    check(False, "in no turn came a small zone's verdict between the last read of the big one and its verdict")
