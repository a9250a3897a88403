# SPDX-License-Identifier: GPL-2.0-or-later
"""The query path.

Instructions are those of the one UDP thread, counted by callgrind, in bursts of as many messages as the thread takes at
once or more, so that waiting for them counts little.  They are the same in each run.
"""

import os
import re
import signal
import socket
import statistics
import struct
import subprocess

from lib import KNOT, LOCAL, MODULE, check, conf_section, until

import table
import zones
from measure import alternately, need
from servers import Knot

BURST = 100
CLEAN = """\
www A 192.0.2.1
alias CNAME www
d DNAME e
a.e A 192.0.2.2
mail MX 10 www
"""
CONFLICT = CLEAN + "bad CNAME www\nbad MX 10 mail\nworse CNAME www\nworse A 192.0.2.3\n"
SINGLE = dict(udp_workers=1, tcp_workers=1, background_workers=1)
SOFT = dict(semantic_checks="soft")
NO_TRANSFERS = dict(acl="updates")              # with them the module has to look before an answer is made, too
ONE_LOOK = dict(sweep_interval=86400)           # nothing else happens meanwhile


class Counted(Knot):
    """A knotd under callgrind."""

    def start(self, wait=True):
        out = f"--callgrind-out-file={self.dir}/count"
        self.spawn(need("valgrind"), "-q", "--tool=callgrind", "--separate-threads=yes", out, "knotd", "-c", self.conf)
        until(lambda: self.answers() and self.serial(), "knotd under callgrind answers", 120)
        if self.guard and "control" not in self.own_policy:
            self.wait_log(r"\bverdict ", timeout=120)
        self.dumps = 0
        self.dump()
        self.burst(self.message(zones.APEX, "SOA").to_wire(), 20 * BURST)
        counts = self.dump()
        self.thread = counts.index(max(counts))         # of UDP
        return self

    def dump(self):
        """Instructions since the last dump, by thread."""
        done = subprocess.run([need("vgdb"), f"--pid={self.pid}", "dump"], capture_output=True, text=True, timeout=120, check=False)
        self.dumps += 1
        files = sorted(self.dir.glob(f"count.{self.dumps}-*"))
        check(done.returncode == 0 and files, f"vgdb dump: {done.stdout}{done.stderr}")
        totals = (re.search(r"^(?:summary|totals): (\d+)", file.read_text(), re.M) for file in files)
        return [int(total[1]) if total else 0 for total in totals]

    def burst(self, query, count):
        """Asks so often, in bursts that lie ready when the server looks; returns the last answer."""
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            udp.connect((LOCAL, self.port))
            udp.settimeout(60)
            for first in range(0, count, BURST):
                os.kill(self.pid, signal.SIGSTOP)
                for number in range(first, min(first + BURST, count)):
                    udp.send(struct.pack("!H", number & 65535) + query[2:])
                os.kill(self.pid, signal.SIGCONT)
                for _ in range(first, min(first + BURST, count)):
                    reply = udp.recv(65535)
        return reply

    def per_query(self, question, count=400):
        """Instructions a query: those of two bursts less those of one, so that what each burst begins with is not counted."""
        query = self.message(*question.split()).to_wire()
        self.burst(query, BURST)
        self.dump()
        self.burst(query, count)
        once = self.dump()[self.thread]
        self.burst(query, 2 * count)
        return (self.dump()[self.thread] - once) / count


def counted(run, text, *modules, template=None, policy=None, sections=""):
    folder = run.dir / f"zones{len(run.bench.things)}"
    folder.mkdir()
    (folder / "example.com.zone").write_text(zones.head() + text)
    server = Counted(run.dir / f"knot{len(run.bench.things)}", [zones.APEX], folder, template, modules,
                     {**ONE_LOOK, **(policy or {})}, SINGLE, sections=sections)
    run.bench.things.append(server)
    return server.start()


PLAIN = {"www A": "an A answer", "www TXT": "no such type (NODATA)", "nowhere A": "no such name (NXDOMAIN)"}
ALIAS = {"alias A": "an alias and its A", "x.d A": "below a DNAME, no such name", "a.d A": "below a DNAME, and its A"}


def against(stock, guarded, questions, where):
    """A row a question: the guarded server's instructions, and the stock one's."""
    for question, (name, limit) in questions.items():
        here, there = guarded.per_query(question), stock.per_query(question)
        yield table.Row(f"{name}, {where}", table.instructions(here), f"{there:,.0f} without the module", table.Ratio.of([(here, there)]),
                        limit, limit_text=f"<= {limit}")


def limits(**more):
    return {**{question: (name, 1.01) for question, name in PLAIN.items()},
            **{question: (name, 1.02) for question, name in ALIAS.items()}, **more}


def instead(run, stock, module, name, questions, **options):
    """Rows of another module than the guard."""
    server = counted(run, CLEAN, module, **options)
    for question in questions:
        here, there = server.per_query(question), stock.per_query(question)
        yield table.Row(f"{(PLAIN | ALIAS)[question]}, {name} instead", table.instructions(here), f"{there:,.0f} without any module",
                        table.Ratio.of([(here, there)]))
    server.stop(60)


