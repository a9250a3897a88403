# SPDX-License-Identifier: GPL-2.0-or-later
"""Start and many zones.

Zones of ten records, under `semantic-checks: soft`; else all options as they are when nobody sets them.  Each start is one
without anything that an earlier one has left behind.
"""

import time

from lib import KNOT, long

import table
import zones
from measure import alternately, took
from servers import LOADED, VERDICT, Knot, Tail, quiet

SOFT = dict(semantic_checks="soft", zonefile_sync=-1)
SWEEP = 10                  # seconds, the default
IDLE = 4 * SWEEP
IDLE_MANY = 40 * SWEEP      # from so many zones on sweeps are further apart
MANY = 30_000
LEAST = "mod-noudp"         # has no data: what any module takes


def started(server, pattern, count):
    """Seconds from the start to so many such lines of the log; the server goes on."""
    server.stop(120)
    server.forget()
    begin, tail = server.launch()
    return tail.wait(pattern, count) - begin


def idle_share(servers, seconds):
    """Share of one processor that each takes while nothing happens."""
    before = [server.cpu() for server in servers]
    time.sleep(seconds)
    return [(server.cpu() - used) / seconds for server, used in zip(servers, before)]


def reload_time(server):
    return took("knotc", "-t", "600", "-s", server.socket, "reload", codes=(0,)).wall


def many(run, count, starts, reloads):
    folder = run.dir / "zones"
    names = zones.write_small(folder, count)
    guarded = Knot(run.dir / "guarded", names, folder, SOFT, ["guard"])
    stock = Knot(run.dir / "stock", names, folder, SOFT)
    run.bench.things += [guarded, stock]

    pairs = alternately(lambda: started(guarded, VERDICT, count), lambda: started(stock, LOADED, count), starts)
    zones_text = f"{count:,} zones"
    limit = 1.0 if KNOT < (3, 4) else 0.25
    yield table.pair_row(f"{zones_text}: start to all verdicts, less the load without the module",
                         [(here - there, there) for here, there in pairs], table.seconds, "to load them without the module", limit)

    least = Knot(run.dir / "least", names, folder, SOFT, [LEAST])
    run.bench.things.append(least)
    started(least, LOADED, count)
    for server in (guarded, stock, least):
        quiet(server, timeout=600)
    more, module = ((server.memory() - stock.memory()) / count for server in (guarded, least))
    yield table.Row(f"{zones_text}: resident more, a zone", table.octets(more), f"{table.octets(module)} with Knot's {LEAST} instead",
                    None, 256, more, "<= 256")
    here, there = idle_share((guarded, stock), IDLE_MANY if count >= MANY else IDLE)
    yield table.Row(f"{zones_text}: processor for sweeps, {SWEEP} s apart at least", table.percent(here - there),
                    f"{table.percent(there)} without the module", None, 0.01, here - there, "<= 1 %")

    tail = Tail(guarded.log)
    pairs = alternately(lambda: reload_time(guarded), lambda: reload_time(stock), reloads)
    yield table.pair_row(f"{zones_text}: knotc reload, nothing changed", pairs, table.seconds, "without the module", 1.1)
    pairs = alternately(lambda: reload_time(least), lambda: reload_time(stock), reloads)
    yield table.pair_row(f"{zones_text}: knotc reload, with Knot's {LEAST} instead", pairs, table.seconds, "without any module", None)
    least.stop(120)
    time.sleep(SWEEP + 2)
    quiet(guarded, timeout=600)
    again = tail.count(VERDICT)
    yield table.Row(f"{zones_text}: verdicts after {reloads} such reloads and a sweep", str(again), "", None, 0, again, "0")


def measure_ten_thousand(run):
    yield from many(run, run.size(10_000), run.size(5, 1), run.size(9, 1))


@long
def measure_hundred_thousand(run):
    yield from many(run, run.size(100_000), run.size(3, 1), run.size(3, 1))
