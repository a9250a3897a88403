# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that cannot be read, or not whole: a message with file, line and reason on stderr, exit code 2, no crash."""

import os
import random
import re
import shutil
import subprocess

import generate
from lib import APEX, BASE, check, equal, limit, long

GOOD = BASE + "www CNAME ns\n"
BAD = BASE + "www CNAME ns\nwww TXT x\n"                # one finding, in lines 5 and 6
HERE = len(BASE.splitlines()) + 1                       # the first line after BASE

# What comes after BASE, and the errors: (line, what the reason says).
SYNTAX = {
    "no data": ("www CNAME\n", [(HERE, "CNAME")]),
    "cut off": ("www CNAM", [(HERE, "CNAM")]),
    "cut off in a string": ('www TXT "abc', [(HERE, "")]),
    "no type": ("www\n", [(HERE, "")]),
    "unknown type": ("www FROB x\n", [(HERE, "FROB")]),
    "a mistyped type": ("www CNMAE ns\n", [(HERE, "CNMAE")]),
    "a bad address": ("www A 192.0.2.256\n", [(HERE, "")]),
    "a bad IPv6 address": ("www AAAA 2001::db8::1\n", [(HERE, "")]),
    "no preference": ("www MX mail\n", [(HERE, "")]),
    "a bad preference": ("www MX 99999 mail\n", [(HERE, "")]),
    "too much": ("www A 192.0.2.1 192.0.2.2\n", [(HERE, "")]),
    "open parenthesis": ("www A (192.0.2.1\n", [(HERE, "parenthes")]),
    "closed parenthesis": ("www A 192.0.2.1)\n", [(HERE, "parenthes")]),
    "an empty label": ("a..b A 192.0.2.1\n", [(HERE, "")]),
    "a long label": (f"{'x' * 64} A 192.0.2.1\n", [(HERE, "")]),
    "a long name": (f"{'x.' * 130} A 192.0.2.1\n", [(HERE, "")]),
    "a long target": (f"www CNAME {'x.' * 130}\n", [(HERE, "")]),
    "a bad escape": ("a\\2x A 192.0.2.1\n", [(HERE, "")]),
    "an escape cut off": ("a\\25 A 192.0.2.1\n", [(HERE, "")]),
    "a bad TTL": ("www 99999999999 A 192.0.2.1\n", [(HERE, "")]),
    "a long string": (f"www TXT {'x' * 70000}\n", [(HERE, "")]),
    "data of another length": ("www TYPE65280 \\# 3 00\n", [(HERE, "")]),
    "odd digits": ("www TYPE65280 \\# 1 0\n", [(HERE, "")]),
    "data that are none of their type": ("www A \\# 1 00\n", [(HERE, "A")]),
    "an alias that is none": ("www CNAME \\# 1 05\n", [(HERE, "CNAME")]),
    "an unknown directive": ("$FROB x\n", [(HERE, "")]),
    "a bad origin": ("$ORIGIN a..b\n", [(HERE, "")]),
    "a bad default TTL": ("$TTL x\n", [(HERE, "")]),
    "no file to include": ("$INCLUDE missing.inc\n", [(HERE, "missing.inc")]),
    "nothing to include": ("$INCLUDE\n", [(HERE, "")]),
    "a folder to include": ("$INCLUDE .\n", [(HERE, "")]),
    "not UTF-8": (b"caf\xe9 A 192.0.2.1\n", [(HERE, "")]),
    "NUL in a name": (b"a\0b A 192.0.2.1\n", [(HERE, "")]),
    "NUL in data": (b"www TXT a\0b\n", [(HERE, "")]),
    "NUL alone": (b"\0\n", [(HERE, "")]),
    "several": ("a A x\nb A 192.0.2.1\nc FROB y\nd MX\n", [(HERE, ""), (HERE + 2, "FROB"), (HERE + 3, "MX")]),
}

ERROR = re.compile(r"^(?P<file>.+?):(?:(?P<line>\d+):)? error: (?P<reason>.+)$")


def errors(done):
    """What stderr says, as (file, line or None, reason); every line must be such an error, a warning or the summary."""
    found = []
    for line in done.err.splitlines():
        match = ERROR.match(line)
        if match:
            found.append((match["file"], match["line"] and int(match["line"]), match["reason"]))
        else:
            check(": warning: " in line or re.match(r"\d+ files?, \d+ records?: ", line), f"stderr: {line!r} of {done}")
    return found


