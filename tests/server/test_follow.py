# SPDX-License-Identifier: GPL-2.0-or-later
"""Strategy flatten across the zones of a server: names take over what is elsewhere, and follow it when it changes."""

import json
from functools import partial

from lib import APEX, FILE_ONLY, KNOT, SOFT, UPDATED, Zone, check, equal, records, settles, until, where

OTHER, THIRD = "other.example.", "third.example."
REWRITE = dict(mode="rewrite")
MORE = () if KNOT < (3, 5) else ("more A 192.0.2.7",)         # to 3.5 a change of TTLs alone is none
CONFLICT = (f"www 600 CNAME web.{OTHER}", "www MX 10 ns")
REFUSED = "SERVFAIL EDE 24"


def target(*lines, name=OTHER, serial=1, **options):
    """A guarded zone that others lead to; it is served as it is."""
    return Zone(records(serial, *lines), name=name, **{**UPDATES_BY_FILE, **options})


UPDATES_BY_FILE = dict(**SOFT, zonefile_load="difference-no-serial", journal_content="all", zonefile_sync=-1)
WEB = ("web 120 A 192.0.2.80", "web 120 AAAA 2001:db8::80")


def state(server, zone=APEX):
    """What is written down of a zone; None: there is no file."""
    file = server.storage / "cnameguard/flattened" / (zone.removesuffix(".") + ".json")
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        return None


def flattened(bench, lines=CONFLICT, others=(), options=None, **policy):
    """A server whose zone was repaired, with another zone that it leads to."""
    server = bench.knot(Zone(records(1, *lines), **(options or FILE_ONLY)), *(others or [target(*WEB)]), policy={**REWRITE, **policy})
    server.repaired()
    return server


def followed(server, question, answer, timeout=10):
    settles(lambda: server.ask(question), answer, question, timeout)


def rewrite_target(server, *lines, zone=OTHER):
    """The zone file of a target changes, and is loaded."""
    server.write_zone(records(1, *lines), zone)
    server.zone_reload(zone)


def at_rest(server, zone=APEX):
    """No more versions come: two sweeps leave the serial as it is."""
    def same():
        before = server.serial(zone)
        server.swept(4)
        return server.serial(zone) == before
    until(same, "the serial settles", 20)
    return server.serial(zone)


# --- repairs --------------------------------------------------------------------------------------------------------------------------

def test_flattened_from_another_zone(bench):
    """Records, the smallest TTL, the audit log, and the state."""
    server = flattened(bench)
    equal(server.ask("www A"), "www A 192.0.2.80")
    equal(server.ask("www AAAA"), "www AAAA 2001:db8::80")
    equal(server.query("www", "A").message.answer[0].ttl, 120)
    equal(server.ask("www MX"), "www MX 10 ns")
    equal(sorted(f'{entry["op"]} {entry["record"]}' for entry in server.audit("edit")),
          ["add www.example.com. 120 A 192.0.2.80", "add www.example.com. 120 AAAA 2001:db8::80",
           f"remove www.example.com. 600 CNAME web.{OTHER}"])
    written = state(server)
    equal([entry["zone"] for entry in written["depends"]], [APEX, OTHER])
    equal(written["names"], [{"owner": "www.example.com.", "rule": "cname-mx", "cname": [f"600 CNAME web.{OTHER}"],
                              "records": ["120 A 192.0.2.80", "120 AAAA 2001:db8::80"]}])
    equal((server.storage / "cnameguard/flattened/example.com.json").stat().st_mode & 0o777, 0o640)


def test_outside_of_all_zones(bench):
    server = bench.knot(Zone(records(1, "www CNAME web.example.net.", "www MX 10 ns"), **FILE_ONLY), target(*WEB), policy=REWRITE)
    check("is outside the zone" in server.verdict("held"), "said why")
    equal(server.ask("www MX"), REFUSED)
    equal(state(server), None)


def test_more_targets_than_are_followed(bench):
    lines = [line for i in range(260) for line in (f"n{i} CNAME t{i}.{OTHER}", f"n{i} MX 10 ns")]
    server = bench.knot(Zone(records(1, *lines), **FILE_ONLY), target(*(f"t{i} A 192.0.2.1" for i in range(260))), policy=REWRITE)
    line = server.verdict("(rewritten|held)")
    check("256 targets in other zones are followed, 4 more are not" in line, line)
    until(lambda: server.find_log(rf"\[{APEX}\].*verdict held"), "the rest is held")
    equal(sum(server.ask(f"n{i} A") == REFUSED for i in range(260)), 4)


