# SPDX-License-Identifier: GPL-2.0-or-later
"""Mode rewrite where the zone must not be edited: the answers are repaired on the way out."""

from functools import partial

from lib import APEX, SOFT, Zone, check, equal, limit, long, records, settles, until
from ways import WEB, bad, good

REWRITE = dict(mode="rewrite")
WHOLE = dict(**SOFT, zonefile_load="whole")
DIFFERENCE = dict(**SOFT, zonefile_load="difference", journal_content="all")
REFUSED = "SERVFAIL EDE 24"


def conflict(*lines, serial=2):
    """A zone with `www CNAME web` beside an MX, names that lead there, and more lines."""
    return records(serial, "web A 192.0.2.80", "web AAAA 2001:db8::80", "web TXT \"the web\"", "mail A 192.0.2.25", "www CNAME web",
                   "www MX 10 mail", "alias CNAME www", "further CNAME alias", "plain A 192.0.2.3", "out CNAME www.example.net.", *lines)


def owned(bench, text, options=None, **policy):
    """A primary whose owner numbers its file; its version was judged."""
    server = bench.knot(Zone(text, **(options or WHOLE)), policy={**REWRITE, **policy})
    server.verdict(r"(rewritten|held)")
    return server


# --- what is answered ----------------------------------------------------------------------------------------------------------------

ANSWERS = {
    "www A": "www A 192.0.2.80", "www AAAA": "www AAAA 2001:db8::80", "www MX": "www MX 10 mail", "www TXT": 'www TXT "the web"',
    "www CNAME": "nothing", "www SRV": "nothing", "www NSEC": "nothing", "www RRSIG": "nothing",
    "alias A": "alias CNAME www, www A 192.0.2.80", "alias MX": "alias CNAME www, www MX 10 mail", "alias CNAME": "alias CNAME www",
    "further A": "alias CNAME www, further CNAME alias, www A 192.0.2.80", "further SRV": "alias CNAME www, further CNAME alias",
    "plain A": "plain A 192.0.2.3", "web A": "web A 192.0.2.80", "out A": "out CNAME www.example.net.", "missing A": "NXDOMAIN",
    "@ SOA": "@ SOA ns hostmaster 2 3600 600 86400 300",
}


def answers(server, expected, **options):
    equal({question: server.ask(question, **options) for question in expected}, expected)


def flattens(options, tcp, bench):
    """As strategy flatten says, for every type, with the SOA where there is no data; all else as it is."""
    server = owned(bench, conflict(), options)
    answers(server, ANSWERS, tcp=tcp)
    for question in ("www SRV", "further SRV"):
        reply = server.query(*question.split(), tcp=tcp)
        equal([str(rrset.name) for rrset in reply.message.authority], [APEX], f"SOA with {question}")
    check(server.query("www", "A", tcp=tcp).message.flags & 0x0400, "the answer is authoritative")
    equal(server.query("wWw", "A", tcp=tcp).message.question[0].name.to_text(), "wWw." + APEX, "letter case of the question")
    check("CNAME" not in server.ask("www ANY", tcp=tcp) and server.ask("www ANY", tcp=tcp) != "nothing", "ANY shows no alias")
    equal(str(server.axfr()), "SERVFAIL", "a version in conflict is not transferred")
    equal(server.read(owner="www"), ["www.example.com. CNAME web.example.com.", "www.example.com. MX 10 mail.example.com."], "the zone")


test_flattens_whole = partial(flattens, WHOLE, False)
test_flattens_difference = partial(flattens, DIFFERENCE, True)


def test_keeps_the_other_data(bench):
    server = owned(bench, conflict(), strategy="keep-other")
    answers(server, {"www A": "nothing", "www MX": "www MX 10 mail", "www CNAME": "nothing", "alias A": "alias CNAME www"})


def test_keeps_the_alias(bench):
    """Where it leads is answered from the zone."""
    server = owned(bench, conflict(), strategy="keep-cname")
    answers(server, {"www A": f"web A {WEB}, www CNAME web", "www MX": "www CNAME web", "www CNAME": "www CNAME web",
                     "www ANY": "www CNAME web", "alias A": f"alias CNAME www, web A {WEB}, www CNAME web"})


def test_alias_kept_leads_on(bench):
    """Out of the zone, to no data, to nothing."""
    text = records(2, "a CNAME www.example.net.", "a MX 10 ns", "b CNAME ns", "b MX 10 ns", "c CNAME none", "c MX 10 ns")
    server = owned(bench, text, strategy="keep-cname")
    answers(server, {"a A": "a CNAME www.example.net.", "b A": "b CNAME ns, ns A 192.0.2.53", "b MX": "b CNAME ns",
                     "c A": "NXDOMAIN c CNAME none"})


def test_conflict_at_the_apex(bench):
    server = owned(bench, conflict("@ CNAME web", "@ MX 10 mail"))
    answers(server, {"@ A": "@ A 192.0.2.80", "@ MX": "@ MX 10 mail", "@ NS": "@ NS ns", "@ CNAME": "nothing",
                     "@ SOA": "@ SOA ns hostmaster 2 3600 600 86400 300"})


