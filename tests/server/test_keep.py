# SPDX-License-Identifier: GPL-2.0-or-later
"""Before a version is rewritten it is kept; so every change can be undone."""

import os
import re
import subprocess

from lib import APEX, FILE_ONLY, ROOT_USER, Zone, check, equal, limit, settles, small_disk, until, where
from ways import WEB, bad, good

REWRITE = dict(mode="rewrite")
SYNCED = {**FILE_ONLY, "zonefile_sync": 0}


def folder(server):
    return server.storage / "cnameguard/kept/example.com"


def kept(server):
    """The kept originals, newest last."""
    return sorted(folder(server).glob("*.zone"))


def test_original_is_kept(bench):
    """With zone, serial, time and reason in its first lines; a zone file that others read too."""
    server = bench.knot(Zone(bad(1), **FILE_ONLY), policy=REWRITE)
    server.repaired()
    file, = kept(server)
    text = file.read_text()
    for line in (r"^; zone example\.com\.$", r"^; serial +1 *$", r"^; time \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", r"^; reason .*cname-mx at www"):
        check(re.search(line, text, re.M), f"{line} in {text[:600]}")
    check(re.search(r"^www\.example\.com\..*CNAME", text, re.M), "the alias")
    equal(file.stat().st_mode & 0o777, 0o640)
    done = subprocess.run(["named-checkzone", "-k", "ignore", "-i", "none", APEX, file], capture_output=True, text=True)
    check("CNAME and other data" in done.stdout + done.stderr, "it is as it was, conflict and all")
    line, = server.find_log("original kept as")
    check(file.name in line, line)
    check(server.log_text().index("original kept as") < server.log_text().index("'zone-unset'"), "kept before the first edit")


def test_comes_back(bench):
    """The records of the original, from the kept file, where Knot has written over the owner's."""
    server = bench.knot(Zone(good(1), **SYNCED), policy=REWRITE)
    server.verdict("clean")
    text = bad(2) + "; the customer's comment\n"
    mark = server.mark()
    server.write_zone(text)
    server.zone_reload()
    server.repaired(mark)
    settles(lambda: "CNAME web" in server.zone_file().read_text(), False, "Knot writes over the file")
    raw, = [file for file in kept(server) if "customer's comment" in file.read_text()]
    check(raw.read_text().endswith(text), "octet for octet")
    shown = subprocess.run([os.environ["CNAMEGUARD_COMMAND"], "versions", "--policy", server.conf, APEX, "show", raw.name],
                           capture_output=True, text=True)
    equal((shown.returncode, shown.stderr, shown.stdout), (0, "", raw.read_text()), "cnameguard versions")
    server.stop()
    server.write_zone(shown.stdout)
    server.configure(mode="refuse")
    mark = server.mark()
    server.start()
    server.verdict("held", mark)
    equal(server.read(owner="www"), ["www.example.com. CNAME web.example.com.", "www.example.com. MX 10 mail.example.com."])


def test_as_many_as_configured(bench):
    """The newest stay; the same contents again are no new original."""
    server = bench.knot(Zone(good(1), **FILE_ONLY), policy=dict(**REWRITE, keep=3))
    server.verdict("clean")
    for serial in range(2, 8):
        mark = server.mark()
        server.write_zone(bad(serial) + f"version TXT {serial}\n")
        server.zone_reload()
        server.repaired(mark)
    versions = [re.search(r'^version.*"(\d)"', file.read_text(), re.M).group(1) for file in kept(server)]
    equal(versions, ["5", "6", "7"])
    names = [file.name for file in kept(server)]
    for _ in range(3):
        mark = server.mark()
        server.restart()
        server.repaired(mark)
    equal([file.name for file in kept(server)], names, "restarts repair the same again")


def held(server, mark):
    server.wait_log("not repaired, the original cannot be kept", mark)
    server.swept(6)
    equal(server.find_log("'zone-(set|unset)'", mark), [], "nothing is edited")
    for tcp in (False, True):
        equal(server.ask("www MX", tcp=tcp), "SERVFAIL EDE 24")
    equal(len(server.find_log("verdict failed", mark)), 1, "said once")


def test_in_the_way(bench):
    """It cannot be kept: the version is held, not edited, until it can."""
    server = bench.knot(Zone(good(1), **FILE_ONLY), policy=REWRITE)
    server.verdict("clean")
    (server.storage / "cnameguard/kept").write_text("in the way")
    mark = server.mark()
    server.write_zone(bad(2))
    server.zone_reload()
    held(server, mark)
    (server.storage / "cnameguard/kept").unlink()
    server.repaired(mark)
    equal(len(kept(server)), 1)
    equal(server.ask("www A"), f"www A {WEB}")


@where(ROOT_USER)
@limit(60)
def test_full_disk(bench):
    """The version is held, nothing is half written, and it is repaired when there is room again."""
    with small_disk(bench) as small:
        server = bench.knot(Zone(good(1), **FILE_ONLY), policy=dict(**REWRITE, state=small, audit_log=bench.dir / "audit.json"))
        server.verdict("clean")
        until(lambda: (small / "good/example.com.zone").exists(), "remembered")
        good_before = (small / "good/example.com.zone").read_text()
        with open(small / "filling", "wb", buffering=0) as filling:
            try:
                while filling.write(bytes(512)):
                    pass
            except OSError:
                pass
        mark = server.mark()
        server.write_zone(bad(2))
        server.zone_reload()
        held(server, mark)
        check("No space left" in server.wait_log("cannot be kept", mark), "the reason")
        equal((small / "good/example.com.zone").read_text(), good_before, "the last good version is whole")
        equal([path.name for path in (small / "kept/example.com").glob("*")] if (small / "kept/example.com").exists() else [], [])
        (small / "filling").unlink()
        server.repaired(mark, 20)
        equal(len(list((small / "kept/example.com").glob("*.zone"))), 1)