# --- following ------------------------------------------------------------------------------------------------------------------------

def test_target_changed_by_file(bench):
    server = flattened(bench)
    rewrite_target(server, "web 60 A 192.0.2.81", "web 60 TXT new")
    followed(server, "www A", "www A 192.0.2.81")
    equal([server.ask("www AAAA"), server.ask("www TXT"), server.ask("www MX")], ["nothing", 'www TXT "new"', "www MX 10 ns"])
    equal(server.query("www", "A").message.answer[0].ttl, 60)
    server.verdict("clean")
    equal(state(server)["names"][0]["records"], ["60 A 192.0.2.81", '60 TXT "new"'])
    at_rest(server)
    equal(len(server.find_log(rf"\[{APEX}\].*targets of flattened names have changed: 1 name edited")), 1)


def test_target_changed_by_update(bench):
    server = flattened(bench)
    equal(server.update("delete web A", "add web 120 A 192.0.2.82", zone=OTHER), "NOERROR")
    followed(server, "www A", "www A 192.0.2.82")
    equal(server.ask("www AAAA"), "www AAAA 2001:db8::80")


def test_ttl_alone(bench):
    server = flattened(bench)
    rewrite_target(server, "web 30 A 192.0.2.80", "web 30 AAAA 2001:db8::80", *MORE)
    settles(lambda: server.query("www", "A").message.answer[0].ttl, 30)
    equal(server.query("www", "AAAA").message.answer[0].ttl, 30)
    at_rest(server)


def test_names_in_data_keep_their_case(bench):
    """What the server prints of what was put is what was put."""
    server = flattened(bench, (f"www CNAME web.{OTHER}", "www TXT x"), [target(*WEB, "web MX 10 Mail.Example.NET.", "web TXT \"Mixed\"")])
    rewrite_target(server, "web 60 A 192.0.2.81", "web MX 10 Mail.Example.NET.")
    followed(server, "www A", "www A 192.0.2.81")
    rewrite_target(server, "web 60 A 192.0.2.82", "web MX 10 Mail.Example.NET.")
    followed(server, "www A", "www A 192.0.2.82")


def test_chain_over_three_zones(bench):
    """Any link of it."""
    server = flattened(bench, others=[target(f"web 90 CNAME a.{THIRD}"), target("a A 192.0.2.1", "b A 192.0.2.2", name=THIRD)])
    equal(server.ask("www A"), "www A 192.0.2.1")
    rewrite_target(server, "a A 192.0.2.3", "b A 192.0.2.2", zone=THIRD)
    followed(server, "www A", "www A 192.0.2.3")
    rewrite_target(server, f"web 80 CNAME b.{THIRD}")
    followed(server, "www A", "www A 192.0.2.2")
    equal(server.query("www", "A").message.answer[0].ttl, 80)


def test_wildcard_target(bench):
    server = flattened(bench, (f"www CNAME any.web.{OTHER}", "www MX 10 ns"), [target("*.web A 192.0.2.1")])
    equal(server.ask("www A"), "www A 192.0.2.1")
    rewrite_target(server, "*.web A 192.0.2.2")
    followed(server, "www A", "www A 192.0.2.2")
    rewrite_target(server, "*.web A 192.0.2.2", "any.web A 192.0.2.3")
    followed(server, "www A", "www A 192.0.2.3")


def test_target_gone_and_back(bench):
    """The last records stay, and that is said once."""
    server = flattened(bench)
    rewrite_target(server, "else A 192.0.2.1")
    line = server.wait_log("the flattened name www.example.com. keeps its last records")
    check(f"target web.{OTHER} does not exist" in line, line)
    equal(server.ask("www A"), "www A 192.0.2.80")
    rewrite_target(server, "else A 192.0.2.2")
    server.swept(6)
    equal(len(server.find_log("keeps its last records")), 1)
    rewrite_target(server, "web A 192.0.2.83")
    followed(server, "www A", "www A 192.0.2.83")


