# SPDX-License-Identifier: GPL-2.0-or-later
"""Knot 3.2 does not hold what zone-read walks over: the guard does, and a zone that is updated all the time may be read all the time."""

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
