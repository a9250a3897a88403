# SPDX-License-Identifier: GPL-2.0-or-later
"""Dynamic updates that Knot drops because of a CNAME: reported with zone, client, key and records, and nothing else is."""

import re
import socket
import subprocess
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import dns.update

from lib import (APEX, KEY, KNOT, LOCAL, SLOW, UPDATED, Zone, absolute, check, equal, receive_message, records, send_message,
                 until)

WEB = "web A 192.0.2.80"
ALIAS = "www CNAME web"
HOST = "plain A 192.0.2.9"


def zone(*parts, **options):
    return Zone(records(1, WEB, ALIAS, HOST, "many A 192.0.2.1", "many MX 10 web", *parts), **options)


def served(bench, *zones, mode="refuse", **options):
    server = bench.knot(*(zones or [zone()]), policy=dict(mode=mode), **options)
    server.verdict("clean")
    return server


def dropped(server, count, **fields):
    """Waits for as many events, and returns them."""
    until(lambda: len(server.audit("dropped-update", **fields)) >= count,
          lambda: f"{count} dropped updates, there are {server.audit('dropped-update', **fields)}", 20)
    return server.audit("dropped-update", **fields)


def only(server, *expected, name=APEX):
    """Exactly these lists of records were reported, in that order; one dropped update more shows that all before it was looked at."""
    equal(server.update("add www 300 TXT last", zone=name), "NOERROR")
    last = [absolute("www", name) + ' 300 TXT "last"']
    until(lambda: any(entry["records"] == last for entry in server.audit("dropped-update", zone=name)), "the last one", 20)
    equal([entry["records"] for entry in server.audit("dropped-update", zone=name)], [list(lines) for lines in expected] + [last])


def at(name, rest):
    return f"{absolute(name)} 300 {rest}"


# --- what is reported ----------------------------------------------------------------------------------------------------------------

def test_data_beside_an_alias(bench):
    server = served(bench)
    equal(server.update("add www 300 A 192.0.2.1", "add www 300 AAAA 2001:db8::1", "add fine 300 A 192.0.2.2"), "NOERROR")
    [entry] = dropped(server, 1)
    equal(list(entry), ["time", "event", "zone", "serial", "client", "key", "records", "message", "remedy"])
    equal((entry["zone"], entry["serial"], entry["key"]), (APEX, 2, None))
    check(re.fullmatch(r"127\.0\.0\.1@\d+", entry["client"]), f"client: {entry['client']}")
    equal(entry["records"], [at("www", "A 192.0.2.1"), at("www", "AAAA 2001:db8::1")])
    equal(entry["message"], "answered NOERROR, but the A, AAAA is not in the zone: www.example.com. is an alias (CNAME web.example.com.), "
          "beside which nothing may stand; people still get what it leads to")
    equal(entry["remedy"], "delete the alias before it in the same update ('update delete www.example.com. CNAME'), or keep the alias and "
          "give the A, AAAA to web.example.com.")
    [line] = server.find_log("dropped update")
    check(f"client {entry['client']}, key none, www.example.com. A, AAAA: " + entry["message"] + "; " + entry["remedy"] in line, line)
    equal(server.update("delete www CNAME", "add www 300 A 192.0.2.1"), "NOERROR")      # the remedy helps
    equal(server.ask("www A"), "www A 192.0.2.1")


def test_an_alias_beside_data(bench):
    server = served(bench)
    equal(server.update("add many 300 CNAME web"), "NOERROR")
    equal(server.update("add @ 300 CNAME web"), "NOERROR")
    first, second = dropped(server, 2)
    equal(first["records"], [at("many", "CNAME web.example.com.")])
    equal(first["message"], "answered NOERROR, but the CNAME is not in the zone: many.example.com. has A, MX, and nothing may stand beside "
          "a CNAME")
    equal(first["remedy"], "delete the name before it in the same update ('update delete many.example.com.'), or keep its A, MX and do "
          "without the alias")
    equal(second["remedy"], "the zone's own name cannot be an alias: add the addresses of web.example.com. to it instead")
    equal(server.update("delete many", "add many 300 CNAME web"), "NOERROR")
    equal(server.query("many", "CNAME").records, ["many CNAME web"])


def test_both_in_one_update(bench):
    server = served(bench)
    equal(server.update("add new 300 CNAME web", "add new 300 A 192.0.2.1"), "NOERROR")
    [entry] = dropped(server, 1)
    equal(entry["records"], [at("new", "A 192.0.2.1")])
    equal(entry["remedy"], "send the CNAME or the other records of new.example.com., not both")


