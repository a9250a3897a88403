# SPDX-License-Identifier: GPL-2.0-or-later
"""Several files are judged together, though clean ones are not held: as if all of them were."""

import random

from lib import check, equal

HEAD = "$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\n"
HELD = "; \\#\n"  # Where data may be given so, a zone is held.
LEFT = "; #\n"

# What shows only if another zone is known: text of the zones by name, and a rule that is found or not.
SETS = (
    ({"a.test": "m MX 1 www.b.test.\n", "b.test": "www CNAME ns\n"}, "mx-alias"),
    ({"a.test": "m MX 1 ns.b.test.\n", "b.test": ""}, None),
    ({"a.test": "m MX 1 x.b.test.\n", "b.test": "*.b.test. CNAME ns\n"}, "mx-alias"),
    ({"a.test": "m MX 1 x.d.b.test.\n", "b.test": "d DNAME ns.b.test.\n"}, "mx-alias"),
    ({"a.test": "w CNAME gone.b.test.\n", "b.test": ""}, "cname-dangling"),
    ({"a.test": "w CNAME www.b.test.\n", "b.test": ""}, "cname-dangling"),
    ({"a.test": "w CNAME ns.b.test.\n", "b.test": "ns MX 1 ns\n"}, "cname-mail"),
    ({"a.test": "w CNAME x.b.test.\n", "b.test": "x NS ns.other.org.\n"}, None),
    ({"a.test": "w CNAME w.b.test.\n", "b.test": "w CNAME w.c.test.\n", "c.test": "w CNAME w.a.test.\n"}, "cname-loop"),
    ({"a.test": "d DNAME d.b.test.\n", "b.test": "d DNAME d.a.test.\n"}, "cname-loop"),
    ({"a.test": "w CNAME l1.b.test.\n", "b.test": "".join(f"l{n} CNAME l{n + 1}\n" for n in range(1, 5)) + "l5 CNAME ns\n"},
     "cname-chain"),
    # A zone below another one has the names that the upper one seems to have.
    ({"test": "m MX 1 w.b.test.\nw.b.test. A 192.0.2.1\n", "b.test": "w CNAME ns\n"}, "mx-alias"),
    ({"test": "m MX 1 w.b.test.\nb NS ns.b.test.\n", "b.test": "w CNAME ns\n"}, "mx-alias"),
    # A DNAME leads above a zone, what it renames into the zone.
    ({"a.test": "d DNAME b.org.\nm MX 1 w.c.d\n", "c.b.org": "w CNAME ns\n"}, "mx-alias"),
    # The remedy of a conflict needs the zone that the alias leads to.
    ({"a.test": "w CNAME www.b.test.\nw MX 1 ns\n", "b.test": "www CNAME w.c.test.\n", "c.test": "w A 192.0.2.9\n"}, "cname-mx"),
)


def found(bench, texts, trait, *options):
    """What is said of the zones, all of which have a comment that makes that they are held, or not."""
    files = [bench.write(HEAD + trait + text, f"{place}/{name}.zone") for place, (name, text) in enumerate(texts)]
    done = bench.check(*options, *files)
    objects = bench.check("--format", "json", *options, *files).objects()
    for entry in objects:
        del entry["time"]
    return done, objects


def same(bench, texts, *options):
    """Held and not, the same is said; returns the rules that were found."""
    (left, objects), (held, expected) = (found(bench, texts, trait, *options) for trait in (LEFT, HELD))
    equal(objects, expected, str(texts))
    equal((left.code, left.out, left.err), (held.code, held.out, held.err), str(texts))
    return {entry["rule"] for entry in objects}


def test_sets(bench):
    for zones, rule in SETS:
        for texts in (list(zones.items()), list(zones.items())[::-1]):
            rules = same(bench, texts, "--level", "info", "--chain-limit", "4")
            check(rule in rules if rule else not rules, f"{texts}: {rules}")


def test_files_of_one_zone(bench):
    """Other zones are answered from the first one, each of them by itself."""
    twins = [("b.test", "www CNAME ns\n"), ("b.test", "www A 192.0.2.1\nm MX 1 www\n")]
    for texts in (twins, twins[::-1]):
        same(bench, [*texts, ("a.test", "m MX 1 www.b.test.\n")])


def zone_of_chance(rng, origins, clean):
    """Records at names of their own; in others many things meet."""
    def name(origin):
        labels = [rng.choice(("h", "w", "d", "*", "ns")) for _ in range(rng.choice((0, 1, 1, 1, 2)))]
        return ".".join([*labels, origin]) + "."

    origin, lines = rng.choice(origins), []
    for number in range(rng.randrange(6)):
        kind = rng.choice(("A 192.0.2.1", "MX 1 {}", "CNAME {}", "SRV 0 0 1 {}", "DNAME {}", "NS {}", "PTR {}"))
        target = name(rng.choice([*origins, "other.org"]))
        owner = f"o{number}.{origin}." if clean else name(origin)
        lines.append(f"{owner} {kind.format(target)}\n")
    return origin, "".join(lines)


def test_zones_of_chance(bench):
    names = ("a.test", "b.test", "sub.a.test", "c.org", "x.sub.a.test", "test")
    for seed in range(120):
        rng = random.Random(seed)
        origins = rng.sample(names, 4)
        texts = [zone_of_chance(rng, origins, clean=seed % 3 > 0) for _ in range(4)]
        same(bench, texts, *(("--level", "info") if seed % 2 else ()))
