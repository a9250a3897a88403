# SPDX-License-Identifier: GPL-2.0-or-later
"""What a hostile reviewer tried: versions that look like others, policies that change, neighbours of conflicts, odd configurations."""

import os
import random
import subprocess
import time

from lib import APEX, FILE_ONLY, ROOT_USER, SOFT, UPDATED, Zone, check, equal, limit, settles, small_disk, until, where
from load import Asker, Taker, asking, fails
from ways import bad, good

REFUSE, REWRITE = dict(mode="refuse"), dict(mode="rewrite")
QUIET = dict(mode="refuse", sweep_interval=3600)
ONE = dict(background_workers=1, tcp_workers=1)         # so that freed memory comes again soon
ALIAS = "alias CNAME web, web A 192.0.2.80"
START = ("set @ 300 SOA ns hostmaster 1 3600 600 86400 300", "set @ 300 NS ns", "set ns 300 A 192.0.2.53", "set web 300 A 192.0.2.80")


def load(server, text):
    server.write_zone(text)
    server.zone_reload()


def leak(reply):
    return str(reply) if any("www CNAME" in record for record in reply.records) else None


def leak_in_transfer(transfer):
    return f"leak in {transfer}" if any(line.startswith("www CNAME") for line in transfer.lines) else None


def shown(server):
    """What www MX and a transfer show of the conflict."""
    return [str(what) for what in (server.resolve("www", "MX"), server.axfr()) if "CNAME" in str(what) or "AXFR" in str(what)]


# --- versions that look like others ---

def address_again(server, bring, rounds, heals):
    """Bad versions under the serial of a clean one, not asked for: some get the freed address of the clean one's SOA.

    The README says that it is rare for all addresses to come back, not that it never happens: one round of fifty may meet it, and where
    the zone has a file the sweep ends it.
    """
    met = []
    for number in range(rounds):
        bring(good(1) + f"t TXT {number}\n")
        settles(lambda: server.ask("alias A", tcp=True), ALIAS)
        for text in range(random.randint(2, 5)):
            bring(bad(1) + f"t TXT {number}-{text}-{'x' * random.randint(0, 100)}\n")
        first = server.ask("www CNAME")
        if "CNAME" in first:
            met.append(number)
            if heals:
                settles(lambda: shown(server), [], f"round {number}")
    check(len(met) * 50 <= rounds, f"met in rounds {met} of {rounds}")


@limit(200)
def test_address_again(bench):
    server = bench.knot(Zone(good(1), **SOFT), policy=REFUSE, server=ONE)
    server.verdict("clean")
    address_again(server, lambda text: load(server, text), 300, heals=True)


@limit(200)
def test_address_again_by_retransfer(bench):
    """The same at a secondary that is made to transfer again."""
    server = bench.prepare(Zone(None, master="primary", **SOFT, journal_content="none"), policy=REFUSE, server=ONE)
    primary = bench.prepare(Zone(good(1), notify="secondary", **SOFT), guard=False, remotes={"secondary": server.port})
    server.remotes["primary"] = primary.port
    server.configure()
    primary.start()
    server.start()
    server.verdict("clean")

    def retransfer(text):
        load(primary, text)
        mark = server.mark()
        server.knotc("-b", "zone-retransfer", APEX, check_code=False)
        server.wait_log("refresh, .*zone updated", mark)
    address_again(server, retransfer, 100, heals=False)


@limit(200)
def test_transfer_of_an_address_again(bench):
    """What was let through by a thread is not let through for a version at the same address that was judged bad."""
    server = bench.knot(Zone(good(1), **SOFT), policy=REFUSE, server=ONE)
    server.verdict("clean")
    for number in range(15):
        load(server, good(1) + f"t TXT {number}\n")
        settles(lambda: server.ask("alias A", tcp=True), ALIAS)
        settles(lambda: str(server.axfr()), "AXFR 1")
        for text in range(40):
            load(server, bad(1) + f"t TXT {number}-{text}\n")
            settles(lambda: server.ask("www MX", tcp=True), "SERVFAIL EDE 24")
            equal(str(server.axfr()), "SERVFAIL", f"round {number}.{text}: www is refused")