def test_target_zone_removed_from_the_configuration(bench):
    server = flattened(bench)
    gone = server.zones.pop(OTHER)
    server.configure()
    server.reload()
    server.wait_log("keeps its last records: .*is outside the zone")
    equal(server.ask("www A"), "www A 192.0.2.80")
    server.zones[OTHER] = gone
    server.write_zone(records(9, "web A 192.0.2.84"), OTHER)
    server.configure()
    server.reload()
    followed(server, "www A", "www A 192.0.2.84")


def test_zone_removed_from_the_configuration(bench):
    """What was written down of it is nobody else's."""
    server = flattened(bench)
    del server.zones[APEX]
    server.configure()
    server.reload()
    until(lambda: state(server) is None, "forgotten")


def test_many_names_in_one_transaction(bench):
    lines = [line for i in range(100) for line in (f"n{i} CNAME web.{OTHER}", f"n{i} MX 10 ns")]
    server = flattened(bench, lines)
    before, mark = at_rest(server), server.mark()
    rewrite_target(server, "web A 192.0.2.85")
    for i in range(100):
        followed(server, f"n{i} A", f"n{i} A 192.0.2.85")
    equal(at_rest(server), before + 1)
    equal(len(server.find_log(r"zone-commit", mark)), 1)


def test_target_in_the_zone_itself(bench):
    server = flattened(bench, ("www CNAME web", "www MX 10 ns", "web A 192.0.2.1"), options=UPDATES_BY_FILE)
    equal(server.update("delete web A", "add web 300 A 192.0.2.2"), "NOERROR")
    followed(server, "www A", "www A 192.0.2.2")
    at_rest(server)


def test_big_zone_is_read_by_name(bench):
    server = flattened(bench, (*CONFLICT, "in CNAME deep.web", "in MX 10 ns", "*.web A 192.0.2.7", *(f"n{i} A 192.0.2.1" for i in range(1200))))
    mark = server.mark()
    rewrite_target(server, "web A 192.0.2.86")
    followed(server, "www A", "www A 192.0.2.86")
    server.txn("set deep.web 300 A 192.0.2.8")
    followed(server, "in A", "in A 192.0.2.8")
    check(server.find_log("zone-set", mark), "edited")


def test_zones_that_depend_on_each_other(bench):
    """Each follows the other, and both come to rest."""
    server = bench.knot(Zone(records(1, *CONFLICT, "host A 192.0.2.1"), **FILE_ONLY),
                        Zone(records(1, *WEB, f"ftp CNAME host.{APEX}", "ftp MX 10 ns", f"round CNAME www.{APEX}", "round TXT x"), name=OTHER,
                             **FILE_ONLY), policy=REWRITE)
    server.repaired()
    server.repaired(zone=OTHER)
    followed(server, f"round.{OTHER} A", f"round.{OTHER} A 192.0.2.80")
    server.txn("set host 300 A 192.0.2.2")
    server.txn("unset web A", "set web 120 A 192.0.2.87", zone=OTHER)
    followed(server, "www A", "www A 192.0.2.87")
    followed(server, f"round.{OTHER} A", f"round.{OTHER} A 192.0.2.87")
    followed(server, f"ftp.{OTHER} A", f"ftp.{OTHER} A 192.0.2.1, ftp.{OTHER} A 192.0.2.2")
    at_rest(server)
    at_rest(server, OTHER)


# --- whose a name is ------------------------------------------------------------------------------------------------------------------

def taken_over(change, answer, bench):
    """The owner has changed what was put: it is his."""
    server = flattened(bench, options=UPDATES_BY_FILE)
    equal(server.update(*change), "NOERROR")
    until(lambda: state(server) is None, "not followed any more")
    mark = server.mark()
    rewrite_target(server, "web A 192.0.2.88")
    server.swept(4)
    equal(server.ask("www A"), answer)
    equal(server.find_log("zone-set", mark), [])


test_owner_changed_an_address = partial(taken_over, ["delete www A", "add www 120 A 192.0.2.9"], "www A 192.0.2.9")
test_owner_added_an_address = partial(taken_over, ["add www 120 A 192.0.2.9"], "www A 192.0.2.80, www A 192.0.2.9")
test_owner_removed_the_addresses = partial(taken_over, ["delete www A", "delete www AAAA"], "nothing")
test_owner_changed_the_ttl = partial(taken_over, ["delete www A", "add www 121 A 192.0.2.80", *("add " + line.replace(" A", " 300 A") for line in MORE)], "www A 192.0.2.80")