def test_deleted_too_late(bench):
    server = served(bench)
    equal(server.update("add www 300 A 192.0.2.1", "delete www CNAME"), "NOERROR")
    [entry] = dropped(server, 1)
    equal(server.read(owner="www"), [])
    equal(entry["records"], [at("www", "A 192.0.2.1")])
    check("deletes the CNAME of www.example.com. only after it" in entry["message"], entry["message"])


def test_signatures_in_the_way(bench):
    """In a zone that Knot signs, an alias cannot take the place of data that are deleted by type: the name is lost."""
    server = bench.knot(zone(dnssec_signing="on"), policy=dict(mode="refuse"))
    until(lambda: server.query("plain", "RRSIG", tcp=True).records, "signed")
    equal(server.update("delete plain A", "add plain 300 CNAME web"), "NOERROR")
    [entry] = dropped(server, 1)
    equal(server.read(owner="plain"), [])
    equal(entry["records"], [at("plain", "CNAME web.example.com.")])
    check("the zone is signed" in entry["message"], entry["message"])
    equal(server.update("add plain 300 CNAME web"), "NOERROR")          # the remedy helps, now and next time
    equal(server.update("delete many", "add many 300 CNAME web"), "NOERROR")
    only(server, [at("plain", "CNAME web.example.com.")])
    equal(server.query("many", "CNAME").records, ["many CNAME web"])


def keyed_update(server, *lines):
    """By knsupdate, signed."""
    script = [f"server {LOCAL} {server.port}", f"zone {APEX}", f"key {KEY[1]}:{KEY[0]} {KEY[2]}", *lines, "send", "quit"]
    done = subprocess.run(["knsupdate", "-t", str(10 * SLOW)], input="\n".join(script) + "\n", capture_output=True, text=True,
                          timeout=60 * SLOW)
    return done.returncode, done.stdout + done.stderr


def test_key_is_named(bench):
    extra = f"""acl:
  - id: signed
    key: {KEY[0]}
    action: update
"""
    server = served(bench, zone(acl=["local", "signed"]), extra=extra)
    equal(keyed_update(server, "update add www.example.com. 300 A 192.0.2.1")[0], 0)
    [entry] = dropped(server, 1)
    equal((entry["key"], entry["records"]), (KEY[0], [at("www", "A 192.0.2.1")]))
    check(server.find_log(f"dropped update, client .*, key {KEY[0]}, www.example.com. A: "), "line in the log")
    equal(server.update("add www 300 AAAA 2001:db8::1"), "NOTAUTH")       # not signed: refused, and nothing to report
    equal(server.update("add www 300 TXT last", key=KEY), "NOERROR")
    equal([entry["records"] for entry in dropped(server, 2)], [[at("www", "A 192.0.2.1")], [at("www", 'TXT "last"')]])


def reports_in(mode, **options):
    def test(bench):
        server = served(bench, zone(**options), mode=mode)
        equal(server.update("add www 300 A 192.0.2.1"), "NOERROR")
        only(server, [at("www", "A 192.0.2.1")])
    return test


test_mode_audit = reports_in("audit")
test_mode_rewrite = reports_in("rewrite", **{**UPDATED, "zonefile_load": "difference-no-serial"})
test_mode_refuse_soft = reports_in("refuse", semantic_checks="soft")


def test_ipv6(bench):
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return                                                          # no IPv6 on this machine
    server = bench.prepare(zone(acl=["six"]), policy=dict(mode="refuse"), extra="acl:\n  - id: six\n    action: update\n")
    server.server["listen"] = [f"{LOCAL}@{server.port}", f"::1@{server.port}"]
    server.configure()
    server.start()
    server.verdict("clean")
    update = dns.update.UpdateMessage(APEX)
    update.add("www", 300, "A", "192.0.2.1")
    for send in (dns.query.tcp, dns.query.udp):
        equal(send(update, "::1", 10 * SLOW, server.port).rcode(), dns.rcode.NOERROR)
    for entry in dropped(server, 2):
        check(re.fullmatch(r"::1@\d+", entry["client"]), f"client: {entry['client']}")


# --- what is not reported ------------------------------------------------------------------------------------------------------------

