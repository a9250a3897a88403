# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers of every shape in which an alias can show: truncated ones, chains, DNAME, wildcards, ANY, signed by TSIG, with EDNS and without."""

import subprocess
from itertools import product

from lib import APEX, KEY, KNOT, SOFT, Zone, check, equal, settles, soa
from ways import version

ZONE = version(1, "CNAME big", "MX 10 mail") + "\n".join([
    *(f'big TXT "{number} {"x" * 90}"' for number in range(30)), "tobig CNAME big",
    "c1 CNAME c2", "c2 CNAME c3", "c3 CNAME www",                                    # the conflict at the end of a chain
    "l1 CNAME l2", "l2 CNAME l3", "l3 CNAME l4", "l4 CNAME l5", "l5 CNAME l6", "l6 CNAME l7", "l7 CNAME www",   # and where Knot never comes
    "old DNAME new", "www.new CNAME web", "www.new TXT new", "ok.new A 192.0.2.5",   # below a DNAME's target
    "*.wild CNAME web", "*.wild MX 10 mail", "here.wild A 192.0.2.6",
    "two CNAME web", "two CNAME mail",
    "many DNAME new", "many DNAME newer",
    "cut NS ns", "cut CNAME web"]) + "\n"

CONFLICTS = ("www TXT", "www MX", "www A", "www CNAME", "www ANY", "www DS", "c1 A", "c1 TXT", "c3 MX", "www.old A", "www.old TXT",
             "www.new ANY", "a.wild MX", "a.wild A", "a.b.wild CNAME", "a.wild ANY", "*.wild CNAME", "two A", "two CNAME", "two ANY",
             "a.many A", "many DNAME")
CLEAN = {"tobig CNAME": "tobig CNAME big", "c1 CNAME": "c1 CNAME c2",
         "l1 A": "l1 CNAME l2, l2 CNAME l3, l3 CNAME l4, l4 CNAME l5, l5 CNAME l6", "plain A": "plain A 192.0.2.3",
         "ok.old A": "ok.new A 192.0.2.5, ok.old CNAME ok.new, old DNAME new", "here.wild A": "here.wild A 192.0.2.6",
         "old DNAME": "old DNAME new", "nowhere A": "NXDOMAIN", "alias AAAA": "alias CNAME web, web AAAA 2001:db8::80"}
SHAPES = (dict(), dict(edns=512), dict(edns=4096, dnssec=True), dict(edns=None), dict(key=KEY), dict(edns=None, key=KEY))


def shapes(questions):
    return product(questions, SHAPES, (False, True))


def failure(code, edns=1232, **_):
    return f"SERVFAIL EDE {code}" if edns else "SERVFAIL"


def test_refused_in_every_shape(bench):
    server = bench.knot(Zone(ZONE, **SOFT))
    server.verdict("held")
    for question, shape, tcp in shapes(CONFLICTS):
        equal(server.ask(question, tcp=tcp, **shape), failure(24, **shape), f"{question} {shape} tcp={tcp}")
    for question, shape, tcp in shapes(CLEAN):
        equal(server.ask(question, tcp=tcp, **shape), CLEAN[question], f"{question} {shape} tcp={tcp}")


def test_refused_where_no_transfer_is_allowed(bench):
    """There the module looks at answers alone, once they are made."""
    server = bench.knot(Zone(ZONE, **SOFT, acl=["updates"]))
    server.verdict("held")
    for question, shape, tcp in shapes(CONFLICTS):
        if "key" not in shape:
            equal(server.ask(question, tcp=tcp, **shape), failure(24, **shape), f"{question} {shape} tcp={tcp}")
    for question, shape, tcp in shapes(CLEAN):
        if "key" not in shape:
            equal(server.ask(question, tcp=tcp, **shape), CLEAN[question], f"{question} {shape} tcp={tcp}")
    equal(str(server.axfr()), "NOTAUTH")


