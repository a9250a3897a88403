# SPDX-License-Identifier: GPL-2.0-or-later
"""Repairs of zone files: on standard output, as a diff, in place; what is left alone; and faults on the way."""

import os
import random
import re
import resource
import signal
import stat
import subprocess
import time

import dns.name
import dns.rdatatype
import generate
from lib import APEX, BASE, check, equal, limit, long
from oracle import parse
from peers import PEERS

EDITABLE = ("cname-apex", "cname-mx", "cname-other", "cname-multiple")
STRATEGIES = ("flatten", "keep-other", "keep-cname")
CASE = "web A 192.0.2.1\nwww CNAME web\nwww MX 10 ns\n"
FIXED = "web A 192.0.2.1\n; cnameguard cname-mx: www CNAME web\nwww 300 A 192.0.2.1\nwww MX 10 ns\n"
NOBODY = 65534


def raised(text):
    """BASE with its serial 1 made 2."""
    return text.replace("hostmaster 1 ", "hostmaster 2 ")


def fix(bench, *arguments, **options):
    return bench.run("fix", "--serial", "increment", *arguments, **options)


def state(file):
    at = file.stat()
    return at.st_ino, at.st_mode, at.st_size, at.st_mtime_ns, at.st_ctime_ns


def patched(bench, tool, file, diff):
    """What a diff makes of the file, by a tool in its folder."""
    folder = bench.dir / "patched"
    folder.mkdir(exist_ok=True)
    copy = folder / file.name
    copy.write_bytes(file.read_bytes())
    done = subprocess.run(tool, input=diff.encode(), cwd=folder, capture_output=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(bench.dir)})
    check(done.returncode == 0, f"{tool}: {done.stdout} {done.stderr}\n{diff}")
    return copy.read_bytes()


def by_diff(bench, file, diff):
    if not diff:
        return file.read_bytes()
    tools = (["patch", "-p0", "--fuzz=0", "-s"], ["git", "apply", "-p0", "--whitespace=nowarn"])
    one, other = (patched(bench, tool, file, diff) for tool in tools)
    equal(one, other, "patch and git")
    return one


# --- What it does ---

def test_the_case(bench):
    file = bench.write(BASE + CASE)
    done = fix(bench, file).expect(0)
    equal(done.out, raised(BASE) + FIXED)
    equal(done.err.splitlines(), [
        f"{file}:2: changed: serial 1 to 2",
        f"{file}:6: removed: www.example.com. 300 CNAME web.example.com. (cname-mx)",
        f"{file}:6: added: www.example.com. 300 A 192.0.2.1 (cname-mx)",
        f"cnameguard: {file}: 1 name repaired, 0 errors left"])
    equal(file.read_text(), BASE + CASE)
    fix(bench, bench.write(done.out)).expect(0)


def test_serial_is_kept_unless_asked(bench):
    file = bench.write(BASE + CASE)
    done = bench.run("fix", file).expect(0)
    equal(done.out, BASE + FIXED)
    equal(done.err.splitlines()[-1], f"cnameguard: {file}: 1 name repaired, 0 errors left; the serial is as it was, "
          "secondaries fetch the zone when it is raised (--serial)")


def test_standard_input(bench):
    equal(fix(bench, "-", stdin=BASE.replace("@", APEX, 1) + CASE).expect(0).out, raised(BASE).replace("@", APEX, 1) + FIXED)
    equal(fix(bench, "-o", APEX, "-", stdin=BASE + CASE).expect(0).out, raised(BASE) + FIXED)


def test_nothing_to_repair(bench):
    file = bench.write(BASE)
    before = state(file)
    done = fix(bench, file).expect(0)
    equal((done.out, done.err), (BASE, f"cnameguard: {file}: nothing to repair\n"))
    equal(fix(bench, "--diff", file).expect(0).out, "")
    equal(fix(bench, "--in-place", file).expect(0).out, "")
    equal(state(file), before)
    equal(sorted(bench.dir.glob("*.zone*")), [file])