def test_several_aliases_at_a_name(bench):
    server = owned(bench, records(2, "a CNAME b", "a CNAME c", "b A 192.0.2.1", "c A 192.0.2.2", "d CNAME a"))
    answers(server, {"a A": "a A 192.0.2.1, a A 192.0.2.2", "d A": "a A 192.0.2.1, a A 192.0.2.2, d CNAME a", "a CNAME": "nothing"})


def test_truncated_answer(bench):
    """It says so, and TCP has all of it."""
    many = [f"www TXT \"{number} {'x' * 200}\"" for number in range(20)]
    server = owned(bench, conflict(*many))
    check(server.query("www", "TXT").truncated, "truncated over UDP")
    equal(len(server.query("www", "TXT", tcp=True).records), 20)
    equal(server.ask("www A"), "www A 192.0.2.80")


def test_what_cannot_be_answered_is_refused(bench):
    """A wildcard, a name at a DNAME and one whose target is outside; the rest of the names is answered repaired."""
    server = owned(bench, conflict("*.wild CNAME web", "*.wild MX 10 mail", "outside CNAME www.example.net.", "outside MX 10 mail",
                                   "led CNAME outside", "renamed DNAME sub", "x.sub CNAME web", "x.sub MX 10 mail"))
    answers(server, {"www A": "www A 192.0.2.80", "any.wild MX": REFUSED, "*.wild MX": REFUSED, "outside MX": REFUSED,
                     "led A": REFUSED, "x.sub MX": "x.sub MX 10 mail", "x.renamed MX": REFUSED, "plain A": "plain A 192.0.2.3"})
    check("outside.example.com." in server.verdict("held"), "the verdict says what is left")


def test_scope_zone(bench):
    """All repaired: the zone is served. Something left: the zone is refused."""
    server = owned(bench, conflict(), scope="zone")
    answers(server, {"www A": "www A 192.0.2.80", "plain A": "plain A 192.0.2.3"})
    mark = server.mark()
    server.write_zone(conflict("outside CNAME www.example.net.", "outside MX 10 mail", serial=3))
    server.reload()
    server.verdict("held", mark)
    answers(server, {"www A": REFUSED, "plain A": REFUSED})


def test_another_error_at_the_name(bench):
    """A repair that leaves something enforced at the name is none."""
    server = owned(bench, conflict("other MX 10 alias", "other CNAME web"), enforce=["mx-alias"])
    answers(server, {"other MX": REFUSED, "other A": REFUSED, "www MX": "www MX 10 mail"})


def test_written_down_first(bench):
    """No answer is changed while the audit log cannot be written."""
    server = bench.knot(Zone(conflict(), **WHOLE), policy={**REWRITE, "audit_log": "missing/audit.json"})
    server.wait_log(r"verdict failed.*audit log cannot be written")
    equal(server.ask("www MX"), REFUSED)
    (server.storage / "cnameguard/missing").mkdir()
    settles(lambda: server.ask("www MX"), "www MX 10 mail")
    server.audit_file = server.storage / "cnameguard/missing/audit.json"
    equal(sorted(f'{entry["op"]} {entry["record"]}' for entry in server.audit("edit")),
          ["add www.example.com. 300 A 192.0.2.80", "add www.example.com. 300 AAAA 2001:db8::80",
           'add www.example.com. 300 TXT "the web"', "remove www.example.com. 300 CNAME web.example.com."])


def test_signed_contents_are_refused(bench):
    """Changed answers would not validate."""
    server = owned(bench, conflict(), dict(**DIFFERENCE, dnssec_signing=True))
    answers(server, {"www MX": REFUSED, "www A": REFUSED, "plain A": "plain A 192.0.2.3"})
    equal(len(server.find_log("mode rewrite behaves as refuse here: its owner numbers")), 1, "said once")


def test_answers_signed_by_a_module_are_refused(bench):
    """Its denials would say what the zone has."""
    server = bench.knot(Zone(conflict(), **WHOLE, module=["mod-onlinesign", "mod-cnameguard/default"]), policy=REWRITE)
    server.verdict("held")
    answers(server, {"www MX": REFUSED, "www A": REFUSED})
    equal(len(server.find_log("mode rewrite behaves as refuse here: mod-onlinesign")), 1, "said once")


# --- serials: the owner's stay his own -------------------------------------------------------------------------------------------------

def primary_with_secondaries(bench, options):
    server = bench.prepare(Zone(good(1), notify=["knot", "nsd", "bind"], **options, zonefile_sync=-1), policy=REWRITE)
    knot = bench.prepare(Zone(None, master="primary", **SOFT), guard=False, remotes={"primary": server.port})
    nsd, bind = bench.nsd(server.port), bench.bind(server.port)
    server.remotes.update(knot=knot.port, nsd=nsd.port, bind=bind.port)
    server.configure()
    server.start()
    server.verdict("clean")
    for other in (knot, nsd, bind):
        other.start()
        settles(other.serial, 1)
    return server, (knot, nsd, bind)