@limit(100)
def test_same_serial_in_turn(bench):
    """Good and bad under one serial as fast as can be, while TCP clients wait for a verdict: none gets that of the other version."""
    filling = "".join(f"n{number} A 192.0.2.1\n" for number in range(3000))        # names are judged ahead
    server = bench.knot(Zone(good(1) + filling, **SOFT), policy=REFUSE)
    server.verdict("clean")
    with asking(*(Asker(server, "www MX", leak, tcp=True) for _ in range(3)), Taker(server, leak_in_transfer)):
        end = time.monotonic() + 25
        while time.monotonic() < end:
            load(server, bad(1) + filling)
            load(server, good(1) + filling)


def test_same_serial_other_conflict(bench):
    """Another conflict under the same serial, of as many records, is said as well."""
    both = good(1) + "ftp A 192.0.2.1\nftp MX 10 mail\n"
    server = bench.knot(Zone(both, **SOFT), policy=REFUSE)
    server.verdict("clean")
    for name in "www", "ftp":
        load(server, both.replace(f"{name} A 192.0.2.1", f"{name} CNAME web"))
        settles(lambda name=name: server.ask(f"{name} MX", tcp=True), "SERVFAIL EDE 24")
        until(lambda name=name: server.audit("finding", owner=f"{name}.{APEX}"), f"{name} is refused, and no log says why", 3)


def purged(bench, options):
    """After a purge the serial comes again, also where verdicts go by serial alone."""
    server = bench.knot(Zone(good(1), **options), policy=REFUSE)
    server.verdict("clean")
    server.knotc("-f", "zone-purge", APEX)
    until(lambda: not server.zone_file().exists(), "the file is purged, too")
    server.write_zone(bad(1))
    server.knotc("reload")
    until(lambda: server.serial() == 1, "loaded")
    first = shown(server)
    time.sleep(3)
    equal((first, shown(server)), ([], []), "at once, and after three sweeps")


def test_purged_difference_no_serial(bench):
    purged(bench, FILE_ONLY)


def test_purged_difference(bench):
    purged(bench, dict(SOFT, zonefile_load="difference", zonefile_sync=-1))


def test_purged_and_begun_anew(bench):
    server = bench.knot(Zone(None, **UPDATED), policy=REFUSE)
    server.txn(*START, "set www 300 CNAME web")
    settles(lambda: server.ask("www MX", tcp=True), "www CNAME web")
    server.knotc("-f", "zone-purge", APEX)
    server.txn(*START, "set www 300 CNAME web", "set www 300 MX 10 web")
    settles(lambda: server.ask("www MX", tcp=True), "SERVFAIL EDE 24", timeout=0.5)


def test_journal_step_to_a_serial_of_the_file(bench):
    """A bad step of the journal ends at a serial under which the file then brings a good version."""
    server = bench.knot(Zone(good(1), **SOFT, zonefile_sync=-1), policy=QUIET)
    server.verdict("clean")
    server.txn("unset www A", "set www 300 CNAME web")
    load(server, good(2))
    server.resolve("alias", "A")
    settles(lambda: str(server.axfr()), "AXFR 2")
    equal(leak_in_transfer(server.ixfr(1)), None)


# --- policies that change ---

def test_exemption_withdrawn(bench):
    """A verdict made under an exemption does not outlive it: not while other zones are judged, nor while the control socket is away."""
    others = [Zone(good(1), name=f"z{number}.test.", **SOFT) for number in range(20)]
    server = bench.prepare(Zone(bad(1), **SOFT), *others, policy=dict(mode="refuse", exempt=["www"]), control=bench.dir / "proxy.sock")
    proxy = bench.proxy(bench.dir / "proxy.sock", server.socket).start()
    server.start()
    server.verdict("clean")
    proxy.behave(silent=True)
    server.configure(exempt=["other"])
    server.reload()
    equal(shown(server), [], "served under the old policy")