def test_owner_adds_other_data(bench):
    """That is no address: the name goes on following."""
    server = flattened(bench, options=UPDATES_BY_FILE)
    equal(server.update("add www 300 TXT own", "delete www MX"), "NOERROR")
    rewrite_target(server, "web A 192.0.2.89", "web TXT other")
    followed(server, "www A", "www A 192.0.2.89")
    equal([server.ask("www TXT"), server.ask("www MX")], ['www TXT "own"', "nothing"])


def test_cname_removed_from_the_file(bench):
    """Also where the file has the same records now."""
    server = flattened(bench)
    server.write_zone(records(1, *(line.replace("web ", "www ") for line in WEB), "www MX 10 ns"))
    server.zone_reload()
    until(lambda: state(server) is None, "not followed any more")
    rewrite_target(server, "web A 192.0.2.90")
    server.swept(4)
    equal(server.ask("www A"), "www A 192.0.2.80")


def test_other_cname_in_the_file(bench):
    """The repair of the new one takes the entry's place."""
    server = flattened(bench, others=[target(*WEB, "new A 192.0.2.1")])
    mark = server.mark()
    server.write_zone(records(1, f"www CNAME new.{OTHER}", "www MX 10 ns"))
    server.zone_reload()
    server.repaired(mark)
    equal(server.ask("www A"), "www A 192.0.2.1")
    rewrite_target(server, *WEB, "new A 192.0.2.2")
    followed(server, "www A", "www A 192.0.2.2")


def test_loaded_again(bench):
    """The file brings the conflict back, and what is put follows as before."""
    server = flattened(bench)
    mark = server.mark()
    server.write_zone(server.zone_file().read_text())
    server.zone_reload()
    server.repaired(mark)
    rewrite_target(server, "web A 192.0.2.91")
    followed(server, "www A", "www A 192.0.2.91")


# --- other sources and policies -------------------------------------------------------------------------------------------------------

def updated(bench, **policy):
    """A zone without a file, in which a transaction has made the conflict."""
    server = bench.knot(Zone(records(1, "www MX 10 ns"), **{**UPDATED, "zonefile_load": "whole"}), target(*WEB), policy={**REWRITE, **policy})
    server.verdict("clean")
    server.zones[APEX].options["zonefile_load"] = "none"
    server.configure()
    server.reload()
    server.txn(f"set www 600 CNAME web.{OTHER}")
    server.repaired()
    return server


def test_without_a_file(bench):
    server = updated(bench)
    rewrite_target(server, "web A 192.0.2.92")
    followed(server, "www A", "www A 192.0.2.92")


def restarted(end, bench):
    """The target changes while the server is down."""
    server = updated(bench)
    at_rest(server)
    end(server)
    server.write_zone(records(1, "web A 192.0.2.93"), OTHER)
    server.start()
    followed(server, "www A", "www A 192.0.2.93")
    equal(server.ask("www AAAA"), "nothing")


test_restart = partial(restarted, lambda server: server.stop())
test_kill = partial(restarted, lambda server: server.kill())


def test_killed_before_the_commit(bench):
    """What stands then is what stood before; the entry is recognised all the same."""
    server = updated(bench)
    at_rest(server)
    server.stop()
    written = state(server)
    name = written["names"][0]
    name["before"], name["records"] = name["records"], ["120 A 192.0.2.94"]
    (server.storage / "cnameguard/flattened/example.com.json").write_text(json.dumps(written))
    server.write_zone(records(1, "web 120 A 192.0.2.94"), OTHER)
    server.start()
    followed(server, "www A", "www A 192.0.2.94")
    equal(server.ask("www AAAA"), "nothing")
    until(lambda: "before" not in state(server)["names"][0], "settled")


def torn(damage, bench):
    """A damaged state is said, not used; the records stay."""
    server = updated(bench)
    at_rest(server)
    server.stop()
    file = server.storage / "cnameguard/flattened/example.com.json"
    file.write_text(damage(file.read_text()))
    server.write_zone(records(1, "web A 192.0.2.95"), OTHER)
    mark = server.mark()
    server.start()
    server.wait_log("what was flattened earlier cannot be read: .*is damaged", mark)
    server.swept(4)
    equal(server.ask("www A"), "www A 192.0.2.80")
    equal(len(server.find_log("what was flattened earlier cannot be read", mark)), 1)


