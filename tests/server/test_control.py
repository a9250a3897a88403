# SPDX-License-Identifier: GPL-2.0-or-later
"""The control socket away, slow, cut, silent or busy: nothing leaks, nothing is half done, one line says why, and the verdict comes."""

import time

from lib import APEX, FILE_ONLY, KNOT, SOFT, Zone, check, equal, settles, until
from ways import WEB, bad, good, version

CONF = {"refuse": SOFT, "rewrite": FILE_ONLY}
SWEEPS = 4                      # the sweep is each second


def behind_proxy(bench, text, mode="rewrite", start=True, policy=None, **behaviour):
    """A server whose guard reaches it through a proxy that behaves as told."""
    path = bench.dir / "proxy.sock"
    server = bench.prepare(Zone(text, **CONF[mode]), policy=dict(mode=mode, **(policy or {})), control=path)
    proxy = bench.proxy(path, server.socket)
    proxy.behave(**behaviour)
    if start:
        proxy.start()
    return server.start(), proxy


def held(server):
    """The conflict waits, transfers fail, other names are answered; Knot before 3.4 cannot tell a clean alias from others."""
    for question in ("www MX", "www A", *(["alias A"] if KNOT < (3, 4) else [])):
        equal(server.ask(question), "TC", question)
        equal(server.ask(question, tcp=True), "SERVFAIL EDE 14", question)
    equal(str(server.axfr()), "SERVFAIL")
    if KNOT >= (3, 4):
        equal([server.ask("alias A", tcp=tcp) for tcp in (False, True)], [f"alias CNAME web, web A {WEB}"] * 2)
    equal([server.ask("plain A"), server.ask("@ NS")], ["plain A 192.0.2.3", "@ NS ns"])


def kept_from_clients(server):
    """Judged or not: nobody gets the conflict, and everybody gets the rest."""
    for tcp in (False, True):
        equal(server.query("www", "MX", tcp=tcp).records, [], "www")
    equal(str(server.axfr()), "SERVFAIL")
    equal([server.ask("plain A"), server.ask("@ NS")], ["plain A 192.0.2.3", "@ NS ns"])


def complaints(server):
    """What the module says beside findings and the verdicts that are none of its troubles."""
    usual = "finding", "verdict clean", "verdict refused", "verdict rewritten"
    return [line for line in server.guard_lines() if not line.startswith(usual)]


def explained(server):
    """Something says why, and nothing is said over and over."""
    said = until(lambda: complaints(server), "a line that says why")
    again = sorted(line for line in set(said) if said.count(line) > 1)
    check(not again and len(said) <= 7, f"said again and again: {again or said}")


def recovered(server, mode, timeout=15):
    """The verdict came; no transaction was left open."""
    if mode == "rewrite":
        settles(lambda: server.ask("www A"), f"www A {WEB}", "repaired", timeout)
        equal(server.ask("www MX"), "www MX 10 mail")
        settles(lambda: str(server.axfr()), f"AXFR {server.serial()}", "transferred", timeout)
        equal(server.axfr().at("www"), [f"www A {WEB}", "www AAAA 2001:db8::80", "www MX 10 mail"])
    else:
        settles(lambda: server.ask("www MX"), "SERVFAIL EDE 24", "refused", timeout)
        settles(lambda: server.ask("alias A"), f"alias CNAME web, web A {WEB}", "the clean alias", timeout)
    server.txn(end="zone-abort")


def idle(seconds_of_sweeps=SWEEPS):
    """Lets the time of some sweeps pass, by the clock, since a guard that is cut off says nothing."""
    end = time.monotonic() + seconds_of_sweeps
    until(lambda: time.monotonic() > end, "time", seconds_of_sweeps + 1)


def away(mode):
    def test(bench):
        server, proxy = behind_proxy(bench, bad(1), mode, start=False)
        before = server.read()
        idle()
        held(server)
        explained(server)
        equal(server.read(), before)
        proxy.start()
        recovered(server, mode)
        equal(len(server.audit("finding")), 1, "findings")
    return test


test_away_refuse = away("refuse")
test_away_rewrite = away("rewrite")


def test_goes_away(bench):
    """With a clean zone that has its verdict: it stays answered; the next version is held until the socket is back."""
    server, proxy = behind_proxy(bench, good(1))
    server.verdict("clean")
    proxy.stop()
    idle(2)
    equal([server.ask("alias A"), str(server.axfr())], [f"alias CNAME web, web A {WEB}", "AXFR 1"])
    server.write_zone(bad(2))
    server.zone_reload()
    held(server)
    explained(server)
    proxy.start()
    recovered(server, "rewrite")