def empty_hooks(**options):
    """A module that does nothing (hooks.c)."""
    library = need(MODULE.parents[2] / "tests/bench/.libs/hooks.so")
    return dict(module="mod-hooks/empty", sections=conf_section("module", {"id": "mod-hooks", "file": library}) +
                conf_section("mod-hooks", {"id": "empty", **options}))


def measure_instructions(run):
    stock = counted(run, CLEAN)
    for transfers, options in {"": dict(template=NO_TRANSFERS), ", transfers allowed": {}}.items():
        guarded = counted(run, CLEAN, "guard", **options)
        yield from against(stock, guarded, limits(), f"mode refuse{transfers}")
        guarded.stop(60)
    audit = counted(run, CLEAN, "guard", policy=dict(mode="audit"))
    yield from against(stock, audit, {"www A": ("an A answer", 1.01), "alias A": ("an alias and its A", 1.02)}, "mode audit")
    audit.stop(60)
    yield from instead(run, stock, name="an empty hook at the end", questions=("www A", "alias A"), **empty_hooks())
    yield from instead(run, stock, name="empty hooks at begin and end", questions=("www A", "alias A"), **empty_hooks(begin="on"))
    yield from instead(run, stock, name="a hook that only looks at the apex", questions=("alias A",), **empty_hooks(apex="on"))
    yield from instead(run, stock, module="mod-stats", name="Knot's mod-stats", questions=("www A", "alias A"))


def measure_instructions_soft(run):
    """Where conflicts can come in, and have."""
    pair = counted(run, CLEAN, template=SOFT), counted(run, CLEAN, "guard", template=SOFT)
    yield from against(*pair, limits(), "soft")
    for server in pair:
        server.stop(60)
    stock = counted(run, CONFLICT, template=SOFT)
    refused = counted(run, CONFLICT, "guard", template=SOFT)
    asked = {"bad MX": ("a refused name, MX", 1.0), "bad A": ("a refused name, A", 1.0)}
    yield from against(stock, refused, limits(**asked), "soft, two names refused")
    refused.stop(60)
    repaired = counted(run, CONFLICT, "guard", template=SOFT, policy=dict(mode="rewrite"))
    check("rewritten" in repaired.log_text(), repaired.log_text()[-2000:])
    asked = {"bad MX": ("a repaired name, MX", 1.0), "bad A": ("a repaired name, A", 1.0)}
    yield from against(stock, repaired, limits(**asked), "soft, two names repaired in answers")


def measure_instructions_unverified(run):
    """Before a verdict, which without a control socket never comes."""
    stock = counted(run, CONFLICT, template=SOFT)
    held = counted(run, CONFLICT, "guard", template=SOFT, policy=dict(control=run.dir / "nowhere"))
    asked = {"www A": ("an A answer", 1.01), "bad MX": ("a conflicting name held", 1.0)}
    if KNOT < (3, 4):
        asked["alias A"] = ("a clean alias held", None)
        yield from against(stock, held, asked, "no verdict")
        return
    yield from against(stock, held, asked, "no verdict")
    for question, name in {"alias A": "a clean alias", "a.d A": "a clean DNAME"}.items():
        here, there = held.per_query(question), stock.per_query(question)
        yield table.Row(f"{name} looked at by the hook, no verdict", table.instructions(here), f"{there:,.0f} without the module",
                        table.Ratio.of([(here, there)]))


# --- throughput ----------------------------------------------------------------------------------------------------------------------

MIX = 5 * ["www A"] + 2 * ["nowhere A"] + 2 * ["alias A"] + ["mail MX"]


def queries_a_second(port, file, seconds):
    done = subprocess.run([need("dnsperf"), "-s", LOCAL, "-p", str(port), "-d", str(file), "-l", str(seconds), "-c", "4", "-q", "200"],
                          capture_output=True, text=True, check=True, timeout=seconds + 60)
    rate, lost = (re.search(rf"Queries {what}:\s+([\d.]+)", done.stdout) for what in ("per second", "lost"))
    check(rate and lost and int(lost[1]) < float(rate[1]) * seconds / 1000, f"dnsperf: {done.stdout[-500:]}")
    return float(rate[1])


def measure_throughput(run, pairs=13):
    """Two servers side by side, asked one after the other."""
    need("dnsperf")
    folder = run.dir / "zones"
    folder.mkdir()
    (folder / "example.com.zone").write_text(zones.head() + CLEAN)
    queries = run.dir / "queries"
    queries.write_text("".join(f"{name}.{zones.APEX} {kind}\n" for name, kind in map(str.split, MIX)))
    servers = [Knot(run.dir / name, [zones.APEX], folder, SOFT, modules, server=SINGLE)
               for name, modules in (("guarded", ["guard"]), ("stock", []))]
    run.bench.things += servers
    for server in servers:
        server.start()
    servers[0].wait_log(r"\bverdict clean")
    measured = alternately(*(lambda port=server.port: queries_a_second(port, queries, max(1, int(2 * run.scale))) for server in servers),
                           times=run.size(pairs, 1))
    row = table.pair_row("queries a second (dnsperf), A, NXDOMAIN, aliases, soft", measured, table.number, "without the module")
    rates = [rate for pair in measured for rate in pair]
    row.against += f", {len(measured)} pairs, spread {statistics.pstdev(rates) / statistics.mean(rates):.0%}"
    yield row
