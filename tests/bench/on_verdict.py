# SPDX-License-Identifier: GPL-2.0-or-later
"""A verdict on a server.

A zone of a million records is loaded again with a new serial and an alias of it is asked for; the time from that question
to the verdict is compared with taking the same contents off the control socket and doing nothing with them (drain.c).
"""

import time

from lib import until

import table
import zones
from changes import Asker, Verdicts, first_serial, raise_serial, update
from measure import alternately, program, took
from servers import LOADED, VERDICT, Knot, quiet

MILLION = 1_000_000
SOFT = dict(semantic_checks="soft", zonefile_sync=-1)
SMALL = 100


def big_zone(run, folder):
    """The million; returns its file and one of its aliases."""
    folder.mkdir(exist_ok=True)
    file = zones.write_big(folder / "example.com.zone", run.size(MILLION, 2000), serial=first_serial())
    return file, zones.alias_of(file)


def measure_million(run):
    file, alias = big_zone(run, run.dir / "zones")
    server = Knot(run.dir / "knot", [zones.APEX], file.parent, SOFT, ["guard"], dict(sweep_interval=86400))
    run.bench.things.append(server)
    _, tail = server.launch()
    tail.wait(VERDICT, 1)
    asker, serial, spent = Asker(server), first_serial(), []

    def verdict():
        nonlocal serial
        quiet(server)
        serial = raise_serial(file, serial)
        server.knotc("-b", "zone-reload", zones.APEX, timeout=120)
        known, cpu, begin = tail.count(VERDICT), server.cpu(), time.monotonic()
        asker.want(alias)
        end = tail.wait(VERDICT, known + 1)
        used = server.cpu() - cpu
        quiet(server)
        spent.append(server.cpu() - cpu)
        return end - begin, used

    def empty():
        quiet(server)
        cpu = server.cpu()
        drained = took(program("drain"), server.socket, zones.APEX, codes=(0,))
        return drained.wall, server.cpu() - cpu + drained.cpu

    pairs = alternately(verdict, empty, 7)
    records = f"{run.size(MILLION, 2000):,} records"
    clock, processors = ([(here[index], there[index]) for here, there in pairs] for index in (0, 1))
    yield table.pair_row(f"{records}, soft: question to verdict", clock, table.seconds, "to drain the same reply", 1.2)
    yield table.pair_row("the same: processor time, knotd's too", processors, table.seconds, "to drain the same reply")
    yield table.value_row("the same: processor time until all rests (targets, stored version)", spent, table.seconds)


def measure_million_memory(run):
    """From the moment when the zone is loaded to the moment when all rests."""
    folder = run.dir / "zones"
    big_zone(run, folder)

    def peak(modules):
        server = Knot(run.dir / f"knot{len(run.bench.things)}", [zones.APEX], folder, SOFT, modules)
        run.bench.things.append(server)
        _, tail = server.launch()
        tail.wait(LOADED, 1)
        server.reset_peak()
        if modules:
            tail.wait(VERDICT, 1)
            until(lambda: list(server.storage.glob("cnameguard/*/*")), "a stored version", 120)
        quiet(server)
        most = server.memory("VmHWM")
        server.stop(60)
        return most

    pairs = alternately(lambda: peak(["guard"]), lambda: peak([]), 3)
    yield table.pair_row("the same: most resident from the load to rest", pairs, table.mebibytes, "without the module")
    yield table.value_row("that is more", [here - there for here, there in pairs], table.mebibytes)


def measure_restored(run):
    """A start with a file that Knot refuses: the last good version is put back, record by record."""
    folder, count = run.dir / "zones", run.size(100_000, 100)
    folder.mkdir()
    file = zones.write_big(folder / "example.com.zone", count)
    good = file.read_bytes()
    guarded = Knot(run.dir / "guarded", [zones.APEX], folder, dict(zonefile_sync=-1), ["guard"])
    stock = Knot(run.dir / "stock", [zones.APEX], folder, dict(zonefile_sync=-1))
    run.bench.things += [guarded, stock]

    def restored():
        file.write_bytes(good)
        guarded.stop(60)
        guarded.forget()
        guarded.start()
        until(lambda: list(guarded.storage.glob("cnameguard/good/*.zone")), "a stored version", 120)
        guarded.stop(60)
        file.write_bytes(good + b"bad CNAME ns\nbad MX 1 ns\n")
        begin, tail = guarded.launch()
        return tail.wait(b", verdict restored", 1) - begin

    def loaded():
        file.write_bytes(good)
        stock.stop(60)
        stock.forget()
        begin, tail = stock.launch()
        return tail.wait(LOADED, 1) - begin

    yield table.pair_row(f"{count:,} records put back: start to verdict restored", alternately(restored, loaded, run.size(5, 1)),
                         table.seconds, "to load that zone without the module")


def small_beside_million(run, conflicts, what):
    """Updates of small zones, one every 20 ms, each asked for at once; alone, and while the million is loaded, read and judged.

    Measured from Knot's answer to the update: after the load of a big zone a stock Knot answers late, too, while it frees
    the old one.
    """
    folder, serial = run.dir / "zones", first_serial()
    names = zones.write_small(folder, SMALL)
    file = zones.write_big(folder / "example.com.zone", run.size(MILLION, 2000), conflicts, serial)
    alias = zones.alias_of(file)
    server = Knot(run.dir / "knot", [zones.APEX, *names], folder, SOFT, ["guard"],
                  dict(sweep_interval=86400, audit_log="audit.json"), dict(background_workers=2))
    run.bench.things.append(server)
    _, tail = server.launch()
    tail.wait(VERDICT, SMALL + 1)
    asker, verdicts = Asker(server), Verdicts(server.audit_file)

    def delays(turn, wanted):
        """Seconds from Knot's answer to each update to its verdict; the big zone is wanted too, if so."""
        done, serials = {}, {}
        for number, name in enumerate(names):
            target = time.time() + 0.02
            update(server, name, ("replace", "new", 300, "A", f"10.0.{turn}.{number}"))
            done[name] = time.time()
            serials[name] = turn + 2
            asker.want("www." + name)
            if wanted:
                asker.want(alias)
            time.sleep(max(0, target - time.time()))
        until(lambda: all(verdicts.read().get(name, 0) >= serials[name] for name in names), "verdicts of the small zones", 60)
        found = {(zone, at): moment for moment, zone, at in verdicts.all}
        return [max(found[name, serials[name]] - done[name], 0) for name in names]

    alone, beside = [], []
    for turn in range(6):
        quiet(server)
        if turn % 2:
            serial = raise_serial(file, serial)
            server.knotc("zone-reload", zones.APEX)
            beside += delays(turn, True)
            until(lambda: server.serial() == serial, "the big zone is loaded", 60)
            asker.want(alias)
            until(lambda: verdicts.read().get(zones.APEX, 0) >= serial, "the verdict of the big zone", 60)
        else:
            alone += delays(turn, False)
    yield table.value_row(f"update to verdict of {SMALL} small zones", alone, table.seconds, against=f"at most {table.seconds(max(alone))}")
    added = max(beside) - sorted(alone)[len(alone) // 2]
    yield table.Row(f"the same beside a changed {what}: longest, less that", table.seconds(added),
                    f"p99 {table.seconds(sorted(beside)[len(beside) * 99 // 100])}", None, 0.05, added, "<= 50 ms")


def measure_small_beside_million(run):
    yield from small_beside_million(run, 0.0, "million")


def measure_small_beside_bad_million(run):
    yield from small_beside_million(run, 0.01, "million with 1% conflicts")