def fails(bench, file, expected, *options, found=None, name=None, **more):
    """Exit 2 and these errors, [(line, what the reason holds)]; the rest is judged all the same."""
    done = bench.check("--format", "json", "-o", APEX, *options, file, **more).expect(2)
    got = errors(done)
    equal([(where, line) for where, line, _ in got], [(name or str(file), line) for line, _ in expected], f"{done}")
    for (_, _, reason), (_, holds) in zip(got, expected):
        check(holds in reason and len(reason) > 8, f"the reason of {done}")
    for character in done.err:
        check(character == "\n" or character.isprintable(), f"{character!r} in {done.err!r}")
    if found is not None:
        equal([(entry["rule"], entry["line"]) for entry in done.objects()], found, f"{done}")
    return done


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def test_syntax_errors(bench):
    for name, (text, expected) in SYNTAX.items():
        fails(bench, bench.write(BASE.encode() + as_bytes(text), f"{name}.zone"), expected, found=[])


def test_findings_beside_syntax_errors(bench):
    """What can be read is judged."""
    for name, (text, expected) in SYNTAX.items():
        fails(bench, bench.write(BAD.encode() + as_bytes(text), f"{name}.zone"),
              [(line + 2, holds) for line, holds in expected],
              found=[("cname-other", HERE)])


def test_syntax_errors_on_standard_input(bench):
    for text, expected in SYNTAX.values():
        fails(bench, "-", expected, name="<stdin>", stdin=BASE.encode() + as_bytes(text))


def test_all_errors_are_reported(bench):
    lines = "".join(f"x{number} A 192.0.2.{number}\n" for number in range(250, 300))
    fails(bench, bench.write(BASE + lines), [(HERE + 6 + number, "") for number in range(44)])


def test_comments_and_layout_are_no_errors(bench):
    text = BASE + "; www A x\n\n   \n\t; x\nwww (\n  300 ; a comment )\n  CNAME ns )\n" \
        "$ORIGIN sub.example.com.\nwww CNAME ns.example.com.\n" \
        "$TTL 1h\nx 1w2d IN A 192.0.2.1\nIN.example.com. IN A 192.0.2.1\ny IN 5 A 192.0.2.1\n"
    equal(errors(bench.check(bench.write(text)).expect(0)), [])


def test_no_newline_at_the_end(bench):
    equal(len(bench.judge(bench.write((BASE + "www CNAME ns\nwww TXT x")))), 1)


def test_other_classes_are_left_out_and_said(bench):
    done = bench.check("--format", "json", bench.write(BASE + "www CNAME ns\nwww CH TXT x\n"))
    check("CH" in done.err or "class" in done.err, f"{done}")
    equal(done.objects(), [])


def test_records_outside_are_left_out_and_said_once(bench):
    lines = "".join(f"x{number}.example.net. CNAME ns\nx{number}.example.net. TXT x\n" for number in range(10))
    done = bench.check(bench.write(BASE + lines)).expect(0)
    said = [line for line in done.err.splitlines() if "20" in line and "warning" in line]
    equal(len(said), 1, f"{done}")


def test_empty(bench):
    for text in ("", "\n\n", "; nothing\n", "$TTL 300\n"):
        fails(bench, bench.write(text), [(None, "")])


def test_no_soa(bench):
    fails(bench, bench.write(BASE.replace("@ SOA", "; @ SOA") + "www CNAME ns\nwww TXT x\n"), [(None, "SOA")],
          found=[("cname-other", HERE)])


def test_carriage_returns(bench):
    """As on Windows: Knot does not read it, which is said once; the rest is judged."""
    file = bench.write(BAD.replace("\n", "\r\n"))
    fails(bench, file, [(1, "CR LF")], found=[("cname-other", HERE)])


def test_one_carriage_return(bench):
    fails(bench, bench.write(BAD.replace("TXT x", "TXT\rx")), [(HERE + 1, "CR")])


def test_byte_order_mark(bench):
    done = bench.check("-o", APEX, bench.write(b"\xef\xbb\xbf" + GOOD.encode())).expect(2)
    equal([line for _, line, _ in errors(done)], [1], f"{done}")


def test_utf16(bench):
    bench.check("-o", APEX, bench.write(GOOD.encode("utf-16"))).expect(2)


def test_binary(bench):
    for seed in range(20):
        data = random.Random(seed).randbytes(20000)
        for text in (data, GOOD.encode() + data, data.replace(b"\n", b"")):
            done = bench.check("-o", APEX, bench.write(text)).expect(2)
            check(errors(done), f"{done}")
            done.err.encode()
    elf = shutil.copy(shutil.which("true"), bench.dir / "elf.zone")
    check(errors(bench.check("-o", APEX, elf).expect(2)), "an executable")