def test_away_and_served(bench):
    """As configured: what cannot be judged is served."""
    server, proxy = behind_proxy(bench, bad(1), "refuse", start=False, policy=dict(while_unverified="serve"))
    idle(2)
    equal([server.ask("www MX"), str(server.axfr())], ["www CNAME web", "AXFR 1"])
    explained(server)
    proxy.start()
    recovered(server, "refuse")


def slow(mode):
    def test(bench):
        server, _ = behind_proxy(bench, bad(1), mode, delay=0.2)
        equal(server.ask("www MX", tcp=True), "SERVFAIL EDE 14")
        recovered(server, mode, 30)
    return test


test_slow_refuse = slow("refuse")
test_slow_rewrite = slow("rewrite")


def test_silent(bench):
    """Commands are taken and nothing comes back: held, and the server still stops at once."""
    server, proxy = behind_proxy(bench, bad(1), silent=True)
    idle(2)
    held(server)
    check(proxy.connections <= 6, f"no storm: {proxy.connections} connections")
    check(server.stop() < 2, "the server stops")


def test_silent_for_a_while(bench):
    server, proxy = behind_proxy(bench, bad(1), silent=True)
    idle(2)
    proxy.behave()
    recovered(server, "rewrite", 60)


def test_closing_at_once(bench):
    server, proxy = behind_proxy(bench, bad(1), refuse=True)
    idle()
    held(server)
    explained(server)
    check(proxy.connections <= 3 * (SWEEPS + 2), f"no storm: {proxy.connections} connections")
    proxy.behave()
    recovered(server, "rewrite")


# --- cut: before a command, after it, in its reply ---

CUTS = {"zone_status": dict(cut_after="zone-status"), "begin": dict(cut_after="zone-begin"), "before_get": dict(cut_before="zone-get"),
        "get": dict(cut_after="zone-get"), "before_set": dict(cut_before="zone-set"), "set": dict(cut_after="zone-set"),
        "before_unset": dict(cut_before="zone-unset"), "unset": dict(cut_after="zone-unset"), "before_commit": dict(cut_before="zone-commit"),
        "reply_10": dict(reply_limit=10), "reply_200": dict(reply_limit=200), "reply_500": dict(reply_limit=500)}


def cut(mode, **behaviour):
    """For some sweeps, then no more."""
    def test(bench):
        server, proxy = behind_proxy(bench, bad(1), mode, **behaviour)
        idle()
        counted = proxy.count()
        check(not server.find_log("received command 'zone-commit'"), "nothing was committed")
        equal(server.serial(), 1)
        kept_from_clients(server)
        check(counted <= 40 * (SWEEPS + 2), f"no storm: {counted} commands")
        explained(server)
        proxy.behave()
        recovered(server, mode)
    return test


def cut_once(mode, **behaviour):
    """The next attempt does it."""
    def test(bench):
        server, proxy = behind_proxy(bench, bad(1), mode, times=1, **behaviour)
        recovered(server, mode)
        check(proxy.count("zone-commit") <= 2, f"commits: {proxy.commands}")
    return test


for _name, _behaviour in CUTS.items():
    if _name not in ("zone_status", "reply_10"):                # which may be in no one's way
        globals()[f"test_cut_{_name}"] = cut("rewrite", **_behaviour)
    globals()[f"test_cut_once_{_name}"] = cut_once("rewrite", **_behaviour)
    if "set" not in _name and "commit" not in _name:
        globals()[f"test_cut_once_{_name}_refuse"] = cut_once("refuse", **_behaviour)


def test_cut_after_the_commit(bench):
    """The reply is lost and the edit is made: it is not made twice."""
    server, proxy = behind_proxy(bench, bad(1), cut_after="zone-commit", times=1)
    recovered(server, "rewrite")
    equal(proxy.count("zone-commit"), 1, f"commits: {proxy.commands}")
    equal(server.serial(), 2)


# --- an operator's transaction ---

