# SPDX-License-Identifier: GPL-2.0-or-later
"""What holds for any zones: the oracle agrees, order does not matter, a repair repairs."""

import random

import dns.name
import generate
from lib import APEX, agree, check, equal, limit, long, servers
from oracle import RULES, Policy, judge

SEED = 20241
STRATEGIES = ("flatten", "keep-other", "keep-cname")


def one(seed, **options):
    """A zone, as a dict like zones()."""
    return {APEX: generate.zone(f"{SEED} {seed}", **options)}


def several(seed):
    return generate.zones(f"{SEED} {seed}")


def write(bench, zones):
    return [bench.write(text, f"{origin}zone") for origin, text in zones.items()]


def policies(rng):
    """A policy, and the options that say the same."""
    enforce, ignore = (tuple(rng.sample(RULES, rng.choice((0, 0, 3)))) for _ in range(2))
    policy = Policy(enforce, ignore, rng.random() < 0.3, rng.choice((5, 5, 1, 2, 3, 16)))
    options = ["--level", "info", "--chain-limit", policy.chain_limit]
    for name, rules in (("--enforce", enforce), ("--ignore", ignore)):
        options += [name, ",".join(rules)] if rules else []
    return policy, options + (["--allow-key"] if policy.allow_key else [])


def like_the_oracle(bench, zones, seed):
    policy, options = policies(random.Random(seed))
    agree(bench.judge(*write(bench, zones), options=options), judge(zones, policy), f"{seed} {' '.join(map(str, options))}")


def test_like_the_oracle(bench):
    for seed in range(100):
        like_the_oracle(bench, one(seed), seed)


def test_several_like_the_oracle(bench):
    for seed in range(60):
        like_the_oracle(bench, several(seed), seed)


@long
@limit(7200)
def test_many_like_the_oracle(bench):
    for seed in range(1000, 4000):
        like_the_oracle(bench, several(seed) if seed % 2 else one(seed), seed)


def shuffled(text, rng):
    lines = text.splitlines()
    rng.shuffle(lines)
    return "\n".join(lines) + "\n"


def test_order_of_records(bench):
    for seed in range(40):
        zones, rng = one(seed) if seed % 2 else several(seed), random.Random(seed)
        found = bench.judge(*write(bench, zones))
        for _ in range(3):
            again = bench.judge(*write(bench, {origin: shuffled(text, rng) for origin, text in zones.items()}), options=("--level", "info"))
            equal([item._replace(records=None) for item in again], [item._replace(records=None) for item in found], f"{seed}")
            for item, other in zip(again, found):
                equal(sorted(item.records), sorted(other.records), f"{seed} {item.brief()}")


def test_order_of_files(bench):
    for seed in range(40):
        files, rng = write(bench, several(seed)), random.Random(seed)
        found = bench.judge(*files)
        rng.shuffle(files)
        equal(bench.judge(*files), found, f"{seed}")
        equal(bench.judge(*reversed(files)), found, f"{seed} reversed")


def test_output_is_the_same_again(bench):
    """The same octets, but for the time; in the canonical order of owners, and the order of the rules."""
    for seed in range(20):
        files = write(bench, several(seed))
        entries, again = ([{**entry, "time": ""} for entry in bench.check("--format", "json", "--level", "info", *files).objects()] for _ in range(2))
        equal(again, entries)
        text = [bench.check("--level", "info", *files).out for _ in range(2)]
        equal(*text)
        for file in files:
            zone = [entry for entry in entries if entry["zone"] + "zone" == file.name]
            keys = [(dns.name.from_text(entry["owner"]), RULES.index(entry["rule"])) for entry in zone]
            equal(keys, sorted(keys), f"{seed} {file}")
