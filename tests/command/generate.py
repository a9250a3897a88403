# SPDX-License-Identifier: GPL-2.0-or-later
"""Random zones: few labels, so that aliases, wildcards, zone cuts, DNAMEs and what is below them meet often."""

import random

ORIGIN = "example.com."
LABELS = ("a", "b", "c", "d", "*")
OUTSIDE = ("example.net.", "www.example.net.", "com.", "xexample.com.", ".")


def soa(serial=1):
    return f"@ SOA a hostmaster {serial} 3600 600 86400 300"


class Maker:
    """Lines `owner TTL TYPE data` of one zone; origins are those of all zones that are judged together."""

    def __init__(self, rng, origin, origins, clash, depth):
        self.rng, self.origin, self.origins, self.clash, self.depth = rng, origin, origins, clash, depth
        self.types, self.lines = {}, []

    def labels(self):
        count = self.rng.choices(range(1, self.depth + 1), [4, 5, 3, 2, 1][:self.depth])[0]
        return ".".join(self.rng.choice(LABELS) for _ in range(count))

    def owner(self):
        return "@" if self.rng.random() < 0.02 else self.labels()

    def target(self):
        chance = self.rng.random()
        if chance < 0.04:
            return self.rng.choice(OUTSIDE)
        if chance < 0.07:
            return "@"
        if chance < 0.6 and self.types:
            return self.rng.choice(list(self.types))
        if chance < 0.7:
            return f"{self.labels()}.{self.rng.choice(self.origins)}".replace("..", ".")
        return self.labels()

    def data(self, kind):
        number = self.rng.randrange(1, 4)
        return {
            "A": f"192.0.2.{number}", "AAAA": f"2001:db8::{number}", "TXT": f'"{number}"', "CAA": f'0 issue "{number}"',
            "MX": f"{number} {self.target()}", "SRV": f"{number} 1 1 {self.target()}", "CNAME": self.target(),
            "DNAME": self.target(),
            "NS": self.target(), "PTR": self.target(), "NAPTR": f'{number} 1 "s" "x" "" {self.target()}',
            "HTTPS": f"{number - 1} {self.target()}", "SVCB": f"{number - 1} {self.target()}",
            "TYPE65280": f"\\# 1 0{number}",
            "KEY": f"256 3 8 AAA{number}", "NSEC": f"{self.target()} A", "DS": f"{number} 8 1 {'00' * 20}",
            "RRSIG": f"A 8 3 300 20300101000000 20200101000000 {number} @ AAAA",
            "NSEC3": f"1 0 0 - {'0' * 31}{number} A",
        }[kind]

    KINDS = {"CNAME": 40, "A": 14, "MX": 8, "DNAME": 5, "NS": 4, "SRV": 4, "PTR": 4, "TXT": 3, "AAAA": 2, "NAPTR": 3,
             "HTTPS": 3,
             "SVCB": 1, "CAA": 1, "TYPE65280": 1, "KEY": 1, "NSEC": 1, "RRSIG": 1, "NSEC3": 0.5}

    def collides(self, owner, kind):
        here, aside = self.types.get(owner, set()), {"RRSIG", "NSEC"}
        beside = "CNAME" in here | {kind} and here - aside and kind not in aside
        twice = kind in here and kind in ("CNAME", "DNAME")
        return beside or twice or {"NS", "DNAME"} <= here | {kind} or (owner == "@" and kind == "CNAME")

    def add(self, owner, kind, data=None):
        if self.collides(owner, kind) and self.rng.random() >= self.clash:
            return
        data = self.data(kind) if data is None else data
        if kind in ("MX", "SRV") and data.endswith(" @"):
            data = data[:-1] + self.origin
        self.types.setdefault(owner, set()).add(kind)
        spelled = owner.upper() if self.rng.random() < 0.1 else owner
        self.lines.append(f"{spelled} {self.rng.choice((0, 60, 300))} {kind} {data}")

    def chain(self):
        names = [f"k{number}" for number in self.rng.sample(range(30), self.rng.randrange(3, 9))]
        for name, target in zip(names, [*names[1:], self.target()]):
            self.add(name, "CNAME", target)

    def make(self, size, good_apex):
        self.lines.append(soa())
        if good_apex:
            self.add("@", "NS", "ns")
            self.add("ns", "A", "192.0.2.53")
        elif self.rng.random() < 0.97:
            self.add("@", "NS", self.target())
        while len(self.lines) < size:
            if self.rng.random() < 0.03:
                self.chain()
            else:
                self.add(self.owner(), self.rng.choices(list(self.KINDS), list(self.KINDS.values()))[0])
        if self.rng.random() < 0.1:
            self.lines.append("outside.example.net. 300 CNAME x")
        return "\n".join(self.lines) + "\n"


def zone(seed, origin=ORIGIN, origins=None, size=None, clash=None, good_apex=False):
    """One zone's text.

    clash: how often a record that makes an error is kept; good_apex: with an NS that has an address.
    """
    rng = random.Random(f"{seed} {origin}")
    size = size or rng.choice((10, 15, 20, 40, 80, 160, 300))
    clash = rng.choice((0, 0.02, 0.3, 1)) if clash is None else clash
    depth = 2 if size < 30 else 3 if size < 100 else rng.choice((3, 4))
    return Maker(rng, origin, origins or [origin], clash, depth).make(size, good_apex)


def zones(seed):
    """Zones that know each other, by origin: a parent, children with and without a cut, a stranger."""
    rng = random.Random(seed)
    origins = [ORIGIN] + rng.sample(["a.example.com.", "b.a.example.com.", "example.net.", "d.example.com."],
                                    rng.randrange(1, 4))
    return {origin: zone(seed, origin, origins, rng.choice((10, 20, 60, 100))) for origin in origins}


def layout(text, seed):
    """The same records, written as people do: comments, blank owners, parentheses, classes, TTLs left out."""
    rng = random.Random(f"layout {seed}")
    out, before = ["; a zone of chance", "$TTL 300"], None
    for line in text.splitlines():
        owner, kind, *rest = line.split(None, 2)
        ttl = ""
        if kind.isdigit():
            ttl, (kind, *rest) = kind, rest[0].split(None, 1)
        if ttl == "300" and rng.random() < 0.5:
            ttl = ""
        words = [word for word in (ttl, rng.choice(("", "", "IN"))) if word]
        if owner.startswith("*") and rng.random() < 0.3:
            owner = "\\042" + owner[1:]
        first = " " if owner.lower() == before and rng.random() < 0.7 else owner
        before = owner.lower()
        data = rest[0] if rest else ""
        style = rng.randrange(6)
        if style == 0 and '"' not in data:
            data = "( " + "\n\t; more\n\t".join(data.split()) + " )"
        elif style == 1:
            data = f"(\n  {data}\n  ) ; {kind}"
        elif style == 2:
            data += " ; CNAME x"
        out.append(rng.choice((" ", "\t", "    ")).join([first, *words, kind, data]))
        if rng.random() < 0.1:
            out.append(rng.choice(("", "; www CNAME ns", "   ; note", "\t")))
    return "\n".join(out) + rng.choice(("\n", ""))
