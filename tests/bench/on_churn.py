# SPDX-License-Identifier: GPL-2.0-or-later
"""Under churn.

Dynamic updates, under `semantic-checks: soft`, where each version needs a verdict.  Times begin when the update is sent,
and end with the verdict of that version or a later one; Knot's own work is in them.
"""

import threading
import time

import dns.flags
import dns.message
import dns.query
import dns.rcode
from lib import LOCAL, check, until

import table
import zones
from changes import Asker, Verdicts, update
from servers import VERDICT, Knot, quiet

SOFT = dict(semantic_checks="soft", zonefile_sync=-1)
POLICY = dict(audit_log="audit.json")
SMALL_RATE, BIG_RATE, ASK_RATE, SECONDS = 50, 20, 200, 20
SMALL = 100


class Paced(threading.Thread):
    """Calls a function with 0, 1, 2... so often a second; late ones are not skipped."""

    def __init__(self, rate, seconds, function):
        super().__init__(daemon=True)
        self.rate, self.count, self.function, self.error = rate, int(rate * seconds), function, None

    def run(self):
        begin = time.monotonic()
        try:
            for number in range(self.count):
                time.sleep(max(0, begin + number / self.rate - time.monotonic()))
                self.function(number)
        except Exception as error:
            self.error = error


class Updater:
    """Updates zones one after the other, and remembers when which serial was asked for.

    With an alias (`{}` for the zone) that is asked for at once, without waiting for the answer.
    """

    def __init__(self, server, names, alias=None):
        self.server, self.names, self.alias = server, names, alias
        self.serials = dict.fromkeys(names, 1)
        self.sent = []
        self.asker = Asker(server)

    def __call__(self, number):
        name = self.names[number % len(self.names)]
        self.serials[name] += 1
        self.sent.append((time.time(), name, self.serials[name]))
        update(self.server, name, ("replace", f"new{number % 50}", 300, "A", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"))
        if self.alias:
            self.asker.want(self.alias.format(name))


class Client:
    """Asks for clean aliases, as a resolver does."""

    def __init__(self, server, aliases):
        self.server, self.aliases = server, aliases
        self.asked = self.truncated = self.failed = 0

    def __call__(self, number):
        query = dns.message.make_query(self.aliases[number % len(self.aliases)], "A")
        self.asked += 1
        reply = dns.query.udp(query, LOCAL, 10, self.server.port)
        if reply.flags & dns.flags.TC:
            self.truncated += 1
            reply = dns.query.tcp(query, LOCAL, 10, self.server.port)
        if reply.rcode() != dns.rcode.NOERROR:
            self.failed += 1


def waited(sent, verdicts):
    """Seconds from each update to the first verdict on its serial or a later one, and when that was."""
    by_zone = {}
    for moment, zone, serial in sorted(verdicts):
        by_zone.setdefault(zone, []).append((moment, serial))
    ends = [next(moment for moment, judged in by_zone[zone] if judged >= serial) for _, zone, serial in sent]
    return [(begin, end) for (begin, _, _), end in zip(sent, ends)]


def longest_queue(spans):
    """How many changes at most were without a verdict at the same time."""
    most = now = 0
    for _, step in sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans]):
        now += step
        most = max(most, now)
    return most


