# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules about what names lead to: reported without touching anything, acted on when enforced, across the zones of a server."""

from lib import APEX, SOFT, Zone, check, equal, records, settles, until

HOST = ("h A 192.0.2.9", "plain A 192.0.2.3")
OTHER = "other.example."


def zone(serial, *more):
    return records(serial, *HOST, *more)


def found(server, after=0, zone=APEX):
    """The findings written since, as (rule, level, owner)."""
    return sorted((entry["rule"], entry["level"], entry["owner"].removesuffix("." + zone)) for entry in server.audit("finding", after, zone=zone))


def test_warnings_touch_nothing(bench):
    server = bench.knot(Zone(zone(1, "m MX 10 c", "c CNAME h", "d CNAME none", "l CNAME l", "svc HTTPS 1 c"), **SOFT))
    server.verdict("clean, serial 1, judged running, mode refuse, 3 findings")
    equal(found(server), [("cname-dangling", "warning", "d"), ("cname-loop", "warning", "l"), ("mx-alias", "warning", "m")])
    equal(server.ask("m MX"), "m MX 10 c")
    settles(lambda: server.ask("c A"), "c CNAME h, h A 192.0.2.9", "an alias that is a target")
    equal(server.ask("d A"), "NXDOMAIN d CNAME none")
    equal(server.axfr().at("c"), ["c CNAME h"], "transferred")
    check(server.find_log(r"warning: .*finding mx-alias \(warning\) m\.example\.com\. MX: MX exchange c\.example\.com\. is an alias: "),
          "told in Knot's log")


def test_enforced_target_is_held(bench):
    """Knot itself takes such a file, the policy does not."""
    server = bench.knot(Zone(zone(1, "m MX 10 c", "c CNAME h"), **SOFT), policy=dict(enforce=["mx-alias"]))
    server.verdict("held")
    equal(found(server), [("mx-alias", "error", "m")])
    equal(server.ask("m MX"), "SERVFAIL EDE 24")
    equal(server.ask("plain A"), "plain A 192.0.2.3")
    equal(str(server.axfr()), "SERVFAIL")
    mark = server.mark()
    server.write_zone(zone(2, "m MX 10 h", "c CNAME h"))
    server.zone_reload()
    server.verdict("clean", mark)
    settles(lambda: server.ask("m MX"), "m MX 10 h", "corrected")


def test_enforced_target_is_no_refused_file(bench):
    """Without soft Knot checks the file, and takes it; it must not be told that it does not."""
    server = bench.knot(Zone(zone(1, "m MX 10 c", "c CNAME h")), policy=dict(enforce=["mx-alias"]))
    server.verdict("held")
    server.swept()
    check(not server.find_log("verdict refused"), "no file was refused")


def test_info_only_when_enforced(bench):
    server = bench.knot(Zone(zone(1, "a CNAME h", "h MX 10 h"), **SOFT))
    server.verdict("clean, serial 1, judged running, mode refuse, 0 findings")
    mark = server.mark()
    server.configure(enforce=["cname-mail"], mode="audit")
    server.reload()
    server.verdict("audited, serial 1, judged running, mode audit, 1 finding", mark)
    equal(found(server), [("cname-mail", "error", "a")])


def test_ignored_and_exempt(bench):
    server = bench.knot(Zone(zone(1, "m MX 10 c", "n MX 10 c", "c CNAME h", "d CNAME none"), **SOFT),
                        policy=dict(ignore=["cname-dangling"], enforce=["mx-alias"], exempt=["n"]))
    server.verdict("held")
    equal(found(server), [("mx-alias", "error", "m"), ("mx-alias", "error", "n")])
    equal(server.ask("n MX"), "n MX 10 c")


def test_chain_limit(bench):
    """Knot follows five; each policy may have its own."""
    chain = [f"c{number} CNAME c{number + 1}" for number in range(5)] + ["c5 A 192.0.2.5"]
    server = bench.knot(Zone(zone(1, *chain), **SOFT))
    server.verdict("clean, serial 1, judged running, mode refuse, 0 findings")
    check(server.ask("c0 A").endswith("c5 A 192.0.2.5"), "five are followed")
    mark = server.mark()
    server.write_zone(zone(2, *chain, "b CNAME c0"))
    server.zone_reload()
    server.verdict("clean, serial 2, judged running, mode refuse, 1 finding", mark)
    equal(found(server), [("cname-chain", "warning", "b")])
    check("c5 A" not in server.ask("b A"), "six are not")
    mark = server.mark()
    server.configure(chain_limit=6)
    server.reload()
    server.verdict("clean, serial 2, judged running, mode refuse, 0 findings", mark)


def test_new_alias_under_old_target(bench):
    """What was good becomes a finding by an update elsewhere in the zone."""
    server = bench.knot(Zone(zone(1, "m MX 10 x", "x A 192.0.2.7"), **SOFT))
    server.verdict("clean, serial 1, judged running, mode refuse, 0 findings")
    equal(server.update("delete x A", "add x 300 CNAME h"), "NOERROR")
    until(lambda: found(server) == [("mx-alias", "warning", "m")], lambda: f"found\n{server.audit()}")


def test_said_when_it_changes(bench):
    """A zone that is updated all the time does not fill the log with what was said."""
    server = bench.knot(Zone(zone(1, "m MX 10 c", "c CNAME h"), **SOFT))
    server.verdict("clean")
    for number in range(20):
        equal(server.update(f"add u{number} 300 A 192.0.2.9"), "NOERROR")
    server.verdict("clean, serial 21")
    server.swept()
    equal(len(server.find_log(r"finding mx-alias")), 1, "lines about the same finding")
    equal(server.update("add n 300 MX 10 c"), "NOERROR")
    until(lambda: ("mx-alias", "warning", "n") in found(server), "the new one is told")


def test_across_zones(bench):
    """A target in another zone of the server, as it comes, goes, and comes by way of a third."""
    apart = "third.example."
    server = bench.knot(Zone(zone(1, f"m MX 10 mail.{OTHER}", f"d CNAME none.{OTHER}", f"w MX 10 x.w.{OTHER}"), **SOFT),
                        Zone(zone(1, "mail A 192.0.2.7", "*.w A 192.0.2.8", "x.ent A 192.0.2.8"), OTHER, **SOFT),
                        Zone(zone(1), apart, **SOFT))
    for name in (APEX, OTHER, apart):
        server.verdict("clean", zone=name)
    until(lambda: found(server) == [("cname-dangling", "warning", "d")], lambda: f"found\n{server.audit()}")

    mark = server.mark_audit()
    server.write_zone(zone(2, f"mail CNAME mx.{apart}", "*.w CNAME h", "none A 192.0.2.1"), OTHER)
    server.zone_reload(OTHER)
    until(lambda: found(server, mark) == [("mx-alias", "warning", "m"), ("mx-alias", "warning", "w")], lambda: f"found\n{server.audit(None, mark)}")
    until(lambda: found(server, mark, OTHER) == [("cname-dangling", "warning", "mail")], lambda: f"found\n{server.audit(None, mark)}")
    check(server.find_log(rf"finding mx-alias .* leads to mx\.{apart}, which does not exist"), "the way goes on in the third zone")

    mark = server.mark()
    server.write_zone(zone(3, "mail A 192.0.2.7", "*.w A 192.0.2.8", "none A 192.0.2.1"), OTHER)
    server.zone_reload(OTHER)
    server.verdict("clean, serial 1, judged running, mode refuse, 0 findings", mark)
