# SPDX-License-Identifier: GPL-2.0-or-later
"""A clean zone costs one line, and nothing is held once it has its verdict."""

from lib import APEX, SOFT, Zone, check, equal
from ways import good

QUESTIONS = ("alias A", "alias ANY", "www ANY", "plain A", "www MX", "@ SOA")


def verdicts(server, after=0):
    return [line for line in server.guard_lines(after) if line.startswith("verdict")]


def test_one_line_and_nothing_held(bench):
    server = bench.knot(Zone(good(1), **SOFT))
    line = server.verdict("clean")
    check(line.startswith("verdict clean, serial 1, judged running, mode refuse, 0 findings, 12 records, "), line)
    before = server.stats()
    for _ in range(20):
        for question in QUESTIONS:
            check("TC" not in server.ask(question) and "SERVFAIL" not in server.ask(question, tcp=True), question)
    equal(str(server.axfr()), "AXFR 1")
    equal(server.stats(), before, "counted since the verdict")
    equal(len(server.guard_lines()), 1, f"lines of the module: {server.guard_lines()}")
    equal([entry["event"] for entry in server.audit()], ["verdict"], "the audit log")


def test_reload_without_changes_keeps_the_verdict(bench):
    server = bench.knot(Zone(good(1), **SOFT))
    server.verdict("clean")
    mark = server.mark()
    for _ in range(3):
        server.reload()
        for question in QUESTIONS:
            check("TC" not in server.ask(question), f"{question} is held")
    equal(str(server.axfr()), "AXFR 1")
    server.swept()
    equal(verdicts(server, mark), [], "verdicts after the first")
    check(not server.audit("finding"), "no finding")


def test_each_version_gets_one_verdict(bench):
    server = bench.knot(Zone(good(1), **SOFT))
    server.verdict("clean")
    for serial in range(2, 7):
        mark = server.mark()
        server.write_zone(good(serial))
        server.zone_reload()
        line = server.verdict("clean", mark)
        check(f"serial {serial}," in line, line)
    equal(len(verdicts(server)), 6)


def test_conflict_is_said_once(bench):
    """Sweeps and reloads without a change do not repeat it."""
    server = bench.knot(Zone(good(1) + "www CNAME web\n", **SOFT))
    server.verdict("held")
    before = server.guard_lines()
    for _ in range(3):
        server.reload()
        server.swept()
    equal(server.guard_lines(), before)


def test_refused_file_is_said_once(bench):
    server = bench.knot(Zone(good(1)))
    server.verdict("clean")
    server.write_zone(good(2) + "www CNAME web\n")
    server.knotc("zone-reload", APEX)
    server.verdict("refused")
    before = server.guard_lines()
    for _ in range(3):
        server.reload()
        server.swept()
    equal(server.guard_lines(), before)
