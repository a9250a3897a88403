# SPDX-License-Identifier: GPL-2.0-or-later
"""Every way in which a bad version can come in, in every mode: what clients are answered, what a transfer gets, what is logged."""

from functools import partial

from lib import APEX, FILE_ONLY, SOFT, UPDATES, check, equal, settles
from ways import WAYS, WEB, Merge, Update

AUDIT = dict(mode="audit")
REFUSE = dict(mode="refuse")
REWRITE = dict(mode="rewrite", strategy="flatten")

QUESTIONS = ("www A", "www AAAA", "www MX", "www ANY", "www CNAME", "www SOA")
OTHERS = {"alias A": f"alias CNAME web, web A {WEB}", "plain A": "plain A 192.0.2.3", "plain MX": "plain MX 10 mail", "nowhere A": "NXDOMAIN"}
GOOD = ("www A 192.0.2.1", "nothing", "www MX 10 mail", "www A 192.0.2.1", "nothing", "nothing")
ALIAS = (f"web A {WEB}, www CNAME web", "web AAAA 2001:db8::80, www CNAME web", *["www CNAME web"] * 4)
REFUSED = ("SERVFAIL EDE 24",) * len(QUESTIONS)
FLATTENED = (f"www A {WEB}", "www AAAA 2001:db8::80", "www MX 10 mail", f"www A {WEB}", "nothing", "nothing")


def answers(server, expected):
    """At www as expected, everywhere else as always; over UDP and TCP."""
    for tcp in (False, True):
        for question, answer in zip(QUESTIONS, expected):
            equal(server.ask(question, tcp=tcp), answer, question)
        for question, answer in OTHERS.items():
            equal(server.ask(question, tcp=tcp), answer, question)
        check(server.ask("@ SOA", tcp=tcp).startswith("@ SOA ns hostmaster"), "the SOA is answered")


def transfers(server, *at_www):
    equal(server.axfr().at("www"), sorted(f"www {record}" for record in at_www), "AXFR")


def finding(server, way, rule="cname-mx"):
    """The conflict is in both logs, with every type at the name and what to write instead."""
    equal(len([line for line in server.guard_lines() if line.startswith(f"finding {rule} (error) www.{APEX} ")]), 1, "finding in Knot's log")
    entries = server.audit("finding", owner=f"www.{APEX}")
    equal(len(entries), 1, "finding in the audit log")
    entry = entries[0]
    equal((entry["rule"], entry["level"], entry["zone"], set(entry["types"])), (rule, "error", APEX, way.own_types), "finding")
    check(entry["records"] and entry["message"] and not entry["exempt"], f"a finding says what is wrong: {entry}")
    hints = ("CNAME", "MX") if "A" in way.own_types else (WEB, "MX")
    check(all(hint in entry["remedy"] for hint in hints), f"a remedy names the addresses and the mail: {entry['remedy']}")
    return entry


def judged(server, mode, action, judged="running"):
    entries = server.audit("verdict", action=action)
    check(entries, f"no verdict {action} in the audit log: {server.audit('verdict')}")
    entry = entries[-1]
    equal((entry["mode"], entry["judged"], entry["zone"]), (mode, judged, APEX), "verdict")
    check(entry["findings"] >= 1 and entry["records"] >= 10 and entry["ms"] >= 0, f"a verdict counts: {entry}")


def recovers(way):
    """A better version is served and transferred."""
    server, mark = way.server, way.server.mark()
    way.repaired()
    settles(lambda: server.resolve("www", "MX").records, ["www MX 10 mail"], "repaired")
    server.verdict("clean", mark)
    answers(server, GOOD)
    transfers(server, "A 192.0.2.1", "MX 10 mail")


def audited(way, bench):
    way = way(bench, SOFT, policy=AUDIT)
    way.bad()
    way.server.verdict("audited")
    answers(way.server, ALIAS if "A" not in way.own_types else ("web A 192.0.2.80, www CNAME web", ALIAS[1], ALIAS[2], GOOD[3], *ALIAS[4:]))
    transfers(way.server, "CNAME web", "MX 10 mail", *(["A 192.0.2.1"] if "A" in way.own_types else []))
    finding(way.server, way)
    judged(way.server, "audit", "audited")
    recovers(way)


