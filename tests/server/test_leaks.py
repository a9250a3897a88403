# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients ask without a pause while bad versions come and go by every way: no answer and no transfer ever carries a conflict.

`www` is no alias in any good version, so that every CNAME there is a leak.  `pal` is a clean alias of `web` in good versions, and in bad
ones an alias of `trap` beside an MX, so that every CNAME to `trap` is one.
"""

from itertools import islice

from lib import FILE_ONLY, SOFT, Zone, check, equal, long, until
from load import Asker, Taker, asking, fails, pace
from ways import version

REFUSE, REWRITE = dict(mode="refuse"), dict(mode="rewrite")
LEAKS = ("www CNAME", "pal CNAME trap")
SHORT, LONG = 8, 100


def good(serial):
    return version(serial, "A 192.0.2.1", "MX 10 mail") + f"pal CNAME web\ntrap A 192.0.2.66\nchanged TXT {serial}\n"


def bad(serial):
    return version(serial, "CNAME web", "MX 10 mail") + f"pal CNAME trap\npal MX 10 mail\ntrap A 192.0.2.66\nchanged TXT {serial}\n"


def leak(reply):
    found = [record for record in reply.records if record.startswith(LEAKS)]
    return f"leak {found}" if found else None


def leak_in_transfer(transfer):
    found = [line for line in transfer.lines if line.startswith(LEAKS)]
    return f"{transfer} leaks {found}" if found and transfer.rcode == "NOERROR" else None


def clients(server):
    """Who asks: for the names in conflict in every way, for a name that is no alias, for a clean alias, for transfers."""
    return (Asker(server, "www MX", leak), Asker(server, "www A", leak, tcp=True), Asker(server, "www ANY", leak),
            Asker(server, "www TXT", leak, edns=None), Asker(server, "pal A", leak), Asker(server, "plain A", fails),
            Asker(server, "plain MX", fails, tcp=True), Asker(server, "nowhere A", fails), Taker(server, leak_in_transfer), Taker(server, leak_in_transfer, since=lambda: 1))


def verdicts(server):
    return len(server.find_log(r"verdict "))


def flood(server, versions, count, addresses=False):
    """Bad and good versions in turn, each as soon as the one before was judged; `versions` gives functions that bring one.

    With `addresses` alone to tell them apart, the second of two in a row can come to the place of one that was judged, and
    is known then: the sweep reads it, and has nothing to say.
    """
    def reads():
        return len(server.find_log("command 'zone-read'"))

    with asking(*clients(server)):
        for number, bring in enumerate(islice(versions, 2 * count)):
            before, read = verdicts(server), reads()
            bring()
            if number % 3:          # and sometimes without waiting
                until(lambda: verdicts(server) > before or (addresses and reads() >= read + 4), "verdict", 20)
    check(server.running(), "the server is alive")


def by_file(server, take):
    serial = 1
    while True:
        for text in (bad, good):
            serial += 1

            def bring(text=text, serial=serial):
                server.write_zone(text(serial))
                take()
            yield bring


def by_transaction(server, target=None):
    target = target or server
    while True:
        yield lambda: target.txn("unset www A", "set www 300 CNAME web",
                                 "unset pal CNAME", "set pal 300 CNAME trap", "set pal 300 MX 10 mail")
        yield lambda: target.txn("unset www", "set www 300 A 192.0.2.1", "set www 300 MX 10 mail", "unset pal", "set pal 300 CNAME web")


def by_start(server):
    for bring in by_file(server, lambda: (server.stop(), server.start())):
        yield bring


def floods(count):
    """The tests, by their names; rewrite undoes the edits of the transactions that follow, so those unset what may be gone."""
    def file(options, policy, take):
        def test(bench):
            server = bench.knot(Zone(good(1), **options), policy=policy)
            server.verdict("clean")
            flood(server, by_file(server, getattr(server, take)), count)
        return test

    def transaction(policy):
        def test(bench):
            server = bench.knot(Zone(good(1), **SOFT, zonefile_sync=-1), policy=policy)
            server.verdict("clean")
            flood(server, by_transaction(server), count)
        return test

    def primary(**options):
        def test(bench):
            server = bench.prepare(Zone(None, master="primary", **SOFT), policy=REFUSE)
            source = bench.prepare(Zone(good(1), notify="secondary", **SOFT, **options), guard=False, remotes={"secondary": server.port})
            server.remotes["primary"] = source.port
            server.configure()
            source.start()
            server.start()
            server.verdict("clean")
            flood(server, by_transaction(server, source), count)
        return test

    def start(options, policy):
        def test(bench):
            server = bench.knot(Zone(good(1), **options), policy=policy)
            server.verdict("clean")
            flood(server, by_start(server), max(3, count // 3))
        return test

    return {"zone_reload_refuse": file(SOFT, REFUSE, "zone_reload"), "zone_reload_rewrite": file(FILE_ONLY, REWRITE, "zone_reload"),
            "reload_refuse": file(SOFT, REFUSE, "reload"), "reload_rewrite": file(FILE_ONLY, REWRITE, "reload"),
            "transaction_refuse": transaction(REFUSE), "transaction_rewrite": transaction(REWRITE),
            "ixfr_refuse": primary(), "axfr_refuse": primary(provide_ixfr=False),
            "start_refuse": start(SOFT, REFUSE), "start_rewrite": start(FILE_ONLY, REWRITE)}


for _name, _test in floods(SHORT).items():
    globals()[f"test_{_name}"] = _test
for _name, _test in floods(LONG).items():
    globals()[f"test_{_name}_long"] = long(_test)


def same_serial(bench, count):
    """`zonefile-load: whole` takes other contents under the same serial: no verdict passes from one to the other."""
    server = bench.knot(Zone(good(1), **SOFT), policy=REFUSE)
    server.verdict("clean")

    def versions():
        while True:
            for text in (bad, good):
                yield lambda text=text: (server.write_zone(text(1)), server.zone_reload())
    flood(server, versions(), count, addresses=True)


def test_same_serial(bench):
    same_serial(bench, SHORT)


@long
def test_same_serial_long(bench):
    same_serial(bench, LONG)


# --- a clean alias in a big zone that is updated without a pause ---

def steady_updates(bench, size, updates):
    text = good(1) + "".join(f"n{number} A 192.0.2.{number % 250}\n" for number in range(size))
    server = bench.knot(Zone(text, **SOFT, zonefile_sync=-1), policy=REFUSE)
    server.verdict("clean", timeout=60)
    alias = Asker(server, "alias A", fails, resolver=True, patience=2)
    others = Asker(server, "plain A", fails, patience=2), Asker(server, "n7 A", fails, patience=2)
    faults = []
    alias.judge = lambda reply: faults.append(str(reply)) if fails(reply) else None
    alias.known = Forgetful()
    with asking(alias, *others):
        for number, _ in enumerate(islice(pace(0.2), updates)):
            server.update(f"add u{number} 300 A 192.0.2.9")
    equal([client.unanswered for client in (alias, *others)], [0, 0, 0], "unanswered")
    check(len(faults) * 1000 < alias.asked, f"a clean alias failed {len(faults)} times of {alias.asked}: {faults[:3]}")


class Forgetful(dict):
    """Every reply is judged anew, to count the failures."""

    def __setitem__(self, key, value):
        pass


def test_clean_alias_under_updates(bench):
    steady_updates(bench, 20000, 50)


@long
def test_clean_alias_under_updates_long(bench):
    steady_updates(bench, 100000, 600)
