# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers to test the guard on: a stock knotd with or without it, BIND and NSD, a proxy for the control socket.

Everything runs on loopback, in a directory of its own, in the foreground, as a child of the test.  A test gets a `Bench`, asks it for
servers and says what it expects; the bench stops every server at the end and fails the test if one of them did not end as it should.
"""

import contextlib
import json
import os
import random
import re
import select
import shutil
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.tsigkeyring
import dns.update

ROOT = Path(__file__).resolve().parents[2]
MODULE = Path(os.environ.get("CNAMEGUARD_MODULE") or ROOT / "module/.libs/cnameguard.so").resolve()
VALGRIND = os.environ.get("CNAMEGUARD_VALGRIND", "") not in ("", "0")
os.environ["PATH"] += ":/usr/sbin:/sbin"        # where servers are
LOCAL = "127.0.0.1"
APEX = "example.com."
SLOW = 10 if VALGRIND else 1        # factor for every deadline
KEY = ("test-key.", "hmac-sha256", "c2VjcmV0IG9mIHRoZSB0ZXN0cw==")


def knot_version():
    """(3, 2) of the knotd under test; all that is not the same in every version is asked of KNOT."""
    said = subprocess.run(["knotd", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.search(r"(\d+)\.(\d+)", said).groups()))


KNOT = knot_version()


class Failure(AssertionError):
    """What a test expected did not come true."""


def check(holds, what):
    if not holds:
        raise Failure(what)


def equal(got, expected, what=""):
    if got != expected:
        raise Failure(f"{what + ': ' if what else ''}expected\n    {expected}\n  got\n    {got}")


def until(condition, what, timeout=10):
    """Polls until the condition holds, and returns what it returned; the one place where a test waits."""
    deadline = time.monotonic() + timeout * SLOW
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"not within {timeout * SLOW} s: {what() if callable(what) else what}")
        time.sleep(0.005)


def settles(answer, expected, what="", timeout=10):
    """The answer becomes the expected one."""
    last = None

    def same():
        nonlocal last
        last = answer()
        return last == expected
    until(same, lambda: f"{what}: expected {expected!r}, last {last!r}", timeout)


# --- ports ---------------------------------------------------------------------------------------------------------------------------

SLOTS = 16
_used = set()


def free_port():
    """A port free for UDP and TCP, below the ephemeral ones, and of this test process alone (by its slot)."""
    slot = int(os.environ.get("CNAMEGUARD_SLOT", 0)) % SLOTS
    for _ in range(1000):
        port = random.randrange(10000 // SLOTS, 32000 // SLOTS) * SLOTS + slot
        if port in _used:
            continue
        with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((LOCAL, port))
            tcp.bind((LOCAL, port))
            _used.add(port)
            return port
    raise Failure("no free port")


# --- names, zones --------------------------------------------------------------------------------------------------------------------

def absolute(name, origin=APEX):
    """`www` and `@` are meant relative to the zone, `www.example.com.` is not."""
    return origin if name == "@" else name if name.endswith(".") else f"{name}.{origin}"


class Zone:
    """A zone as the server under test is configured with it; options are knot.conf's, `_` for `-`."""

    def __init__(self, text=None, name=APEX, **options):
        self.name, self.text, self.options = name, text, options


def soa(serial, minimum=300):
    return f"@ SOA ns hostmaster {serial} 3600 600 86400 {minimum}\n@ NS ns\nns A 192.0.2.53\n"


def records(serial, *parts):
    """A zone's text: SOA, NS and the given lines."""
    return "$TTL 300\n" + soa(serial) + "\n".join(parts) + "\n"


# --- clients -------------------------------------------------------------------------------------------------------------------------

