# SPDX-License-Identifier: GPL-2.0-or-later
"""What the README tells operators to write, taken from there, on the version of Knot that it is for."""

import re

from lib import APEX, KNOT, ROOT, Zone, check, equal, settles, until, where
from ways import WEB, bad, good


def blocks():
    """The pieces of knot.conf in the README, as text without its indentation."""
    text = (ROOT / "README.md").read_text()
    for block in re.findall(r"\n\n((?:(?: {4}.*)?\n)+)", text):
        if "template:\n" in block:
            yield re.sub(r"(?m)^ {4}", "", block)


SWEEP = 20                  # seconds; the README leaves sweep-interval at 10
FIRST, NAMED, REPAIR, EXTERNAL = blocks()


def started(bench, *parts, **options):
    """A server with that, and nothing else said about its zones."""
    server = bench.prepare(Zone(good(1), module=None, acl=["local"], **options), extra="\n".join(parts))
    conf = server.knotc("-c", server.conf, "conf-check")
    check("Configuration is valid" in conf.stdout, conf.stdout + conf.stderr)
    server.start()
    server.verdict("clean")
    return server


def load(server, serial, text):
    mark = server.mark()
    server.write_zone(text(serial))
    server.knotc("zone-reload", APEX)
    return mark


def never_serves(server, serial):
    """Knot keeps the last good version, the log has the reason, and nothing is written over the owner's file."""
    mark = load(server, serial, bad)
    line = server.wait_log(r"finding cname-mx \(error\) www", mark, SWEEP)
    check("CNAME, MX" in line, line)
    server.verdict(f"refused, serial {serial}", mark)
    equal(server.serial(), serial - 1)
    equal(server.ask("www MX"), "www MX 10 mail")
    equal(str(server.axfr()), f"AXFR {serial - 1}")
    load(server, serial + 1, good)
    settles(server.serial, serial + 1)


def warnings(server):
    return server.find_log("(warning|error):.*module 'mod-cnameguard.*(zonefile|semantic)")


def test_first_use(bench):
    never_serves(started(bench, FIRST), 2)


def test_named_section(bench):
    """Its mode is rewrite, and the module says what is missing for it."""
    server = started(bench, NAMED)
    server.wait_log("warning:.*set 'semantic-checks: soft'")
    check((server.storage / "cnameguard/audit.jsonl").exists(), "the audit log")


def test_rewrite(bench):
    server = started(bench, REPAIR)
    text = bad(2)
    mark = load(server, 2, bad)
    until(lambda: server.serial() > 1, "loaded")
    server.ask("www MX")            # wanted, it is judged at once
    server.repaired(mark)
    equal([server.ask("www MX"), server.ask("www A")], ["www MX 10 mail", f"www A {WEB}"])
    server.stop()
    equal(server.zone_file().read_text(), text)
    equal(warnings(server), [])


@where(KNOT >= (3, 5))
def test_external_validation(bench):
    """The same in both modes, and the owner's file stays as it is."""
    server = started(bench, EXTERNAL)
    never_serves(server, 2)
    mark = load(server, 4, bad)
    server.verdict("refused, serial 4", mark)
    server.stop()
    equal(server.zone_file().read_text(), bad(4))
    equal(warnings(server), [])


@where(KNOT >= (3, 5))
def test_external_validation_rewrite(bench):
    section = REPAIR[:REPAIR.index("template:")]
    server = started(bench, section, EXTERNAL.replace("module: mod-cnameguard ", "module: mod-cnameguard/repair "))
    mark = load(server, 2, bad)
    server.verdict("rewritten, serial 2", mark)
    settles(server.serial, 2)
    equal([server.ask("www MX"), server.ask("www A")], ["www MX 10 mail", f"www A {WEB}"])
    equal(warnings(server), [])