def refused(way, bench, zone=SOFT):
    """What Knot lets through the module refuses, at the name in conflict alone."""
    way = way(bench, zone, policy=REFUSE)
    way.bad()
    way.server.verdict("held")
    answers(way.server, REFUSED)
    equal(str(way.server.axfr()), "SERVFAIL")
    finding(way.server, way)
    judged(way.server, "refuse", "held")
    recovers(way)


def explained(way, bench):
    """What Knot refuses by itself the module explains from the file: with its line; the last good version is served."""
    way = way(bench, {}, policy=REFUSE)
    way.bad()
    way.server.verdict("refused")
    if way.server.serial() is None:
        equal(way.server.ask("plain A"), "SERVFAIL EDE 24", "Knot alone has no version at all")
    else:
        answers(way.server, GOOD)
        transfers(way.server, "A 192.0.2.1", "MX 10 mail")
    entry = finding(way.server, way)
    judged(way.server, "refuse", "refused", "file")
    file = way.server.zone_file()
    line = file.read_text().splitlines()[entry["line"] - 1]
    check(line.startswith("www ") and entry["file"] == str(file), f"{entry['file']}:{entry['line']} is {line!r}")
    check(way.server.find_log(rf"finding cname-mx .*{file.name}:\d+(,\d+)*: "), "Knot's log names file and line")
    recovers(way)


def kept_out(way, bench, zone={}, policy=REFUSE):
    """What Knot refuses, and is in no file, never comes in; the module has nothing to say."""
    way = way(bench, zone, policy=policy)
    way.bad()
    if way.server.serial() is not None:
        way.server.verdict("clean")
        answers(way.server, GOOD)
        transfers(way.server, "A 192.0.2.1", "MX 10 mail")
    equal(way.server.audit("finding"), [])
    way.repaired()
    settles(lambda: way.server.ask("www MX"), "www MX 10 mail")


def rewritten(way, bench):
    """The name gets the addresses of the alias's target and keeps its mail; what a client gets has no alias."""
    way = way(bench, FILE_ONLY, policy=REWRITE)
    way.bad()
    way.server.repaired()
    answers(way.server, FLATTENED)
    transfers(way.server, f"A {WEB}", "AAAA 2001:db8::80", "MX 10 mail")
    finding(way.server, way)
    judged(way.server, "rewrite", "rewritten")
    edits = sorted(f"{entry['op']} {entry['record']}" for entry in way.server.audit("edit"))
    equal(len(edits), 3, f"edits {edits}")
    equal(edits[-1], f"remove www.{APEX} 300 CNAME web.{APEX}", "the alias goes")
    recovers(way)


def not_edited(way, bench):
    """The numbers of a zone's versions are its primary's or its owner's: rewrite repairs the answers, and says why once."""
    way = way(bench, SOFT, policy=REWRITE)
    way.bad()
    way.server.verdict("rewritten")
    answers(way.server, GOOD if "A" in way.own_types else FLATTENED)
    equal(str(way.server.axfr()), "SERVFAIL")
    finding(way.server, way)
    equal(way.server.find_log(r"received command 'zone-(set|unset|commit)'"), [])
    recovers(way)
    why = "does not edit this zone, whose owner" if isinstance(way, Merge) else "repairs the answers here, not the zone: it has a primary"
    lives = len(way.server.find_log("Knot DNS .* starting"))
    equal(len(way.server.find_log(f"mode rewrite {why}")), lives if isinstance(way, Merge) else 1, "said once")


def claims(way):
    """What must hold of a way in, by mode; `stock` is refuse without `semantic-checks: soft`."""
    if way is Update:
        return {"stock": kept_out, "refuse": partial(kept_out, zone=SOFT), "audit": partial(kept_out, zone=SOFT, policy=AUDIT),
                "rewrite": partial(kept_out, zone={**FILE_ONLY, **UPDATES}, policy=REWRITE)}
    stock = partial(refused, zone={}) if way is Merge else explained if way.by_file else kept_out
    return {"stock": stock, "audit": audited, "refuse": refused, "rewrite": rewritten if way.editable else not_edited}


for _way, _class in WAYS.items():
    for _mode, _claim in claims(_class).items():
        globals()[f"test_{_way}_{_mode}"] = partial(_claim, _class)