def share(values, part):
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def measure_churn(run):
    folder = run.dir / "zones"
    names = zones.write_small(folder, SMALL)
    big = run.size(100_000, 100)
    alias = zones.alias_of(zones.write_big(folder / "example.com.zone", big))
    server = Knot(run.dir / "knot", [zones.APEX, *names], folder, SOFT, ["guard"], POLICY)
    run.bench.things.append(server)
    _, tail = server.launch()
    tail.wait(VERDICT, SMALL + 1)
    quiet(server)

    small, large = Updater(server, names, "www.{}"), Updater(server, [zones.APEX], alias)
    clients = [Client(server, ["www." + name for name in names]), Client(server, [alias])]
    seconds = max(SECONDS * run.scale, 1)
    verdicts, cpu = Verdicts(server.audit_file), server.cpu()
    threads = [Paced(SMALL_RATE, seconds, small), Paced(BIG_RATE, seconds, large),
               *(Paced(ASK_RATE, seconds, client) for client in clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(server.running(), f"knotd ended with {server.process.returncode}")
    for thread in threads:
        if thread.error:
            raise thread.error
    used = server.cpu() - cpu
    last = {**small.serials, **large.serials}
    until(lambda: all(verdicts.read().get(name, 0) >= serial for name, serial in last.items()), "verdicts of all changes", 60)

    for what, updater, client in ((f"{SMALL} zones, {SMALL_RATE} updates a second in all", small, clients[0]),
                                  (f"{big:,} records, {BIG_RATE} updates a second", large, clients[1])):
        spans = waited(updater.sent, verdicts.all)
        delays = [end - begin for begin, end in spans]
        half = len(delays) // 2
        yield table.Row(f"{what}: change to verdict, p50", table.seconds(share(delays, 0.5)), f"p99 {table.seconds(share(delays, 0.99))}")
        yield table.Row(f"{what}: longest queue", str(longest_queue(spans)),
                        f"{longest_queue(spans[:half])} in the first half, {longest_queue(spans[half:])} in the second")
        yield table.Row(f"{what}: clean aliases held", table.percent(client.truncated / client.asked),
                        f"of {client.asked:,} over UDP, {client.failed} failed over TCP")
    yield table.Row("all of this: processor time of knotd", f"{used / seconds:.2f} of one", "")


def changed(run, size, modules, asked, times, options=None):
    """Seconds from change to verdict, and processor time a change, of one server with one zone.

    The latter with what is done after the verdict, for the rules about targets and to remember the version.
    """
    folder = run.dir / f"zones{size}"
    if not folder.exists():
        folder.mkdir()
        zones.write_big(folder / "example.com.zone", size)
    alias = zones.alias_of(folder / "example.com.zone")
    server = Knot(run.dir / f"knot{len(run.bench.things)}", [zones.APEX], folder, {**SOFT, **(options or {})}, modules, POLICY)
    run.bench.things.append(server)
    server.start()
    until(server.serial, "the zone is served", 60)
    if modules:
        server.wait_log(r"\bverdict ", timeout=60)
    quiet(server)

    updater, verdicts, cpu = Updater(server, [zones.APEX], alias if asked else None), Verdicts(server.audit_file), server.cpu()
    for number in range(times):
        updater(number)
        until(lambda: not modules or verdicts.read().get(zones.APEX, 0) >= updater.serials[zones.APEX], "its verdict", 60)
    quiet(server)
    cpu = (server.cpu() - cpu) / times
    server.stop(60)
    return [end - begin for begin, end in waited(updater.sent, verdicts.all)] if modules else [], cpu


def measure_one_change(run):
    """One record changed and an alias asked for, in zones of several sizes; in two of them nobody asks.

    Where the server lets no transfer go to itself each change is paid with a reading of the whole zone.
    """
    sizes = run.sizes(1000, 10_000, 100_000, 300_000, long=(1_000_000,))
    for size in sizes:
        (delays, cpu), (_, stock) = (changed(run, size, modules, True, run.size(10, 2)) for modules in (["guard"], []))
        yield table.value_row(f"{size:,} records, one changed: change to verdict", delays, table.seconds,
                              against=f"processor {table.seconds(cpu)}, {table.seconds(stock)} without the module")
    for size in sizes:
        delays, cpu = changed(run, size, ["guard"], True, run.size(10, 2), dict(acl="updates"))
        yield table.value_row(f"{size:,} records, one changed, no transfer to itself: change to verdict", delays, table.seconds,
                              against=f"processor {table.seconds(cpu)}")
    for size in (sizes[0], sizes[2]):
        delays, _ = changed(run, size, ["guard"], False, run.size(3, 2))
        yield table.value_row(f"{size:,} records, one changed, nobody asks: change to verdict", delays, table.seconds)