def test_strategies(bench):
    file = bench.write(BASE + CASE)
    out = "web A 192.0.2.1\n; cnameguard cname-mx: www CNAME web\nwww MX 10 ns\n"
    equal(fix(bench, "--strategy", "keep-other", file).expect(0).out, raised(BASE) + out)
    out = "web A 192.0.2.1\nwww CNAME web\n; cnameguard cname-mx: www MX 10 ns\n"
    equal(fix(bench, "--strategy", "keep-cname", file).expect(0).out, raised(BASE) + out)
    file = bench.write(BASE + "www CNAME out.\nwww MX 10 ns\n")
    equal(fix(bench, "--fallback", "keep-other", file).expect(0).out,
          raised(BASE) + "; cnameguard cname-mx: www CNAME out.\nwww MX 10 ns\n")


def test_what_is_left_is_told(bench):
    text = BASE + CASE + "a CNAME out.\na TXT x\nb CNAME (\n gone )\nb CNAME out.\nb MX 1 ns\nd DNAME x\nd NS ns\nm MX 1 alias\nalias CNAME ns\n"
    file = bench.write(text)
    done = fix(bench, "--enforce", "mx-alias", file).expect(1)
    equal(done.out, raised(text).replace("www CNAME web\n", "; cnameguard cname-mx: www CNAME web\nwww 300 A 192.0.2.1\n"))
    left = [line.removeprefix(f"{file}:") for line in done.err.splitlines() if ": error: " in line]
    equal(left, [
        "8: error: a.example.com. not repaired (cname-other): target out. is outside the zone",
        "10: error: b.example.com. not repaired (cname-mx, cname-multiple): target gone.example.com. does not exist",
        "15: error: d.example.com. not repaired (dname-ns): dname-ns is never repaired by a rewrite",
        "16: error: m.example.com. not repaired (mx-alias): mx-alias is never repaired by a rewrite"])
    check(done.err.endswith(": 1 name repaired, 5 errors left\n"), done)


def test_policy(bench):
    """Exempt names are left alone and are no errors; nor are rules that are ignored."""
    file = bench.write(BASE + CASE)
    for options in (("--exempt", "www"), ("--ignore", "cname-mx")):
        equal(fix(bench, *options, file).expect(0).out, BASE + CASE)
    conf = bench.write("mod-cnameguard:\n  - id: default\n    strategy: keep-other\n", "knot.conf")
    equal(fix(bench, "--policy", conf, file).expect(0).out,
          raised(BASE) + "web A 192.0.2.1\n; cnameguard cname-mx: www CNAME web\nwww MX 10 ns\n")


def test_serial(bench):
    file = bench.write(BASE + CASE)

    def serial(word):
        return int(re.search(r"hostmaster (\d+) ", fix(bench, "--serial", word, file).expect(0).out)[1])
    before = time.time()
    equal(serial("increment"), 2)
    equal(serial("keep"), 1)
    check(int(before) <= serial("unixtime") <= time.time(), "unixtime")
    days = {time.strftime("%Y%m%d00", time.gmtime(now)) for now in (before, time.time())}
    check(str(serial("dateserial")) in days, "dateserial")


def test_includes(bench):
    """They are judged, and never written."""
    bench.write("a CNAME web\n", "more.inc")
    file = bench.write(BASE + CASE + "$INCLUDE more.inc\na TXT x\n")
    for options in ((), ("--in-place",)):
        done = fix(bench, *options, file).expect(1)
        check(f"{bench.dir}/more.inc:1: error: a.example.com. not repaired (cname-other): the CNAME to be taken out stands in the included file "
              in done.err, done)
    equal(file.read_text(), raised(BASE) + FIXED + "$INCLUDE more.inc\na TXT x\n")
    equal((bench.dir / "more.inc").read_text(), "a CNAME web\n")


# --- What is left alone ---

