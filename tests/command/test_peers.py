# SPDX-License-Identifier: GPL-2.0-or-later
"""What BIND, Knot and NSD say about the same zones.

Where a peer judges the same rule, at least one of them agrees with cnameguard, and every difference is in KNOWN and in
docs/rules.md.
"""

import random
import re
from typing import Callable, NamedTuple

import generate
from lib import APEX, BASE, ROOT, check, equal, limit, long
from peers import KINDS, OTHER, PEERS
from shapes import NSEC3, RRSIG, SHAPES, TYPES, Shape, beside

SEED = 20240


class Case(NamedTuple):
    """A name about which a peer and cnameguard differ."""
    peer: str
    what: str
    ours: bool          # found by cnameguard, not by the peer
    owner: str
    types: frozenset    # of the name
    said: frozenset     # by the peer, as (what, owner)


class Known(NamedTuple):
    id: str
    peer: str
    what: str
    ours: bool
    when: Callable
    reason: str         # as in docs/rules.md


def only(*kinds):
    """Beside the CNAME stand these types and no other that conflicts."""
    return lambda case: case.types - {"CNAME", "RRSIG", "NSEC", "NSEC3"} <= set(kinds)


KNOWN = (
    Known("bind-key", "BIND", OTHER, True, only("KEY", "SIG"), "BIND lets KEY and SIG stand beside a CNAME"),
    Known("bind-first", "BIND", OTHER, True, lambda case: ("cname-multiple", case.owner) in case.said,
          "BIND names one error of a name"),
    Known("bind-wildcard-ns", "BIND", OTHER, True,
          lambda case: case.owner.startswith("*.") and only("NS", "KEY", "SIG")(case), "BIND takes no NS at a wildcard"),
    Known("bind-dname-children", "BIND", "dname-children", True, lambda case: True, "BIND loads data below a DNAME"),
    Known("bind-dname-ns", "BIND", "dname-ns", True, lambda case: True, "BIND lets NS stand beside a DNAME"),
    Known("nsd-dname-ns", "NSD", "dname-ns", True, lambda case: True, "NSD lets NS stand beside a DNAME"),
    Known("nsd-apex-no-ns", "NSD", "apex-no-ns", True, lambda case: True, "NSD loads a zone without NS at its apex"),
    Known("nsd-nxt", "NSD", OTHER, True, only("NXT", "SIG"), "NSD lets NXT and SIG stand beside a CNAME"),
    Known("knot-zero", "Knot", OTHER, False, lambda case: r"\000" in case.owner, "Knot takes two names for one"),
)


def compare(bench, zones):
    """Lets all peers judge zones, given as (name, text); returns the ids of the known differences that were met."""
    met = set()
    for name, text in zones:
        file = bench.write(text)
        found = bench.judge(file)
        types = {item.owner: frozenset(item.types) for item in found}
        ours = {(KINDS.get(item.rule, item.rule), item.owner) for item in found}
        told = {peer: judge(file, text, APEX) for peer, judge in PEERS.items()}
        lone = {}
        for peer, said in told.items():
            for is_ours, pairs in zip((True, False), said.disagrees(ours)):
                for what, owner in pairs:
                    case = Case(peer, what, is_ours, owner, types.get(owner, frozenset()), said.found)
                    known = [known.id for known in KNOWN
                             if (known.peer, known.what, known.ours) == (peer, what, is_ours) and known.when(case)]
                    does = "does not find" if is_ours else "finds"
                    check(known, f"{name}: {peer} {does} {what} at {owner}\n{said.output}\n{text}")
                    met.update(known)
                    lone.setdefault((what, owner), set()).add(peer)
        for (what, owner), peers in lone.items():
            judging = {peer for peer, said in told.items() if what in said.judged}
            check(judging - peers, f"{name}: nobody agrees about {what} at {owner}: {sorted(judging)}\n{text}")
    return met



def shapes():
    yield from ((shape.name, shape.text) for shape in SHAPES)
    for kind in TYPES:
        yield f"CNAME and {kind}", Shape("", f"www CNAME ns|www {beside(kind)}").text
    for data in (RRSIG, "NSEC x A", NSEC3):
        yield f"CNAME and {data}", Shape("", f"www CNAME ns|www {data}").text


def random_zones(seeds, clashes):
    for seed in seeds:
        clash = random.Random(seed).choice(clashes)
        yield f"zone {seed}", generate.zone(f"peers {SEED} {seed}", clash=clash,
                                            good_apex=random.Random(seed).random() < 0.8)


def test_shapes_and_the_list(bench):
    """Every known difference is met by a shape, so that one which is gone is seen."""
    equal(compare(bench, shapes()), {known.id for known in KNOWN if known.peer in PEERS})


def test_random_zones(bench):
    compare(bench, random_zones(range(60), (0, 0.05, 0.3)))


def test_random_zones_without_conflicts(bench):
    """Where BIND gets as far as to look at targets."""
    compare(bench, random_zones(range(1000, 1080), (0,)))


@long
@limit(3600)
def test_many_random_zones(bench):
    compare(bench, random_zones(range(10000, 12000), (0, 0, 0.02, 0.3, 1)))


def test_peers_see_something(bench):
    """Each peer finds what it judges; a peer that says nothing at all would agree with anything."""
    conflicts = BASE + "a CNAME ns\na TXT x\nb CNAME ns\nb CNAME c\nd DNAME c\nd DNAME b\n"
    file = bench.write(conflicts)
    for peer, judge in PEERS.items():
        check({(OTHER, "a." + APEX), ("cname-multiple", "b." + APEX), ("dname-multiple", "d." + APEX)}
              <= judge(file, conflicts, APEX).found, peer)
    below = BASE + "d DNAME ns\na.d A 192.0.2.1\n"
    file = bench.write(below)
    for peer in PEERS.keys() & {"Knot", "NSD"}:
        equal(PEERS[peer](file, below, APEX).found, {("dname-children", "d." + APEX)}, peer)
    targets = BASE + "m CNAME ns\na MX 1 m\nb SRV 1 1 1 m\nc NS m\n@ NS m\n"
    equal(PEERS["BIND"](bench.write(targets), targets, APEX).found, {("ns-alias", APEX)})
    targets = targets.replace("@ NS m\n", "")
    equal(PEERS["BIND"](bench.write(targets), targets, APEX).found,
          {("mx-alias", "a." + APEX), ("srv-alias", "b." + APEX), ("ns-alias", "c." + APEX)})
    no_ns = "$TTL 300\n@ SOA a b 1 2 3 4 5\nwww A 192.0.2.1\n"
    file = bench.write(no_ns)
    for peer in ("BIND", "Knot"):
        equal(PEERS[peer](file, no_ns, APEX).found, {("apex-no-ns", APEX)}, peer)


def test_documented(bench):
    """docs/rules.md lists the same differences, no more and no less."""
    text = (ROOT / "docs/rules.md").read_text()
    section = text.partition("\n# Where other checkers differ\n")[2].partition("\n# ")[0]
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \| ([^|]+) \|", section, re.M)
    equal({(id, peer, text.strip()) for id, peer, text in rows},
          {(known.id, known.peer, known.reason) for known in KNOWN})
