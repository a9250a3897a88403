# SPDX-License-Identifier: GPL-2.0-or-later
"""Knot 3.2 does not hold what zone-read walks over: the guard does, and a zone that is updated all the time may be read all the time."""

from itertools import islice

from lib import SOFT, Zone, check, equal, limit, long
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
