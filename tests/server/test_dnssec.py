# SPDX-License-Identifier: GPL-2.0-or-later
"""A zone that Knot signs is repaired and stays valid; one that was signed elsewhere is never edited."""

import subprocess

from lib import APEX, FILE_ONLY, SOFT, Zone, check, equal, settles
from ways import WEB, bad, good, version

SIGNED = dict(dnssec_signing=True, zonefile_sync=-1)
REWRITE = dict(mode="rewrite")


def valid(server):
    """Knot's checker finds nothing, DNSSEC included; signatures cover every name, and no bitmap has an alias that is gone."""
    file = server.dump()
    done = subprocess.run(["kzonecheck", "-v", "-d", "on", "-o", APEX, file], capture_output=True, text=True)
    check(done.returncode == 0, f"kzonecheck: {done.stdout}{done.stderr}")
    check("RRSIG" in file.read_text(), "the zone is signed")


def test_signed_zone_is_repaired(bench):
    server = bench.knot(Zone(bad(1), **{**FILE_ONLY, **SIGNED}), policy=REWRITE)
    server.repaired()
    equal(server.ask("www MX"), "www MX 10 mail")
    valid(server)
    reply = server.query("www", "A", dnssec=True, tcp=True)
    equal([record.split()[1] for record in reply.records], ["A", "RRSIG"])
    equal(server.ask("www A"), f"www A {WEB}")
    bitmap, = [line for line in server.axfr().at("www") if line.split()[1] == "NSEC"]
    equal(bitmap.split()[3:], ["A", "MX", "AAAA", "RRSIG", "NSEC"])


def test_signed_zone_is_repaired_again_and_again(bench):
    server = bench.knot(Zone(good(1), **{**FILE_ONLY, **SIGNED}), policy=REWRITE)
    server.verdict("clean")
    for serial in range(2, 6):
        mark = server.mark()
        server.write_zone((good if serial % 2 else bad)(serial))
        server.zone_reload()
        server.verdict("clean", mark) if serial % 2 else server.repaired(mark)
        equal(server.ask("www MX"), "www MX 10 mail")
        valid(server)


def test_signed_zone_by_transaction(bench):
    server = bench.knot(Zone(good(1), **{**FILE_ONLY, **SIGNED}), policy=REWRITE)
    server.verdict("clean")
    server.txn("unset www A", "set www 300 CNAME web")
    server.repaired()
    equal(server.ask("www A"), f"www A {WEB}")
    valid(server)


def test_signatures_at_a_refused_name(bench):
    """Its RRSIG and NSEC are refused with it; those of other names are served."""
    server = bench.knot(Zone(bad(1), **{**SOFT, **SIGNED}))
    server.verdict("held")
    for tcp in (False, True):
        for question in ("www RRSIG", "www NSEC", "www ANY", "www A"):
            equal(server.ask(question, tcp=tcp, dnssec=True), "SERVFAIL EDE 24", question)
    for question in ("plain RRSIG", "plain NSEC", "web A", "alias A"):
        reply = server.query(*question.split(), dnssec=True, tcp=True)
        check(reply.rcode == "NOERROR" and reply.records, f"{question}: {reply}")


def signed_elsewhere(bench, *www):
    """A zone with keys and signatures in its file."""
    signer = bench.knot(Zone(version(1, *www), **SOFT, **SIGNED), guard=False)
    settles(lambda: "RRSIG" in signer.dump().read_text(), True, "signed", 30)
    text = signer.dump().read_text()
    signer.stop()
    return text


def test_zone_signed_elsewhere_is_never_edited(bench):
    text = signed_elsewhere(bench, "CNAME web", "MX 10 mail")
    server = bench.knot(Zone(text, **FILE_ONLY), policy=REWRITE)
    server.verdict("held")
    before = server.read()
    for _ in range(3):
        server.swept()
    equal(server.read(), before, "the zone")
    equal(server.audit("edit"), [])
    equal(server.find_log("received command 'zone-(set|unset|commit)'"), [])
    equal([server.ask("www MX"), server.ask("plain A")], ["SERVFAIL EDE 24", "plain A 192.0.2.3"])
    equal(len(server.find_log("mode rewrite behaves as refuse here: .*signed elsewhere")), 1, "said once")


def test_clean_zone_signed_elsewhere(bench):
    text = signed_elsewhere(bench, "A 192.0.2.1", "MX 10 mail")
    server = bench.knot(Zone(text, **FILE_ONLY), policy=REWRITE)
    server.verdict("clean")
    equal(server.ask("www MX"), "www MX 10 mail")
    equal(str(server.axfr()).split()[0], "AXFR")
