# SPDX-License-Identifier: GPL-2.0-or-later
"""Zones with dynamic updates, in the configuration recommended for them: nothing of an update is lost."""

from lib import APEX, UPDATED, Zone, check, equal
from ways import WEB, good


def updated(bench, mode):
    """The file fills the journal once; then the zone lives by updates alone."""
    server = bench.prepare(Zone(good(1), **{**UPDATED, "zonefile_load": "difference-no-serial"}), policy=dict(mode=mode))
    server.start()
    server.verdict("clean")
    server.zones[APEX].options.update(UPDATED)
    server.configure()
    return server.restart()


def survives(mode):
    def test(bench):
        server = updated(bench, mode)
        for number in range(5):
            equal(server.update(f"add u{number} 300 A 192.0.2.{number}"), "NOERROR")
        equal(server.update("delete plain MX"), "NOERROR")
        server.verdict(f"clean, serial {server.serial()}")
        before = server.contents()
        for _ in range(2):
            mark = server.mark()
            server.restart()
            server.verdict("clean", mark)
            equal(server.contents(), before)
        server.reload()
        server.zone_reload()
        equal(server.contents(), before)
    return test


test_updates_survive_a_restart_refuse = survives("refuse")
test_updates_survive_a_restart_rewrite = survives("rewrite")


def test_repair_survives_a_restart(bench):
    """The edit is in the journal, beside the updates before and after it; it is made once."""
    server = updated(bench, "rewrite")
    equal(server.update("add before 300 A 192.0.2.7"), "NOERROR")
    server.txn("unset www A", "set www 300 CNAME web")
    server.repaired()
    equal(server.update("add after 300 A 192.0.2.8"), "NOERROR")
    server.verdict(f"clean, serial {server.serial()}")
    before, edits = server.contents(), len(server.audit("edit"))
    check("www CNAME web" not in before and f"www A {WEB}" in before, f"repaired: {before}")
    mark = server.mark()
    server.restart()
    server.verdict("clean", mark)
    equal(server.contents(), before)
    equal(len(server.audit("edit")), edits, "edits")