class Reply:
    """An answer, and what a test wants to say about it: `str(reply)` is its answer section or why there is none."""

    def __init__(self, message, wire=b""):
        self.message, self.wire = message, wire
        self.rcode = dns.rcode.to_text(message.rcode())
        self.truncated = bool(message.flags & dns.flags.TC)
        self.ede = next((option.code.value for option in message.options if isinstance(option, dns.edns.EDEOption)), None)
        self.records = lines(message.answer)

    def __str__(self):
        if self.rcode == "NOERROR" and self.truncated and not self.records:
            return "TC"
        what = ", ".join(self.records) if self.records else "nothing"
        if self.rcode != "NOERROR":
            what = self.rcode if not self.records else f"{self.rcode} {what}"
        if self.truncated:
            what += " TC"
        return what + (f" EDE {self.ede}" if self.ede is not None else "")


def relative(name, origin):
    text = name.to_text()
    return "@" if text == origin else text.removesuffix("." + origin)


def lines(rrsets, origin=APEX):
    """RRsets as sorted lines `owner TYPE rdata`, names relative to the zone, without TTL."""
    zone = dns.name.from_text(origin)
    return sorted(f"{relative(rrset.name, origin)} {dns.rdatatype.to_text(rrset.rdtype)} "
                  f"{rdata.to_text(origin=zone, relativize=True)}" for rrset in rrsets for rdata in rrset)


class Transfer:
    """A zone transfer: its rcode, its records as sorted lines, its messages' count; `kind` is AXFR or IXFR by its shape."""

    def __init__(self, messages, origin=APEX):
        self.messages = len(messages)
        self.rcode = dns.rcode.to_text(messages[0].rcode()) if messages else "none"
        rrs = [rrset for message in messages for rrset in message.answer]
        self.lines = [line for rrset in rrs for line in lines([rrset], origin)]
        self.serials = [rrset[0].serial for rrset in rrs if rrset.rdtype == dns.rdatatype.SOA]
        self.serial = self.serials[0] if self.serials else None
        self.kind = "IXFR" if len(self.serials) > 2 else "AXFR" if len(self.lines) > 1 else "empty"
        self.records = sorted(set(self.lines))

    def at(self, name):
        """The records of one name."""
        return [line for line in self.records if line.split(" ", 1)[0] == name]

    def __str__(self):
        return self.rcode if self.rcode != "NOERROR" else f"{self.kind} {self.serial}"


def receive_exactly(tcp, size):
    data = b""
    while len(data) < size:
        part = tcp.recv(size - len(data))
        if not part:
            raise EOFError("connection closed in the middle of a message")
        data += part
    return data


def send_message(tcp, wire):
    tcp.sendall(struct.pack("!H", len(wire)) + wire)


def receive_message(tcp):
    return receive_exactly(tcp, struct.unpack("!H", receive_exactly(tcp, 2))[0])


def complete(messages):
    """Whether the messages of a transfer are all there: it ends with the SOA it began with, an IXFR with the second such one."""
    serials = [rrset[0].serial for message in messages for rrset in message.answer if rrset.rdtype == dns.rdatatype.SOA]
    count = sum(len(message.answer) for message in messages)
    if not serials or messages[0].rcode() != dns.rcode.NOERROR:
        return True
    if count == 1:
        return True                                 # an IXFR client that is up to date already
    incremental = len(serials) > 1 and serials[1] != serials[0] or len(serials) > 2
    return serials.count(serials[0]) == (3 if incremental else 2)


def receive_transfer(tcp, query, meanwhile=None):
    """The messages of a transfer, taken off the connection before they are parsed, since a server does not wait for long.

    After the second message `meanwhile` is called.
    """
    waiting, messages = [], []
    while True:
        waiting.append(receive_message(tcp))
        if meanwhile and len(waiting) == 2:
            meanwhile = meanwhile()
        if select.select([tcp], [], [], 0.1 if len(waiting) > 3 else 0)[0]:
            continue
        messages += [dns.message.from_wire(wire, keyring=query.keyring, request_mac=query.mac, one_rr_per_rrset=True, xfr=True)
                     for wire in waiting]
        waiting = []
        if complete(messages):
            return messages