@limit(60)
def test_soft_withdrawn(bench):
    """What came in under soft is there when soft is gone."""
    others = (Zone(good(1), name=f"z{number}.test.") for number in range(100))
    server = bench.knot(Zone(bad(1), **SOFT, journal_content="none"), *others, policy=REFUSE)
    server.verdict("held")
    server.verdict("clean", zone="z99.test.")
    with asking(Asker(server, "www MX", leak), Asker(server, "www MX", leak, tcp=True)):
        for checks in ("on", "soft") * 3:
            server.zones[APEX].options["semantic_checks"] = checks
            server.configure()
            server.reload()
            time.sleep(0.5)


@limit(120)
def test_configuration_database(bench):
    """Zones and modules come and go by conf-commit, while others are asked."""
    server = bench.prepare(*(Zone(good(1), name=name, **SOFT) for name in (APEX, "b.test.", "c.test.")), policy=REFUSE)
    database = server.dir / "confdb"
    subprocess.run(["knotc", "-C", database, "conf-import", "-f", server.conf], check=True, capture_output=True)
    server.spawn("knotd", "-C", database)
    until(lambda: server.knotc("status", check_code=False).returncode == 0, "knotc status")
    server.verdict("clean")

    def commit(*changes):
        for change in (["conf-begin"], *changes, ["conf-commit"]):
            server.knotc(*change, check_code=False)
        check(server.running(), f"knotd ended with {server.process and server.process.poll()} after {changes}")
    with asking(Asker(server, "plain A", fails), Asker(server, "alias A", lambda reply: None, tcp=True), Taker(server, leak_in_transfer)):
        for number in range(40):
            zone = random.choice(["zone[b.test.]", "zone[c.test.]"])
            commit(["conf-unset", f"{zone}.module"])
            commit(["conf-set", f"{zone}.module", "mod-cnameguard/default"])
            commit(["conf-set", "mod-cnameguard[default].mode", random.choice(["audit", "refuse", "rewrite"])])
            commit(["conf-unset", zone])
            commit(["conf-set", zone], ["conf-set", f"{zone}.storage", server.storage], ["conf-set", f"{zone}.semantic-checks", "soft"],
                   ["conf-set", f"{zone}.module", "mod-cnameguard/default"])
            server.knotc("-f", "zone-reload", APEX, check_code=False)
            if number % 10 == 0:
                server.knotc("reload", check_code=False)
    check(server.stop() < 2, "stops in time")


# --- neighbours of conflicts ---

def test_conflict_at_a_wildcard(bench):
    """It takes nothing with it that is made from another wildcard or from a DNAME."""
    text = good(1) + "* CNAME web\n* MX 10 mail\n*.wild CNAME web\n*.flat A 192.0.2.7\nold DNAME new\nok.new A 192.0.2.5\n"
    server = bench.knot(Zone(text, **SOFT), policy=REFUSE)
    server.verdict("held")
    expected = {"x.flat A": "x.flat A 192.0.2.7", "x.wild A": "web A 192.0.2.80, x.wild CNAME web",
                "ok.old A": "ok.new A 192.0.2.5, ok.old CNAME ok.new, old DNAME new", "x A": "SERVFAIL EDE 24"}
    equal({question: str(server.resolve(*question.split())) for question in expected}, expected)


def test_conflict_below_a_cut(bench):
    """It shows in no answer: the referral is given, as Knot alone does."""
    text = good(1) + "sub NS ns.sub\nns.sub A 192.0.2.9\nhost.sub CNAME web\nhost.sub A 192.0.2.8\n"
    server, alone = (bench.knot(Zone(text, **SOFT), policy=REFUSE, guard=guard) for guard in (True, False))
    server.verdict("held")
    equal(server.ask("host.sub A"), alone.ask("host.sub A"))


def test_record_too_big_for_the_control_socket(bench):
    """On a stock configuration such a zone is transferred, and its aliases are no reason to read it without end."""
    text = " ".join('"' + "\\001" * 255 + '"' for _ in range(200))
    server = bench.knot(Zone(good(1) + f"big TXT {text}\n" + "".join(f"a{number} CNAME web\n" for number in range(200))), policy=REFUSE)
    mark = server.mark()
    for number in range(200):
        equal(str(server.resolve(f"a{number}", "A")), f"a{number} CNAME web, web A 192.0.2.80")
    reads = len(server.find_log("zone-read", mark))
    settles(lambda: str(server.axfr()), "AXFR 1", timeout=3)
    check(reads < 100, f"{reads} reads for 200 questions")