def test_truncated_anywhere(bench):
    """No piece of a zone file makes it fall; what is whole in it is judged."""
    more = "$ORIGIN x.example.com.\na\\046b 1h IN MX 10 (\n  mail ; x\n)\nb TXT \"a b\" c\nc TYPE65280 \\# 2 0a0b\n"
    text = (BAD + more).encode()
    for size in range(len(text)):
        done = bench.check("-o", APEX, bench.write(text[:size]))
        check(done.code != 2 or errors(done), f"{size}: {done}")


def test_changed_anywhere(bench):
    for seed in range(150):
        rng = random.Random(seed)
        text = bytearray(generate.zone(seed, size=20).encode())
        for _ in range(rng.randrange(1, 6)):
            text[rng.randrange(len(text))] = rng.choice(b"\0\n\r\t ()\"\\;@$*.\xff0a#")
        done = bench.check("-o", APEX, bench.write(bytes(text)))
        check(done.code != 2 or errors(done), f"{seed}: {done}")


def test_endless_line(bench):
    for text in (b"x TXT " + b"a" * 3_000_000, b"a" * 3_000_000, b"x " + b" " * 3_000_000,
                 b"x TXT \"" + b"a " * 1_500_000, b"(" * 3_000_000,
                 b"x TXT " + b"a " * 1_500_000):
        check(errors(bench.check("-o", APEX, bench.write(BASE.encode() + text)).expect(2)), "an error")
    comment = bench.write(BASE.encode() + b"; " + b"a" * 3_000_000 + b"\nwww CNAME ns\nwww TXT x")
    equal(len(bench.judge(comment, options=("-o", APEX))), 1)


# --- files ------------------------------------------------------------------------------------------------------------

def test_no_such_file(bench):
    fails(bench, bench.dir / "missing.zone", [(None, "No such file")])


def test_a_folder(bench):
    (bench.dir / "zones").mkdir()
    fails(bench, bench.dir / "zones", [(None, "folder")])


def unprivileged(bench):
    """Before a command: root without what lets him read any file."""
    if os.geteuid() != 0:
        return ()
    check(shutil.which("setpriv"), "program not found: setpriv")
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


def test_unreadable(bench):
    file = bench.write(BAD)
    file.chmod(0)
    tool = unprivileged(bench)
    check(subprocess.run([*tool, "cat", file], capture_output=True).returncode != 0, "the file can be read")
    fails(bench, file, [(None, "Permission denied")], tool=tool, valgrind=False)
    bench.write("x A 192.0.2.1\n", "part.inc").chmod(0)
    fails(bench, bench.write(BASE + "$INCLUDE part.inc\n", "including.zone"), [(HERE, "part.inc")], tool=tool,
          valgrind=False)


def test_no_regular_file(bench):
    reader, writer = os.pipe()
    os.write(writer, BAD.encode())
    os.close(writer)
    equal(len(bench.judge(f"/dev/fd/{reader}", options=("-o", APEX), pass_fds=[reader])), 1)
    os.close(reader)
    check(errors(bench.check("-o", APEX, "/dev/null").expect(2)), "/dev/null")


def test_other_files_are_checked_all_the_same(bench):
    good, bad = bench.write(GOOD, "a.example.zone"), bench.write(BAD, "b.example.zone")
    done = bench.check("--format", "json", bench.dir / "missing.zone", good, bad).expect(2)
    equal([(entry["zone"], entry["rule"]) for entry in done.objects()], [("b.example.", "cname-other")])
    equal([(file, line) for file, line, _ in errors(done)], [(str(bench.dir / "missing.zone"), None)])


# --- $INCLUDE ---------------------------------------------------------------------------------------------------------

def test_included_records(bench):
    """They are judged, and shown where they stand; the origin is the including file's again."""
    bench.write("www TXT x\n$ORIGIN elsewhere.example.com.\na A 192.0.2.1\n", "part.inc")
    bench.write("www MX 10 ns\n$INCLUDE deep/more.inc sub.example.com.\n", "first.inc")
    bench.write("a CNAME ns.example.com.\na TXT x\n", "deep/more.inc")
    file = bench.write(BASE + "$INCLUDE first.inc\n$INCLUDE part.inc\nwww CNAME ns\n")
    entries = bench.check("--format", "json", file).expect(1).objects()
    equal([(entry["owner"], entry["rule"], entry["file"], entry["line"]) for entry in entries],
          [("a.sub.example.com.", "cname-other", str(bench.dir / "deep/more.inc"), 1),
           ("www.example.com.", "cname-mx", str(file), HERE + 2)])
    text = bench.check(file).out
    for place in ("deep/more.inc:1", "first.inc:1", "part.inc:1", f"example.com.zone:{HERE + 2}"):
        check(place in text, f"{place} in {text}")