class Dns:
    """What can be asked of any server at self.port."""
    port = 0

    def message(self, name, rdtype, edns=1232, key=None, dnssec=False):
        query = dns.message.make_query(absolute(name), rdtype, use_edns=0 if edns else False, payload=edns or None,
                                       want_dnssec=dnssec if edns else None)
        query.flags &= ~dns.flags.RD
        if key:
            query.use_tsig(keyring(key), algorithm=key[1])
        return query

    def query(self, name, rdtype, tcp=False, timeout=5, **options):
        query = self.message(name, rdtype, **options)
        wire = query.to_wire()
        # sent and read as octets, since dnspython alone would keep some replies from us
        if tcp:
            with socket.create_connection((LOCAL, self.port), timeout * SLOW) as link:
                send_message(link, wire)
                reply = receive_message(link)
        else:
            with socket.socket(type=socket.SOCK_DGRAM) as link:
                link.settimeout(timeout * SLOW)
                link.connect((LOCAL, self.port))
                link.send(wire)
                reply = link.recv(65535)
        return Reply(dns.message.from_wire(reply, keyring=query.keyring, request_mac=query.mac, one_rr_per_rrset=True),
                     reply)

    def ask(self, question, **options):
        """The answer to `www MX` as text."""
        return str(self.query(*question.split(), **options))

    def resolve(self, name, rdtype, **options):
        """As a resolver asks: UDP, and TCP when the answer was truncated."""
        reply = self.query(name, rdtype, **options)
        return self.query(name, rdtype, tcp=True, **options) if reply.truncated else reply

    def serial(self, zone=APEX):
        reply = self.query(zone, "SOA")
        soas = [rrset[0].serial for rrset in reply.message.answer if rrset.rdtype == dns.rdatatype.SOA]
        return soas[0] if soas else None

    def transfer(self, query, origin, timeout):
        with socket.create_connection((LOCAL, self.port), timeout * SLOW) as link:
            send_message(link, query.to_wire())
            return Transfer(receive_transfer(link, query), origin)

    def axfr(self, zone=APEX, timeout=30, key=None):
        return self.transfer(self.message(zone, "AXFR", edns=None, key=key), zone, timeout)

    def ixfr(self, serial, zone=APEX, timeout=30):
        query = self.message(zone, "IXFR", edns=None)
        query.authority.append(dns.rrset.from_text(zone, 0, "IN", "SOA", f". . {serial} 0 0 0 0"))
        return self.transfer(query, zone, timeout)

    def contents(self, zone=APEX):
        """What the server transfers, or why it does not."""
        transfer = self.axfr(zone)
        return transfer.records if transfer.rcode == "NOERROR" else transfer.rcode

    def update(self, *changes, zone=APEX, key=None):
        """A dynamic update of lines such as `add www 300 A 192.0.2.1`, `delete www CNAME`; returns the rcode."""
        update = dns.update.UpdateMessage(zone, keyring=keyring(key) if key else None)
        for change in changes:
            action, name, *rest = change.split(None, 4 if change.startswith("add") else 3)
            getattr(update, action)(absolute(name, zone), *rest)
        return dns.rcode.to_text(dns.query.tcp(update, LOCAL, 30 * SLOW, self.port).rcode())


def keyring(key):
    return dns.tsigkeyring.from_text({key[0]: (key[1], key[2])})


# --- processes -----------------------------------------------------------------------------------------------------------------------

CRASH = re.compile(r"AddressSanitizer|ThreadSanitizer|UndefinedBehavior|runtime error:|Segmentation|Assertion .* failed|stack smashing"
                   r"|free\(\)|corrupted|double free|fatal")


