# SPDX-License-Identifier: GPL-2.0-or-later
"""A server that had the module for a while, and one that never had it: with the module removed they are the same."""

import re
import subprocess
from functools import partial
from itertools import product

from lib import APEX, FILE_ONLY, KNOT, SOFT, UPDATED, Zone, check, equal, limit, settles, until
from test_restore import serial_of, stored
from ways import WEB, bad, good

EDITED, ANSWERED, EMPTIED, CHANGED = "edited.example.", "answered.example.", "emptied.example.", "changed.example."
OPTIONS = {EDITED: FILE_ONLY, ANSWERED: dict(**SOFT, zonefile_load="whole", zonefile_sync=-1), EMPTIED: dict(zonefile_sync=-1),
           CHANGED: UPDATED}
TYPES = ("A", "AAAA", "MX", "CNAME", "TXT", "SOA", "NS", "ANY", "RRSIG", "TYPE65280")
NAMES = ("@", "www", "web", "alias", "plain", "wild", "ns", "u1", "nowhere")


def of(zone, text):
    return text.replace(APEX, zone)


def owner(name, zone):
    return zone if name == "@" else f"{name}.{zone}"


def server_with(bench, guard, database):
    """Both with the same zones; where the configuration is to be changed by transactions, it is in a database."""
    zones = [Zone(of(name, good(1)), name=name, **options) for name, options in OPTIONS.items()]
    zones[3].options = {**zones[3].options, "zonefile_load": "whole"}
    server = bench.prepare(*zones, guard=guard, **(dict(policy=dict(mode="rewrite")) if guard else {}))
    if database:
        server.database = server.dir / "confdb"
        subprocess.run(["knotc", "-C", server.database, "conf-import", server.conf], check=True, capture_output=True)
    return server


def bring_in(server, zone, text, serial):
    server.write_zone(of(zone, text), zone)
    server.zone_reload(zone)
    settles(lambda: server.serial(zone), serial, f"{zone} of {server.dir.name}")


def with_module(server):
    """An edit, a version whose answers are repaired, a version that is put back, updates."""
    server.start()
    for zone in OPTIONS:
        server.verdict("clean", zone=zone)
    settles(lambda: serial_of(stored(server, EMPTIED)), 1, "remembered")
    server.stop()
    server.write_zone(of(EMPTIED, bad(2)), EMPTIED)
    mark = server.mark()
    server.start()
    server.verdict("restored", mark, zone=EMPTIED)
    settles(lambda: server.serial(EMPTIED), 1)
    server.write_zone(of(EDITED, bad(2)), EDITED)
    server.zone_reload(EDITED)
    server.repaired(mark, zone=EDITED)
    bring_in(server, ANSWERED, bad(2), 2)
    settles(lambda: server.ask(f"www.{ANSWERED} MX"), f"www.{ANSWERED} MX 10 mail.{ANSWERED}")


def without_module(server):
    """The same by an operator's hand."""
    server.start()
    for zone in OPTIONS:
        settles(lambda: server.serial(zone), 1)
    whole = [line.split(None, 4)[1:] for line in server.knotc("zone-read", EMPTIED).stdout.splitlines()]
    server.stop()
    server.write_zone(of(EMPTIED, bad(2)), EMPTIED)
    server.start()
    settles(lambda: server.ask(f"www.{EMPTIED} A"), "SERVFAIL EDE 24")
    server.knotc("zone-begin", EMPTIED)
    for record in whole:
        server.knotc("zone-set", EMPTIED, *record)
    server.knotc("zone-commit", EMPTIED)
    bring_in(server, EDITED, bad(2), 2)
    server.txn("unset www CNAME", f"set www 300 A {WEB}", "set www 300 AAAA 2001:db8::80", zone=EDITED)
    bring_in(server, ANSWERED, bad(2), 2)


def update(server, number):
    equal(server.update(f"add u{number} 300 A 192.0.2.{number}", zone=CHANGED), "NOERROR")


