# SPDX-License-Identifier: GPL-2.0-or-later
"""What `versions` says of stored files; they are written here as docs/state.md describes them."""

import json
import os
import random
import time

from lib import check, equal

ZONE = "example.com."
SOA = "example.com. 3600 IN SOA ns.example.com. admin.example.com. {} 3600 600 86400 300\n"
REST = "example.com. 3600 IN NS ns.example.com.\nns.example.com. 3600 IN A 192.0.2.53\n"
NOBODY = 65534


def fnv(octets):
    value = 0xcbf29ce484222325
    for octet in octets:
        value = (value ^ octet) * 0x100000001b3 % 2**64
    return f"{value:016x}"


def stored(kind, serial, body, reason="rewritten", order=0, at=1795435994, zone=ZONE):
    """A file as the module writes it."""
    body = body if isinstance(body, bytes) else body.encode()
    records = 0 if kind == "file" else body.count(b"\n")
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    reason += " " * (159 - len(reason.encode()))
    lines = (f"; cnameguard 1 {kind:8}\n; zone {zone}\n; serial {serial:<10}\n; time {stamp}\n"
             f"; reason {reason}\n; records {records:<20}\n; digest {0:016x}\n; order {order:<20}\n"
             f"; octets {len(body):<20}\n; contents {fnv(body)}\n").encode()
    return lines + f"; checksum {fnv(lines)}\n".encode() + body


class State:
    def __init__(self, bench, folder="state"):
        self.bench, self.folder, self.kept = bench, folder, 0
        (bench.dir / folder).mkdir()

    def good(self, serial, text, **options):
        data = stored("good", serial, SOA.format(serial) + REST + text, reason="clean", **options)
        return self.bench.write(data, f"{self.folder}/good/example.com.zone")

    def original(self, serial, text, kind="original", **options):
        self.kept += 1
        at = 1795435994 + self.kept
        body = text if kind == "file" else SOA.format(serial) + REST + text
        name = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at)) + f"-{serial}.zone"
        return self.bench.write(stored(kind, serial, body, order=self.kept, at=at, **options),
                                f"{self.folder}/kept/example.com/{name}")

    def run(self, *arguments, **options):
        return self.bench.run("versions", "--state", self.folder, *arguments, **options)


def three(bench):
    """Three originals, the newest with serial 3, and a last good version."""
    state = State(bench)
    files = [state.original(serial, f"www.example.com. 300 IN A 192.0.2.{serial}\n") for serial in (1, 2, 3)]
    state.good(4, "www.example.com. 300 IN A 192.0.2.4\n")
    return state, files


def test_list(bench):
    """Originals by number, newest first, then the last good version."""
    state, _ = three(bench)
    for zone in ("example.com", "Example.COM.", ZONE):
        done = state.run(zone).expect(0)
        rows = [line.split() for line in done.out.splitlines()]
        equal(rows, [["NAME", "TIME", "(UTC)", "SERIAL", "RECORDS", "REASON"],
                     ["1", "20261123T121317Z-3.zone", "2026-11-23T12:13:17Z", "3", "4", "rewritten"],
                     ["2", "20261123T121316Z-2.zone", "2026-11-23T12:13:16Z", "2", "4", "rewritten"],
                     ["3", "20261123T121315Z-1.zone", "2026-11-23T12:13:15Z", "1", "4", "rewritten"],
                     ["good", "last", "good", "version", "2026-11-23T12:13:14Z", "4", "4", "clean"]], "rows")
        equal(done.err, "", "said")


def test_list_json(bench):
    """The same as objects, damaged ones too."""
    state, files = three(bench)
    files[1].write_bytes(files[1].read_bytes()[:-1])
    state.original(9, b"\xff; mine\r\n", kind="file", reason="na\u00efve")
    found = state.run("--format", "json", "example.com").expect(0).objects()
    equal([(entry["version"], entry["kind"], entry["serial"], entry["records"], entry["damaged"]) for entry in found],
          [("1", "file", 9, None, False), ("2", "original", 3, 4, False), ("3", "original", 1, 4, False),
           (files[1].name, "original", 2, 4, True), ("good", "good", 4, 4, False)], "objects")
    equal(found[0]["reason"], "na\u00efve", "reason")
    equal(found[0]["octets"], 9, "octets")
    equal(found[4], {"zone": ZONE, "version": "good", "kind": "good", "name": "example.com.zone",
                     "time": "2026-11-23T12:13:14Z", "serial": 4, "records": 4,
                     "octets": found[4]["octets"], "reason": "clean", "damaged": False,
                     "path": "state/good/example.com.zone"}, "the last good version")