# --- operators ---

def test_operator_after_a_lost_begin(bench):
    """Our zone-begin never arrived; the transaction that is open later is the operator's."""
    server = bench.prepare(Zone(good(1), **FILE_ONLY), policy=REWRITE, control=bench.dir / "proxy.sock")
    proxy = bench.proxy(bench.dir / "proxy.sock", server.socket).start()
    server.start()
    server.verdict("clean")
    proxy.behave(cut_before="zone-begin")
    load(server, bad(2))
    until(lambda: proxy.count("zone-begin"), "a repair")
    proxy.behave(refuse=True)
    time.sleep(0.3)
    server.knotc("zone-begin", APEX)
    server.knotc("zone-set", APEX, "operator", "300", "A", "192.0.2.9")
    proxy.behave()
    time.sleep(3)
    equal(server.knotc("zone-commit", APEX, check_code=False).returncode, 0, "the operator's transaction")


def test_audit_log_is_a_pipe(bench):
    """Without a reader: said, and no reason not to judge or not to stop."""
    os.mkfifo(bench.dir / "pipe")
    server = bench.knot(Zone(good(1), **SOFT), policy=dict(mode="refuse", audit_log=bench.dir / "pipe"))
    try:
        server.verdict("clean", timeout=3)
        server.wait_log("audit log '.*pipe'.*cannot be written", timeout=3)
    finally:
        check(server.stop(timeout=8) < 2, "stops in time")


@where(ROOT_USER)
@limit(60)
def test_full_disk(bench):
    """Nothing is edited, one line says why, and what was not written down is when there is room again."""
    with small_disk(bench) as small:
        (small / "filling").write_bytes(bytes(65400))
        server = bench.knot(Zone(good(1), **FILE_ONLY), policy=dict(mode="rewrite", audit_log=small / "audit.json"))
        server.verdict("clean")
        mark = server.mark()
        load(server, bad(2))
        server.verdict("failed", mark)
        time.sleep(6)
        misleading = server.find_log("control socket", mark)
        (small / "filling").unlink()
        server.repaired(mark, 20)
        server.stop()
        events = (small / "audit.json").read_text()
        equal(misleading, [], "the control socket is not to blame")
        check('"event":"finding"' in events, f"an edit without its finding: {events}")


def test_other_servers_socket(bench):
    """`control` is another knotd's socket, whose zone of that name is clean."""
    other = bench.knot(Zone(good(1), **SOFT), guard=False)
    server = bench.knot(Zone(bad(1), **SOFT), policy=REFUSE, control=other.socket)
    server.wait_log("it is the socket of another server")
    equal(shown(server), [])


def test_long_names_in_the_log(bench):
    """Knot cuts lines at 512 octets: a line that would be longer shows that it was cut."""
    owner = ".".join(["l" * 60] * 3)
    server = bench.knot(Zone(good(1) + f"{owner} CNAME {owner}.t\n{owner} MX 10 {owner}.m\n{owner}.t TXT x\n", **SOFT), policy=REFUSE)
    server.verdict("held")
    line = server.wait_log("finding cname-mx")
    check(line.endswith("another name") or "... (cut" in line, f"cut: {line[-60:]}")


@limit(60)
def test_stopped_at_any_moment(bench):
    """SIGTERM while names are being repaired."""
    wrong = "".join(f"w{number} CNAME web\nw{number} MX 10 mail\n" for number in range(300))
    server = bench.prepare(Zone(good(1) + wrong, **FILE_ONLY), policy=REWRITE)
    for number in range(2, 40):
        mark = server.mark()
        server.start(wait=False)
        server.wait_log("starting server", mark)
        time.sleep(random.uniform(0, 0.25))
        if number % 4 == 0:
            server.write_zone(good(number) + wrong)
        if number % 3 == 0:
            server.knotc("-f", "zone-reload", APEX, check_code=False)
        took = server.stop()
        check(took < 2, f"round {number} took {took} s")