def test_syntax_errors(bench):
    text = BASE + CASE + "a A 192.0.2\nb MX ns\n"
    file = bench.write(text)
    for options in ((), ("--diff",), ("--in-place",)):
        done = fix(bench, *options, file).expect(2)
        equal(done.out, "")
        equal([re.match(r".*?:(\d+): error: ", line)[1] for line in done.err.splitlines()[:-1]], ["8", "9"])
        check(done.err.endswith(f"{file}: error: not repaired: what cannot be read cannot be kept\n"), done)
    equal(file.read_text(), text)
    equal(sorted(bench.dir.glob("*.zone*")), [file])


def test_files_that_are_left_alone(bench):
    bench.write("@ SOA ns hostmaster 1 3600 600 86400 300\n", "soa.inc")
    signed = "@ DNSKEY 256 3 8 AAAA\n"
    for text, code, why in (
            ("$INCLUDE soa.inc\n@ NS ns\nns A 192.0.2.53\n" + CASE, 2, "the SOA stands in an included file, its serial cannot be raised"),
            ("@ NS ns\nns A 192.0.2.53\n" + CASE, 2, "no SOA at the apex example.com."),
            ((BASE + CASE).replace("\n", "\r\n"), 2, "end as on Windows"),
            (BASE + CASE + signed, 1, "the zone is signed here")):
        file = bench.write(text)
        for options in ((), ("--in-place",)):
            done = fix(bench, *options, file).expect(code)
            check(why in done.err, done)
            equal(done.out, text if code == 1 and not options else "")
        equal(file.read_bytes(), text.encode())
        equal(sorted(bench.dir.glob("*.zone*")), [file])


def test_signed_and_clean(bench):
    check("nothing to repair" in fix(bench, bench.write(BASE + "@ DNSKEY 256 3 8 AAAA\n")).expect(0).err, "not clean")


def test_usage(bench):
    file = bench.write(BASE)
    for arguments in ((), (file, file), ("--serial", "date", file), ("--in-place", "--diff", file), ("--in-place", "-"), ("--in-place=yes", file),
                      (bench.dir / "missing",), ("--in-place", bench.dir / "missing"), ("--in-place", bench.dir), (bench.dir,)):
        done = fix(bench, *arguments).expect(2)
        check(done.err and not done.out, done)


# --- The diff ---

def test_diff(bench):
    file = bench.write(BASE + CASE)
    diff = fix(bench, "--diff", file.name).expect(0).out
    equal(diff, """--- example.com.zone
+++ example.com.zone
@@ -1,7 +1,8 @@
 $TTL 300
-@ SOA ns hostmaster 1 3600 600 86400 300
+@ SOA ns hostmaster 2 3600 600 86400 300
 @ NS ns
 ns A 192.0.2.53
 web A 192.0.2.1
-www CNAME web
+; cnameguard cname-mx: www CNAME web
+www 300 A 192.0.2.1
 www MX 10 ns
""")
    equal(by_diff(bench, file, diff), (raised(BASE) + FIXED).encode())


def test_diff_at_the_ends(bench):
    """Changes on the first and the last lines, with and without a newline at the end, far from and near to each other."""
    for keep in ((), ("--serial", "keep")):
        for gap in range(0, 9):
            for end in ("", "\n", " ; x", "\n\n", "\n; x"):
                for last in ("www CNAME web\nwww MX 1 ns", "www MX 1 ns\nwww CNAME web", "www MX 1 ns\nwww (\n CNAME web )"):
                    file = bench.write("z CNAME web\n TXT x\n" + "\n" * gap + BASE + "web A 192.0.2.1\n" + "; x\n" * gap + last + end)
                    diff = fix(bench, *keep, "--diff", file.name).expect(0).out
                    equal(by_diff(bench, file, diff), fix(bench, *keep, file).expect(0).out.encode(), diff)


