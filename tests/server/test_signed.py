# SPDX-License-Identifier: GPL-2.0-or-later
"""Zones that Knot signs: after each repair and restoration they are valid, and a delegation to them still leads to valid answers."""

import subprocess
from functools import partial

import dns.dnssec
import dns.message
import dns.name
import dns.rdatatype

from lib import APEX, FILE_ONLY, Zone, check, equal, settles
from test_restore import remembered, started_with
from ways import WEB, bad, good

# how Knot signs: options of its policy, and of the zone
KINDS = {
    "nsec": ({}, {}),
    "nsec3": (dict(nsec3=True), {}),
    "opt_out": (dict(nsec3=True, nsec3_opt_out=True), {}),
    "zonemd": ({}, dict(zonemd_generate="zonemd-sha384")),
    "nsec3_zonemd": (dict(nsec3=True, nsec3_iterations=0), dict(zonemd_generate="zonemd-sha512")),
}
DELEGATION = "child NS ns.child\nns.child A 192.0.2.99\n"       # unsigned: what opt-out leaves out


def policy(options):
    lines = "".join(f"    {key.replace('_', '-')}: {'on' if value is True else value}\n" for key, value in options.items())
    return f"policy:\n  - id: signer\n    manual: off\n{lines}\n"


def signed(bench, kind, text, zone, **options):
    """The server, and a secondary that takes nothing but valid versions."""
    signer, extra = KINDS[kind]
    server = bench.knot(Zone(text, **{**zone, **extra, "zonefile_sync": -1, "dnssec_signing": True, "dnssec_policy": "signer"}),
                        extra=policy(signer), **options)
    server.verdict("clean")
    server.checker = bench.knot(Zone(None, master="primary", dnssec_validation=True, zonemd_verify="zonemd_generate" in extra),
                                guard=False, remotes={"primary": server.port})
    return server


def rrsets(server, name, rdtype):
    """An RRset and its signatures, as they are served."""
    query = dns.message.make_query(name, rdtype, want_dnssec=True)
    answer = server.query(name, rdtype, tcp=True, dnssec=True).message.answer
    found = dns.message.make_response(query)
    for rrset in answer:
        found.find_rrset(found.answer, rrset.name, rrset.rdclass, rrset.rdtype, rrset.covers, create=True).update(rrset)
    owner = dns.name.from_text(name)
    return (found.find_rrset(found.answer, owner, 1, dns.rdatatype.from_text(rdtype)),
            found.find_rrset(found.answer, owner, 1, dns.rdatatype.RRSIG, dns.rdatatype.from_text(rdtype)))


def delegation(server):
    """What the parent has: the digest of the key that signs the keys."""
    keys, _ = rrsets(server, APEX, "DNSKEY")
    return {dns.dnssec.make_ds(APEX, key, "SHA256") for key in keys if key.flags & 1}


def signatures_kept(contents):
    """All but the signature of the digest, which Knot makes anew with each commit; a secondary keeps the old one, also valid."""
    return [line for line in contents if not line.startswith("@ RRSIG ZONEMD")]


def valid(server, parent):
    """Knot's checker finds nothing, DNSSEC and ZONEMD included; from the parent's DS on every signature is good."""
    file = server.dump()
    done = subprocess.run(["kzonecheck", "-v", "-d", "on", "-o", APEX, file], capture_output=True, text=True)
    check(done.returncode == 0, f"kzonecheck: {done.stdout}{done.stderr}")
    keys, signatures = rrsets(server, APEX, "DNSKEY")
    check(parent & {dns.dnssec.make_ds(APEX, key, "SHA256") for key in keys}, "the parent's DS fits")
    trusted = {dns.name.from_text(APEX): keys}
    dns.dnssec.validate(keys, signatures, trusted)
    for name, rdtype in ((APEX, "SOA"), ("www." + APEX, "A"), ("www." + APEX, "MX"), ("plain." + APEX, "MX")):
        rrset, signatures = rrsets(server, name, rdtype)
        dns.dnssec.validate(rrset, signatures, trusted)
    checker = server.checker
    checker.knotc("zone-refresh", APEX)
    settles(checker.serial, server.serial(), "a secondary that validates takes it")
    equal(signatures_kept(checker.contents()), signatures_kept(server.contents()))


def repaired(kind, by_file, bench):
    """Several repairs in a row, of what a file or a transaction brought."""
    server = signed(bench, kind, good(1) + DELEGATION, FILE_ONLY, policy=dict(mode="rewrite"))
    parent = delegation(server)
    valid(server, parent)
    for number, address in ((2, WEB), (3, "192.0.2.1"), (4, WEB)):
        mark = server.mark()
        if by_file:
            server.write_zone((bad if address == WEB else good)(number) + DELEGATION)
            server.zone_reload()
        elif address == WEB:
            server.txn("unset www A", "set www 300 CNAME web")
        else:
            server.txn("unset www A", "unset www AAAA", f"set www 300 A {address}")
        server.repaired(mark) if address == WEB else server.verdict("clean", mark)
        equal(server.ask("www A"), f"www A {address}")
        valid(server, parent)


def put_back(kind, zone, bench):
    """The version comes back as it was signed, with its serial; then the corrected file is loaded and signed."""
    server = signed(bench, kind, good(1) + DELEGATION, zone)
    parent = delegation(server)
    serial = server.serial()
    remembered(server, serial)
    before = server.contents()
    mark = started_with(server, bad(serial + 10) + DELEGATION)
    server.verdict("restored", mark)
    server.verdict("clean", mark)
    valid(server, parent)
    equal(server.serial(), serial, "serial")
    equal(signatures_kept(server.contents()), signatures_kept(before), "all as it was signed")
    mark = server.mark()
    server.write_zone(good(serial + 20) + DELEGATION + "new A 192.0.2.9\n")
    server.reload()
    server.verdict("clean", mark)
    settles(lambda: server.ask("new A"), "new A 192.0.2.9")
    valid(server, parent)


DIFFERENCE = dict(zonefile_load="difference", journal_content="all")
for _kind in KINDS:
    globals()[f"test_repaired_{_kind}"] = partial(repaired, _kind, True)
    globals()[f"test_put_back_{_kind}"] = partial(put_back, _kind, DIFFERENCE)
test_repaired_by_transactions = partial(repaired, "nsec3_zonemd", False)
test_put_back_whole = partial(put_back, "nsec", dict(journal_content="none"))
