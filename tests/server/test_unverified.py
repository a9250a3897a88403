# SPDX-License-Identifier: GPL-2.0-or-later
"""Versions without a verdict on Knot 3.4 and later: the hook looks at the very name, holds what is in conflict and answers the rest."""

from lib import KNOT, SOFT, Zone, check, equal, records, settles, where

WEB = "192.0.2.80"
BESIDE = {"mx": "MX 10 mail", "txt": "TXT x", "a": "A 192.0.2.1", "caa": 'CAA 0 issue "x"', "https": "HTTPS 1 .", "spf": "SPF x", "ds": "DS 1 8 2 " + 64 * "0",
          "eui": "EUI48 00-00-5e-00-53-2a", "loc": "LOC 52 0 0 N 5 0 0 E 0m", "ta": r"TYPE32768 \# 1 00", "private": r"TYPE65280 \# 1 00",
          "last": r"TYPE65534 \# 1 00", "soon": r"TYPE280 \# 1 00", "key": "KEY 256 3 8 AwEAAQ=="}
ZONE = records(
    1, f"web A {WEB}", "mail A 192.0.2.25", "plain A 192.0.2.3", "alias CNAME web", "up CNAME ALIAS", "deep.empty CNAME up",
    *(f"{name} CNAME web\n{name} {record}" for name, record in BESIDE.items()),
    "two CNAME web", "two CNAME mail", "to.txt.chain CNAME TXT", "to.wild CNAME x.bad",
    "*.good CNAME web", "there.good A 192.0.2.4", "*.bad CNAME web", "*.bad TXT x", "there.bad CNAME web", "b.there.bad A 192.0.2.5",
    "old DNAME new", "www.new A 192.0.2.6", "txt.new CNAME txt", "many DNAME new", "many DNAME newer", "both DNAME new", "both CNAME web",
    "star DNAME new", "*.star CNAME web", "*.star TXT x",
    *(f'big TXT "{number} {"x" * 90}"' for number in range(30)), "tobig CNAME big",
    r"far CNAME web", r"far TYPE40000 \# 1 00", "kid DNAME new", "kid.kid CNAME web") + "\n"

ALIAS = f"alias CNAME web, web A {WEB}"
CLEAN = {"alias A": ALIAS, "aLiAs A": ALIAS, "alias AAAA": "alias CNAME web", "alias CNAME": "alias CNAME web", "alias ANY": "alias CNAME web",
         "up A": f"alias CNAME web, up CNAME alias, web A {WEB}", "deep.empty CNAME": "deep.empty CNAME up", "empty ANY": "nothing",
         "x.good A": f"web A {WEB}, x.good CNAME web", "x.y.good CNAME": "x.y.good CNAME web", "x.good ANY": "x.good CNAME web",
         "*.good CNAME": "*.good CNAME web", "there.good ANY": "there.good A 192.0.2.4", "there.bad A": f"there.bad CNAME web, web A {WEB}",
         "x.b.there.bad A": "NXDOMAIN", "old ANY": "old DNAME new", "old DNAME": "old DNAME new",
         "www.old A": "old DNAME new, www.new A 192.0.2.6, www.old CNAME www.new", "plain ANY": "plain A 192.0.2.3", "web RRSIG": "nothing"}
CONFLICTS = (*(f"{name} {rdtype}" for name in BESIDE for rdtype in ("A", "CNAME", "ANY")), "two A", "two CNAME", "two ANY", "tXt A", "TXT ANY",
             "to.txt.chain A", "to.txt.chain TXT", "to.wild A", "x.bad A", "x.y.bad TXT", "x.bad ANY", "*.bad CNAME", "txt.old A",
             "many DNAME", "many ANY", "x.many A", "both A", "both ANY", "x.star A")
LATER = {"far A": f"far CNAME web, web A {WEB}", "kid DNAME": "kid DNAME new"}     # what only the verdict knows


from_3_4 = where(KNOT >= (3, 4))      # before, a hook sees no name but the apex, and every alias waits: see test_shapes