test_torn_state = partial(torn, lambda text: text[:len(text) // 2])
test_state_of_another_zone = partial(torn, lambda text: text.replace(f'"{APEX}"', '"example.org."'))


def policy_changed(bench, **policy):
    server = updated(bench)
    server.configure(**policy)
    server.reload()
    until(lambda: state(server) is None, "not followed any more")
    check(server.find_log("the policy has changed: what was flattened stays"), "said")
    rewrite_target(server, "web A 192.0.2.96")
    server.swept(4)
    equal(server.ask("www A"), "www A 192.0.2.80")


test_mode_changed = partial(policy_changed, mode="refuse")
test_strategy_changed = partial(policy_changed, strategy="keep-other")


def test_name_exempted(bench):
    server = updated(bench)
    server.configure(exempt=["www"])
    server.reload()
    until(lambda: state(server) is None, "not followed any more")
    equal(server.ask("www A"), "www A 192.0.2.80")


def test_state_cannot_be_written(bench):
    """No name is flattened that could not be followed."""
    server = bench.prepare(Zone(records(1, *CONFLICT), **FILE_ONLY), target(*WEB), policy=REWRITE)
    (server.storage / "cnameguard").mkdir()
    (server.storage / "cnameguard/flattened").write_text("in the way")
    server.start()
    server.wait_log("verdict failed.*what is flattened cannot be written down")
    equal(server.ask("www MX"), REFUSED)
    (server.storage / "cnameguard/flattened").unlink()
    followed(server, "www A", "www A 192.0.2.80")


def test_operators_transaction(bench):
    """It is waited for, and nothing of it is lost."""
    server = flattened(bench)
    at_rest(server)
    server.txn("set own 300 A 192.0.2.3", end=None)
    rewrite_target(server, "web A 192.0.2.97")
    server.swept(6)
    equal(server.ask("www A"), "www A 192.0.2.80")
    server.knotc("zone-commit", APEX)
    followed(server, "www A", "www A 192.0.2.97")
    equal(server.ask("own A"), "own A 192.0.2.3")


# --- answers --------------------------------------------------------------------------------------------------------------------------

def test_answers_follow(bench):
    """Where the zone is not edited, the answers are made anew; nothing is written down."""
    server = bench.knot(Zone(records(1, *CONFLICT), **SOFT, zonefile_load="whole"), target(*WEB), policy=REWRITE)
    server.verdict("rewritten")
    equal([server.ask("www A"), server.ask("www MX")], ["www A 192.0.2.80", "www MX 10 ns"])
    rewrite_target(server, "web A 192.0.2.98")
    seen = set()

    def changed():
        seen.add(server.ask("www A"))
        return "www A 192.0.2.98" in seen
    until(changed, "the answer follows")
    check(seen <= {"www A 192.0.2.80", "www A 192.0.2.98"}, f"never refused meanwhile: {seen}")
    equal([server.serial(), state(server)], [1, None])


def test_answers_of_a_secondary_follow(bench):
    primary = bench.knot(Zone(records(1, *CONFLICT), **SOFT), guard=False)
    server = bench.knot(Zone(None, master="primary", **SOFT), target(*WEB), policy=REWRITE, remotes={"primary": primary.port})
    server.verdict("rewritten")
    equal(server.ask("www A"), "www A 192.0.2.80")
    rewrite_target(server, "web A 192.0.2.99")
    followed(server, "www A", "www A 192.0.2.99")
    rewrite_target(server, "else A 192.0.2.99")
    followed(server, "www A", REFUSED)


@where(KNOT >= (3, 5))
def test_before_it_is_published(bench):
    """With external validation the zone is flattened before anybody gets it, and follows all the same."""
    server = bench.knot(Zone(records(1, "www A 192.0.2.1"), external_validation="guard", **FILE_ONLY), target(*WEB), policy=REWRITE,
                        extra="external:\n  - id: guard\n    timeout: 20\n")
    settles(server.serial, 1)
    server.write_zone(records(1, *CONFLICT))
    server.knotc("zone-reload", APEX)
    followed(server, "www A", "www A 192.0.2.80")
    equal([name["owner"] for name in state(server)["names"]], [f"www.{APEX}"])
    rewrite_target(server, "web 120 A 192.0.2.81", "web 120 AAAA 2001:db8::80")
    followed(server, "www A", "www A 192.0.2.81")