def test_nothing(bench):
    """Where nothing is kept the folder that was looked in is named."""
    state = State(bench)
    done = state.run("example.com").expect(0)
    equal((done.out, done.err), ("", "cnameguard: nothing is kept of example.com. in state\n"), "nothing")
    equal(state.run("--format", "json", "example.com").expect(0).out, "", "nothing as JSON")
    for arguments in (("show",), ("show", "good"), ("diff", "1")):
        done = state.run("example.com", *arguments).expect(2)
        equal(done.err, "cnameguard: nothing is kept of example.com. in state\n", arguments)
    done = bench.run("versions", "--state", "nowhere", "example.com").expect(2)
    check("nowhere cannot be read (No such file or directory)" in done.err and "--state" in done.err, done)


def test_only_good(bench):
    """A last good version alone can be shown; there is no newest original."""
    state = State(bench)
    state.good(4, "")
    check("only the last good version" in state.run("example.com", "show").expect(2).err, "show")
    check(SOA.format(4) in state.run("example.com", "show", "good").expect(0).out, "show good")


def test_show(bench):
    """A version is printed octet for octet, by its number or name."""
    state, files = three(bench)
    for words, file in (((), files[2]), (("1",), files[2]), (("3",), files[0]), ((files[1].name,), files[1]),
                        ((files[1].stem,), files[1]), (("good",), bench.dir / "state/good/example.com.zone")):
        done = state.run("example.com", "show", *words, text=False).expect(0)
        equal(done.out, file.read_bytes(), words)
    odd = state.original(7, bytes(range(256)) * 300, kind="file")
    equal(state.run("example.com", "show", text=False).expect(0).out, odd.read_bytes(), "any octets")
    for word in ("0", "5", "99999999999", "good.zone", "-1", "../../good/example.com.zone", ""):
        done = state.run("example.com", "show", "--", word).expect(2)
        check(f"there is no original '{word}'" in done.err and "1 to 4" in done.err and not done.out, done)


def test_show_is_a_zone_file(bench):
    """What was shown can be checked, and is what was kept."""
    state, _ = three(bench)
    file = bench.write(state.run("example.com", "show", "2").expect(0).out)
    equal(bench.judge(file), [], "findings")


def test_damaged(bench):
    """A damaged version is printed with a warning, and never compared."""
    state, files = three(bench)
    data = files[2].read_bytes()
    files[2].write_bytes(data.replace(b"192.0.2.3", b"192.0.2.7"))
    rows = state.run("example.com").expect(0).out.splitlines()
    check(rows[1].startswith("1 ") and "Z-2.zone" in rows[1], rows)
    check(rows[3].startswith("   ") and "Z-3.zone" in rows[3] and "damaged" in rows[3], rows)
    done = state.run("example.com", "show", files[2].name, text=False).expect(1)
    equal(done.out, files[2].read_bytes(), "as it is")
    check("is damaged" in done.err and files[2].name in done.err, done)
    done = state.run("example.com", "diff", files[2].name).expect(2)
    check("is damaged" in done.err and not done.out, done)

    good = bench.dir / "state/good/example.com.zone"
    good.write_bytes(good.read_bytes()[:100])
    check("damaged" in state.run("example.com").expect(0).out.splitlines()[-1], "list")
    state.run("example.com", "show", "good").expect(1)
    state.run("example.com", "diff", "1").expect(2)


def test_other_zone(bench):
    """A whole file of another zone is not taken for one of this."""
    state = State(bench)
    body = SOA.format(1) + REST
    bench.write(stored("good", 1, body, zone="example.net."), "state/good/example.com.zone")
    check("damaged" in state.run("example.com").expect(0).out, "list")


