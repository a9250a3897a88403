# SPDX-License-Identifier: GPL-2.0-or-later
"""The file that Knot refused is found wherever `storage` and `file` say, and its findings have file and line."""

import re
from pathlib import Path

from lib import APEX, Zone, check, equal
from ways import bad, good


def found_at(pattern, expected, **zone):
    def test(bench):
        server = bench.knot(Zone(None, file=pattern, **zone))
        path = Path(re.search(r"zone file '([^']+)'", server.wait_log("failed to parse zone file"))[1])     # as Knot itself finds it
        equal(path, server.storage / expected)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(bad(1))
        server.knotc("zone-reload", APEX)
        server.verdict("refused")
        entry, = server.audit("finding")
        line = entry["line"]
        equal((entry["rule"], entry["file"]), ("cname-mx", str(path)))
        check(bad(1).splitlines()[line - 1].startswith("www "), f"line {line}")
        check(server.find_log(rf"finding cname-mx .*{re.escape(path.name)}:{line}[,:]"), "Knot's log has file and line")
        path.write_text(good(2))
        server.zone_reload()
        server.verdict("clean")
        equal(server.ask("www MX"), "www MX 10 mail")
    return test


test_name = found_at("%s.zone", "example.com.zone")
test_subdirectory = found_at("zones/%s", "zones/example.com")
test_first_character = found_at("%c[0]/%s.zone", "e/example.com.zone")
test_characters = found_at("%c[0-2]/%s.zone", "exa/example.com.zone")
test_label = found_at("%l[0]/%s.zone", "com/example.com.zone")
test_labels = found_at("%l[0]/%l[1].zone", "com/example.zone")
test_default_name = found_at(None, "example.com.zone")


def test_absolute_file(bench):
    file = bench.dir / "anywhere.zone"
    file.write_text(bad(1))
    server = bench.knot(Zone(None, file=file))
    server.verdict("refused")
    equal([entry["file"] for entry in server.audit("finding")], [str(file)])


def test_included_file(bench):
    """A finding is at the line of the file in which it stands."""
    server = bench.prepare(Zone(good(1).replace("www A 192.0.2.1\n", "$INCLUDE more.txt\n")))
    more = server.storage / "more.txt"
    more.write_text("; made by a script\n\nwww CNAME web\n")
    server.start()
    server.verdict("refused")
    entry, = server.audit("finding")
    check((entry["file"], entry["line"]) in ((str(more), 3), (str(server.zone_file()), 13)), f"{entry['file']}:{entry['line']}")


def test_several_lines(bench):
    """Comments, parentheses and directives before the conflict: its line is right."""
    text = good(1).replace("www A 192.0.2.1\n", '; a comment\ntext TXT ( "of"\n  "several lines" )\n$TTL 60\nwww CNAME web\n')
    server = bench.knot(Zone(text))
    server.verdict("refused")
    entry, = server.audit("finding")
    check(text.splitlines()[entry["line"] - 1].startswith("www "), f"line {entry['line']}")


def test_broken_file(bench):
    """A syntax error is Knot's to report; the module judges nothing from it and lets the last good version stand."""
    server = bench.knot(Zone(good(1)))
    server.verdict("clean")
    server.write_zone(good(2) + "www A not-an-address\n")
    server.knotc("zone-reload", APEX)
    server.swept()
    equal(server.ask("www MX"), "www MX 10 mail")
    equal(server.audit("finding"), [])
    said = [line for line in server.guard_lines() if not line.startswith("verdict clean")]
    check(len(said) <= 1, f"at most one line: {said}")
