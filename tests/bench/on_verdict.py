# SPDX-License-Identifier: GPL-2.0-or-later
"""A verdict on a server.

A zone of a million records is loaded again with a new serial and an alias of it is asked for; the time from that question
to the verdict is compared with taking the same contents off the control socket and doing nothing with them (drain.c).
"""

import time

from lib import LOCAL, conf_section, until

import table
import zones
from changes import Asker, Verdicts, first_serial, raise_serial, update
from measure import NotMeasured, alternately, program, took
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


class Beside:
    """A big zone and small ones, which are updated one every 20 ms, each asked for at once.

    Measured from Knot's answer to the update: after the load of a big zone a stock Knot answers late, too, while it frees
    the old one.
    """

    def __init__(self, run, count, conflicts=0.0, modules=("guard",), special=None, **policy):
        folder = run.dir / "zones"
        self.small = zones.write_small(folder, SMALL)
        self.serials = dict.fromkeys(self.small, 1)
        self.serial = first_serial()
        self.file = zones.write_big(folder / "example.com.zone", count, conflicts, self.serial)
        self.alias = zones.alias_of(self.file)
        self.server = Knot(run.dir / f"knot{len(run.bench.things)}", [zones.APEX, *self.small], folder, SOFT, modules,
                           dict(dict(sweep_interval=86400, audit_log="audit.json"), **policy), dict(background_workers=2),
                           sections=conf_section("acl", {"id": "transfers", "address": LOCAL, "action": "transfer"}),
                           special={zones.APEX: special or {}})
        run.bench.things.append(self.server)
        self.asker, self.verdicts = Asker(self.server), Verdicts(self.server.audit_file)

    def judged(self, zone=zones.APEX):
        """The highest serial of the zone that has a verdict."""
        return self.verdicts.read().get(zone, 0)

    def delays(self, ended=lambda: True, wanted=None, timeout=300):
        """Seconds from Knot's answer to each update to its verdict, of all small zones at least; `wanted` is asked for too."""
        updates, deadline = [], time.monotonic() + timeout
        while not updates or not ended():
            if time.monotonic() > deadline:
                raise NotMeasured(f"what goes on beside the small zones did not end within {timeout} s")
            for number, name in enumerate(self.small):
                target = time.time() + 0.02
                self.serials[name] += 1
                update(self.server, name, ("replace", "new", 300, "A", f"10.{self.serials[name] & 255}.0.{number}"))
                updates.append((name, self.serials[name], time.time()))
                self.asker.want("www." + name)
                if wanted:
                    self.asker.want(wanted)
                time.sleep(max(0, target - time.time()))
        until(lambda: all(self.judged(name) >= serial for name, serial in self.serials.items()), "verdicts of the small zones", 60)
        found = {(zone, at): moment for moment, zone, at in self.verdicts.all}
        return [max(found[name, serial] - moment, 0) for name, serial, moment in updates if (name, serial) in found]

    def rows(self, alone, beside, what, limit: float | None = 0.05):
        yield table.value_row(f"update to verdict of {SMALL} small zones", alone, table.seconds, against=f"at most {table.seconds(max(alone))}")
        added = max(beside) - sorted(alone)[len(alone) // 2]
        yield table.Row(f"the same beside {what}: longest, less that", table.seconds(added),
                        f"p99 {table.seconds(sorted(beside)[len(beside) * 99 // 100])}", None, limit, added, f"<= {limit * 1e3:.0f} ms" if limit else "")


def small_beside_million(run, conflicts, what):
    """Alone, and while the million is loaded, read and judged."""
    here = Beside(run, run.size(MILLION, 2000), conflicts)
    _, tail = here.server.launch()
    tail.wait(VERDICT, SMALL + 1)

    alone, beside = [], []
    for turn in range(6):
        quiet(here.server)
        if turn % 2:
            here.serial = raise_serial(here.file, here.serial)
            here.server.knotc("zone-reload", zones.APEX)
            beside += here.delays(wanted=here.alias)
            until(lambda: here.server.serial() == here.serial, "the big zone is loaded", 60)
            here.asker.want(here.alias)
            until(lambda: here.judged() >= here.serial, "the verdict of the big zone", 60)
        else:
            alone += here.delays()
    yield from here.rows(alone, beside, f"a changed {what}")


def measure_small_beside_million(run):
    yield from small_beside_million(run, 0.0, "million")


def measure_small_beside_bad_million(run):
    yield from small_beside_million(run, 0.01, "million with 1% conflicts")


def measure_small_beside_refused_million(run):
    """The file of the million has got a conflict, and Knot has refused it: what is in it is said."""
    here = Beside(run, run.size(MILLION, 2000), special=dict(semantic_checks="off", zonefile_load="difference"), sweep_interval=1)
    _, tail = here.server.launch()
    tail.wait(VERDICT, SMALL + 1)
    with open(here.file, "a", encoding="ascii") as file:
        file.write("bad CNAME ns\nbad MX 1 ns\n")

    alone, beside = [], []
    for _ in range(3):
        quiet(here.server)
        alone += here.delays()
        here.serial = raise_serial(here.file, here.serial)
        here.server.knotc("zone-reload", zones.APEX)
        beside += here.delays(lambda: here.judged() >= here.serial)
    yield from here.rows(alone, beside, "a file of a million that Knot has refused")


def measure_small_beside_repaired(run):
    """A big zone whose file comes with ten conflicts is repaired: in one transaction, or in its answers.

    From its findings on: the updates would put off the reads before that.
    """
    count = run.size(300_000, 2000)
    for what, options in (("repaired", dict(zonefile_load="difference-no-serial", journal_content="all", acl="transfers")),
                          ("answered as repaired", {})):
        here = Beside(run, count, special=options, mode="rewrite")
        _, tail = here.server.launch()
        tail.wait(VERDICT, SMALL + 1)
        alone, beside = [], []
        for turn in range(3):
            quiet(here.server)
            alone += here.delays()
            with open(here.file, "a", encoding="ascii") as file:
                file.writelines(f"bad{turn}-{number} CNAME ns\nbad{turn}-{number} MX 1 ns\n" for number in range(10))
            loads, found, rewritten = (tail.count(pattern) for pattern in (LOADED, rb"finding cname-mx", rb"verdict rewritten"))
            here.serial = raise_serial(here.file, here.serial)
            here.server.knotc("zone-reload", zones.APEX)
            tail.wait(LOADED, loads + 1)
            here.asker.want(here.alias)
            tail.wait(rb"finding cname-mx", found + 1)
            beside += here.delays(lambda: tail.count(rb"verdict rewritten") > rewritten)
        yield from here.rows(alone, beside, f"{count:,} records {what}")


def measure_small_beside_restored(run):
    """A start with a file that Knot refuses: the last good version is put back, record by record."""
    count = run.size(100_000, 2000)
    here = Beside(run, count, special=dict(semantic_checks="off"), sweep_interval=1)
    here.server.launch()
    until(lambda: list(here.server.storage.glob("cnameguard/good/example.com*.zone")), "a stored version", 120)
    good, alone, beside = here.file.read_bytes(), [], []
    for _ in range(3):
        quiet(here.server)
        alone += here.delays()
        here.server.stop(60)
        here.file.write_bytes(good + b"bad CNAME ns\nbad MX 1 ns\n")
        _, tail = here.server.launch()
        tail.wait(rb"refused, serial", 1)
        beside += here.delays(lambda: tail.count(b" verdict restored") > 0)
    yield from here.rows(alone, beside, f"{count:,} records put back at a start", None)
