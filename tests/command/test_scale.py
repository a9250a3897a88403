# SPDX-License-Identifier: GPL-2.0-or-later
"""Big zones and steep ones: what is found is right, the stack stays small, and the work grows as the zone does."""

import re
import shutil

from lib import APEX, BASE, check, equal, limit, long
from shapes import RRSIG

STACK = 256 * 1024
LABEL = "x" * 63


def lines(count, line):
    return "".join(line(number) + "\n" for number in range(count))


def deep(number, depth=120):
    """A name of so many labels, one for each number."""
    return ".".join(str(number // 7 ** place % 7) for place in range(depth))


def long_name(number):
    """255 octets with the origin example.com."""
    return f"{number:049}.{LABEL}.{LABEL}.{LABEL}"


# What grows: a zone's lines for a size, and how often which rule is found in it.
GROWING = {
    "records at one name": (lambda n: "www CNAME ns\n" + lines(n, lambda i: f"www TXT {i}"),
                            lambda n: {"cname-other": 1}),
    "MX at one name": (lambda n: "m CNAME ns\n" + lines(n, lambda i: f"a MX {i % 60000} m{'' if i % 2 else i}"),
                       lambda n: {"mx-alias": 1}),
    "CNAMEs at one name": (lambda n: lines(n, lambda i: f"www CNAME t{i}"), lambda n: {"cname-multiple": 1}),
    "conflicts": (lambda n: lines(n, lambda i: f"x{i} CNAME ns\nx{i} MX 10 ns"), lambda n: {"cname-mx": n}),
    "one chain": (lambda n: lines(n, lambda i: f"l{i} CNAME l{i + 1}") + f"l{n} A 192.0.2.1\n",
                  lambda n: {"cname-chain": 1}),
    "one chain with mail": (lambda n: lines(n, lambda i: f"l{i} CNAME l{i + 1}") + f"l{n} MX 1 ns\n",
                            lambda n: {"cname-chain": 1, "cname-mail": n}),
    "one chain, backwards": (lambda n: lines(n, lambda i: f"l{n - i} CNAME l{n - i - 1}") + "l0 A 192.0.2.1\n",
                             lambda n: {"cname-chain": 1}),
    "one circle": (lambda n: lines(n, lambda i: f"l{i} CNAME l{(i + 1) % n}"), lambda n: {"cname-loop": 1}),
    "circles": (lambda n: lines(n, lambda i: f"a{i} CNAME b{i}\nb{i} CNAME a{i}"), lambda n: {"cname-loop": n}),
    "leading into one circle": (lambda n: "o CNAME p\np CNAME o\n" + lines(n, lambda i: f"a{i} CNAME o"),
                                lambda n: {"cname-loop": 1}),
    "chains": (lambda n: lines(n, lambda i: "\n".join(f"l{j}-{i} CNAME l{j + 1}-{i}" for j in range(6))
                               + f"\nl6-{i} A 192.0.2.1"),
               lambda n: {"cname-chain": n}),
    "chains that meet": (lambda n: lines(5, lambda i: f"l{i} CNAME l{i + 1}") + "l5 A 192.0.2.1\n"
                         + lines(n, lambda i: f"a{i} CNAME l0"),
                         lambda n: {"cname-chain": n}),
    "aliases of one name": (lambda n: "t MX 10 ns\n" + lines(n, lambda i: f"x{i} CNAME t"),
                            lambda n: {"cname-mail": n}),
    "aliases of nothing": (lambda n: lines(n, lambda i: f"x{i} CNAME gone{i}"), lambda n: {"cname-dangling": n}),
    "aliases by a wildcard": (lambda n: "*.w CNAME ns\n" + lines(n, lambda i: f"x{i} MX 1 y{i}.w"),
                              lambda n: {"mx-alias": n}),
    "a wildcard below each name": (lambda n: lines(n, lambda i: f"*.w{i} CNAME y.w{i}"), lambda n: {"cname-loop": n}),
    "DNAMEs in a row": (lambda n: lines(n, lambda i: f"d{i} DNAME d{i + 1}") + f"x.d{n} A 192.0.2.1\n", lambda n: {}),
    "DNAMEs in a circle": (lambda n: lines(n, lambda i: f"d{i} DNAME d{(i + 1) % n}"), lambda n: {"cname-loop": 1}),
    "aliases through DNAMEs": (lambda n: lines(n, lambda i: f"d{i} DNAME d{i + 1}") + f"x.d{n} A 192.0.2.1\n"
                               + lines(n, lambda i: f"a{i} CNAME x.d{i}"),
                               None),
    "below a DNAME": (lambda n: "d DNAME example.net.\n" + lines(n, lambda i: f"x{i}.d A 192.0.2.1"),
                      lambda n: {"dname-children": 1}),
    "below many DNAMEs": (lambda n: lines(n, lambda i: f"d{i} DNAME example.net.\nx.d{i} A 192.0.2.1"),
                          lambda n: {"dname-children": n}),
    "below a cut": (lambda n: "sub NS ns\n" + lines(n, lambda i: f"x{i}.sub CNAME y{i}.sub"), lambda n: {}),
    "targets below a cut": (lambda n: "sub NS ns\n" + lines(n, lambda i: f"x{i} CNAME y{i}.sub"), lambda n: {}),
    "deep names": (lambda n: lines(n, lambda i: f"{deep(i)} CNAME ns"), lambda n: {}),
    "deep targets": (lambda n: "*.w CNAME ns\n" + lines(n, lambda i: f"x{i} CNAME {deep(i)}.w\ny{i} MX 1 {deep(i)}.w"),
                     lambda n: {"mx-alias": n}),
    "deep missing targets": (lambda n: lines(n, lambda i: f"{deep(i, 110)} A 192.0.2.1\nx{i} CNAME 9.{deep(i)}"),
                             lambda n: {"cname-dangling": n}),
    "deep wildcards": (lambda n: lines(n, lambda i: f"*.{deep(i, 115)} CNAME ns\nx{i} MX 1 a.{deep(i, 115)}"),
                       lambda n: {"mx-alias": n}),
    "long names": (lambda n: lines(n, lambda i: f"{long_name(i)} CNAME {long_name(i + 1)}")
                   + f"{long_name(n)} A 192.0.2.1\n",
                   lambda n: {"cname-chain": 1}),
    "long names in conflict": (lambda n: lines(n, lambda i: "{0} CNAME ns\n{0} MX 1 {0}".format(long_name(i))),
                               lambda n: {"cname-mx": n, "mx-alias": n}),
    "one record again and again": (lambda n: lines(n, lambda i: f"www {i} CNAME ns"), lambda n: {}),
    "signed": (lambda n: lines(n, lambda i: f"x{i} CNAME ns\nx{i} NSEC x{i + 1} CNAME\nx{i} {RRSIG}"),
               lambda n: {}),
    "outside": (lambda n: lines(n, lambda i: f"x{i}.example.net. CNAME ns"), lambda n: {}),
    "empty names": (lambda n: lines(n, lambda i: f"a.b.x{i} A 192.0.2.1\ny{i} CNAME b.x{i}\nz{i} CNAME c.x{i}"),
                    lambda n: {"cname-dangling": n}),
}


def grown(bench, name, size):
    return bench.write(BASE + GROWING[name][0](size))


def counts(bench, file, **options):
    """How often which rule is found; the findings stay on disk, since they can be many."""
    out = bench.dir / "out"
    with open(out, "wb") as stdout:
        done = bench.check("--format", "json", "--level", "info", file, stdout=stdout, text=False, **options)
    check(done.code != 2 and not re.search("error", done.err), f"{done}")
    found = {}
    with open(out, "rb") as lines:
        for line in lines:
            rule = re.search(rb'"rule":"([\w-]+)"', line)[1].decode()
            found[rule] = found.get(rule, 0) + 1
    return found


def grows(bench, size):
    """Each shape at one size, on a small stack."""
    for name, (_, expected) in GROWING.items():
        got = counts(bench, grown(bench, name, size), stack=STACK, timeout=300)
        if expected:
            equal(got, expected(size), f"{name} {size}")


def test_small(bench):
    grows(bench, 200)


@limit(300)
def test_thousands(bench):
    grows(bench, 5000)


@long
def test_a_hundred_thousand(bench):
    grows(bench, 100_000)


@limit(300)
def test_a_hundred_thousand_records_at_one_name(bench):
    file = grown(bench, "records at one name", 100_000)
    entry, = bench.check("--format", "json", file, stack=STACK).expect(1).objects()
    equal((len(entry["records"]), entry["types"], entry["line"]), (100_001, ["CNAME", "TXT"], BASE.count("\n") + 1))
    check(bench.check(file, stack=STACK).expect(1).out.count("www TXT") >= 1, "as text")


@limit(300)
def test_a_million_links(bench):
    equal(counts(bench, grown(bench, "one chain", 1_000_000), stack=STACK, timeout=200), {"cname-chain": 1})


@limit(300)
def test_a_hundred_thousand_aliases_of_one_name(bench):
    equal(counts(bench, grown(bench, "aliases of one name", 100_000), stack=STACK), {"cname-mail": 100_000})


def test_many_files(bench):
    files = [bench.write(BASE + f"www CNAME www.z{number + 1}.example.\n", f"z{number}.example.zone")
             for number in range(500)]
    found = bench.judge(*files, stack=STACK)
    equal([(item.rule, item.owner) for item in found], [("cname-chain", "www.z0.example.")])


def test_one_deep_name(bench):
    """127 labels, all that there can be: wildcards, DNAMEs and zone cuts at each."""
    names = [".".join(["a"] * depth) for depth in range(1, 120)]
    for line in ("{} CNAME ns", "*.{} CNAME ns", "{} DNAME example.net.", "{} NS ns", "*.{} MX 1 {}"):
        text = BASE + "".join(line.replace("{}", name) + "\n" for name in names)
        found = bench.judge(bench.write(text), stack=STACK)
        equal(len(found), 118 if "DNAME" in line else 0, line)


# --- how the work grows -----------------------------------------------------------------------------------------------

def instructions(bench, *arguments):
    """How many instructions a run takes: the same each time, however busy the machine is."""
    check(shutil.which("valgrind"), "program not found: valgrind")
    out = bench.dir / "callgrind"
    with open("/dev/null", "wb") as null:
        bench.run(*arguments, tool=("valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"),
                  valgrind=False, timeout=600, stdout=null,
                  text=False)
    return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.M)[1])


def linear(bench, size, *arguments, names=GROWING):
    """Twice as big is no more than 2.6 times the work, less what an empty zone takes."""
    start = instructions(bench, *arguments, bench.write(BASE))
    for name in names:
        once, twice = (instructions(bench, *arguments, grown(bench, name, size * factor)) - start for factor in (1, 2))
        print(f"{name}: {once / size:.0f} instructions a line, {twice / once:.2f} times as many for twice the size")
        check(twice < 2.6 * once, f"{name}: {once} instructions at {size}, {twice} at {2 * size}")


STEEP = ("records at one name", "one chain", "aliases through DNAMEs", "DNAMEs in a row", "leading into one circle",
         "deep missing targets",
         "below a DNAME", "MX at one name")


@limit(300)
def test_linear(bench):
    linear(bench, 500, "check", "--level", "info", names=STEEP)


@long
@limit(7200)
def test_all_linear(bench):
    for format in ("json", "text"):
        linear(bench, 2000, "check", "--level", "info", "--format", format)


@long
@limit(7200)
def test_fix_is_linear(bench):
    linear(bench, 2000, "fix")