class Daemon(Dns):
    """A child process with a log file that outlives its restarts."""

    def __init__(self, directory):
        self.dir = Path(directory)
        self.dir.mkdir(parents=True)
        self.port = free_port()
        self.log = self.dir / "log"
        self.log.touch()
        self.process = None

    def spawn(self, *command, env=None):
        check(shutil.which(command[0]), f"program not found: {command[0]}")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.dir, env={**os.environ, **(env or {})})

    def running(self):
        return self.process is not None and self.process.poll() is None

    def mark(self):
        """A place in the log: what comes after it is new."""
        return self.log.stat().st_size

    def log_text(self, after=0):
        with open(self.log, "rb") as log:
            log.seek(after)
            return log.read().decode(errors="replace")

    def find_log(self, pattern, after=0):
        """Lines that are there to their end."""
        text = self.log_text(after)
        return [line for line in text[:text.rfind("\n") + 1].splitlines() if re.search(pattern, line)]

    def wait_log(self, pattern, after=0, timeout=10):
        """Waits for a line, and returns it."""
        def found():
            match = self.find_log(pattern, after)
            check(match or self.running(), f"{self.name} ended: {self.log_text()[-2000:]}")
            return match
        return until(found, lambda: f"log line /{pattern}/ in\n{self.log_text(after)[-3000:]}", timeout)[0]

    def answers(self):
        check(self.running(), f"{self.name} did not start: {self.log_text()[-2000:]}")
        try:
            with socket.create_connection((LOCAL, self.port), 1):
                return True
        except OSError:
            return False

    def stop(self, timeout=20):
        """Ends the process by SIGTERM, and checks how it ended; returns the seconds that took."""
        process, self.process = self.process, None
        if process is None:
            return 0
        begin = time.monotonic()
        process.terminate()
        try:
            code = process.wait(timeout * SLOW)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failure(f"{self.name} did not stop within {timeout * SLOW} s") from None
        took = time.monotonic() - begin
        check(code == 0, f"{self.name} ended with {code}: {self.log_text()[-2000:]}{self.post_mortem()}")
        crash = [line for line in self.log_text().splitlines() if CRASH.search(line)]
        check(not crash, f"{self.name}: {crash[:3]}")
        return took

    def post_mortem(self):
        return ""

    def kill(self):
        if self.running():
            self.process.kill()
            self.process.wait()
        self.process = None


# --- Knot ----------------------------------------------------------------------------------------------------------------------------

