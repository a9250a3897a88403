# SPDX-License-Identifier: GPL-2.0-or-later
"""The last good version: remembered while it is served, and put back where a start with a refused file would serve nothing."""

from functools import partial

from lib import APEX, FILE_ONLY, SOFT, Zone, check, equal, settles, until
from ways import bad, good

GOOD = {"www A": "www A 192.0.2.1", "www MX": "www MX 10 mail", "plain MX": "plain MX 10 mail"}


def stored(server, zone=APEX):
    return server.storage / "cnameguard/good" / f"{zone.rstrip('.')}.zone"


def serial_of(file):
    lines = [line for line in file.read_text().splitlines() if line.startswith("; serial ")] if file.exists() else []
    return int(lines[0].split()[-1]) if lines else None


def remembered(server, serial, zone=APEX):
    settles(lambda: serial_of(stored(server, zone)), serial, "remembered serial")


def answers(server, expected=GOOD):
    equal({question: str(server.resolve(*question.split())) for question in expected}, expected)


def started_with(server, text):
    """The server is killed, and comes back to a file that Knot refuses."""
    server.stop()
    server.write_zone(text)
    mark = server.mark()
    server.start()
    return mark


def put_back(options, bench):
    """With its serial; the corrected file loads over it as always."""
    server = bench.knot(Zone(good(1), **options))
    remembered(server, 1)
    mark = started_with(server, bad(2))
    line = server.verdict("restored", mark)
    check("serial 1" in line, line)
    server.verdict("clean", mark)
    answers(server)
    equal(server.serial(), 1)
    equal([(entry["serial"], entry["judged"]) for entry in server.audit("verdict", action="restored")], [(1, "file")])
    mark = server.mark()
    server.write_zone(good(3) + "new A 192.0.2.9\n")
    server.reload()
    server.verdict("clean", mark)
    answers(server, {"new A": "new A 192.0.2.9", "www MX": "www MX 10 mail"})
    remembered(server, server.serial())


test_put_back = partial(put_back, {})
test_put_back_no_sync = partial(put_back, dict(zonefile_sync=-1))
test_put_back_difference = partial(put_back, dict(zonefile_load="difference", journal_content="all", zonefile_sync=-1))
test_put_back_no_journal = partial(put_back, dict(journal_content="none"))


def test_put_back_syntax_error(bench):
    """Also under soft, where only a syntax error makes Knot refuse."""
    server = bench.knot(Zone(good(1), **FILE_ONLY), policy=dict(mode="rewrite"))
    remembered(server, 1)
    mark = started_with(server, good(2) + "broken A 192.0.2.300\n")
    server.verdict("restored", mark)
    server.verdict("clean", mark)
    answers(server)
