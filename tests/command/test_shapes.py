# SPDX-License-Identifier: GPL-2.0-or-later
"""Every rule and decision on a small zone: what is written down, what the oracle finds, and what the command finds."""

import re

import dns.name
import dns.rdatatype
import oracle
from lib import APEX, BASE, agree, check, equal
from oracle import Policy, judge
from shapes import NSEC3, RRSIG, SHAPES, TYPES, WIRES, Shape, beside


def shape_test(shape):
    def test(bench):
        expected = judge({APEX: shape.text})
        equal([(item.rule, item.owner) for item in expected], list(shape.rules), "the oracle")
        agree(bench.judge_text(shape.text), expected, shape.name)
    return test


for _shape in SHAPES:
    _name = "test_" + re.sub(r"\W+", "_", _shape.name)
    check(_name not in globals(), f"two shapes of one name: {_shape.name}")
    globals()[_name] = shape_test(_shape)


def test_each_rule_is_shown_and_not_shown(bench):
    shown = {rule for shape in SHAPES for rule, _ in shape.rules}
    equal(shown, set(oracle.RULES))
    for rule in oracle.RULES:
        check(any(rule not in shape.expected for shape in SHAPES), rule)


# --- every type -------------------------------------------------------------------------------------------------------

ALLOWED = {"RRSIG": RRSIG, "NSEC": "NSEC x A", "NSEC3": NSEC3}


def found(bench, lines, *options, records=True):
    """What is found, as `RULE OWNER TYPES`; the oracle must agree, unless told not to also about the records."""
    shape = Shape("", "|".join(lines))
    items = bench.judge_text(shape.text, options=("--level", "info", *options))
    expected = judge({APEX: shape.text}, Policy(allow_key="--allow-key" in options))
    if not records:
        items, expected = ([item._replace(records=()) for item in list] for list in (items, expected))
    agree(items, expected)
    return [f"{item.rule} {item.owner.removesuffix('.' + APEX)} {','.join(item.types)}" for item in items]


def types(*kinds):
    """Types by number, as dnspython names them."""
    numbers = sorted(dns.rdatatype.from_text(beside(kind).split()[0]) for kind in kinds)
    return ",".join(dns.rdatatype.to_text(number) for number in numbers)


def conflicts(kinds):
    def both(number):
        return ",".join(dns.rdatatype.to_text(n) for n in sorted((5, number)))
    return [f"{'cname-mx' if kind == 'MX' else 'cname-other'} t{place:03} {both(number)}"
            for place, (kind, number) in enumerate(kinds)]


def test_every_type_is_tried(bench):
    meta = {"TYPE0", "CNAME", "SOA", "OPT", "UNSPEC", "TKEY", "TSIG", "IXFR", "AXFR", "MAILB", "MAILA", "ANY", *ALLOWED}
    names = {kind.name.replace("_", "-") for kind in dns.rdatatype.RdataType}
    equal(names - meta - set(TYPES), set())


def test_each_type_beside_an_alias(bench):
    kinds = [(kind, dns.rdatatype.from_text(beside(kind).split()[0])) for kind in TYPES]
    lines = [line for place, (kind, _) in enumerate(kinds)
             for line in (f"t{place:03} CNAME ns", f"t{place:03} {beside(kind)}")]
    equal(found(bench, lines, records=False), conflicts(kinds))
    lines = [line for place, (kind, _) in enumerate(kinds)
             for line in (f"t{place:03} {beside(kind)}", f"t{place:03} CNAME ns")]
    equal(found(bench, lines, records=False), conflicts(kinds), "the CNAME last")


def test_each_type_without_an_alias(bench):
    equal(found(bench, [f"t{place:03} {beside(kind)}" for place, kind in enumerate(TYPES)]), [])


def test_each_type_by_its_number(bench):
    """Written as RFC 3597 has it, with an alias in the same way."""
    numbers = [number for number in (*range(1, 5), *range(7, 41), *range(42, 46), *range(48, 50), *range(51, 128),
                                     *range(256, 270), 32768,
                                     32769, 65280, 65534, 65535) if number not in (6, 39)]
    data = {number: dns.rdatatype.to_text(number) for number in numbers}
    wires = {}
    for number, kind in data.items():
        if TYPES.get(kind) and kind not in WIRES:
            wires[number] = oracle.parse_line(f"x {kind} {TYPES[kind]}", dns.name.from_text(APEX)).data.to_wire().hex()
        else:
            wires[number] = WIRES.get(kind)
    lines = []
    for place, number in enumerate(numbers):
        wire = wires.get(number) or "00"
        lines += [f"t{place:03} TYPE5 \\# 4 026e7300", f"t{place:03} TYPE{number} \\# {len(wire) // 2} {wire}"]
    equal(found(bench, lines, records=False), conflicts([(data[number], number) for number in numbers]))


def test_all_types_at_once(bench):
    lines = ["x CNAME ns", *(f"x {beside(kind)}" for kind in TYPES), *(f"x {kind}" for kind in ALLOWED.values())]
    equal(found(bench, lines, records=False)[0].split()[:2], ["cname-mx", "x"])


def test_what_may_stand_beside(bench):
    equal(found(bench, [f"{kind} {text}" for kind, data in ALLOWED.items() for text in ("CNAME ns", data)]), [])
    everything = [f"x {text}" for text in ("CNAME ns", *ALLOWED.values())]
    equal(found(bench, everything), [])
    equal([line.split()[:2] for line in found(bench, [*everything, "x TXT x"])], [["cname-other", "x"]])


def test_allow_key(bench):
    lines = ["a CNAME ns", "a KEY 256 3 8 AAAA", "b CNAME ns", "b TYPE25 \\# 7 01000308000000", "c CNAME ns",
             "c KEY 256 3 8 AAAA", "c MX 1 ns"]
    equal(found(bench, lines, records=False), ["cname-other a CNAME,KEY", "cname-other b CNAME,KEY",
                                               "cname-mx c CNAME,MX,KEY"])
    equal(found(bench, lines, "--allow-key", records=False), ["cname-mx c CNAME,MX,KEY"])


def test_each_type_at_the_apex(bench):
    kinds = [kind for kind in TYPES if kind not in ("NS", "DNAME")]
    equal(found(bench, [f"@ {beside(kind)}" for kind in kinds]), [])
    items = found(bench, ["@ CNAME ns", *(f"@ {beside(kind)}" for kind in kinds)], records=False)
    equal([item.split()[0] for item in items], ["cname-apex"])


def test_spelling_is_kept(bench):
    entries = bench.check("--format", "json", bench.write(BASE + "WwW CNAME nS\nwww MX 10 MaIl\n")).objects()
    equal([(entry["owner"], entry["records"]) for entry in entries],
          [("WwW.example.com.", ["WwW.example.com. 300 CNAME nS.example.com.",
                                 "WwW.example.com. 300 MX 10 MaIl.example.com."])])