def unverified(bench, text=ZONE, **policy):
    """A server whose guard never gets a verdict: there is no such control socket."""
    options = {**SOFT, **policy.pop("zone", {})}
    return bench.knot(Zone(text, **options), policy=policy, control=bench.dir / "proxy.sock")


def held(server, *questions):
    for question in questions:
        equal([server.ask(question), server.ask(question, tcp=True)], ["TC", "SERVFAIL EDE 14"], question)


def answered(server, answers):
    for question, answer in answers.items():
        for options in (dict(), dict(tcp=True), dict(edns=None)):
            equal(server.ask(question, **options).lower(), answer.lower(), f"{question} {options}")


@from_3_4
def test_conflicts_alone_are_held(bench):
    server = unverified(bench)
    answered(server, {**CLEAN, **LATER})
    equal(server.stats()["held"], 0, "held")
    held(server, *CONFLICTS)
    equal(str(server.axfr()), "SERVFAIL", "a transfer")
    proxy = bench.proxy(bench.dir / "proxy.sock", server.socket).start()
    for question in (*CONFLICTS, *LATER):
        settles(lambda: server.ask(question), "SERVFAIL EDE 24", question, timeout=20)
    check(proxy.count() > 0, "the verdict came through the proxy")
    answered(server, CLEAN)


@from_3_4
def test_truncated_alias(bench):
    """A clean alias is truncated as Knot alone does it."""
    server, alone = unverified(bench), bench.knot(Zone(ZONE, **SOFT), guard=False)
    for options in (dict(edns=512), dict(tcp=True)):
        equal(server.ask("tobig TXT", **options), alone.ask("tobig TXT", **options))


@from_3_4
def test_apex(bench):
    server = unverified(bench, records(1, "@ CNAME web", f"web A {WEB}", "alias CNAME web", "to CNAME @") + "\n")
    held(server, "@ A", "@ ANY", "@ CNAME", "to A")
    answered(server, {"alias A": ALIAS})


@from_3_4
def test_apex_of_dnames(bench):
    server = unverified(bench, records(1, "@ DNAME example.net.", "@ MX 10 mail.example.net.").replace("ns A 192.0.2.53\n", ""))
    answered(server, {"@ DNAME": "@ DNAME example.net.", "x A": "@ DNAME example.net., x CNAME x.example.net."})


@from_3_4
def test_policy(bench):
    """What is allowed or ignored is answered; an exempt name waits, since only the worker knows them."""
    server = unverified(bench, allow_key=True)
    answered(server, {"key A": f"key CNAME web, web A {WEB}"})
    held(server, "txt A", "mx A")
    server = unverified(bench, ignore=["cname-other"])
    answered(server, {"txt A": f"txt CNAME web, web A {WEB}", "private A": f"private CNAME web, web A {WEB}"})
    held(server, "mx A", "two A")
    held(unverified(bench, exempt=["txt"]), "txt A")


@from_3_4
def test_signed(bench):
    """NSEC and RRSIG stand beside every alias of a signed zone, and are asked for."""
    server = unverified(bench, zone=dict(dnssec_signing=True))
    settles(lambda: server.ask("alias NSEC").split(" ")[:2], ["alias", "NSEC"], "signed")
    for question in ("alias A", "alias RRSIG", "alias NSEC", "x.good A", "x.good NSEC", "www.old A", "plain RRSIG"):
        for tcp in (False, True):
            answer = server.ask(question, tcp=tcp, dnssec=True, edns=4096)
            check("RRSIG" in answer and "SERVFAIL" not in answer, f"{question}: {answer}")
    held(server, "txt RRSIG", "txt NSEC", "private A", "x.bad RRSIG", "x.bad NSEC", "two A")


@from_3_4
def test_next_version(bench):
    """Each version is looked at by itself: the name gets its conflict, and loses it again."""
    server = unverified(bench, zone=dict(zonefile_sync=-1))
    for _ in range(5):
        server.txn("set alias 300 MX 10 mail")
        held(server, "alias A")
        server.txn("unset alias MX")
        answered(server, {"alias A": ALIAS})
