# SPDX-License-Identifier: GPL-2.0-or-later
"""`cnameguard check`: its options, formats, exit codes, and zones of a server."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import threading
import time
from datetime import datetime, timezone

import dns.exception
import dns.name
import dns.rdata

import generate
from lib import APEX, BASE, KNOT, ROOT, agree, by_place, check, equal, finding, servers, until, where
from oracle import RULES, judge

HERE = len(BASE.splitlines()) + 1
MX = BASE + "www CNAME ns\nwww MX 10 ns\n"
ALIAS = BASE + "m CNAME ns\na MX 10 m\n"                # a warning
MAIL = BASE + "www CNAME m\nm MX 10 ns\n"               # at level info
EVERYTHING = BASE + """www CNAME ns
www MX 10 ns
k CNAME ns
k KEY 256 3 8 AAAA
d DNAME example.net.
x.d A 192.0.2.1
m CNAME ns
a MX 10 m
o CNAME p
p MX 10 ns
"""


def found(bench, *arguments, **options):
    return [f"{item.level} {item.rule} {item.owner.removesuffix('.' + APEX)}"
            for item in bench.judge(*arguments, **options)]


# --- levels, rules, names ---------------------------------------------------------------------------------------------

def test_level(bench):
    file = bench.write(EVERYTHING)
    errors = ["error dname-children d", "error cname-other k", "error cname-mx www"]
    equal(sorted(found(bench, file, options=("--level", "error"))), sorted(errors))
    for options in ((), ("--level", "warning")):
        equal(sorted(found(bench, file, options=options)), sorted(errors + ["warning mx-alias a"]))
    equal(sorted(found(bench, file, options=("--level=info",))),
          sorted(errors + ["warning mx-alias a", "info cname-mail o"]))


def test_exit_codes(bench):
    """Errors count whatever is shown; warnings and infos do not, unless they are enforced."""
    for text, options, code in ((BASE, (), 0), (MX, (), 1), (ALIAS, (), 0), (MAIL, ("--level", "info"), 0),
                                (ALIAS, ("--level", "error"), 0), (ALIAS, ("--enforce", "mx-alias"), 1),
                                (MAIL, ("--enforce", "cname-mail"), 1),
                                (MX, ("--ignore", "cname-mx"), 0), (MX, ("--exempt", "www"), 0),
                                (MX, ("--format", "github"), 1),
                                (MX, ("--format", "json"), 1)):
        bench.check(*options, bench.write(text)).expect(code)


def test_enforce(bench):
    file = bench.write(EVERYTHING)
    equal(found(bench, file, options=("--enforce", "mx-alias", "--level", "error"))[0], "error mx-alias a")
    for options in (("--enforce", "mx-alias,cname-mail"), ("--enforce", "mx-alias", "--enforce=cname-mail")):
        lines = found(bench, file, options=options)
        check("error mx-alias a" in lines and "error cname-mail o" in lines, lines)


def test_ignore(bench):
    file = bench.write(EVERYTHING)
    equal(found(bench, file, options=("--ignore", "cname-mx,mx-alias,dname-children", "--ignore", "cname-other")), [])
    for rule in RULES:
        equal([line for line in found(bench, file, options=("--level", "info", "--ignore", rule)) if rule in line], [])
    equal(found(bench, file, options=("--ignore", ",".join(RULES), "--level", "info")), [])


def test_exempt(bench):
    """Reported, marked, and no error; relative names, the apex, absolute ones, in any letter case."""
    file = bench.write(BASE + "www CNAME ns\nwww MX 10 ns\na.b CNAME ns\na.b TXT x\n@ CNAME ns\n")

    def exempt(*names):
        entries = bench.check("--format", "json", *(option for name in names for option in ("--exempt", name)),
                              file).objects()
        return [entry["owner"].removesuffix("." + APEX) for entry in entries if entry["exempt"]]
    equal(exempt(), [])
    equal(exempt("www"), ["www"])
    equal(exempt("WWW.Example.com."), ["www"])
    equal(exempt("www.example.com"), [])
    equal(exempt("www,a.b,@"), ["example.com.", "a.b", "www"])
    equal(exempt("www", "a.b", "example.com."), ["example.com.", "a.b", "www"])
    equal(exempt("b", "ww", "*"), [])
    bench.check("--exempt", "www,a.b,@", file).expect(0)
    bench.check("--exempt", "www,a.b", file).expect(1)
    check("exempt[cname-mx]" in bench.check("--exempt", "www", file).out, "text")
    check("::notice " in bench.check("--exempt", "www", "--format", "github", file).out, "github")


def test_chain_limit(bench):
    for links in (1, 2, 5, 6, 16):
        file = bench.write(BASE + "".join(f"l{number} CNAME l{number + 1}\n" for number in range(links))
                           + f"l{links} A 192.0.2.1\n")
        for limit in (1, 2, 5, 15, 16):
            equal(found(bench, file, options=("--chain-limit", limit)), ["warning cname-chain l0"] if links > limit
                  else [], f"{links} {limit}")
    equal(found(bench, file), ["warning cname-chain l0"], "the default")


# --- the policy in a file ---------------------------------------------------------------------------------------------

POLICY = """
server:
    listen: 127.0.0.1@53