def conf_value(value):
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(conf_value(item) for item in value) + "]"
    text = str(value)
    return text if re.fullmatch(r"[\w./@:+-]+", text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def conf_section(name, *items, single=False):
    """A section of knot.conf: a dict for each item, whose first key is its id unless it is `single`; `_` stands for `-`."""
    text = f"{name}:\n"
    for item in items:
        for index, (key, value) in enumerate(item.items()):
            text += f"  {'  ' if index or single else '- '}{key.replace('_', '-')}: {conf_value(value)}\n"
    return text


NO_UPDATES = dict(acl=["local", "keyed"])
UPDATES = dict(acl=["local", "keyed", "updates"])                   # as all zones are unless they say something else
SOFT = dict(semantic_checks="soft")                                 # lets conflicts in
FILE_ONLY = dict(semantic_checks="soft", zonefile_load="difference-no-serial", journal_content="all", zonefile_sync=-1, **NO_UPDATES)
UPDATED = dict(semantic_checks="soft", zonefile_load="none", journal_content="all", zonefile_sync=-1)


class Server(Daemon):
    """A stock knotd.  Policy options are the module's (`_` for `-`), zone options and the rest are knot.conf's."""
    name = "knotd"
    env = None                      # what is added to its environment
    database = None                 # a configuration database, instead of knot.conf

    def __init__(self, directory, zones, guard=True, policy=None, remotes=None, control=None, valgrind=VALGRIND, extra="", server=None):
        super().__init__(directory)
        self.zones = {zone.name: zone for zone in zones}
        self.guard, self.remotes, self.valgrind, self.extra = guard, remotes or {}, valgrind, extra
        self.policy = {"sweep_interval": 1, "audit_log": "audit.json", **(policy or {})} if guard else {}
        if control:
            self.policy["control"] = control
        self.server = {"udp_workers": 2, "tcp_workers": 2, "background_workers": 2, **(server or {})}
        self.storage, self.rundir = self.dir / "storage", self.dir / "run"
        self.conf, self.socket = self.dir / "knot.conf", self.rundir / "knot.sock"
        self.audit_file = self.storage / "cnameguard" / "audit.json"
        for directory in (self.storage, self.rundir):
            directory.mkdir()
        for zone in zones:
            if zone.text is not None:
                self.write_zone(zone.text, zone.name)
        self.configure()

    # configuration and files

    def configure(self, **policy):
        """Writes knot.conf, with the policy options changed as given."""
        if self.guard:
            self.policy.update(policy)
        ids = [{"id": name, "address": f"{LOCAL}@{port}"} for name, port in self.remotes.items()]
        zones = []
        for zone in self.zones.values():
            options = {"domain": zone.name, "storage": self.storage, "file": "%s.zone", **UPDATES, **zone.options}
            if self.guard:
                options.setdefault("module", "mod-cnameguard/default")
            zones.append({key: value for key, value in options.items() if value not in (None, [])})
        text = conf_section("server", {"rundir": self.rundir, "listen": f"{LOCAL}@{self.port}", **self.server}, single=True)
        text += conf_section("log", {"target": "stderr", "any": "debug"})
        text += conf_section("database", {"storage": self.storage}, single=True)
        text += conf_section("key", {"id": KEY[0], "algorithm": KEY[1], "secret": KEY[2]})
        text += conf_section("acl", {"id": "local", "address": LOCAL, "action": ["transfer", "notify"]},
                             {"id": "keyed", "address": LOCAL, "key": KEY[0], "action": ["transfer", "notify"]},
                             {"id": "updates", "address": LOCAL, "action": "update"})
        if ids:
            text += conf_section("remote", *ids)
        if self.guard:
            check(MODULE.exists(), f"the module is not built: {MODULE}")
            text += conf_section("module", {"id": "mod-cnameguard", "file": MODULE})
            text += conf_section("mod-cnameguard", {"id": "default", **self.policy})
        text += self.extra + conf_section("zone", *zones)
        self.conf.write_text(text)

    def zone_file(self, zone=APEX):
        file = (zone in self.zones and self.zones[zone].options.get("file")) or "%s.zone"
        return self.storage / file.replace("%s", zone.removesuffix("."))

    def write_zone(self, text, zone=APEX):
        """Replaces the zone file as an editor or a script does, in one step, with a new modification time."""
        file = self.zone_file(zone)
        draft = file.with_name(file.name + ".new")
        draft.write_text(text)
        if file.exists():           # Knot compares the whole seconds and nanoseconds; make sure that they differ
            before = file.stat().st_mtime_ns
            if draft.stat().st_mtime_ns <= before:
                os.utime(draft, ns=(before + 1000000, before + 1000000))
        draft.rename(file)

    # life

    def start(self, wait=True):
        command = ["knotd", "-C", self.database] if self.database else ["knotd", "-c", self.conf]
        if self.valgrind:
            command = ["valgrind", "--error-exitcode=99", "--leak-check=full", "--keep-debuginfo=yes", "--num-callers=40",
                       "--errors-for-leak-kinds=definite", "-q", f"--log-file={self.dir}/valgrind.%p"] + command
        mark = self.mark()
        self.spawn(*command, env=self.env)
        if wait:
            if KNOT < (3, 5):
                self.wait_log(r"control, binding to", mark)
            until(lambda: self.answers() and self.knotc("status", check_code=False).returncode == 0, "knotc status")
            if KNOT >= (3, 5):      # it listens to knotc first
                self.wait_log(r"server started answering", mark)
        return self

    def restart(self):
        self.stop()
        return self.start()

    def post_mortem(self):
        return "".join(report.read_text()[-3000:] for report in sorted(self.dir.glob("valgrind.*")))

    def knotc(self, *arguments, check_code=True, timeout=30):
        done = subprocess.run(["knotc", "-s", self.socket, "-t", str(timeout * SLOW), *map(str, arguments)], capture_output=True, text=True,
                              timeout=(timeout + 10) * SLOW)
        check(not check_code or done.returncode == 0, f"knotc {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
        return done

    def between_transactions(self, *arguments):
        """From 3.4 on knotc is served while the guard repairs, and turned away where it has to wait for that."""
        def done():
            run = self.knotc(*arguments, check_code=KNOT < (3, 4))
            check(run.returncode == 0 or "too many transactions" in run.stdout + run.stderr, f"knotc {' '.join(arguments)}: {run.stdout}{run.stderr}")
            return run.returncode == 0
        until(done, f"knotc {' '.join(arguments)}: a transaction is open")

    def reload(self):
        self.between_transactions("reload")

    def zone_reload(self, zone=APEX, force=False):
        self.between_transactions("-b", *(["-f"] if force else []), "zone-reload", zone)

    def txn(self, *edits, zone=APEX, end="zone-commit"):
        """A control transaction of `set www 300 A 192.0.2.1`, `unset www CNAME`; end=None leaves it open."""
        until(lambda: self.knotc("zone-begin", zone, check_code=False).returncode == 0, "zone-begin")     # the guard may have one open
        for edit in edits:
            verb, name, *rest = edit.split(None, 4 if edit.startswith("set") else 3)
            self.knotc(f"zone-{verb}", zone, absolute(name, zone), *rest)
        if end:
            self.knotc(end, zone)

    def dump(self, zone=APEX):
        """Writes the zone as it is served, DNSSEC and all, and returns the file."""
        self.knotc("-b", "zone-flush", zone, "+outdir", self.dir)
        return self.dir / (zone + "zone")

    # what it says

    def audit(self, event=None, after=0, **fields):
        """The audit log's objects, those of an event, with these fields; after: as mark_audit() gave."""
        if not self.audit_file.exists():
            return []
        with open(self.audit_file, "rb") as log:
            log.seek(after)
            text = log.read()
        objects = [json.loads(line) for line in text[:text.rfind(b"\n") + 1].decode().splitlines()]
        return [entry for entry in objects if event in (None, entry["event"])
                and all(entry.get(key) == value for key, value in fields.items())]

    def mark_audit(self):
        return self.audit_file.stat().st_size if self.audit_file.exists() else 0

    def verdict(self, action, after=0, timeout=10, zone=APEX):
        """Waits for the log's verdict on a zone, and returns the line from `verdict` on."""
        line = self.wait_log(rf"\[{re.escape(zone)}\].*\bverdict {action}\b", after, timeout)
        return line[line.index("verdict"):]

    def repaired(self, after=0, timeout=10, zone=APEX):
        """Waits until a version was rewritten and the repaired one has its own verdict."""
        pattern = rf"\[{re.escape(zone)}\][^\n]*verdict rewritten.*\[{re.escape(zone)}\][^\n]*verdict clean"
        until(lambda: re.search(pattern, self.log_text(after), re.S), lambda: f"repaired in\n{self.log_text(after)[-3000:]}", timeout)

    def swept(self, times=2):
        """Waits until the module has looked at the server again, by its sweep."""
        mark = self.mark()
        until(lambda: len(self.find_log(r"control, received command 'zone-", mark)) >= times, "a sweep")

    def guard_lines(self, after=0):
        """What the module said in Knot's log, without its prefix."""
        prefix = re.compile(r"^.*module 'mod-cnameguard[^']*', (?!loaded shared)")
        return [prefix.sub("", line) for line in self.log_text(after).splitlines() if prefix.search(line)]

    def stats(self, zone=APEX):
        """The module's counters of a zone; those never counted are 0."""
        counters = dict.fromkeys(("held", "refused", "transfers-held", "transfers-refused", "ixfr-to-axfr"), 0)
        output = self.knotc("zone-stats", zone, check_code=False).stdout
        counters.update((name, int(value)) for name, value in re.findall(r"mod-cnameguard\.([\w-]+)(?:\[[^]]*\])? = (\d+)", output))
        return counters

    def read(self, zone=APEX, owner=None):
        """A zone's records as the server holds them, sorted, without TTL; served or not (never while it is updated: see knot-facts)."""
        output = self.knotc("zone-read", zone, *([absolute(owner, zone)] if owner else []), check_code=False).stdout
        fields = (line.split(None, 4) for line in output.splitlines() if line.startswith("["))
        return sorted(f"{owner} {kind} {rdata}" for _, owner, _, kind, rdata in fields)


# --- other servers as secondaries ----------------------------------------------------------------------------------------------------

class Bind(Daemon):
    name = "named"

    def __init__(self, directory, primary, zone=APEX):
        super().__init__(directory)
        self.conf = self.dir / "named.conf"
        self.conf.write_text(f"""
options {{
    directory "{self.dir}"; pid-file "named.pid"; session-keyfile "session.key"; managed-keys-directory "{self.dir}";
    listen-on port {self.port} {{ {LOCAL}; }}; listen-on-v6 {{ none; }};
    recursion no; dnssec-validation no; notify no; allow-transfer {{ any; }}; request-ixfr yes;
    min-refresh-time 1; min-retry-time 1; serial-query-rate 1000; transfer-source {LOCAL}; minimal-responses yes;
}};
controls {{ }};
logging {{ channel log {{ stderr; severity info; print-severity yes; print-category yes; }}; category default {{ log; }}; }};
zone "{zone}" {{
    type secondary; file "zone.db"; masterfile-format text; primaries {{ {LOCAL} port {primary}; }};
    allow-notify {{ any; }};
}};
""")

    def start(self):
        self.spawn("named", "-c", self.conf, "-f", "-n", "1")
        until(self.answers, "named answers")
        return self

    def errors(self, after=0):
        """Whatever BIND could not take; a transfer that the guard held and BIND asks again is none."""
        return [line for line in self.find_log(r": error: |CNAME and other data", after) if "receiving responses: SERVFAIL" not in line]


class Nsd(Daemon):
    name = "nsd"

    def __init__(self, directory, primary, zone=APEX):
        super().__init__(directory)
        self.conf = self.dir / "nsd.conf"
        self.conf.write_text(f"""
server:
    ip-address: {LOCAL}@{self.port}
    username: ""
    chroot: ""
    server-count: 1
    database: ""
    zonesdir: "{self.dir}"
    zonelistfile: "{self.dir}/zone.list"
    xfrdfile: "{self.dir}/xfrd.state"
    xfrdir: "{self.dir}"
    pidfile: "{self.dir}/nsd.pid"
    xfrd-reload-timeout: 0
    verbosity: 3
    rrl-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: "{zone}"
    zonefile: "zone.db"
    request-xfr: {LOCAL}@{primary} NOKEY
    allow-notify: {LOCAL} NOKEY
    provide-xfr: {LOCAL} NOKEY
    min-refresh-time: 1
    min-retry-time: 1
""")

    def start(self):
        self.spawn("nsd", "-c", self.conf, "-d")
        until(self.answers, "nsd answers")
        return self


# --- the control socket, disturbed ---------------------------------------------------------------------------------------------------

COMMAND = re.compile(rb"(?:zone|conf)-[a-z-]+|stats|status|reload|stop")


class Proxy:
    """A UNIX socket between the module and Knot's control socket, which can be slow, cut or silent; it counts the commands."""

    def __init__(self, path, target):
        self.path, self.target = str(path), str(target)
        self.commands, self.connections = [], 0
        self.links = set()
        self.lock = threading.Lock()
        self.behave()
        self.listener = None

    def behave(self, silent=False, refuse=False, delay=0, cut_before=None, cut_after=None, reply_limit=None, replace=None, times=None,
               at=1, refuse_then=False):
        """How it behaves from now on.

        silent: takes commands and never replies; refuse: closes at once; delay: seconds before each reply; cut_before, cut_after: closes
        when this command comes in, or once it was carried out; reply_limit: octets of replies before it closes; replace: (command, old,
        new) octets in a command; times: how often it cuts before it behaves; at: cuts when the command comes the nth time; refuse_then:
        closes at once after the first cut.
        """
        self.silent, self.refuse, self.delay, self.cut_before, self.cut_after = silent, refuse, delay, cut_before, cut_after
        self.reply_limit, self.replace, self.times = reply_limit, replace, times
        self.at, self.refuse_then = at, refuse_then

    def start(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(16)
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def stop(self):
        """The socket is gone, and every connection through it."""
        if self.listener:
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
            os.unlink(self.path)
        for link in list(self.links):
            close(link)

    kill = stop

    def count(self, command=""):
        return sum(1 for name in list(self.commands) if command in name)

    def accept(self):
        listener = self.listener
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.refuse:
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.target)
            except OSError:
                client.close()
                continue
            self.links |= {client, server}
            state = {"reply": 0, "cut": False}
            threading.Thread(target=self.forward, args=(client, server, state), daemon=True).start()
            threading.Thread(target=self.backward, args=(server, client, state), daemon=True).start()

    def spent(self):
        """Whether not to cut once more."""
        with self.lock:
            if self.at > 1:
                self.at -= 1
                return True
            if self.times == 0:
                return True
            if self.times:
                self.times -= 1
            return False

    def forward(self, client, server, state):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                names = COMMAND.findall(data)
                self.commands += [name.decode() for name in names]
                if self.cut_before and self.cut_before.encode() in names and not self.spent():
                    break
                if self.cut_after and self.cut_after.encode() in names and not self.spent():
                    state["cut"] = True
                    self.refuse = self.refuse or self.refuse_then
                if self.replace and self.replace[0].encode() in names:
                    data = data.replace(*self.replace[1:])
                server.sendall(data)
        self.finish(client, server)

    def backward(self, server, client, state):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if state["cut"]:
                    break
                while self.silent and client in self.links:
                    time.sleep(0.01)
                if self.delay:
                    time.sleep(self.delay)
                state["reply"] += len(data)
                beyond = state["reply"] - self.reply_limit if self.reply_limit is not None else 0
                if beyond > 0 and not self.spent():
                    client.sendall(data[:max(0, len(data) - beyond)])
                    break
                client.sendall(data)
        self.finish(client, server)

    def finish(self, *links):
        for link in links:
            self.links.discard(link)
            close(link)


def close(link):
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
    link.close()


# --- the bench -----------------------------------------------------------------------------------------------------------------------

class Bench:
    """Makes servers, each in a directory of its own, and sees to their end."""

    def __init__(self, directory):
        self.dir = Path(directory)
        self.things = []

    def _directory(self, name):
        return self.dir / f"{name}{len(self.things)}"

    def _keep(self, thing):
        self.things.append(thing)
        return thing

    def prepare(self, *zones, guard=True, **options):
        """A knotd, configured and not yet started.  Options of the module's policy go in policy=dict(...)."""
        return self._keep(Server(self._directory("knot"), list(zones), guard, **options))

    def knot(self, *zones, **options):
        return self.prepare(*zones, **options).start()

    def bind(self, primary):
        return self._keep(Bind(self._directory("bind"), primary))

    def nsd(self, primary):
        return self._keep(Nsd(self._directory("nsd"), primary))

    def proxy(self, path, target):
        return self._keep(Proxy(path, target))

    def stop(self):
        """Ends everything; the first that did not end well fails the test."""
        failure = None
        for thing in reversed(self.things):
            try:
                thing.stop()
            except Exception as error:      # the others must be stopped as well
                failure = failure or error
        if failure:
            raise failure

    def kill(self):
        for thing in self.things:
            with contextlib.suppress(Exception):
                thing.kill()


def long(test):
    """Marks a test for the night."""
    test.long = True
    return test


def where(holds):
    """The test is there where that holds only, as on some versions of Knot; docs/versions.md says why."""
    def mark(test):
        test.absent = not holds
        return test
    return mark


ROOT_USER = os.geteuid() == 0       # only root mounts


@contextlib.contextmanager
def small_disk(bench):
    """A folder on a file system with room for 64 KiB."""
    small = bench.dir / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", small], check=True)
    try:
        yield small
    finally:
        subprocess.run(["umount", "-l", small], check=False)


def limit(seconds):
    """Gives a test another time limit."""
    def mark(test):
        test.limit = seconds
        return test
    return mark