def newlines():
    """Names that patch takes before 2.8, which refuses newlines in them."""
    said = subprocess.run(["patch", "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(map(int, re.search(r"(\d+)\.(\d+)", said).groups()))
    return ["a\nb.zone"] if version < (2, 8) else []


def test_diff_of_odd_names(bench):
    for name in ("a b.zone", 'a"b.zone', "a\\b.zone", "a\tb.zone", *newlines(), "ä.zone", "-x.zone", "folder/x.zone"):
        file = bench.write(BASE + CASE, name)
        diff = fix(bench, "-o", APEX, "--diff", "--", name).expect(0).out
        os.chdir(bench.dir)
        done = subprocess.run(["patch", "-p0", "-s"], input=diff.encode(), capture_output=True)
        check(done.returncode == 0, f"{name!r}: {done.stdout} {done.stderr} {diff}")
        equal(file.read_text(), raised(BASE) + FIXED, name)


# --- Any zones ---

def canonical(text):
    return sorted(record.show() for record in parse(text, dns.name.from_text(APEX)) if record.type != dns.rdatatype.SOA)


def any_zone(bench, seed):
    rng = random.Random(seed)
    text = "$TTL 300\n" + generate.zone(seed, clash=rng.choice((0.3, 1)))
    options = ["--strategy", rng.choice(STRATEGIES), "--fallback", rng.choice(("refuse", *STRATEGIES[1:]))]
    if rng.random() < 0.3:
        options += ["--exempt", "a,b,*.a"]
    file = bench.write(text)
    done = fix(bench, *options, file)
    file = bench.write(text)
    equal(by_diff(bench, file, fix(bench, *options, "--diff", file.name).out), done.out.encode(), f"{seed}")

    # What is left is what was said to be left, by the check and by the account.
    result = bench.write(done.out, "example.com.zone")
    policy = options[4:]
    entries = bench.check("--format", "json", *policy, result).objects()
    left = {(entry["owner"].lower(), entry["rule"]) for entry in entries if entry["level"] == "error" and not entry["exempt"]}
    said = {(match[1].lower(), rule) for match in re.finditer(r": error: (\S+) not repaired \(([^)]*)\): ", done.err) for rule in match[2].split(", ")}
    equal(left, said, f"{seed}")
    equal(done.code, 1 if left else 0)

    # Once more there is nothing to do.
    again = fix(bench, *options, result)
    equal((again.out, again.code), (done.out, done.code), f"{seed}")

    # The other lines are as they were.
    kept = [re.sub(r"^; cnameguard cname-\w+: ", "", line) for line in done.out.splitlines()]
    added = done.err.count(": added: ")
    rest = iter(kept)
    for line in text.splitlines():
        if " SOA " not in line:
            check(line in rest, f"{seed}: {line}")
    equal(len(kept), len(text.splitlines()) + added, f"{seed}")

    # No name that was not in conflict has other records than before.
    touched = {match[1].lower() for match in re.finditer(r": (?:removed|added): (\S+) ", done.err)}
    def untouched(zone):
        return [line for line in canonical(zone) if line.split()[0] not in touched]
    equal(untouched(done.out), untouched(text), f"{seed}")


def test_any_zones(bench):
    for seed in range(40):
        any_zone(bench, seed)


@long
@limit(7200)
def test_many_zones(bench):
    for seed in range(1000, 3000):
        any_zone(bench, seed)


def test_peers_agree(bench):
    """What is repaired to the last name loads with others too."""
    clean = 0
    for seed in range(60):
        text = "$TTL 300\n" + generate.zone(f"peers {seed}", clash=0.3, size=60, good_apex=True)
        text = "".join(line for line in text.splitlines(True) if not re.search(r" (DNAME|NS|NSEC3?|RRSIG|SVCB|HTTPS) |outside", line) or line.startswith("@"))
        done = fix(bench, "--strategy", "flatten", "--fallback", "keep-other", bench.write(text))
        if done.code:
            continue
        clean += 1
        result = bench.write(done.out)
        for name, peer in PEERS.items():
            said = peer(result, done.out, APEX)
            equal({found for found in said.found if found[0] in ("cname-and-other", "cname-multiple")}, set(), f"{seed} {name}: {said.output}\n{done.out}")
    check(clean > 20, f"only {clean} are clean")


# --- In place ---

def test_in_place(bench):
    file = bench.write(BASE + CASE)
    file.chmod(0o640)
    os.chown(file, 1234, 4321) if os.geteuid() == 0 else None
    before = file.stat()
    done = fix(bench, "--in-place", file.name).expect(0)
    equal(done.out, "")
    check(done.err.endswith("; the old file is example.com.zone.orig\n"), done)
    equal(file.read_text(), raised(BASE) + FIXED)
    after, kept = file.stat(), (bench.dir / "example.com.zone.orig").stat()
    equal((after.st_mode, after.st_uid, after.st_gid), (before.st_mode, before.st_uid, before.st_gid))
    equal((kept.st_ino, kept.st_mtime_ns, kept.st_mode), (before.st_ino, before.st_mtime_ns, before.st_mode))
    equal((bench.dir / "example.com.zone.orig").read_text(), BASE + CASE)

    # Again: nothing to do, nothing is written.
    fix(bench, "--in-place", file).expect(0)
    equal(file.stat().st_ino, after.st_ino)
    equal(len(list(bench.dir.glob("*.zone*"))), 2)

    # A later conflict is repaired too, and no old file is lost.
    file.write_text(file.read_text() + "a CNAME web\na TXT x\n")
    fix(bench, "--in-place", file).expect(0)
    equal((bench.dir / "example.com.zone.orig").read_text(), BASE + CASE)
    equal((bench.dir / "example.com.zone.orig.1").read_text(), raised(BASE) + FIXED + "a CNAME web\na TXT x\n")


def test_in_place_in_part(bench):
    """What can be repaired is written, though something is left."""
    file = bench.write(BASE + CASE + "a CNAME out.\na TXT x\n")
    fix(bench, "--in-place", file).expect(1)
    equal(file.read_text(), raised(BASE) + FIXED + "a CNAME out.\na TXT x\n")


def test_symbolic_link(bench):
    real = bench.write(BASE + CASE, "real/example.com.zone")
    link = bench.dir / "example.com.zone"
    link.symlink_to("real/example.com.zone")
    fix(bench, "--in-place", link).expect(0)
    check(link.is_symlink(), "the link is gone")
    equal(real.read_text(), raised(BASE) + FIXED)
    equal((bench.dir / "real/example.com.zone.orig").read_text(), BASE + CASE)


def untouched(bench, file, text):
    equal(file.read_text(), text)
    equal(sorted(path.name for path in file.parent.iterdir() if path.suffix == ".zone" or "zone." in path.name or path.name.startswith(".")), [file.name])


def as_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def test_without_rights(bench):
    """A folder or a file that may not be written."""
    if os.geteuid() != 0:
        return
    folder = bench.dir / "folder"
    file = bench.write(BASE + CASE, "folder/example.com.zone")
    bench.dir.chmod(bench.dir.stat().st_mode | stat.S_IXOTH)
    for folder_mode, file_mode, why in ((0o755, 0o666, "no new file can be made beside it"), (0o777, 0o644, "is protected against writing"),
                                        (0o777, 0o222, "cannot be read")):
        folder.chmod(folder_mode)
        file.chmod(file_mode)
        done = bench.run("fix", "--in-place", file, preexec_fn=as_nobody, valgrind=False).expect(2)
        check(why in done.err, done)
        untouched(bench, file, BASE + CASE)
    # Somebody else's file cannot be made anew as his.
    folder.chmod(0o777)
    file.chmod(0o666)
    done = bench.run("fix", "--in-place", file, preexec_fn=as_nobody, valgrind=False).expect(2)
    check("cannot be given its owner" in done.err, done)
    untouched(bench, file, BASE + CASE)


def test_limited_size(bench):
    """A limit is an error like others, not the end."""
    text = BASE + CASE + "; x\n" * 5000
    file = bench.write(text, "folder/example.com.zone")

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
    done = bench.run("fix", "--in-place", file, preexec_fn=limited).expect(2)
    check("the new file cannot be written (File too large)" in done.err, done)
    untouched(bench, file, text)


def test_full_disk(bench):
    """On a small file system of its own, where that can be had."""
    folder = bench.dir / "folder"
    folder.mkdir()
    text = BASE + CASE + "; x\n" * 10000
    script = """mount -t tmpfs -o size=64k none "$1" && cat >"$1/example.com.zone" || exit 77
        "$2" fix --in-place "$1/example.com.zone"; code=$?
        ls -A "$1"; cat "$1/example.com.zone"; exit $code"""
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", folder, bench.command("fix", valgrind=False)[0]],
                          input=text.encode(), capture_output=True)
    if done.returncode in (1, 77) and b"Operation not permitted" in done.stderr:
        return
    equal(done.returncode, 2, done.stderr.decode())
    check(b"the new file cannot be written (No space left on device)" in done.stderr, done.stderr)
    equal(done.stdout.decode(), "example.com.zone\n" + text)


def test_full_output(bench):
    with open("/dev/full", "wb") as full:
        for options in ((), ("--diff",)):
            bench.run("fix", *options, bench.write(BASE + CASE), stdout=full).expect(2)


def ended(bench, sig, rounds):
    """Ends it at any moment: the file is the old or the new one, and the old one is kept."""
    text = BASE + CASE + "".join(f"a{number} CNAME web\n TXT x\n" for number in range(2000))
    new = fix(bench, bench.write(text)).expect(0).out
    rng, seen = random.Random(sig), set()
    began = time.monotonic()
    fix(bench, bench.write(text)).expect(0)
    takes = time.monotonic() - began
    for number in range(rounds):
        folder = bench.dir / f"{sig}-{number}"
        file = bench.write(text, f"{folder.name}/example.com.zone")
        process = subprocess.Popen(bench.command("fix", "--serial", "increment", "--in-place", file, valgrind=False), stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.3, 1.5) * takes)
        process.send_signal(sig)
        process.wait()
        now = file.read_text()
        check(now in (text, new), f"half of it: {len(now)} of {len(text)} and {len(new)}")
        seen.add(now == new)
        kept = folder / "example.com.zone.orig"
        check(now == text or kept.read_text() == text, "the old file is lost")
        others = [path.name for path in folder.iterdir() if path not in (file, kept)]
        check(sig == signal.SIGKILL or not others, f"left behind: {others}")
    return seen


def test_killed(bench):
    ended(bench, signal.SIGKILL, 25)


def test_terminated(bench):
    ended(bench, signal.SIGTERM, 25)


def test_many_aliases_of_one_big_name(bench):
    """What they stand for is not copied without end."""
    size = 700
    lines = "".join(f"web A 10.0.{number // 256}.{number % 256}\nh{number} CNAME web\nh{number} TXT x\n" for number in range(size))
    done = fix(bench, bench.write(BASE + lines)).expect(1)
    check(done.out.count(" A 10.") < 100000 + size, f"{done.out.count(' A 10.')} addresses")
    check("take too many records together" in done.err and " names repaired" in done.err, done.err[-500:])


def test_big_files(bench):
    """A conflict on every tenth name."""
    lines = "".join(f"n{number} {'CNAME web' if number % 10 == 0 else 'A 192.0.2.7'}\n TXT \"{number}\"\n" for number in range(20000))
    file = bench.write(BASE + "web A 192.0.2.1\n" + lines)
    done = fix(bench, file, timeout=120).expect(0)
    equal(done.out.count("\n; cnameguard cname-other: "), 2000)
    equal(bench.judge_text(done.out), [])
