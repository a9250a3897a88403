# SPDX-License-Identifier: GPL-2.0-or-later
"""Big files, of which little is held, and many files, which several threads read: all is said as if read one by one."""

import os
import random

from lib import APEX, BASE, check, equal
from test_scale import GROWING, deep

BIG = 1 << 20  # What is smaller is held whole.
OTHER = "other.example.zone"


def other(bench):
    """A second file: with it the first one is read in another way."""
    return bench.write("@ SOA ns admin 1 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n", OTHER)


def found(bench, *files, **options):
    """What is printed of the example, without the time."""
    done = bench.check("--format", "json", "--level", "info", *files, **options)
    entries = [entry for entry in done.objects() if entry["zone"] == APEX]
    for entry in entries:
        del entry["time"]
    return done.code, done.err, entries


def same(bench, text, what, **options):
    """A big file alone is judged as it is beside another one."""
    # With such a comment one of several files is held, clean or not.
    file = bench.write(f"$ORIGIN {APEX}\n{text}; \\#\n")
    check(file.stat().st_size >= BIG, f"{what}: too small, {file.stat().st_size}")
    equal(found(bench, file, **options), found(bench, file, other(bench), **options), what)


def filler(names):
    """Names without findings, so that few of all are suspects."""
    return "".join(f"host-number-{number} A 192.0.2.{number % 256}\n\tAAAA 2001:db8::{number:x}\n"
                   for number in range(names))


def test_shapes(bench):
    """Findings of each kind among many names that have none."""
    clean = filler(20_000)
    for name, (lines, _) in GROWING.items():
        same(bench, BASE + clean + lines(40) + clean.replace("host", "more"), name)


def test_shuffled(bench):
    """What belongs together stands at both ends of the file, in different parts of it."""
    lines = filler(20_000).replace("\n\t", "\n@\t").splitlines()
    for lines_of, _ in GROWING.values():
        lines += [line for line in lines_of(5).splitlines() if not line.startswith((" ", "\t"))]
    random.Random(1).shuffle(lines)
    same(bench, BASE + "\n".join(lines) + "\n", "shuffled")


def test_directives(bench):
    """Parts begin with what the ones before have left."""
    text = BASE + "".join(f"$ORIGIN sub{number}.example.com.\n$TTL {number}\n{filler(600)}alias CNAME gone\n"
                          for number in range(40))
    same(bench, text, "directives")


def test_strange_places(bench):
    """Lines that look like the beginning of a record, in parentheses and texts all over the file."""
    text = BASE + "".join(f"t{number} TXT (\nx{number}\nA 192.0.2.1\n)\nq{number} TXT \"\nw{number} CNAME ns1\n\"\n"
                          for number in range(25_000))
    same(bench, text + "www CNAME gone\n", "texts")
    same(bench, BASE + "t TXT (\n" + "x A 192.0.2.1\n" * 80_000, "a parenthesis without end")


def test_lines_of_findings(bench):
    """Findings stand where they do, whatever is between them: comments, blanks, line ends in texts, a dollar."""
    clean = filler(20_000)
    between = ("   ; a comment\n\n  \n; another\n", "x TXT ( \"one\n\ntwo\" )\n", "x TXT ( ; one\n two )\n",
               "x TXT costs $5\n", "$TTL 60\n", "  $ORIGIN sub.example.com.\n", "; nothing\n" * 5000)
    for lines in between:
        conflict = "bad{0} CNAME ns\n" + lines + "bad{0} MX 1 ns\n" + lines + "good{0} TXT x\n"
        text = BASE + conflict.format(1) + clean + lines + conflict.format(2) + clean.replace("host", "more")
        same(bench, text + conflict.format(3), lines[:40])


def test_dnames(bench):
    """What DNAMEs rename, and what is below them."""
    clean = filler(22_000)
    renamed = ("d DNAME new\nx.new CNAME ns\na CNAME x.d\nb CNAME gone.d\nm MX 1 x.d\nt CNAME d\n"
               "l1 DNAME l2\nl2 DNAME b.l1\nc CNAME y.l1\nfar DNAME example.net.\nf CNAME y.far\n")
    below = "e.far A 192.0.2.1\nf.d CNAME ns\ng CNAME f.d\nh MX 1 e.far\nf.d MX 1 ns\n"
    twice = "d DNAME other\nd NS ns\nd CNAME ns\n"
    for lines in (renamed, renamed + below, renamed + below + twice):
        same(bench, BASE + lines + clean, "DNAMEs first")
        same(bench, BASE + clean + "".join(reversed(lines.splitlines(keepends=True))), "DNAMEs last")
    many = "".join(f"d{number} DNAME example.net.\nw{number} CNAME a.d{number}\n" for number in range(3000))
    same(bench, BASE + clean + many + renamed + clean.replace("host", "more"), "many DNAMEs")
    same(bench, BASE + "@ DNAME example.net.\n" + clean, "a DNAME at the apex")