def test_good_updates_are_not_reported(bench):
    server = served(bench)
    for changes in (["add fine 300 A 192.0.2.2"], ["add www 300 CNAME plain"], ["add www 60 CNAME PLAIN"], ["delete fine A"],
                    ["delete many", "add many 300 CNAME web"], ["delete plain A", "add plain 300 CNAME web"],
                    ["delete plain CNAME", "add plain 300 A 192.0.2.3"], ["add web 300 A 192.0.2.80"],
                    ["add caa 300 CAA 0 issue a.net", "add mx 300 MX 10 WEB"], ["add web 300 A 192.0.2.81", "delete web A"],
                    ["delete nothing"]):
        equal(server.update(*changes), "NOERROR", str(changes))
    only(server)


def test_quick_changes_of_mind_are_not_reported(bench):
    """What was there, and has given way to the other kind before anybody looked."""
    server = served(bench)
    for _ in range(5):
        equal(server.update("delete www", "add www 300 A 192.0.2.1"), "NOERROR")
        equal(server.update("delete www A"), "NOERROR")
        equal(server.update("add www 300 CNAME web"), "NOERROR")
    only(server)


def conditional(server, *conditions, add="www"):
    """An update of A at a name, with prerequisites such as `present plain A`, `absent www`; the rcode."""
    update = dns.update.UpdateMessage(APEX)
    for condition in conditions:
        action, name, *rest = condition.split()
        getattr(update, action)(name, *rest)
    update.add(add, 300, "A", "192.0.2.1")
    return dns.rcode.to_text(dns.query.tcp(update, LOCAL, 10 * SLOW, server.port).rcode())


def test_prerequisites(bench):
    server = served(bench)
    for condition, rcode in (("present plain MX", "NXRRSET"), ("present plain A 192.0.2.10", "NXRRSET"), ("absent plain A", "YXRRSET"),
                             ("absent www", "YXDOMAIN"), ("present nothing", "NXDOMAIN")):
        equal(conditional(server, condition), rcode, condition)
    only(server)
    for condition in ("present plain A", "present plain A 192.0.2.9", "absent www A", "absent nothing", "present www CNAME"):
        equal(conditional(server, condition), "NOERROR", condition)
    until(lambda: len(server.audit("dropped-update")) == 6, lambda: f"five more: {server.audit('dropped-update')}", 20)


def test_errors_are_not_reported(bench):
    server = served(bench, zone("d DNAME elsewhere.net."), zone(name="example.org.", acl=["local"]))
    equal(server.update("add www 300 A 192.0.2.1", "add www.example.org. 300 A 192.0.2.1"), "NOTZONE")
    # from 3.4 on what is below a DNAME is dropped as well, silently, and so is the rest of this update
    equal(server.update("add www 300 A 192.0.2.1", "add under.d 300 A 192.0.2.1"), "REFUSED" if KNOT < (3, 4) else "NOERROR")
    equal(server.update("add www 300 A 192.0.2.1", zone="example.org."), "NOTAUTH")
    equal(server.update("add www 300 A 192.0.2.1", zone="example.net."), "NOTAUTH")
    only(server)
    equal(server.audit("dropped-update", zone="example.org."), [])


def test_a_secondary_passes_on(bench):
    """What the primary answers is the primary's to report."""
    primary = served(bench, zone())
    secondary = bench.knot(Zone(master=["primary"], acl=["local", "updates"]), remotes={"primary": primary.port},
                           policy=dict(mode="refuse"))
    secondary.verdict("clean")
    equal(secondary.update("add www 300 A 192.0.2.1"), "NOERROR")
    dropped(primary, 1)
    secondary.swept()
    equal(secondary.audit("dropped-update"), [])


# --- many, big, waiting --------------------------------------------------------------------------------------------------------------

def resident(server):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text())[1])


def send_all(server, updates):
    """All at once, without waiting for replies in between."""
    with socket.socket(type=socket.SOCK_DGRAM) as link:
        link.connect((LOCAL, server.port))
        link.settimeout(20 * SLOW)
        for update in updates:
            link.send(update.to_wire())
        for _ in updates:
            equal(dns.message.from_wire(link.recv(65535)).rcode(), dns.rcode.NOERROR)


def one_of_many(number):
    update = dns.update.UpdateMessage(APEX, id=number + 1)
    update.add(f"a{number}", 300, "A", "192.0.2.1")
    update.add(f"n{number}", 300, "A", "192.0.2.1")
    return update


