# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules a second time, written from the specification alone: slow, plain, without a line in common with the first.

dnspython gives names, their canonical order, and rdata. `judge(zones)` takes texts of one record a line,
`owner [TTL] TYPE data`.
"""

import functools
from typing import NamedTuple

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype as T

LEVELS = {
    "cname-apex": "error", "cname-mx": "error", "cname-other": "error", "cname-multiple": "error",
    "dname-multiple": "error",
    "dname-ns": "error", "dname-children": "error", "apex-no-ns": "error",
    "mx-alias": "warning", "ns-alias": "warning", "srv-alias": "warning", "ptr-alias": "warning",
    "cname-loop": "warning", "cname-chain": "warning", "cname-dangling": "warning",
    "soa-alias": "info", "naptr-alias": "info", "svcb-alias": "info", "cname-mail": "info",
}
RULES = list(LEVELS)
LISTED = 20             # links of a chain or records below a DNAME that a finding lists
ASIDE = (T.RRSIG, T.NSEC, T.NSEC3)     # may stand beside anything
NAMED = (T.CNAME, T.DNAME, T.NS, T.MX, T.SRV, T.PTR, T.SOA, T.NAPTR, T.SVCB, T.HTTPS)


class Record(NamedTuple):
    """Two are equal if they are one record, whatever the letter case of their names."""
    owner: dns.name.Name
    type: int
    data: dns.rdata.Rdata | str

    def show(self):
        data = self.data if isinstance(self.data, str) else self.data.to_text()
        return f"{self.owner.to_text().lower()} {T.to_text(self.type)} {data.lower()}"


class Finding(NamedTuple):
    zone: str
    rule: str
    level: str
    owner: str
    types: tuple        # names of the types at the owner
    records: tuple      # as Record.show() gives them, sorted; on a way that comes by again, twice

    def brief(self):
        return f"{self.zone} {self.level} {self.rule} {self.owner} {','.join(self.types)}"


class Policy(NamedTuple):
    enforce: tuple = ()
    ignore: tuple = ()
    allow_key: bool = False
    chain_limit: int = 5


def parse_line(line, origin):
    owner, kind, *rest = line.split(None, 2)
    if kind.isdigit():
        kind, *rest = rest[0].split(None, 1)
    rdtype, data = T.from_text(kind), rest[0] if rest else ""
    try:
        data = dns.rdata.from_text(dns.rdataclass.IN, rdtype, data, None if data.startswith("\\#") else origin,
                                   relativize=False)
    except dns.exception.SyntaxError:
        if rdtype in NAMED:
            raise
        # a type that dnspython does not know; no rule asks what is in it
    return Record(dns.name.from_text(owner, origin), rdtype, data)


def parse(text, origin):
    """The records of a zone's text."""
    return [parse_line(line, origin) for line in text.splitlines() if line.strip() and not line.startswith(("$", ";"))]


class Zone:
    """Names of one zone; those with nothing but NSEC3 and its signatures are none of them."""

    def __init__(self, origin, text):
        self.origin = dns.name.from_text(origin)
        self.at = {}
        for record in parse(text, self.origin):
            if record.owner.is_subdomain(self.origin):
                kinds = self.at.setdefault(record.owner, {})
                same = kinds.setdefault(record.type, [])
                if record not in same:
                    same.append(record)
        self.empty = not self.at
        for name in [name for name, kinds in self.at.items() if T.NSEC3 in kinds and set(kinds) <= {T.NSEC3, T.RRSIG}]:
            del self.at[name]
        self.exists = {self.origin}
        for name in self.at:
            while name != self.origin:
                self.exists.add(name)
                name = name.parent()

    def type(self, name, rdtype):
        return self.at.get(name, {}).get(rdtype, [])

    def is_cut(self, name):
        return name != self.origin and bool(self.type(name, T.NS))

    def above(self, name):
        """The names above, from the apex down."""
        return (name.split(depth)[1] for depth in range(len(self.origin), len(name)))

    def occluded(self, name):
        return any(self.is_cut(upper) or self.type(upper, T.DNAME) for upper in self.above(name))

    def below(self, name):
        return sorted(other for other in self.at if other != name and other.is_subdomain(name))

    def answered(self, name):
        """The types that answers show."""
        if self.occluded(name):
            return {}
        kinds = self.at.get(name, {})
        return {T.NS: kinds[T.NS]} if self.is_cut(name) else kinds


def first(records):
    """Of several CNAMEs or DNAMEs the one that findings name."""
    return min(records, key=lambda record: record.data.target.to_text().lower())


FOUND, MISSING, OUTSIDE, CUT, UNKNOWN, LOOP = "found", "missing", "outside", "cut", "unknown", "loop"


class Step(NamedTuple):
    """What a name leads to: an end, or another name by a CNAME or DNAME record."""
    end: str = None
    zone: Zone = None
    node: dns.name.Name = None
    record: Record = None
    next: dns.name.Name = None