def owner_numbers(options, bench):
    """Bad versions in a row and good ones between: the owner's next number is always news to the secondaries."""
    server, others = primary_with_secondaries(bench, options)
    for serial, text in enumerate((bad, bad, good, bad, good, good, bad, bad, bad, good), 2):
        mark = server.mark()
        server.write_zone(text(serial) + f"changed TXT {serial}\n")
        server.reload()
        server.verdict("clean" if text is good else "rewritten", mark)
        equal(server.serial(), serial, "the serial is the owner's")
        answers(server, {"www MX": "www MX 10 mail", "www A": "www A 192.0.2.1" if text is good else f"www A {WEB}"})
        if text is good:
            for other in others:
                settles(other.serial, serial, other.name, 20)
    for other in others:
        settles(lambda: other.contents() == server.contents(), True, f"{other.name} has what the server has", 20)
    equal(others[-1].find_log("CNAME and other data"), [])


test_owner_numbers_whole = partial(owner_numbers, WHOLE)
test_owner_numbers_difference = partial(owner_numbers, DIFFERENCE)


# --- secondaries: all that they have stays the primary's -------------------------------------------------------------------------------

def updates_of_the_primary(count, incremental, bench):
    """Good and bad versions mixed; then the secondary has exactly what the primary has, and never showed a conflict."""
    journal = {} if incremental else dict(journal_content="none")
    server = bench.prepare(Zone(None, master="primary", notify="third", **SOFT), policy=REWRITE)
    third = bench.prepare(Zone(None, master="second", **SOFT), guard=False, remotes={"second": server.port})
    primary = bench.knot(Zone(good(1), notify="second", **SOFT, **journal), guard=False, remotes={"second": server.port})
    server.remotes.update(primary=primary.port, third=third.port)
    server.configure()
    server.start()
    server.verdict("clean")
    third.start()
    alias = False
    for number in range(count):
        edits = [f"set t{number % 7} 300 TXT {number}"]
        if number % 3 == 1:
            edits += ["unset www CNAME", "set www 300 A 192.0.2.1"] if alias else ["unset www A", "set www 300 CNAME web"]
            alias = not alias
        primary.txn(*edits)
        if number == 1:             # later ones may be left out by who is slow to fetch
            server.verdict("rewritten")
        if number % 10 == 0:
            settles(server.serial, primary.serial(), "the serial is the primary's", 20)
        check("CNAME" not in str(server.resolve("www", "MX")), "the mail is never hidden")
    if alias:
        primary.txn("unset www CNAME", "set www 300 A 192.0.2.1")
    for each in (server, third):
        settles(each.serial, primary.serial(), "serial", 30)
        settles(lambda: each.contents() == primary.contents(), True, "contents", 30)
    kind = "IXFR" if incremental else "AXFR"
    check(server.find_log(rf"{kind}, incoming, .*finished"), f"transfers came in by {kind}")
    check(server.find_log("verdict rewritten"), "some versions were in conflict")
    check(not server.find_log("zone-begin|zone-set|zone-commit"), "the secondary was not edited")


test_updates_by_ixfr = partial(updates_of_the_primary, 20, True)
test_updates_by_axfr = partial(updates_of_the_primary, 20, False)
test_100_updates_by_ixfr = long(partial(updates_of_the_primary, 100, True))
test_100_updates_by_axfr = long(partial(updates_of_the_primary, 100, False))


def test_secondary_is_said_once(bench):
    primary = bench.knot(Zone(bad(1), **SOFT), guard=False)
    server = bench.knot(Zone(None, master="primary", **SOFT), policy=REWRITE, remotes={"primary": primary.port})
    server.verdict("rewritten")
    for serial in (2, 3):
        mark = server.mark()
        primary.txn(f"set t 300 TXT {serial}")
        server.knotc("zone-refresh", APEX)
        server.verdict("rewritten", mark)
    equal(len(server.find_log("mode rewrite repairs the answers here, not the zone")), 1)
    until(lambda: server.ask("www MX") == "www MX 10 mail", "mail")
    equal(str(server.axfr()), "SERVFAIL")


@limit(60)
def test_expires_as_any_secondary(bench):
    """Repaired answers do not outlive the zone, nor is anything put back then."""
    text = good(1).replace("3600 600 86400", "1 1 4")
    primary = bench.knot(Zone(text, **SOFT), guard=False)
    server = bench.knot(Zone(None, master="primary", **SOFT), policy=REWRITE, remotes={"primary": primary.port})
    primary.txn("unset www A", "set www 300 CNAME web")
    server.knotc("zone-refresh", APEX)
    settles(lambda: server.ask("www MX"), "www MX 10 mail")
    server.verdict("rewritten")
    mark = server.mark()
    primary.stop()
    server.wait_log("zone expired", mark, timeout=20)
    settles(lambda: server.ask("www MX"), "SERVFAIL EDE 24")
    server.swept(6)
    equal((server.ask("plain A"), server.find_log("verdict restored")), ("SERVFAIL EDE 24", []))