def test_operator_holds_a_transaction(bench):
    """The zone stays held, the operator's edits are not touched, and once he aborts it is repaired."""
    server, proxy = behind_proxy(bench, bad(1), start=False)
    server.txn("set his 300 A 192.0.2.99", end=None)
    proxy.start()
    idle()
    kept_from_clients(server)
    explained(server)
    check(proxy.count() <= 20 * (SWEEPS + 2), f"no storm: {proxy.count()} commands")
    check("his.example.com." in server.knotc("zone-diff", APEX).stdout, "his transaction is there")
    server.knotc("zone-abort", APEX)
    recovered(server, "rewrite")
    equal(server.ask("his A"), "NXDOMAIN")


def test_operator_commits(bench):
    """His version comes first, then the repair of it."""
    server, proxy = behind_proxy(bench, bad(1), start=False)
    server.txn("set his 300 A 192.0.2.99", end=None)
    proxy.start()
    idle(2)
    server.knotc("zone-commit", APEX)
    recovered(server, "rewrite")
    equal(server.ask("his A"), "his A 192.0.2.99")


def test_operator_repairs_it_himself(bench):
    server, proxy = behind_proxy(bench, bad(1), start=False)
    server.txn("unset www CNAME", "set www 300 A 192.0.2.1", end=None)
    proxy.start()
    idle(2)
    server.knotc("zone-commit", APEX)
    server.verdict("clean")
    equal([server.ask("www A"), server.ask("www MX")], ["www A 192.0.2.1", "www MX 10 mail"])
    equal(server.audit("edit"), [])


# --- a repair that does not repair ---

def test_repair_that_is_not_clean(bench):
    """The proxy misplaces what is set, beside another alias: the guard says so, refuses, and does not try for ever."""
    server, proxy = behind_proxy(bench, bad(1) + "pal CNAME web\n", replace=("zone-set", b"www", b"pal"))
    server.verdict("held", timeout=20)
    commits, lines = proxy.count("zone-commit"), len(server.guard_lines())
    check(commits <= 2, f"commits {commits}")
    idle()
    equal((proxy.count("zone-commit"), len(server.guard_lines())), (commits, lines), "commits and lines of the log afterwards")
    for question in ("pal A", "pal CNAME", "pal ANY"):
        equal(server.ask(question), "SERVFAIL EDE 24", question)
    equal(str(server.axfr()), "SERVFAIL")
    proxy.behave()
    mark = server.mark()
    server.write_zone(good(2))
    server.zone_reload()
    server.verdict("clean", mark)
    equal(server.ask("www MX"), "www MX 10 mail")


def test_strategy_that_cannot_be_applied(bench):
    """The target is in nobody's zone here: nothing is edited, the name is refused, and the log says why, once."""
    server = bench.knot(Zone(version(1, "CNAME web.example.net.", "MX 10 mail"), **FILE_ONLY), policy=dict(mode="rewrite"))
    server.verdict("held")
    before = server.guard_lines()
    for _ in range(3):
        server.swept()
    equal(server.guard_lines(), before)
    equal([server.ask("www MX"), server.serial()], ["SERVFAIL EDE 24", 1])
    equal(server.find_log("received command 'zone-commit'"), [])


def strategy(expected, text, **policy):
    """What stands at www afterwards."""
    def test(bench):
        server = bench.knot(Zone(text, **FILE_ONLY), policy=dict(mode="rewrite", **policy))
        server.repaired()
        equal(server.axfr().at("www"), expected)
    return test


ARTICLE = bad(1)
OUTSIDE = version(1, "CNAME web.example.net.", "MX 10 mail")
test_strategy_flatten = strategy([f"www A {WEB}", "www AAAA 2001:db8::80", "www MX 10 mail"], ARTICLE)
test_strategy_keep_other = strategy(["www MX 10 mail"], ARTICLE, strategy="keep-other")
test_strategy_keep_cname = strategy(["www CNAME web"], ARTICLE, strategy="keep-cname")
test_fallback_keep_other = strategy(["www MX 10 mail"], OUTSIDE, fallback="keep-other")
test_fallback_keep_cname = strategy(["www CNAME web.example.net."], OUTSIDE, fallback="keep-cname")


def test_exempt_name(bench):
    """It is reported as exempt, and never acted on."""
    server = bench.knot(Zone(bad(1), **FILE_ONLY), policy=dict(mode="rewrite", exempt=["www"]))
    server.wait_log(r"\bverdict ")
    entry, = server.audit("finding")
    equal((entry["exempt"], server.ask("www MX"), str(server.axfr()), server.audit("edit")), (True, "www CNAME web", "AXFR 1", []))