class World:
    """All zones that are judged together."""

    def __init__(self, zones):
        self.zones = zones
        self.by_origin = {}
        for zone in zones:
            self.by_origin.setdefault(zone.origin, zone)
        self.step, self.next_alias = functools.cache(self.step), functools.cache(self.next_alias)

    def zone_of(self, name):
        above = [origin for origin in self.by_origin if name.is_subdomain(origin)]
        return self.by_origin[max(above, key=len)] if above else None

    def step(self, name):
        zone = self.zone_of(name)
        if zone is None:
            return Step(OUTSIDE)
        encloser = None
        for upper in zone.above(name):
            if upper not in zone.exists:
                break
            encloser = upper
            if zone.is_cut(upper):
                return Step(CUT)
            if zone.type(upper, T.DNAME):
                return self.rename(zone, upper, name)
        if name in zone.exists:
            return self.at_node(zone, name)
        wildcard = dns.name.Name((b"*",) + encloser.labels) if encloser else None
        return self.at_node(zone, wildcard) if wildcard in zone.exists else Step(MISSING, zone)

    def at_node(self, zone, node):
        if zone.is_cut(node):
            return Step(CUT)
        aliases = zone.type(node, T.CNAME)
        if len(aliases) > 1:
            return Step(UNKNOWN, zone, node, first(aliases))
        if aliases:
            return Step(None, zone, node, aliases[0], aliases[0].data.target)
        return Step(FOUND, zone, node)

    def rename(self, zone, upper, name):
        renames = zone.type(upper, T.DNAME)
        if len(renames) > 1:
            return Step(UNKNOWN, zone, upper, first(renames))
        try:
            renamed = name.relativize(upper).concatenate(renames[0].data.target)
        except dns.name.NameTooLong:
            return Step(MISSING, zone, upper, renames[0])
        return Step(None, zone, upper, renames[0], renamed)

    def follow(self, name):
        """The steps from a name on, and how they end."""
        steps, seen = [], set()
        while True:
            step = self.step(name)
            if step.end:
                if step.end == MISSING and step.record:
                    # too long: it went round if a DNAME served twice since the last CNAME, and grew each time
                    kinds = [last.record.type for last in steps]
                    tail = [last.node for last in steps[len(steps) - (kinds[::-1] + [T.CNAME]).index(T.CNAME):]]
                    if len(tail) > len(set(tail)):
                        return steps, step._replace(end=LOOP)
                return steps, step
            if name in seen:
                return steps, Step(LOOP)
            seen.add(name)
            steps.append(step)
            name = step.next

    def aliases(self):
        """The CNAMEs that are answered, one a name."""
        for zone in self.zones:
            for name in zone.at:
                records = zone.answered(name).get(T.CNAME, [])
                if len(records) == 1:
                    yield zone, name, records[0]

    def next_alias(self, record):
        """Through DNAMEs to the next CNAME: (its zone and owner or None, the DNAMEs, how it ends otherwise)."""
        steps, end = self.follow(record.data.target)
        renames = []
        for step in steps:
            if step.record.type == T.CNAME:
                return (step.zone, step.node), renames, None
            renames.append(step)
        return None, renames + ([end] if end.record and end.record.type == T.DNAME else []), end.end

    def leads_to_alias(self, target):
        """Whether a target is an alias itself."""
        return self.step(target).record is not None