def test_burst(bench):
    """Of 200 updates at once each dropped record is reported, or its update is counted as not looked at."""
    server = served(bench, zone(*(f"a{number} CNAME web" for number in range(200))))
    before = resident(server)
    send_all(server, [one_of_many(number) for number in range(200)])

    def told():
        lost = sum(int(re.search(r"(\d+) dynamic updates? w", line)[1]) for line in server.find_log(r"dynamic updates? w.* not looked at"))
        return len(server.audit("dropped-update")) + lost
    until(lambda: told() == 200, lambda: f"200 told, not {told()}", 30)
    names = [entry["records"][0].split()[0] for entry in server.audit("dropped-update")]
    equal(len(set(names)), len(names), "each once")
    check(len(names) >= 150, f"most of them: {len(names)}")
    check(len(server.find_log("dropped update")) <= 220, "lines in the log")
    check(resident(server) - before < 30000, f"memory grew from {before} to {resident(server)} KiB")
    equal(server.ask("n199 A"), "n199 A 192.0.2.1")


def test_the_same_again_is_one_line(bench):
    server = served(bench)
    for _ in range(5):
        equal(server.update("delete www A", "add www 300 A 192.0.2.1"), "NOERROR")
        dropped(server, len(server.audit("dropped-update")) + 1)
    equal(len(server.audit("dropped-update")), 5)
    equal(len(server.find_log("dropped update")), 1)


def test_big_update(bench):
    """A message of nearly 64 KiB, with something dropped at its end; and one name that many records are dropped from."""
    server = served(bench)
    update = dns.update.UpdateMessage(APEX)
    for number in range(2600):
        update.add(f"n{number}", 300, "A", "192.0.2.1")
    for number in range(60):
        update.add("www", 300, "A", f"192.0.2.{number}")
    wire = update.to_wire()
    check(len(wire) > 40000, f"{len(wire)} octets")
    equal(dns.query.tcp(update, LOCAL, 20 * SLOW, server.port).rcode(), dns.rcode.NOERROR)
    [entry] = dropped(server, 1)
    equal(len(entry["records"]), 60)
    equal(server.ask("n2599 A"), "n2599 A 192.0.2.1")


def test_two_zones(bench):
    server = served(bench, zone(), zone(name="example.org."), zone(name="example.net.", module=[]))
    for name in (APEX, "example.org.", "example.net."):
        equal(server.update("add www 300 A 192.0.2.1", zone=name), "NOERROR")
    only(server, ["www.example.com. 300 A 192.0.2.1"])
    only(server, ["www.example.org. 300 A 192.0.2.1"], name="example.org.")
    equal(server.audit("dropped-update", zone="example.net."), [])


def test_update_that_waits_for_a_transaction(bench):
    """Knot queues it until the operator's transaction has ended: nothing is said about the zone as it is before."""
    server = served(bench)
    server.txn("set other 300 A 192.0.2.5", end=None)
    good, bad = dns.update.UpdateMessage(APEX), dns.update.UpdateMessage(APEX)
    good.delete("www", "CNAME")
    good.add("www", 300, "A", "192.0.2.1")
    bad.add("plain", 300, "CNAME", "web")
    with socket.create_connection((LOCAL, server.port), 30 * SLOW) as first, \
            socket.create_connection((LOCAL, server.port), 30 * SLOW) as second:
        send_message(first, good.to_wire())
        server.wait_log("DDNS, processing 1 updates")
        send_message(second, bad.to_wire())
        mark = server.mark()
        until(lambda: len(server.find_log(r"control, received command 'zone-status'", mark)) >= 6, "the worker has looked")
        equal(server.audit("dropped-update"), [])
        server.knotc("zone-commit", APEX)
        for link in (first, second):
            equal(dns.message.from_wire(receive_message(link)).rcode(), dns.rcode.NOERROR)
    [entry] = dropped(server, 1)
    equal(entry["records"], [at("plain", "CNAME web.example.com.")])


def test_no_audit_log(bench):
    server = bench.knot(zone(), policy=dict(mode="refuse", audit_log=""))
    server.verdict("clean")
    equal(server.update("add www 300 A 192.0.2.1"), "NOERROR")
    server.wait_log("dropped update, client 127.0.0.1@.*, key none, www.example.com. A: ", timeout=20)


def test_removed_while_it_waits(bench):
    """The zone loses the module, or all of it goes, with an update in the worker's hands."""
    server = served(bench, zone(), zone(name="example.org."))
    equal(server.update("add www 300 A 192.0.2.1"), "NOERROR")
    del server.zones[APEX]
    server.configure()
    server.reload()
    equal(server.update("add www 300 A 192.0.2.1", zone="example.org."), "NOERROR")
    dropped(server, 1, zone="example.org.")
    equal(server.update("add www 300 A 192.0.2.1", zone="example.org."), "NOERROR")
    server.stop()