mod-cnameguard:
  - id: default
    mode: rewrite
    enforce: [mx-alias, cname-mail]
    audit-log: audit.json
  - id: other
    ignore: [ cname-mx ]
    allow-key: on
    exempt: [ "d" ]
    chain-limit: 1
template:
  - id: default
    module: mod-cnameguard/default
"""


def test_policy(bench):
    conf, file = bench.write(POLICY, "knot.conf"), bench.write(EVERYTHING)
    lines = found(bench, file, options=("--policy", conf))
    check({"error mx-alias a", "error cname-mail o", "error cname-mx www"} <= set(lines), lines)
    equal(found(bench, file, options=("--policy", f"{conf}:default")), lines)
    done = bench.check("--format", "json", "--policy", f"{conf}:other", file)
    equal([(entry["rule"], entry["exempt"]) for entry in done.objects()],
          [("mx-alias", False), ("dname-children", True)])
    done.expect(0)


def test_policy_and_options(bench):
    """Later ones win, lists add up."""
    conf, file = bench.write(POLICY, "knot.conf"), bench.write(EVERYTHING)
    equal(found(bench, file, options=("--policy", f"{conf}:other", "--ignore", "mx-alias"), code=0),
          ["error dname-children d"])
    done = bench.check("--format", "json", "--ignore", "mx-alias", "--policy", f"{conf}:other", file)
    equal([entry["rule"] for entry in done.objects()], ["dname-children"])
    chain = bench.write(BASE + "a CNAME b\nb CNAME ns\n", "chain.zone")
    for options, expected in ((("--policy", f"{conf}:other", "--chain-limit", "5"), 0),
                              (("--chain-limit", "5", "--policy", f"{conf}:other"), 1)):
        equal(len(found(bench, chain, options=("-o", APEX, *options))), expected, f"{options}")


def test_one_section_needs_no_name(bench):
    conf = bench.write("mod-cnameguard:\n  - id: mine\n    ignore: cname-mx\n", "knot.conf")
    equal(found(bench, bench.write(MX), options=("--policy", conf)), [])


def test_included_policy(bench):
    bench.write("mod-cnameguard:\n  - id: default\n    ignore: cname-mx\n", "conf.d/guard.conf")
    conf = bench.write('include: "conf.d/*.conf"\n', "knot.conf")
    equal(found(bench, bench.write(MX), options=("--policy", conf)), [])


def test_bad_policies(bench):
    """Exit 2, and the file and line of what is wrong."""
    file = bench.write(MX)
    for text, names in (("", "mod-cnameguard"), ("mod-cnameguard:\n  - id: a\n  - id: b\n", "knot.conf:ID"),
                        ("mod-cnameguard:\n  - id: a\n    enforce: cname-mmx\n", "knot.conf:3"),
                        ("mod-cnameguard:\n  - id: a\n    frob: on\n", "knot.conf:3"),
                        ("mod-cnameguard:\n  - id: a\n    chain-limit: 101\n", "knot.conf:3"),
                        ("mod-cnameguard:\n  - id: a\n    allow-key: maybe\n", "knot.conf:3"),
                        ("mod-cnameguard\n", "knot.conf:1"),
                        ("include: missing.conf\n", "knot.conf:1"),
                        ("include: knot.conf\n", "knot.conf:1"), ("\0\x01", "knot.conf")):
        done = bench.check("--policy", bench.write(text, "knot.conf"), file).expect(2)
        check(names in done.err and not done.out, f"{text!r}: {done}")
    done = bench.check("--policy", f"{bench.write(POLICY, 'knot.conf')}:third", file).expect(2)
    check("default, other" in done.err, f"{done}")


# --- json -------------------------------------------------------------------------------------------------------------

KINDS = {"time": str, "event": str, "zone": str, "serial": int, "rule": str, "level": str, "owner": str, "types": list,
         "records": list,
         "file": str, "line": int, "message": str, "remedy": str, "exempt": bool}


def documented():
    """The fields that docs/audit-log.md names for a finding, in its order."""
    text = (ROOT / "docs/audit-log.md").read_text()
    every = re.findall(r"^\| (`.*?`) \|", text.partition("## Every line")[2].partition("\n## ")[0], re.M)
    own = re.findall(r"^\| (`.*?`) \|", text.partition("## finding")[2].partition("\n## ")[0], re.M)
    return [name for names in every + own for name in re.findall(r"`(\w+)`", names)]


def test_json_has_the_fields_of_the_audit_log(bench):
    equal(set(documented()), set(KINDS))
    text = EVERYTHING.replace("hostmaster 1 ", "hostmaster 4294967295 ")
    before = datetime.now(timezone.utc)
    entries = bench.check("--format", "json", "--level", "info", bench.write(text)).objects()
    after = datetime.now(timezone.utc)
    check(len(entries) == 5, f"{entries}")
    for entry in entries:
        equal({name: type(value) for name, value in entry.items()}, KINDS)
        equal((entry["event"], entry["zone"], entry["serial"], entry["file"]),
              ("finding", APEX, 4294967295, str(bench.dir / "example.com.zone")))
        check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["time"]), entry["time"])
        when = datetime.fromisoformat(entry["time"].replace("Z", "+00:00"))
        check(before.replace(microsecond=0) <= when <= after, entry["time"])
        for name in ("message", "remedy"):
            check(entry[name] and "\n" not in entry[name], entry[name])
        line = text.splitlines()[entry["line"] - 1]
        check(any(record.split()[-1].split(".")[0] in line for record in entry["records"]),
              f"{line}: {entry['records']}")


def test_json_like_the_audit_log_of_the_module(bench):
    """The same objects, but for where they come from."""
    server = bench.servers.knot(servers.Zone(EVERYTHING, semantic_checks="soft"), policy=dict(mode="audit"))
    logged = until(lambda: len(server.audit("finding")) >= 4 and server.audit("finding"), "findings")
    printed = bench.check("--format", "json", "-o", APEX, bench.write(EVERYTHING)).objects()

    def bare(entries):
        return sorted(({name: value for name, value in entry.items() if name not in ("time", "file", "line")}
                       for entry in entries), key=str)
    equal(bare(printed), bare(logged))


def test_json_escapes(bench):
    owner = 'a\\"b\\\\c\\000\\200\\032'
    text = BASE + f'{owner} CNAME ns\n{owner} TXT "\\"\\\\ \t\\001 \\195"\n'
    entries = bench.check("--format", "json", bench.write(text)).objects()
    equal([entry["rule"] for entry in entries], ["cname-other"])
    file = bench.write(MX, 'a "b"\\\n\t\u00e9.zone')
    equal([entry["file"] for entry in bench.check("--format", "json", "-o", APEX, file).objects()], [str(file)])
    file = bench.dir / os.fsdecode(b"\xff.zone")
    file.write_text(MX)
    entries = json.loads(bench.check("--format", "json", "-o", APEX, file).out)
    check("\ufffd" in entries["file"] or "\\" in entries["file"], entries["file"])


def test_nothing_found(bench):
    file = bench.write(BASE)
    for format, expected in (("json", ""), ("github", None), ("text", None)):
        done = bench.check("--format", format, file).expect(0)
        equal(done.err, "")
        equal(done.out, "1 file, 3 records: nothing found\n" if expected is None else expected)


# --- github -----------------------------------------------------------------------------------------------------------

def annotations(done):
    """What a workflow shows: (level, properties, message)."""
    found = []
    for line in done.out.splitlines():
        match = re.fullmatch(r"::(error|warning|notice) ((?:\w+=[^,:]*,?)*)::(.*)", line)
        if match:
            pairs = (pair.split("=", 1) for pair in match[2].split(","))
            found.append((match[1], {name: unescape(value, ",:") for name, value in pairs}, unescape(match[3])))
        else:
            check(not line.startswith("::"), f"no annotation: {line}")
    return found


def unescape(text, more=""):
    for character in "\r\n" + more:
        text = text.replace(f"%{ord(character):02X}", character)
    check(not re.search("%(?!25)", text), text)
    return text.replace("%25", "%")


def test_github(bench):
    file = bench.write(EVERYTHING)
    shown = annotations(bench.check("--format", "github", "--level", "info", file))
    entries = bench.check("--format", "json", "--level", "info", file).objects()
    level = {"error": "error", "warning": "warning", "info": "notice"}
    equal([(kind, place["file"], int(place["line"]), place["title"]) for kind, place, _ in shown],
          [(level[entry["level"]], entry["file"], entry["line"], entry["rule"]) for entry in entries])
    for (_, _, message), entry in zip(shown, entries):
        check(entry["owner"] in message and entry["message"] in message and entry["remedy"] in message, message)


def test_github_escapes(bench):
    """Percent signs, and in properties colons and commas; a record cannot write an annotation of its own."""
    name = "a,b:c%0A%25.zone"
    owner = r"a\0370A\058\058error\058\058x"
    file = bench.write(BASE + f'{owner} CNAME ns\n{owner} TXT "%25%0A::error::y"\n', name)
    shown = annotations(bench.check("--format", "github", "-o", APEX, file))
    equal([(kind, place["file"]) for kind, place, _ in shown], [("error", str(bench.dir / name))])
    entry, = bench.check("--format", "json", "-o", APEX, file).objects()
    check(entry["owner"] in shown[0][2], f"{shown} {entry['owner']}")


# --- text -------------------------------------------------------------------------------------------------------------

def blocks(out):
    """The findings in the text: (title, {file: {line number: text}})."""
    found = []
    for block in out.split("\n\n"):
        lines = block.splitlines()
        if not lines or not re.match(r"(error|warning|info|exempt)\[", lines[0]):
            continue
        shown, file = {}, None
        for line in lines[1:]:
            if match := re.match(r" +(?:-->|:::) (.+):(\d+)$", line):
                file = shown.setdefault(match[1], {})
            elif match := re.match(r" *(\d+) \|(?: (.*))?$", line):
                file[int(match[1])] = match[2] or ""
        found.append((lines[0], shown))
    return found


def test_text_shows_the_lines(bench):
    """File and line of every record, and the lines as they are."""
    text = BASE + "www   300 IN CNAME ns ; an alias\n; between\nother A 192.0.2.1\n" \
        "\tMX ( 10 ; the mail\n\t\tns )\nwww MX 20 (\n  ns )\n"
    file = bench.write(text)
    lines = text.splitlines()
    (title, shown), = blocks(bench.check(file).expect(1).out)
    equal(title, "error[cname-mx]: CNAME beside MX at www.example.com.")
    equal(shown, {str(file): {number: lines[number - 1].expandtabs(8) for number in (HERE, HERE + 5, HERE + 6)}})


def test_text_names_every_place(bench):
    """A record that is written several times stands at each of them."""
    bench.write("www CNAME web\n", "part.inc")
    file = bench.write(BASE + "www CNAME web\nWWW 300 CNAME WEB.example.com.\nwww TXT a\nweb A 192.0.2.2\n$INCLUDE part.inc\n")
    out = bench.run("check", file).expect(1).out
    for line in ("part.inc:1", " | www CNAME web", " | WWW 300 CNAME WEB.example.com.", " | www TXT a"):
        check(line in out, f"{line} in\n{out}")
    equal(out.count(" | www CNAME web"), 2, out)


def record_of(line, origin):
    """Owner and data of a line `owner [ttl] type data`, the same for all that are one record."""
    origin = dns.name.from_text(origin)
    owner, *words = line.split(None, 3)
    rdtype, data = words[1:] if words[0].isdigit() else (words[0], " ".join(words[1:]))
    try:
        rdata = dns.rdata.from_text("IN", rdtype, data, origin, False)
    except dns.exception.SyntaxError:   # a type that it does not know
        rdata = rdtype, data.lower()
    return dns.name.from_text(owner, origin), rdata


def test_text_names_every_record(bench):
    """In zones of chance: each record's line stands in the text, with the lines that repeat it, and nothing else does."""
    for seed in range(25):
        zones = generate.zones(seed)
        files = {origin: bench.write(text, f"{origin}zone") for origin, text in zones.items()}
        arguments = ("--level", "info", *files.values())
        entries = bench.check("--format", "json", *arguments).objects()
        shown = blocks(bench.check(*arguments).out)
        equal(len(shown), len(entries), f"{seed}")
        for entry, (title, places) in zip(entries, shown):
            check(title.startswith(f"{entry['level']}[{entry['rule']}]: "), f"{title} {entry}")
            check(entry["owner"] in title, f"{title} {entry}")
            seen = set()
            for file, lines in places.items():
                text = open(file).read().splitlines()
                for number, line in lines.items():
                    equal(line, text[number - 1], f"{seed} {title}")
                    seen.add(record_of(line, next(origin for origin in files if str(files[origin]) == str(file))))
            equal(len(seen), len(set(entry["records"])), f"{seed} {title} {entry['records']} {seen}")
            if entry["records"]:
                check(entry["line"] in places[entry["file"]], f"{seed} {title}")