class Judge:
    def __init__(self, zones, policy):
        self.world, self.policy, self.found = World(zones), policy, []
        self.conflicts = set()      # of (zone, name), ignored ones too

    def add(self, zone, rule, name, records):
        if rule in ("cname-apex", "cname-mx", "cname-other", "cname-multiple"):
            self.conflicts.add((zone, name))
        if rule in self.policy.ignore:
            return
        level = "error" if rule in self.policy.enforce else LEVELS[rule]
        kinds = zone.at.get(name, {})
        types = tuple(T.to_text(kind) for kind in sorted(kinds) if kind not in ASIDE)
        self.found.append(Finding(zone.origin.to_text(), rule, level, name.to_text().lower(), types,
                                  tuple(sorted(record.show() for record in records))))

    def run(self):
        for zone in self.world.zones:
            self.names(zone)
            self.targets(zone)
        self.chains()
        self.loops()
        return self.found

    # what a name alone decides, and what is below it

    def names(self, zone):
        if not zone.empty and not zone.type(zone.origin, T.NS):
            self.add(zone, "apex-no-ns", zone.origin, zone.type(zone.origin, T.SOA))
        for name, kinds in zone.at.items():
            apex = name == zone.origin
            beside = set(ASIDE) | ({T.KEY} if self.policy.allow_key else set())
            others = set(kinds) - beside - {T.CNAME}
            if T.CNAME in kinds:
                rule = "cname-apex" if apex else "cname-mx" if T.MX in others else "cname-other" if others else None
                if rule:
                    self.add(zone, rule, name, [record for kind in others | {T.CNAME}
                                                for record in kinds.get(kind, [])])
                if len(kinds[T.CNAME]) > 1:
                    self.add(zone, "cname-multiple", name, kinds[T.CNAME])
            if T.DNAME in kinds:
                if len(kinds[T.DNAME]) > 1:
                    self.add(zone, "dname-multiple", name, kinds[T.DNAME])
                if T.NS in kinds and not apex:
                    self.add(zone, "dname-ns", name, kinds[T.DNAME] + kinds[T.NS])
                below = zone.below(name)
                if below:
                    children = [record for child in below for kind in sorted(zone.at[child]) if kind not in ASIDE
                                for record in zone.at[child][kind]]
                    self.add(zone, "dname-children", name, kinds[T.DNAME] + children)

    # records that name another name

    TARGETS = (
        ("mx-alias", (T.MX,), lambda data: data.exchange),
        ("ns-alias", (T.NS,), lambda data: data.target),
        ("srv-alias", (T.SRV,), lambda data: data.target),
        ("ptr-alias", (T.PTR,), lambda data: data.target),
        ("soa-alias", (T.SOA,), lambda data: data.mname),
        ("naptr-alias", (T.NAPTR,), lambda data: data.replacement),
        ("svcb-alias", (T.SVCB, T.HTTPS), lambda data: data.target),
    )

    def targets(self, zone):
        for name in zone.at:
            kinds = zone.answered(name)
            for rule, types, target in self.TARGETS:
                records = [record for kind in types for record in kinds.get(kind, [])
                           if target(record.data) != dns.name.root and self.world.leads_to_alias(target(record.data))]
                if records:
                    aliases = {self.world.step(target(record.data)).record for record in records}
                    self.add(zone, rule, name, {*records, *aliases})

    # chains of aliases

    def chains(self):
        world = self.world
        led_to = {alias for zone, name, record in world.aliases() for alias in [world.next_alias(record)[0]]
                  if alias and alias != (zone, name)}
        for zone, name, record in world.aliases():
            steps, end = world.follow(record.data.target)
            links = [record] + [step.record for step in steps]
            last = []           # several CNAMEs or DNAMEs, one of which is the last link
            if end.end == UNKNOWN:
                last = end.zone.type(end.node, end.record.type)
            if end.end != LOOP and len(links) + bool(last) > self.policy.chain_limit and (zone, name) not in led_to:
                self.add(zone, "cname-chain", name, (links + last)[:LISTED])
            alias, renames, last = world.next_alias(record)
            if not alias and last == MISSING:
                self.add(zone, "cname-dangling", name, [record] + [step.record for step in renames])
            if end.end == FOUND and (zone, name) not in self.conflicts:
                mail = end.zone.type(end.node, T.MX)
                if any(mx.data.exchange != dns.name.root for mx in mail):
                    self.add(zone, "cname-mail", name, links + mail)

    def loops(self):
        """Circles of CNAMEs, through DNAMEs or not, and circles of DNAMEs alone; those of one name are one finding."""
        world = self.world
        done, found = set(), {}
        for zone, name, record in world.aliases():
            way, here = [], (zone, name)
            while here and here not in way:
                way.append(here)
                here = world.next_alias(here[0].type(here[1], T.CNAME)[0])[0]
            if here and here not in done:
                circle = way[way.index(here):]
                done.update(circle)
                records = []
                for where, owner in circle:
                    alias = where.type(owner, T.CNAME)[0]
                    records += [alias] + [step.record for step in world.next_alias(alias)[1]]
                where, owner = min(circle, key=lambda alias: alias[1])
                found.setdefault((where, owner), []).extend(records)

        done = set()
        for zone in world.zones:
            for name in zone.at:
                way, here = [], (zone, name)
                while here and here not in way and self.renames(*here):
                    way.append(here)
                    here = self.next_rename(*here)
                if here in way and here not in done:
                    circle = way[way.index(here):]
                    done.update(circle)
                    where, owner = min(circle, key=lambda rename: rename[1])
                    found.setdefault((where, owner), []).extend(at.type(rename, T.DNAME)[0] for at, rename in circle)
        for (where, owner), records in found.items():
            self.add(where, "cname-loop", owner, records)

    def renames(self, zone, name):
        return len(zone.answered(name).get(T.DNAME, [])) == 1

    def next_rename(self, zone, name):
        """The DNAME that covers all that a DNAME makes of names below it."""
        target = zone.type(name, T.DNAME)[0].data.target
        zone = self.world.zone_of(target)
        if zone is not None:
            for upper in [*zone.above(target), target]:
                if zone.is_cut(upper):
                    return None
                if zone.type(upper, T.DNAME):
                    return zone, upper
        return None


def judge(zones, policy=Policy()):
    """Findings about a dict of texts by origin, sorted by zone, canonical order of owners, and rule."""
    found = Judge([Zone(origin, text) for origin, text in zones.items()], policy).run()
    return sorted(found, key=lambda finding: (finding.zone, dns.name.from_text(finding.owner),
                                              RULES.index(finding.rule)))
