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
    """A target in another zone of the server, by a wildcard there, and by way of a third, whenever the zone is judged."""
    apart = "third.example."
    server = bench.knot(Zone(zone(1), **SOFT),
                        Zone(zone(1, "mail A 192.0.2.7", "*.w A 192.0.2.8", "x.ent A 192.0.2.8"), OTHER, **SOFT),
                        Zone(zone(1), apart, **SOFT))
    for name in (APEX, OTHER, apart):
        server.verdict("clean", zone=name)

    def judged(serial, mark, *expected):
        server.write_zone(zone(serial, f"m MX 10 mail.{OTHER}", f"d CNAME none.{OTHER}", f"e CNAME ent.{OTHER}", f"w MX 10 x.w.{OTHER}",
                               f"f CNAME none.{OTHER[1:]}"))
        server.zone_reload()
        server.verdict(f"clean, serial {serial}, judged running, mode refuse, {len(expected)} findings?")
        equal(found(server, mark), sorted((rule, "warning", owner) for rule, owner in expected))

    judged(2, server.mark_audit(), ("cname-dangling", "d"))
    mark, written = server.mark(), server.mark_audit()
    server.write_zone(zone(2, f"mail CNAME mx.{apart}", "*.w CNAME h", "x.ent A 192.0.2.8", "none A 192.0.2.1"), OTHER)
    server.zone_reload(OTHER)
    server.verdict("clean, serial 2, judged running, mode refuse, 1 finding", mark, zone=OTHER)
    judged(3, written, ("mx-alias", "m"), ("mx-alias", "w"))
    check(server.find_log(rf"finding mx-alias .* leads to mx\.{apart}, which does not exist"), "the way goes on in the third zone")


def test_big_across_zones(bench):
    """The same for a zone that is not kept in memory, as long as nothing is found."""
    def big(serial):
        return zone(serial, *(f"t{number} TXT x\nt{number} MX 10 mail.{OTHER}" for number in range(800)), f"d CNAME t7.{OTHER[1:]}")

    server = bench.knot(Zone(big(1), **SOFT), Zone(zone(1, "mail A 192.0.2.7"), OTHER, **SOFT), policy=dict(sweep_interval=1))
    server.verdict("clean", zone=OTHER)
    server.verdict("clean, serial 1")
    server.write_zone(zone(2, "mail CNAME h"), OTHER)
    server.zone_reload(OTHER)
    server.verdict("clean, serial 2", zone=OTHER)
    equal(server.audit("finding"), [], "findings so far")
    server.write_zone(big(2))
    server.zone_reload()
    until(lambda: len(server.audit("finding", rule="mx-alias")) == 800, "the alias over there is found")


def test_big_with_dnames(bench):
    """They rename what is not there."""
    def big(serial, *lines):
        names = (f"t{number} TXT x\nt{number}.low A 192.0.2.9" for number in range(800))
        return zone(serial, *names, "d DNAME low", f"far DNAME low.{OTHER}", "a CNAME t7.low", *lines)

    server = bench.knot(Zone(big(1), **SOFT), Zone(zone(1), OTHER, **SOFT), policy=dict(sweep_interval=1))
    server.verdict("clean", zone=OTHER)
    server.verdict("clean, serial 1")
    for serial, line, rule in ((2, "m MX 10 t7.d", "mx-alias"), (3, "w CNAME none.d", "cname-dangling")):
        equal(server.audit("finding", rule=rule), [], rule)
        server.write_zone(big(serial, line))
        server.zone_reload()
        until(lambda: server.audit("finding", rule=rule), f"found in version {serial}: {rule}")


def test_alone_among_aliases_of_others(bench):
    """A zone without an alias of its own."""
    server = bench.knot(Zone(zone(1, "mail CNAME h"), OTHER, **SOFT), Zone(zone(1), **SOFT))
    server.verdict("clean", zone=OTHER)
    server.verdict("clean")
    server.write_zone(zone(2, f"m MX 10 mail.{OTHER}"))
    server.zone_reload()
    server.verdict("clean, serial 2, judged running, mode refuse, 1 finding")


def test_too_many_targets_elsewhere(bench):
    """Then none of them is known, and none is missing."""
    names = [f"n{number} A 192.0.2.8" for number in range(30)]
    server = bench.knot(Zone(zone(1, *names), OTHER, **SOFT), Zone(zone(1), **SOFT))
    server.verdict("clean", zone=OTHER)
    server.verdict("clean")
    server.write_zone(zone(2, *(f"c{number} CNAME n{number}.{OTHER}" for number in range(30))))
    server.zone_reload()
    server.verdict("clean, serial 2, judged running, mode refuse, 0 findings")


def test_big_zone_that_changes(bench):
    """Its warnings are told once, though most of its versions are not looked at for them."""
    server = bench.knot(Zone(zone(1, *(f"t{number} TXT x" for number in range(1500)), "d CNAME none"), **SOFT), policy=dict(sweep_interval=2))
    server.verdict("clean, serial 1, judged running, mode refuse, 1 finding")
    for number in range(15):
        equal(server.update(f"add u{number} 300 A 192.0.2.9"), "NOERROR")
        settles(lambda: server.ask("d A"), "NXDOMAIN d CNAME none", "judged")
    server.verdict("clean, serial 16")
    check(server.find_log(r"verdict clean, .*; targets are judged later"), "not every version was looked at")
    reads = len(server.find_log("'zone-read'"))
    until(lambda: len(server.find_log("'zone-read'")) >= reads + 2, "the last version is looked at by a sweep")
    equal(len(server.find_log("finding cname-dangling")), 1, "lines about the same finding")
    equal(len(server.audit("finding")), 1, "objects about the same finding")


def test_last_names_cover_nothing(bench):
    """A zone that ends in a zone cut."""
    server = bench.knot(Zone(zone(1, "m MX 10 c", "c CNAME h", "zz NS ns.zz", "ns.zz A 192.0.2.1"), **SOFT), policy=dict(enforce=["mx-alias"]))
    server.verdict("held")
    equal(server.ask("m MX"), "SERVFAIL EDE 24")
    check(not server.find_log("occluded"), "the MX is answered")


def test_errors_come_first(bench):
    """However many warnings there are, Knot's log names what is refused."""
    server = bench.knot(Zone(zone(1, *(f"a{number} CNAME none" for number in range(12)), "zzz CNAME h", "zzz MX 10 h"), **SOFT))
    server.verdict("held")
    check(server.find_log(r"finding cname-mx \(error\) zzz"), "the error")
    check(server.find_log("3 more findings"), "the rest is counted")


def test_no_ns_is_no_refused_file(bench):
    """Knot warns of an apex without NS, and serves it; the policy does not."""
    text = "\n".join(line for line in zone(1).splitlines() if line != "@ NS ns") + "\n"
    server = bench.knot(Zone(text))
    server.verdict("held")
    equal(found(server), [("apex-no-ns", "error", APEX)])
    check(server.find_log("missing NS at the zone apex"), "Knot has loaded it")
    equal(server.ask("plain A"), "plain A 192.0.2.3")
    server.swept()
    check(not server.find_log("verdict refused"), "no file was refused")