def test_refused_by_names(bench):
    """Where no wildcard is refused, a name tells by itself that it is not; short names, and those of other zones, are told apart too."""
    text = "".join(line for line in ZONE.splitlines(True) if not line.startswith("*.wild"))
    short = f"$TTL 300\n{soa(1)}a CNAME b\na MX 10 b\nb A 192.0.2.7\nc CNAME a\nd CNAME b\n"
    for acl in (["local", "keyed"], ["updates"]):
        zones = [Zone(text, **SOFT, acl=acl), Zone(short, name="z.", **SOFT, acl=acl), Zone(version(1, "A 192.0.2.1"), name="example.net.", **SOFT, acl=acl)]
        server = bench.knot(*zones)
        for zone in zones[:2]:
            server.verdict("held", zone=zone.name)
        server.verdict("clean", zone="example.net.")
        for question, shape, tcp in shapes(question for question in CONFLICTS if "wild" not in question):
            if "key" not in shape:
                equal(server.ask(question, tcp=tcp, **shape), failure(24, **shape), f"{question} {shape} tcp={tcp}")
        for question, shape, tcp in shapes(CLEAN):
            if "key" not in shape:
                equal(server.ask(question, tcp=tcp, **shape), CLEAN[question], f"{question} {shape} tcp={tcp}")
        for question in ("WWW MX", "wWw.nEw ANY", "a.z. MX", "A.Z. A", "c.z. A", "c.z. MX"):
            equal(server.ask(question), failure(24), question)
        for question in ("b.z. A", "d.z. A", "z. SOA", "www.example.net. A", "alias.example.net. A", "example.net. NS"):
            equal(server.query(*question.split()).rcode, "NOERROR", question)
        server.write_zone(short.replace("a MX 10 b\n", "").replace("hostmaster 1", "hostmaster 2"), zone="z.")
        server.zone_reload("z.")
        server.verdict("clean", zone="z.")
        equal([server.query("a.z.", "A").rcode, server.ask("www MX")], ["NOERROR", failure(24)])
        server.stop()


def test_refusal_has_what_knots_own_has(bench):
    """Whoever empties the answer, Knot before it is made or the module behind it: the same octets go out."""
    before, behind = (bench.knot(Zone(ZONE, **SOFT, acl=acl)) for acl in (["local"], []))
    for server in (before, behind):
        server.verdict("held")
    for question, tcp in product(("www A", "www ANY", "www MX"), (False, True)):
        for shape in SHAPES[:4]:
            replies = [server.query(*question.split(), tcp=tcp, **shape).wire[2:] for server in (before, behind)]
            equal(replies[1], replies[0], f"{question} {shape} tcp={tcp}")


def test_transfer_allowed_since(bench):
    """A transfer that the module was not prepared for is stopped all the same, until it is loaded anew."""
    server = bench.prepare(Zone(version(1, "CNAME web", "MX 10 mail"), **SOFT, acl=["updates"]))
    server.database = server.dir / "confdb"
    subprocess.run(["knotc", "-C", server.database, "conf-import", server.conf], check=True, capture_output=True)
    server.start()
    server.verdict("held")
    for command in (["conf-begin"], ["conf-set", "acl[updates].action", "transfer"], ["conf-commit"]):
        server.knotc(*command)
    for _ in range(2):
        equal([str(server.axfr()), str(server.ixfr(0))], ["SERVFAIL", "SERVFAIL"])
        server.reload()


def test_signed_transfers(bench):
    """TSIG does not change what a transfer gets, and what fails is signed as well."""
    server = bench.knot(Zone(version(1, "A 192.0.2.1"), **SOFT, zonefile_sync=-1))
    server.verdict("clean")
    equal(str(server.axfr(key=KEY)), "AXFR 1")
    server.txn("set www 300 CNAME web")
    server.verdict("held")
    equal(str(server.axfr(key=KEY)), "SERVFAIL")
    check(server.query("www", "A", key=KEY).message.had_tsig, "a refusal is signed")


def test_truncated_clean_alias_is_answered(bench):
    """As Knot alone truncates it."""
    server, alone = bench.knot(Zone(ZONE, **SOFT)), bench.knot(Zone(ZONE, **SOFT), guard=False)
    server.verdict("held")
    equal(server.ask("tobig TXT", edns=512), alone.ask("tobig TXT", edns=512))
    equal(server.ask("tobig TXT", tcp=True), alone.ask("tobig TXT", tcp=True))


