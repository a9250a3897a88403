# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that the guard does, in one knotd under valgrind."""

import lib
from lib import APEX, FILE_ONLY, SOFT, UPDATES, Zone, equal, long, until
from ways import WEB, bad, good


@long
def test_mixed_under_valgrind(bench):
    lib.SLOW = 10
    zones = [Zone(good(1), **{**FILE_ONLY, **UPDATES}), Zone(good(1), name="refused.example.", **SOFT), Zone(bad(1), name="file.example."),
             Zone("$TTL 1\n@ SOA ns h 1 1 1 1 1\n", name="broken.example.")]
    server = bench.knot(*zones, policy=dict(mode="rewrite"), valgrind=True)
    server.verdict("clean")
    for serial in range(2, 6):
        mark = server.mark()
        server.write_zone((good if serial % 2 else bad)(serial))
        server.zone_reload()
        server.verdict("clean", mark) if serial % 2 else server.repaired(mark)
        equal(server.ask("www A"), f"www A {'192.0.2.1' if serial % 2 else WEB}")
        for question in ("www MX", "www ANY", "alias A", "nowhere A"):
            server.ask(question, tcp=True)
        server.axfr()
        server.ixfr(1)
    equal(server.update("add changed 300 A 192.0.2.9"), "NOERROR")
    for mode in ("audit", "refuse", "rewrite"):
        server.configure(mode=mode, enforce=["dname-ns"], ignore=["apex-no-ns"], exempt=["www"])
        server.reload()
        server.swept()
    server.txn("set other 300 CNAME web", "set other 300 TXT text", zone="refused.example.")
    until(lambda: server.audit("finding", zone="refused.example."), "finding")
    server.zone_reload(force=True)
    full = server.conf.read_text()
    server.conf.write_text(full.replace("    module: mod-cnameguard/default\n", ""))
    server.reload()
    server.conf.write_text(full)
    server.reload()
    server.knotc("zone-begin", APEX)
    server.knotc("zone-abort", APEX)
    server.swept()
    server.restart()
    server.wait_log(r"\bverdict ")