def test_include_in_circles(bench):
    for name, text in (("self.zone", "$INCLUDE self.zone\n"), ("a.zone", "$INCLUDE b.inc\n")):
        bench.write("$INCLUDE a.zone\n", "b.inc")
        file = bench.write(BASE + text, name)
        done = bench.check("-o", APEX, file).expect(2)
        check(any("itself" in reason for _, _, reason in errors(done)), f"{done}")


def test_include_too_deep(bench):
    for number in range(200):
        bench.write(f"$INCLUDE i{number + 1}.inc\n", f"i{number}.inc")
    bench.write("x A 192.0.2.1\n", "i200.inc")
    check(errors(bench.check("-o", APEX, bench.write(BASE + "$INCLUDE i0.inc\n")).expect(2)), "an error")


def test_includes_without_end(bench):
    """Ten times ten times ... files: bounded, not a denial of service."""
    for number in range(9):
        bench.write(f"$INCLUDE w{number + 1}.inc\n" * 10, f"w{number}.inc")
    bench.write("x A 192.0.2.1\n", "w9.inc")
    check(errors(bench.check("-o", APEX, bench.write(BASE + "$INCLUDE w0.inc\n"), timeout=60).expect(2)), "an error")


def test_include_outside_of_its_folder(bench):
    bench.write("secret TXT x\n", "outside.inc")
    bench.write("x A 192.0.2.1\n", "zones/inside.inc")
    (bench.dir / "zones/link.inc").symlink_to("../outside.inc")
    (bench.dir / "zones/up").symlink_to("..")
    for include in ("../outside.inc", bench.dir / "outside.inc", "link.inc", "up/outside.inc",
                    "./../zones/../outside.inc", "/etc/hostname"):
        done = fails(bench, bench.write(BASE + f"$INCLUDE {include}\n", "zones/example.com.zone"), [(HERE, "outside")])
        check("secret" not in done.err, f"{done}")
    for include in ("inside.inc", "../zones/inside.inc", bench.dir / "zones/inside.inc", "up/zones/inside.inc"):
        bench.check(bench.write(BASE + f"$INCLUDE {include}\n", "zones/example.com.zone")).expect(0)
    file = bench.write(BASE + "$INCLUDE ../outside.inc\n", "zones/example.com.zone")
    bench.check("--include-dir", bench.dir, file).expect(0)
    bench.check("--include-dir", bench.dir / "zones", file).expect(2)
    bench.check("--include-dir", "", bench.write(BASE + "$INCLUDE inside.inc\n", "zones/example.com.zone")).expect(2)


def test_errors_in_included_files(bench):
    bench.write("a A 192.0.2.1\nb A x\n", "part.inc")
    done = bench.check("-o", APEX, bench.write(BASE + "$INCLUDE part.inc\nc A y\n")).expect(2)
    equal([(os.path.basename(file), line) for file, line, _ in errors(done)],
          [("part.inc", 2), ("example.com.zone", HERE + 1)])


# --- the command line and its output ----------------------------------------------------------------------------------

USAGE = (
    ([], "command"), (["frob"], "frob"), (["check"], "file"), (["check", "--frob", "FILE"], "--frob"),
    (["check", "-z", "FILE"], "-z"),
    (["check", "--level", "loud", "FILE"], "loud"), (["check", "--format", "xml", "FILE"], "xml"),
    (["check", "--color", "pink", "FILE"], "pink"),
    (["check", "--enforce", "mx-alais", "FILE"], "mx-alias"), (["check", "--ignore", "all", "FILE"], "all"),
    (["check", "--ignore", "", "FILE"], "--ignore"),
    (["check", "--chain-limit", "0", "FILE"], "--chain-limit"),
    (["check", "--chain-limit", "101", "FILE"], "--chain-limit"),
    (["check", "--chain-limit", "5x", "FILE"], "5x"), (["check", "--chain-limit", "-1", "FILE"], "-1"),
    (["check", "--exempt", "a..b", "FILE"], "a..b"), (["check", "-o", "a..b", "FILE"], "a..b"),
    (["check", "-o", "", "FILE"], "origin"),
    (["check", "-o", "x" * 64, "FILE"], "origin"), (["check", "--strategy", "none", "FILE"], "none"),
    (["check", "--fallback", "flatten", "FILE"], "flatten"),
    (["check", "--allow-key=yes", "FILE"], "--allow-key"), (["check", "--enforce"], "--enforce"),
    (["check", "FILE", "-o"], "-o"),
    (["check", "--policy", "missing.conf", "FILE"], "missing.conf"),
    (["check", "--server", "./missing.sock"], "missing.sock"),
    (["check", "--include-dir", "missing", "FILE"], "missing"), (["explain", "frob"], "frob"),
    (["explain", "--frob"], "--frob"),
    (["fix", "--strategy", "none", "FILE"], "none"), (["fix"], "file"), (["fix", "missing.zone"], "missing.zone"),
    (["fix", "FILE", "FILE"], ""),
)