def unverified(bench, **policy):
    """A server whose guard gets no verdict: its control socket takes commands and never replies."""
    server = bench.prepare(Zone(ZONE, **SOFT), policy=policy, control=bench.dir / "proxy.sock")
    proxy = bench.proxy(bench.dir / "proxy.sock", server.socket)
    proxy.behave(silent=True)
    proxy.start()
    return server.start(), proxy


def test_held_in_every_shape(bench):
    """Before the verdict: TC over UDP, so that the client comes again by TCP; there, Not Ready."""
    server, proxy = unverified(bench)
    for question, shape in product(CONFLICTS, SHAPES):
        equal(server.ask(question, **shape), "TC", f"{question} {shape}")
    for question, shape in product(CONFLICTS, (dict(), dict(edns=None))):
        equal(server.ask(question, tcp=True, **shape), failure(14, **shape), f"{question} {shape} tcp")
    for question, shape, tcp in shapes(("plain A", "plain MX", "nowhere A", "here.wild A", "@ NS", "big A")):
        answer = server.ask(question, tcp=tcp, **shape)
        check("SERVFAIL" not in answer and answer != "TC", f"{question} is no alias: {answer}")
    for question, shape, tcp in shapes(CLEAN if KNOT >= (3, 4) else ()):
        equal(server.ask(question, tcp=tcp, **shape), CLEAN[question], f"{question} {shape} tcp={tcp}")
    equal([str(server.axfr()), str(server.ixfr(0))], ["SERVFAIL", "SERVFAIL"])
    check(server.stats()["held"] >= len(CONFLICTS) and server.stats()["transfers-held"] == 2, f"statistics {server.stats()}")
    proxy.behave()
    settles(lambda: server.ask("www MX"), "SERVFAIL EDE 24", "the verdict comes", timeout=60)
    settles(lambda: server.ask("alias A"), "alias CNAME web, web A 192.0.2.80", "the clean alias is answered")


def test_served_while_unverified(bench):
    """As configured: an alias is answered before the verdict, and refused after it."""
    server, proxy = unverified(bench, while_unverified="serve")
    equal([server.ask("www MX"), str(server.axfr())], ["www CNAME big", "AXFR 1"])
    proxy.behave()
    settles(lambda: server.ask("www MX"), "SERVFAIL EDE 24", "the verdict comes", timeout=60)


def test_scope_zone(bench):
    """Everything in the zone is refused, until a better version comes."""
    server = bench.knot(Zone(ZONE, **SOFT), policy=dict(scope="zone"))
    server.verdict("held")
    for question, shape, tcp in shapes([*CONFLICTS, *CLEAN, "@ SOA", "@ NS"]):
        equal(server.ask(question, tcp=tcp, **shape), failure(24, **shape), f"{question} {shape} tcp={tcp}")
    server.write_zone(version(2, "A 192.0.2.1"))
    server.zone_reload()
    server.verdict("clean")
    equal([server.ask("www A"), server.ask("plain A")], ["www A 192.0.2.1", "plain A 192.0.2.3"])


def test_statistics_count(bench):
    server = bench.knot(Zone(ZONE, **SOFT))
    server.verdict("held")
    before = server.stats()
    for _ in range(10):
        server.ask("www MX")
        server.axfr()
        server.ask("plain A")
    after = server.stats()
    equal({name: after[name] - before[name] for name in after},
          {"held": 0, "refused": 10, "transfers-held": 0, "transfers-refused": 10, "ixfr-to-axfr": 0})


def test_each_rule_at_its_name(bench):
    """What the log says of every conflict of the zone."""
    server = bench.knot(Zone(ZONE, **SOFT))
    server.verdict("held")
    findings = sorted((entry["rule"], entry["owner"].removesuffix("." + APEX)) for entry in server.audit("finding"))
    equal(findings, [("cname-chain", "l1"), ("cname-multiple", "two"), ("cname-mx", "*.wild"), ("cname-mx", "www"), ("cname-other", "cut"),
                     ("cname-other", "www.new"), ("dname-multiple", "many")])