def test_diff(bench):
    """Records that differ, by owner; the second is the last good version, or what is named."""
    state = State(bench)
    state.original(7, "www.example.com. 300 IN CNAME web.example.com.\nwww.example.com. 300 IN MX 10 ns.example.com.\n"
                   "web.example.com. 300 IN A 192.0.2.80\nold.example.com. 300 IN TXT \"x\"\n")
    state.good(8, "www.example.com. 300 IN A 192.0.2.80\nwww.example.com. 300 IN MX 10 ns.example.com.\n"
               "web.example.com. 600 IN A 192.0.2.80\n"
               "web.example.com. 600 IN RRSIG A 13 3 600 20300101000000 20200101000000 1 example.com. AAAA\n"
               "web.example.com. 600 IN NSEC www.example.com. A RRSIG NSEC\n")
    expected = ["--- 20261123T121315Z-7.zone", "+++ good", "-" + SOA.format(7).rstrip(), "+" + SOA.format(8).rstrip(),
                '-old.example.com. 300 IN TXT "x"', "-web.example.com. 300 IN A 192.0.2.80",
                "+web.example.com. 600 IN A 192.0.2.80", "-www.example.com. 300 IN CNAME web.example.com.",
                "+www.example.com. 300 IN A 192.0.2.80"]
    for words in (("1",), ("1", "good"), ("20261123T121315Z-7", "good")):
        equal(state.run("example.com", "diff", *words).expect(1).out.splitlines(), expected, words)
    back = state.run("example.com", "diff", "good", "1").expect(1).out.splitlines()
    equal(sorted(line[1:] for line in back[2:]), sorted(line[1:] for line in expected[2:]), "the other way")
    for word in ("1", "good"):
        equal(state.run("example.com", "diff", word, word).expect(0).out, "", "the same")


def test_diff_random(bench):
    """Whatever the names are, what is printed is what the one has and the other has not."""
    chance = random.Random(7)
    labels = ("a", "A", "ab", "a-b", "*", "_x", "z", "0", "\\000", "\\255", "\\.", "\\032")
    for number in range(10):
        pool = {".".join(chance.choices(labels, k=chance.randint(1, 3))).lower() for _ in range(40)}
        pool = [f"{owner}.example.com. 300 IN A 192.0.2.{host}" for owner in sorted(pool) for host in (1, 2)]
        one, other = ({line for line in pool if chance.random() < 0.6} for _ in range(2))
        state = State(bench, f"state{number}")
        state.original(1, "".join(f"{line}\n" for line in sorted(one)))
        file = bench.write(SOA.format(1) + REST + "".join(f"{line}\n" for line in sorted(other, reverse=True)), "new.zone")
        lines = state.run("example.com", "diff", "1", file.name).expect(1).out.splitlines()[2:]
        equal(sorted(lines), sorted([f"-{line}" for line in one - other] + [f"+{line}" for line in other - one]), number)


def test_diff_file(bench):
    """A version is compared with a zone file, relative names and all."""
    state, _ = three(bench)
    bench.write("$TTL 3600\n@ SOA ns admin 3 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\n$INCLUDE more\n", "new.zone")
    bench.write("WWW 300 A 192.0.2.3\n", "more")
    state.run("example.com", "diff", "1", "new.zone").expect(0)
    done = state.run("example.com", "diff", "2", "new.zone").expect(1)
    check("+++ new.zone\n" in done.out and "+WWW.example.com. 300 IN A 192.0.2.3\n" in done.out, done)
    text = SOA.format(3) + REST + "www.example.com. 300 IN A 192.0.2.3\n"
    state.run("example.com", "diff", "1", "-", stdin=text).expect(0)
    done = state.run("example.com", "diff", "1", "-", stdin="@ SOA what\n").expect(2)
    check("<stdin>:1: error:" in done.err, done)
    done = state.run("example.com", "diff", "1", "nothing.zone").expect(2)
    check("there is no original 'nothing.zone'" in done.err, done)