def test_text_is_safe_on_a_terminal(bench):
    """Nothing from a file steers the terminal."""
    evil = "\x1b[31m\x07\x9b\u202e\u200b"
    file = bench.write(BASE + f'www CNAME ns ; {evil}\nwww TXT "x" ; {evil} \x7f\n', "evil\x1b[31m.zone")
    for options in ((), ("--color", "always"), ("--format", "github"), ("--format", "json")):
        done = bench.check("-o", APEX, *options, file).expect(1)
        plain = re.sub(r"\x1b\[[\d;]*m", "", done.out) if "always" in options else done.out
        for character in "\x1b\x07\x9b\u202e\u200b\x7f":
            check(character not in plain + done.err, f"{character!r} with {options}")


def test_text_cuts_long_lines(bench):
    file = bench.write(BASE + "www CNAME ns\nwww TXT" + ' "0123456789"' * 3000 + "\n")
    done = bench.check(file).expect(1)
    check(max(map(len, done.out.splitlines())) < 70000, "a line without end")
    check(f"{HERE + 1} | www TXT" in done.out, f"{done}")


def test_text_of_standard_input(bench):
    equal(blocks(bench.check("-o", APEX, "-", stdin=MX).expect(1).out)[0][1],
          {"<stdin>": {HERE: "www CNAME ns", HERE + 1: "www MX 10 ns"}})