def remove(server, how):
    """The module's lines are taken out; the other server gets the same treatment."""
    had, server.guard = server.guard, False
    server.configure()
    if how == "restart":
        server.restart()
    elif how == "reload":
        server.reload()
    elif had:
        server.knotc("conf-begin")
        for zone in OPTIONS:
            server.knotc("conf-unset", f"zone[{zone}].module")
        for section in ("mod-cnameguard", "module"):
            server.knotc("conf-unset", section)
        server.knotc("conf-commit")
        server.reload()
    elif server.database and KNOT >= (3, 5):    # where a commit loads the files of the zones that it changes
        for zone in OPTIONS:
            server.knotc("-b", "zone-reload", zone, check_code=False)       # one file is refused
    else:
        server.reload()


# --- what is compared ------------------------------------------------------------------------------------------------------------------

def answers(server, zone):
    """All octets but the message ID."""
    return {(name, rdtype, tcp): server.query(owner(name, zone), rdtype, tcp=tcp).wire[2:]
            for name, rdtype, tcp in product(NAMES, TYPES, (False, True))}


def transfers(server, zone):
    """AXFR, and IXFR from all serials there ever were; of EDE and the like they have nothing."""
    return [(str(transfer), transfer.lines) for transfer in (server.axfr(zone), *(server.ixfr(serial, zone) for serial in range(1, 7)))]


def status(server, zone):
    """Without how long things take or are from now."""
    return re.sub(r"[+-]?(?:\d+[DhmsWMY])+", "TIME", server.knotc("zone-status", zone).stdout)


def counters(server):
    """Names of the statistics."""
    return sorted(line.split(" = ")[0] for line in server.knotc("stats").stdout.splitlines())


def files(server):
    """Zone files and what else there is, but for the folder of the module."""
    paths = [path for path in server.storage.rglob("*") if "cnameguard" not in path.relative_to(server.storage).parts]
    return {str(path.relative_to(server.storage)): path.read_text() if path.suffix == ".zone" else "" for path in paths}


def same(pair, when):
    had, never = pair
    for zone in OPTIONS:
        settles(lambda: had.serial(zone) == never.serial(zone), True, f"{when}: serial of {zone}")
        settles(lambda: status(had, zone) == status(never, zone), True, f"{when}: {status(had, zone)} {status(never, zone)}")
        for what in (answers, transfers):
            one, other = what(had, zone), what(never, zone)
            check(one == other, f"{when}: {what.__name__} of {zone}\n  {one}\n  {other}" if what is transfers else
                  f"{when}: answers of {zone}: {[(key, one[key], other[key]) for key in one if one[key] != other[key]][:3]}")
    equal(counters(had), counters(never), f"{when}: statistics")
    equal(files(had), files(never), f"{when}: files")


def both(pair, act):
    for server in pair:
        act(server)


def removed(how, bench):
    pair = server_with(bench, True, how == "commit"), server_with(bench, False, how == "commit")
    with_module(pair[0])
    without_module(pair[1])
    both(pair, lambda server: [update(server, number) for number in (1, 2)])
    until(lambda: pair[0].find_log(r"verdict clean, serial 3.*", 0), "judged")
    both(pair, lambda server: remove(server, how))
    mark = pair[0].mark()
    same(pair, "removed")

    def next_file(text, serial, server):
        for zone in OPTIONS:
            if zone != CHANGED:
                server.write_zone(of(zone, text(serial) + f"u1 TXT {serial}\n"), zone)
        server.knotc("reload")
        update(server, serial)
        settles(lambda: server.ask(f"u1.{ANSWERED} TXT"), f'u1.{ANSWERED} TXT "{serial}"')
    for text, serial in ((good, 5), (bad, 6), (good, 7)):
        both(pair, partial(next_file, text, serial))
        same(pair, f"{text.__name__} {serial}")
    both(pair, lambda server: server.restart())
    same(pair, "restarted")
    equal(pair[0].find_log("cnameguard", mark), [], "nothing is heard of it")
    check((pair[0].storage / "cnameguard").exists() and not (pair[1].storage / "cnameguard").exists(), "its files stay in its folder")


test_removed_by_reload = limit(60)(partial(removed, "reload"))
test_removed_by_restart = limit(60)(partial(removed, "restart"))
test_removed_by_commit = limit(60)(partial(removed, "commit"))