def test_errors(bench):
    """What is wrong in a big file is told with its line."""
    clean = filler(20_000)
    for wrong in ("x A nothing\n", "x A 192.0.2.1 )\n", "$INCLUDE gone.zone\n", "x TYPE65280 \\# 1 zz\n", "x CH TXT y\n",
                  "d DNAME example.net.\n", "www A 192.0.2.1\r\n", "x TXT \"no end\n", "x CNAME ns (\n CNAME ns )\n", "x A (\n192.0.2.1\n)\n"):
        same(bench, BASE + clean + wrong + clean.replace("host", "more"), wrong)


def test_records_are_counted_once(bench):
    text = BASE + filler(20_000)
    file = bench.write(text + "a A 192.0.2.1\n" + filler(10) + "a A 192.0.2.1\nx.example.net. A 192.0.2.1\n")
    done = bench.check(file).expect(0)
    equal(done.out, "1 file, 40004 records: nothing found\n")
    check("1 record outside of the zone" in done.err, done.err)


def test_origin(bench):
    """Its zone is found out from the file as that of a small one."""
    text = (BASE + filler(20_000)).replace("@ ", "www.example.com. ", 1)
    file = bench.write(text, "example.com.zone")
    equal(bench.check(file).code, bench.check(file, other(bench)).code)
    named = bench.write(BASE + filler(22_000) + "a CNAME gone\n", "example.com.zone")
    equal(found(bench, named), found(bench, named, other(bench)), "by the name of the file")
    unnamed = bench.write("; " + "x" * (1 << 19) + "\n" + BASE + filler(20_000), "unnamed")
    done = bench.check(unnamed).expect(2)
    check("which zone" in done.err, done.err)
    bench.check("-o", "example.com", unnamed).expect(0)


def test_standard_input(bench):
    """It can be read once only, however big it is: the same is said, with the same lines."""
    for names in (10, 22_000):
        for end in ("", "www CNAME ns\nwww MX 1 ns\na CNAME gone\n", "x A nothing\n"):
            text = BASE + filler(names) + end
            file = bench.write(text, "example.com.zone")
            alone, piped = bench.check("-o", APEX, file), bench.check("-o", APEX, "-", stdin=text)
            equal((piped.code, piped.out, piped.err),
                  (alone.code, *(said.replace(str(file), "<stdin>") for said in (alone.out, alone.err))), f"{names} {end}")


def test_deep_names(bench):
    """Whether a target exists can depend on names far below it."""
    names = "".join(f"{deep(number, 20)} A 192.0.2.1\n" for number in range(24_000))
    same(bench, BASE + names + "a CNAME 0.0.0\nb CNAME x.0.0\nc CNAME y.x\n*.w.w CNAME a\nd CNAME e.w.w\n", "deep")


def test_many_findings_in_their_order(bench):
    """However many threads there are, and also where they meet several texts at once."""
    conflicts = "".join(f"c{number} CNAME host-number-{number}\n\tTXT {number}\nw{number} MX 1 c{number}\n"
                        for number in range(3_000))
    few = bench.write(f"$ORIGIN {APEX}\n{BASE}{filler(30_000)}{conflicts}")
    most = bench.write(BASE + filler(3_000) + conflicts, OTHER)
    one = ("taskset", "-c", min(os.sched_getaffinity(0)))
    for file in few, most:
        for options in ("--color", "always"), ("--format", "github"):
            done = bench.check(*options, file).expect(1)
            equal(done.out, bench.check(*options, file, tool=one).expect(1).out)
            names = [line.split(" at ")[-1] for line in done.out.splitlines() if "error[" in line]
            equal(names, sorted(names))
            check("".join(done.out).count("c2999.") > 1, "the last one is missing")


def test_nobody_reads_the_findings(bench):
    """They are many, and stdout takes none of them."""
    file = bench.write(BASE + "".join(f"c{number} CNAME ns\n\tTXT x\n" for number in range(1_000)))
    with open("/dev/full", "wb") as full:
        done = bench.check(file, stdout=full).expect(2)
    equal(done.err.count("\n"), 1)


def test_many_files_in_their_order(bench):
    """Whichever thread is done first."""
    files, expected = [], []
    for number in range(300):
        text = BASE + filler(number % 7 * 300) + ("x A nothing\n" if number % 3 == 0 else "")
        files.append(bench.write(text, f"z{number:03}.example.zone"))
        if number % 3 == 0:
            expected.append(f"{files[-1]}:{text.count(chr(10))}: error: ")
    done = bench.check(*files).expect(2)
    said = done.err.splitlines()
    equal(len(said), len(expected))
    for line, begin in zip(said, expected):
        check(line.startswith(begin), f"{line!r} does not begin with {begin!r}")
    check(done.out.startswith("300 files, "), done.out)


def test_standard_input_among_many_files(bench):
    files = [bench.write(BASE, f"z{number}.example.zone") for number in range(20)]
    done = bench.check("-o", "example.com", *files[:10], "-", *files[10:], stdin=BASE + "www CNAME gone\n")
    check("<stdin>" in done.out and "21 files" in done.out, str(done))