def test_diff_raw(bench):
    """A kept zone file is read as such; what it includes is not kept."""
    state = State(bench)
    state.original(1, "@ 3600 SOA ns admin 1 3600 600 86400 300\n@ 3600 NS ns ; mine\nns 3600 A 192.0.2.53\n", kind="file")
    state.good(1, "")
    equal(state.run("example.com", "diff", "1").expect(0).out, "", "the same records")
    bench.write("", "state/kept/example.com/part")
    state.original(2, "$INCLUDE part\n", kind="file")
    done = state.run("example.com", "diff", "1").expect(2)
    check("Z-2.zone: line 12: " in done.err, done)


def test_usage(bench):
    """What is wrong is said, with what would be right."""
    state, _ = three(bench)
    for arguments, said in (((), "no zone"), (("",), "is not a domain name"), (("a..b",), "is not a domain name"),
                            (("example.com", "shwo"), "did you mean show"), (("example.com", "diff"), "which version"),
                            (("example.com", "show", "1", "2"), "'2' is too much"),
                            (("example.com", "diff", "1", "2", "3"), "'3' is too much"),
                            (("example.com", "--format", "xml"), "use one of: text, json"),
                            (("example.com", "--policy", "x"), "choose one")):
        done = state.run(*arguments).expect(2)
        check(said in done.err and not done.out, f"{said!r}: {done}")


def test_policy(bench):
    """The folder comes from knot.conf: the section's, else beside the databases."""
    here = bench.dir
    for folder in ("own", "data/cnameguard", "other"):
        (here / folder).parent.mkdir(exist_ok=True)
        State(bench, folder)
    part = f"database:\n  storage: {here}/data\n"
    conf = f"mod-cnameguard:\n  - id: a\n    state: {here}/own\n  - id: b\n  - id: c\n    state: {here}/other\n"
    for text, name, folder in ((part + conf, "knot.conf:a", "own"), (conf + part, "knot.conf:b", "data/cnameguard"),
                               (part + conf, "knot.conf:c", "other"), (part, "knot.conf", "data/cnameguard"),
                               (part + "mod-cnameguard:\n  - id: x\n  - id: y\n", "knot.conf", "data/cnameguard"),
                               (conf.split("  - id: b")[0], "knot.conf", "own"),
                               (f"include: {here}/part.conf\n", "knot.conf", "data/cnameguard"),
                               (f"template:\n  - id: default\n    storage: {here}/own\n" + part, "knot.conf",
                                "data/cnameguard")):
        bench.write(part, "part.conf")
        bench.write(text, "knot.conf")
        done = bench.run("versions", "--policy", name, "example.com").expect(0)
        equal(done.err, f"cnameguard: nothing is kept of example.com. in {here}/{folder}\n", text)
    bench.write(conf, "knot.conf")
    check("several sections" in bench.run("versions", "--policy", "knot.conf", "example.com").expect(2).err, "several")
    check("no section" in bench.run("versions", "--policy", "knot.conf:d", "example.com").expect(2).err, "none")
    check("cannot be read" in bench.run("versions", "--policy", "no.conf", "example.com").expect(2).err, "no file")


def test_permission(bench):
    """Who may not read the folder is told so, and nothing is taken for missing."""
    if os.geteuid() != 0:
        return
    state, _ = three(bench)
    os.chmod(bench.dir, 0o755)
    for folder in ("state", "state/kept/example.com"):
        os.chmod(bench.dir / folder, 0o700)
        done = state.run("example.com", user=NOBODY, group=NOBODY, extra_groups=[]).expect(2)
        check("Permission denied" in done.err and not done.out, done)
        os.chmod(bench.dir / folder, 0o755)
    state.run("example.com", user=NOBODY, group=NOBODY, extra_groups=[]).expect(0)


def test_hostile_reasons(bench):
    """What would steer a terminal is shown, not sent."""
    state = State(bench)
    state.original(1, "", reason="\x1b[31mred\u202e")
    done = state.run("example.com").expect(0)
    check("\x1b" not in done.out and "\\x1b[31mred" in done.out and "\u202e" not in done.out, done)
    equal(json.loads(state.run("--format", "json", "example.com").out)["reason"], "\x1b[31mred\u202e", "JSON")