def test_usage(bench):
    """One line on stderr that names what is wrong; nothing on stdout."""
    file = bench.write(BASE)
    for arguments, names in USAGE:
        done = bench.run(*(str(file) if argument == "FILE" else argument for argument in arguments)).expect(2)
        check(names in done.err and done.out == "" and len(done.err.splitlines()) == 1, f"{done}")


def test_help_and_version(bench):
    for arguments in (["--help"], ["--version"], ["check", "--help"], ["fix", "--help"], ["explain", "--help"],
                      ["explain"]):
        done = bench.run(*arguments).expect(0)
        check(done.out and not done.err, f"{done}")
        check(all(len(line) <= 80 for line in done.out.splitlines()), f"longer than 80: {done}")


def outputs(file):
    return (["check", file], ["check", "--format", "json", file], ["check", "--format", "github", file], ["explain"],
            ["explain", "cname-mx"],
            ["--help"], ["check", "--help"], ["fix", file])


def test_full_device(bench):
    """What could not be written is no success."""
    file = bench.write(BAD)
    for arguments in outputs(file):
        with open("/dev/full", "wb") as full:
            done = bench.run(*arguments, stdout=full).expect(2)
        check("No space left" in done.err, f"{done}")


def test_full_device_and_much_output(bench):
    file = bench.write(BASE + "".join(f"x{number} CNAME ns\nx{number} TXT x\n" for number in range(3000)))
    for arguments in outputs(file)[:3]:
        with open("/dev/full", "wb") as full:
            check("No space left" in bench.run(*arguments, stdout=full).expect(2).err, f"{arguments}")


def test_closed_pipe(bench):
    """As in `cnameguard check ... | head`: no crash, no success."""
    file = bench.write(BASE + "".join(f"x{number} CNAME ns\nx{number} TXT x\n" for number in range(3000)))
    for arguments in outputs(file)[:3]:
        reader, writer = os.pipe()
        os.close(reader)
        try:
            bench.run(*arguments, stdout=writer).expect(2)
        finally:
            os.close(writer)


def test_closed_output(bench):
    bench.run("check", bench.write(BAD), tool=("sh", "-c", 'exec "$@" >&-', "sh")).expect(2)
    bench.run("check", bench.write(BAD), tool=("sh", "-c", 'exec "$@" 2>&-', "sh")).expect(1)
    bench.run("check", "-", tool=("sh", "-c", 'exec "$@" <&-', "sh")).expect(2)


@long
@limit(3600)
def test_hostile_input_under_valgrind(bench):
    for name, (text, expected) in SYNTAX.items():
        fails(bench, bench.write(BAD.encode() + as_bytes(text), f"{name}.zone"),
              [(line + 2, holds) for line, holds in expected], valgrind=True)
    for seed in range(40):
        rng = random.Random(seed)
        text = bytearray(generate.zone(seed, size=30).encode())
        for _ in range(rng.randrange(1, 10)):
            text[rng.randrange(len(text))] = rng.choice(b"\0\n\r\t ()\"\\;@$*.\xff0a#")
        for command in ("check", "fix"):
            bench.run(command, "-o", APEX, bench.write(bytes(text)), valgrind=True)
        bench.check("-o", APEX, bench.write(rng.randbytes(3000)), valgrind=True)
    for seed in range(20):
        zones = generate.zones(seed)
        bench.check("--level", "info", *(bench.write(text, f"{origin}zone") for origin, text in zones.items()),
                    valgrind=True)


def test_syntax_errors_as_annotations(bench):
    """What is told on stderr shows in the workflow too."""
    file = bench.write(BASE + "bad A 192.0.2.300\nwww CNAME ns\nwww TXT x\n")
    done = bench.run("check", "--format", "github", file, bench.dir / "none").expect(2)
    notes = [line for line in done.out.splitlines() if "title=" not in line]
    equal(len([line for line in notes if line.startswith(f"::error file={file},line=")]), 1, done.out)
    equal(len([line for line in notes if line.startswith(f"::error file={bench.dir / 'none'}::")]), 1, done.out)
    check("title=cname-other::" in done.out, done.out)
