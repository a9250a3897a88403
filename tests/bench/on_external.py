# SPDX-License-Identifier: GPL-2.0-or-later
"""External validation, Knot 3.5.

The module is told over a private D-Bus which versions Knot holds; the other server has neither the module nor
`external-validation`.
"""

import random
import os
import subprocess
import time

from external import EVENTS, RECOMMENDED, Bus, section
from lib import KNOT, check, until

import table
import zones
from changes import update
from measure import alternately, need, program
from servers import LOADED, Knot

TEMPLATE = dict(semantic_checks="soft", zonefile_sync=-1)


def only_where_it_is(function):
    """On other versions of Knot one row says so."""
    def measured(run):
        if KNOT < (3, 5):
            yield table.Row(function.__doc__, "needs Knot 3.5")
        else:
            need("dbus-daemon")
            yield from function(run)
    return measured


def servers(run, names, folder):
    """The guarded one, whose versions wait for it, and the stock one."""
    bus = Bus(run.bench).start()
    guarded = Knot(run.dir / "guarded", names, folder, RECOMMENDED, ["guard"], sections=section(), server=EVENTS)
    guarded.env = bus.env
    stock = Knot(run.dir / "stock", names, folder, TEMPLATE)
    run.bench.things += [guarded, stock]
    return guarded, stock


@only_where_it_is
def measure_start(run):
    """start-up of 2,000 zones"""
    count = run.size(2000)
    folder = run.dir / "zones"
    names = zones.write_small(folder, count)

    def started(server):
        server.stop(120)
        server.forget()
        begin, tail = server.launch()
        return tail.wait(LOADED, count) - begin

    def validated(server):
        """The same by somebody who reads each version and judges nothing."""
        for each in (guarded, server):              # one of them at a time has Knot's name on the bus
            each.stop(120)
        server.forget()
        with subprocess.Popen([program("validator"), server.socket], env={**os.environ, **server.env}, stdout=subprocess.PIPE,
                              text=True) as validator:
            try:
                check(validator.stdout.readline() == "listening\n", "the smallest validator does not listen")
                begin, tail = server.launch()
                return tail.wait(LOADED, count) - begin
            finally:
                validator.kill()

    guarded, stock = servers(run, names, folder)
    what = f"start-up of {count:,} zones, each judged before it is served"
    pairs = alternately(lambda: started(guarded), lambda: started(stock), run.size(7, 1))
    yield table.pair_row(what, pairs, table.seconds, "without module and validation", 1.5)
    other = Knot(run.dir / "other", names, folder, RECOMMENDED, sections=section(), server=EVENTS)
    other.env = guarded.env
    run.bench.things.append(other)
    stock.stop(120)

    def alone():
        other.stop(120)
        return started(guarded)

    pairs = alternately(alone, lambda: validated(other), run.size(7, 1))
    yield table.pair_row(what, pairs, table.seconds, "without the module, a validator that judges nothing", 1.5)


@only_where_it_is
def measure_update(run):
    """update to publication"""
    folder = run.dir / "zones"
    name, = zones.write_small(folder, 1)
    pair = servers(run, [name], folder)
    for server in pair:
        server.start()
        until(lambda: server.serial(name), "the zone is served")

    rng = random.Random("pauses")

    def published(server):
        # right after an answer the next update waits until Knot is done with the one before, on either server
        time.sleep(rng.uniform(0.01, 0.03))
        before, begin = server.serial(name), time.monotonic()
        update(server, name, ("replace", "new", 300, "TXT", str(begin)))
        while server.serial(name) == before:        # asked again at once: it is a matter of fractions of a millisecond
            check(time.monotonic() - begin < 30, "not published")
        return time.monotonic() - begin

    pairs = alternately(*(lambda server=server: published(server) for server in pair), times=run.size(301, 2))
    yield table.pair_row("dynamic update to its publication", pairs, table.seconds, "without the module")
    yield table.value_row("that is more", [here - there for here, there in pairs], table.seconds, 0.003, "<= 3 ms")
