# SPDX-License-Identifier: GPL-2.0-or-later
"""A guarded server beside an unguarded twin: what must be the same is the same to the octet."""

from itertools import product

from lib import SOFT, Zone, check, equal
from ways import version

ODD = ["two CNAME web", "two CNAME mail", "both A 192.0.2.7", "both CNAME web", "both TXT both", "*.wild CNAME web",
       "chain CNAME chain1", "chain1 CNAME chain2", "chain2 CNAME chain3", "chain3 CNAME chain4", "chain4 CNAME web", "loop CNAME loop1",
       "loop1 CNAME loop", "old DNAME new", "a.new A 192.0.2.8", "sub NS ns.sub", "ns.sub A 192.0.2.9", "far CNAME www.example.net.",
       *(f'big TXT "{number} {"x" * 90}"' for number in range(30)), "tobig CNAME big"]

NAMES = ("@", "www", "two", "both", "web", "alias", "plain", "a.wild", "chain", "loop", "a.old", "old", "a.sub", "sub", "far", "big", "tobig",
         "nowhere", "www.example.net.")
TYPES = ("A", "AAAA", "MX", "CNAME", "TXT", "SOA", "NS", "ANY", "DNAME", "RRSIG", "TYPE65280")
SHAPES = [dict(edns=None), dict(edns=512), dict(edns=4096), dict(edns=1232, dnssec=True)]


def zone(*www, without=()):
    """A zone full of odd names."""
    return version(1, *www) + "".join(line + "\n" for line in ODD if line.split()[0] not in without)


def twins(bench, text, options, **policy):
    """A guarded server once it has its verdict, and an unguarded one, of the same zone."""
    pair = [bench.knot(Zone(text, **options), policy=policy), bench.knot(Zone(text, **options), guard=False)]
    pair[0].wait_log(r"\bverdict ")
    return pair


def octets(server, name, rdtype, **options):
    """The reply without its message ID."""
    return server.query(name, rdtype, **options).wire[2:]


def same_answers(pair, names):
    for name, rdtype, shape, tcp in product(names, TYPES, SHAPES, (False, True)):
        guarded, alone = (octets(server, name, rdtype, tcp=tcp, **shape) for server in pair)
        check(guarded == alone, f"{name} {rdtype} {shape} tcp={tcp}: {guarded} is not {alone}")


def same_transfers(pair, serial):
    guarded, alone = ([transfer.lines for transfer in (server.axfr(), server.ixfr(serial - 1), server.ixfr(serial))] for server in pair)
    equal(guarded, alone, "transfers")


def test_audit_changes_no_octet(bench):
    pair = twins(bench, zone("CNAME web", "MX 10 mail"), SOFT, mode="audit")
    same_answers(pair, NAMES)
    same_transfers(pair, 1)
    for server in pair:
        server.txn("set www 300 A 192.0.2.1", "unset two CNAME")
    pair[0].wait_log(r"verdict audited, serial 2")
    same_answers(pair, ("www", "two", "plain"))
    same_transfers(pair, 2)
    equal(pair[0].stats(), dict.fromkeys(pair[0].stats(), 0), "nothing was held or refused")


def test_audit_holds_nothing_before_the_verdict(bench):
    """Nor does it wait for one: every answer is there from the first moment, whatever becomes of the control socket."""
    text = zone("CNAME web", "MX 10 mail")
    pair = [bench.knot(Zone(text, **SOFT), policy=dict(mode="audit"), control=bench.dir / "gone.sock"),
            bench.knot(Zone(text, **SOFT), guard=False)]
    same_answers(pair, ("@", "www", "two", "alias", "a.old"))
    same_transfers(pair, 1)


def test_refuse_on_a_clean_stock_zone_changes_no_octet(bench):
    text = zone("A 192.0.2.1", "MX 10 mail", without=("two", "both"))
    pair = twins(bench, text, {}, mode="refuse")
    same_answers(pair, NAMES)
    same_transfers(pair, 1)


def test_refuse_on_stock_takes_nothing_but_names_in_conflict(bench):
    """A conflict merged from journal and file, in a zone full of other names: they are answered as Knot alone does."""
    text = zone(without=("two", "both"))
    pair = []
    for guard in (True, False):
        server = bench.knot(Zone(text, zonefile_sync=-1), guard=guard)
        equal(server.update("add www 300 CNAME web"), "NOERROR")
        server.stop()
        server.write_zone(text + "www A 192.0.2.1\n")
        pair.append(server.start())
    pair[0].verdict("held")
    same_answers(pair, [name for name in NAMES if name != "www"])
    equal([pair[0].ask(f"www {rdtype}") for rdtype in TYPES], ["SERVFAIL EDE 24"] * len(TYPES))


def test_refuse_keeps_the_names_that_meet_no_conflict(bench):
    """Under soft: an alias that leads to a name in conflict fails with it, every other one stays."""
    pair = twins(bench, zone("CNAME web", "MX 10 mail") + "towww CNAME www\n", SOFT)
    same_answers(pair, [name for name in NAMES if name not in ("www", "two", "both")])
    for question in ("www A", "two MX", "both A", "both TXT", "towww A", "towww MX"):
        equal(pair[0].ask(question), "SERVFAIL EDE 24", question)
    equal(pair[0].ask("towww CNAME"), "towww CNAME www", "the alias itself is in no conflict")