def test_summary(bench):
    one, two = bench.write(MX, "a.example.zone"), bench.write(ALIAS, "b.example.zone")
    for format in ("text", "github"):
        equal(bench.check("--format", format, one, two).out.splitlines()[-1], "2 files, 10 records: 1 error, 1 warning")
        equal(bench.check("--format", format, "--level", "info", "--exempt", "www", one).out.splitlines()[-1],
              "1 file, 5 records: 1 exempt")


COLOR = "\x1b["


def test_colours(bench):
    """Not in a pipe, unless asked for."""
    file = bench.write(MX)
    for options, colored in (((), False), (("--color", "auto"), False), (("--color", "always"), True),
                             (("--color", "never"), False)):
        equal(COLOR in bench.check(*options, file).out, colored, f"{options}")
    plain = bench.check(file).out
    equal(re.sub(r"\x1b\[[\d;]*m", "", bench.check("--color", "always", file).out), plain)
    for format in ("json", "github"):
        check(COLOR not in bench.check("--color", "always", "--format", format, file).out, format)


def on_terminal(bench, *arguments, env=None, both=True, stdin=None):
    """(stdout and stderr, exit code) of a run on a terminal, or with only stderr there."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", **(env or {})}
    environment.pop("NO_COLOR", None) if not env else None
    process = subprocess.Popen(bench.command(*arguments, valgrind=False), stdin=stdin or subprocess.DEVNULL,
                               cwd=bench.dir,
                               stdout=slave if both else subprocess.DEVNULL, stderr=slave, env=environment)
    os.close(slave)
    output = b""
    with contextlib.suppress(OSError):
        while part := os.read(master, 65536):
            output += part
    os.close(master)
    return output.decode(errors="replace"), process.wait(60)


def test_colours_on_a_terminal(bench):
    file = bench.write(MX)
    for options, env, colored in (((), {}, True), (("--color", "never"), {}, False), ((), {"NO_COLOR": "1"}, False),
                                  ((), {"TERM": "dumb"}, False),
                                  (("--color", "always"), {"NO_COLOR": "1"}, True)):
        out, code = on_terminal(bench, "check", *options, file, env=env)
        equal((COLOR in out, code), (colored, 1), f"{options} {env}")


def slow_input(bench, text):
    """Standard input that takes more than a second; returns its end to read from."""
    reader, writer = os.pipe()

    def feed():
        with os.fdopen(writer, "wb") as out:
            out.write(text.encode())
            out.flush()
            time.sleep(1.3)
            out.write(("".join(f"x{number} A 192.0.2.1\n" for number in range(200000))).encode())
    threading.Thread(target=feed, daemon=True).start()
    return reader


def test_progress(bench):
    """On a terminal and when it takes long, erased at the end; never elsewhere; as the options say."""
    file = bench.write(MX)
    out, _ = on_terminal(bench, "check", file, both=False)
    check("records" not in out, f"quick: {out!r}")
    out, code = on_terminal(bench, "check", "-o", APEX, "-", both=False, stdin=slow_input(bench, MX))
    check(re.search(r"\r.*records", out) and out.rstrip("\r\n").endswith("\x1b[K") and code == 1, f"{out[-300:]!r}")
    out, _ = on_terminal(bench, "check", "--no-progress", "-o", APEX, "-", both=False, stdin=slow_input(bench, MX))
    check("\x1b[K" not in out, f"{out[-300:]!r}")
    equal(bench.check("-o", APEX, "-", stdin=MX).err, "")
    big = bench.write(MX + "".join(f"x{number} A 192.0.2.1\n" for number in range(100000)))
    check("records" in bench.check("--progress", big).expect(1).err, "--progress")
    equal(bench.check(big).expect(1).err, "")


# --- which zone -------------------------------------------------------------------------------------------------------

def zone_of(bench, text, name, *options):
    done = bench.check("--format", "json", *options, bench.write(text, name)).expect(1)
    return {entry["zone"] for entry in done.objects()}.pop()


def test_origin(bench):
    relative = MX
    absolute = MX.replace("@", "Example.NET.") + "www.example.net. CNAME x\nwww.example.net. A 192.0.2.1\n"
    for name, expected in (("example.org.zone", "example.org."), ("db.example.org", "example.org."),
                           ("Example.ORG.zone", "example.org.")):
        equal(zone_of(bench, relative, name).lower(), expected, name)
    equal(zone_of(bench, absolute, "example.org.zone").lower(), "example.net.", "the SOA tells")
    equal(zone_of(bench, "$ORIGIN example.info.\n" + relative, "example.org.zone"), "example.info.", "$ORIGIN tells")
    for option in (("-o", "example.biz"), ("--origin", "example.biz."), ("--origin=Example.BIZ.",), ("-oexample.biz",)):
        equal(zone_of(bench, relative, "example.org.zone", *option).lower(), "example.biz.", f"{option}")
    equal(zone_of(bench, relative, "root.zone", "-o", "."), ".")


def test_origin_unknown(bench):
    done = bench.check("-", stdin=MX).expect(2)
    check("-o" in done.err, f"{done}")


def test_several_files(bench):
    """Judged together: a target in one is known to all; each finding is of its own zone."""
    com = bench.write(BASE + "a MX 10 m.example.net.\nb MX 10 ns.example.net.\nc CNAME gone.example.net.\n",
                      "example.com.zone")
    net = bench.write(BASE + "m CNAME ns\nb CNAME a.example.com.\n", "example.net.zone")
    equal(found(bench, com), [])
    equal(found(bench, com, net, options=("--level", "info")),
          ["warning mx-alias a", "warning cname-dangling c", "info cname-mail b.example.net."])


def test_one_zone_twice(bench):
    """Said, and both are checked."""
    one, two = bench.write(MX, "a/example.com.zone"), bench.write(MX, "b/example.com.zone")
    done = bench.check("--format", "json", one, two).expect(1)
    equal([entry["file"] for entry in done.objects()], [str(one), str(two)])
    check("warning" in done.err, f"{done}")


def test_standard_input(bench):
    for arguments in (("-o", APEX, "-"), ("-o", APEX, "--", "-")):
        equal([entry["file"] for entry in bench.check("--format", "json", *arguments, stdin=MX).expect(1).objects()],
              ["-"])
    file = bench.write(MX, "-x.zone")
    equal([entry["file"] for entry in bench.check("--format", "json", "-o", APEX, "--", "-x.zone").expect(1).objects()],
          ["-x.zone"], f"{file}")


# --- explain ----------------------------------------------------------------------------------------------------------

def test_explain(bench):
    """Every rule has its text, and the documents have every rule."""
    listed = [line.split()[0] for line in bench.run("explain").expect(0).out.splitlines() if line[:1].isalpha()
              and line.split()[0] in RULES]
    equal(listed, RULES)
    for rule in RULES:
        out = bench.run("explain", rule).expect(0).out
        check(out.startswith(rule + ":") and re.search(r"RFC \d+", out) and len(out.splitlines()) > 8, out)


# --- a server ---------------------------------------------------------------------------------------------------------

SOFT = dict(semantic_checks="soft", module=None)


def server_with(bench, zones):
    return bench.servers.knot(*(servers.Zone(text, name=name, **SOFT) for name, text in zones.items()), guard=False)


def bare(entries):
    """Entries of a server or of files, as far as both have it."""
    return [{name: value for name, value in entry.items() if name not in ("time", "file", "line")} for entry in entries]


def from_server(bench, *arguments, code=None):
    done = bench.check("--format", "json", "--level", "info", "--server", *arguments)
    return done.expect(code if code is not None else int(any(entry["level"] == "error" for entry in done.objects())))


def no_transaction(server, *zones):
    """Nothing is left open: a transaction of ours begins and ends."""
    for zone in zones:
        server.knotc("zone-begin", zone)
        server.knotc("zone-abort", zone)


def test_server(bench):
    """The same findings as in its files, of all zones or those named; no transaction is left open."""
    zones = {name: text for name, text in generate.zones("server 1").items()}
    zones = {name: generate.zone(f"server {name}", name, list(zones), 60, 0.3, good_apex=True)
             for name in zones} | {"shapes.example.": MX}
    server = server_with(bench, zones)
    done = from_server(bench, server.socket)
    equal(done.err, "")
    agree(sorted_findings(done), judge(zones), "all zones")
    no_transaction(server, *zones)
    some = list(zones)[:2]
    agree(sorted_findings(from_server(bench, server.socket, *some)), judge({name: zones[name] for name in some}),
          "two zones")
    agree(sorted_findings(from_server(bench, server.socket, "SHAPES.example")), judge({"shapes.example.": MX}),
          "one, spelled otherwise")
    no_transaction(server, *zones)
    text = bench.check("--server", server.socket, "shapes.example").expect(1).out
    check("zone shapes.example., serial 1" in text and "www.shapes.example. 300 MX 10 ns.shapes.example." in text, text)


def sorted_findings(done):
    return by_place(map(finding, done.objects()))


def test_server_like_files(bench):
    server = server_with(bench, {APEX: EVERYTHING})
    printed = bench.check("--format", "json", "--level", "info", bench.write(EVERYTHING)).objects()
    equal(sorted(bare(from_server(bench, server.socket).objects()), key=str), sorted(bare(printed), key=str))


def test_server_unknown_zone(bench):
    server = server_with(bench, {APEX: MX})
    done = from_server(bench, server.socket, "example.net", APEX, code=2)
    check("example.net" in done.err, f"{done}")
    equal(len(done.objects()), 1, "the other zone is checked")
    check("a..b" in from_server(bench, server.socket, "a..b", code=2).err, "a wrong name")


def test_server_without_contents(bench):
    server = bench.servers.knot(servers.Zone(BASE, **SOFT), servers.Zone(None, name="empty.example.", **SOFT),
                                guard=False)
    done = from_server(bench, server.socket, code=2)
    check("empty.example." in done.err, f"{done}")


def test_server_that_is_not_there(bench):
    done = from_server(bench, "./none.sock", code=2)
    check("none.sock" in done.err and len(done.err.splitlines()) == 1, f"{done}")
    bench.write("", "file.sock")
    check("file.sock" in from_server(bench, "./file.sock", code=2).err, "a file")


def test_server_and_an_operator(bench):
    """His open transaction is left as it is; the zone is said not to be checked, from Knot 3.3 on it is checked without it."""
    server = server_with(bench, {APEX: MX, "other.example.": MX})
    server.knotc("zone-begin", APEX)
    server.knotc("zone-set", APEX, "added", "300", "A", "192.0.2.1")
    done = from_server(bench, server.socket, code=2 if KNOT < (3, 3) else 1)
    check(KNOT >= (3, 3) or APEX in done.err and "transaction" in done.err, f"{done}")
    equal([entry["zone"] for entry in done.objects()], ["other.example."] if KNOT < (3, 3) else [APEX, "other.example."])
    check("added" in server.knotc("zone-diff", APEX).stdout, "his change is still there")
    server.knotc("zone-commit", APEX)
    equal(server.ask("added A"), "added A 192.0.2.1")
    from_server(bench, server.socket, code=1)
    no_transaction(server, APEX, "other.example.")


def test_server_again_and_again(bench):
    server = server_with(bench, {f"z{number}.example.": MX for number in range(20)})
    for _ in range(3):
        equal(len(from_server(bench, server.socket).objects()), 20)
    no_transaction(server, *server.zones)


def test_server_is_not_changed(bench):
    server = server_with(bench, {APEX: MX})
    before = server.read(), server.serial(), server.zone_file().read_bytes()
    from_server(bench, server.socket)
    equal((server.read(), server.serial(), server.zone_file().read_bytes()), before)


@where(KNOT < (3, 3))       # later ones need no transaction to be read
def test_server_interrupted(bench):
    """Whenever it is ended, no transaction stays open."""
    lines = "".join(f"x{number} A 192.0.2.1\n" for number in range(100000))
    server = server_with(bench, {APEX: BASE + lines})
    for number, ending in enumerate((signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM)):
        mark = server.mark()
        process = subprocess.Popen(bench.command("check", "--server", server.socket, valgrind=False),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   cwd=bench.dir)
        server.wait_log("received command 'zone-get'|received command 'zone-read'", mark)
        process.send_signal(ending)
        _, err = process.communicate(timeout=60)
        check(process.returncode != 0, f"{number}: ended with 0")
        until(lambda: server.knotc("zone-begin", APEX, check_code=False).returncode == 0,
              f"{number}: a transaction is open: {err}")
        server.knotc("zone-abort", APEX)


def test_server_gone_meanwhile(bench):
    """The connection ends at any octet: said, exit 2, nothing left open."""
    lines = "".join(f"x{number} A 192.0.2.1\n" for number in range(2000))
    server = server_with(bench, {APEX: BASE + lines})
    proxy = bench.servers.proxy(bench.dir / "proxy.sock", server.socket)
    proxy.start()
    begin, read = ("zone-begin", "zone-get") if KNOT < (3, 3) else ("zone-status", "zone-read")
    for behaviour in (dict(reply_limit=2000, times=1), dict(cut_before=begin, times=1), dict(cut_after=begin, times=1),
                      dict(cut_before="zone-abort", times=1), dict(cut_after=read, times=1), dict(refuse=True)):
        proxy.behave(**behaviour)
        done = bench.check("--server", "./proxy.sock")
        check(done.code == (0 if "zone-abort" in behaviour.values() else 2), f"{behaviour}: {done}")
        check(done.code == 0 or done.err, f"{behaviour}: {done}")
        proxy.behave()
        until(lambda: server.knotc("zone-begin", APEX, check_code=False).returncode == 0,
              f"{behaviour}: a transaction is open; {done}")
        server.knotc("zone-abort", APEX)


def test_server_and_its_updates(bench):
    """While updates come in, again and again; the server survives it, and each reading is of one version."""
    lines = "".join(f"x{number} A 192.0.2.1\n" for number in range(3000))
    server = server_with(bench, {APEX: BASE + lines + "www CNAME ns\n"})
    for number in range(15):
        for _ in range(3):
            server.update(f"add y{number} 300 A 192.0.2.1")
        equal(from_server(bench, server.socket, code=0).objects(), [])
    check(server.running(), "knotd")


def test_server_options(bench):
    server = server_with(bench, {APEX: EVERYTHING})
    done = bench.check("--format", "json", "--server", "--ignore", "cname-mx,dname-children,cname-other", "--enforce",
                       "mx-alias", server.socket)
    equal([(entry["rule"], entry["level"]) for entry in done.expect(1).objects()], [("mx-alias", "error")])
    for options in (("-o", APEX), ("--include-dir", ".")):
        bench.check("--server", *options, server.socket).expect(2)
