# SPDX-License-Identifier: GPL-2.0-or-later
"""What a query costs a stock knotd, in instructions of its thread (valgrind's callgrind), with and without the module.

`measure()` starts one server and counts kinds of queries on it.  What is counted is user space alone: the kernel's part of a query is the
same with and without the module, and makes every ratio smaller than the one that is given here.
"""

import re
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from lib import LOCAL, SOFT, Server, Zone, check  # noqa: E402 (its folder comes first)

TIMES = 400         # queries of a kind; twice as many are asked, the difference is what counts


class Counted(Server):
    """A knotd under callgrind, which counts only while it is told to."""

    def spawn(self, *command, env=None):
        self.prefix = f"--vgdb-prefix={self.dir}/vgdb"
        super().spawn("valgrind", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes", "--compress-strings=no", "--vgdb=yes", self.prefix,
                      f"--callgrind-out-file={self.dir}/counted", *command, env=env)

    def command(self, *words):
        done = subprocess.run(["vgdb", self.prefix, f"--pid={self.process.pid}", *words], capture_output=True, text=True, timeout=60)
        check(done.returncode == 0, f"vgdb {words}: {done.stdout}{done.stderr}")

    def counted(self, work):
        """Instructions of the thread that answers while that is done."""
        before = set(self.dir.glob("counted*"))
        self.command("zero")
        work()
        self.command("dump")
        texts = {file: file.read_text() for file in set(self.dir.glob("counted*")) - before}
        count = {file: int(re.search(r"^(?:totals|summary): (\d+)", text, re.M)[1]) for file, text in texts.items() if "knot_pkt_parse" in text}
        check(count, "a thread that answers")
        self.last = max(count, key=count.get)
        return count[self.last]


def ask(server, wire, times):
    """The same query by UDP, again and again, each once the last one is answered; returns the last answer."""
    with socket.socket(type=socket.SOCK_DGRAM) as link:
        link.settimeout(20)
        link.connect((LOCAL, server.port))
        for _ in range(times):
            link.send(wire)
            answer = link.recv(65535)
    return answer


def per_query(server, question, times=TIMES, **options):
    """Instructions of one query; `question` is `name TYPE`."""
    name, rdtype = question.split()
    wire = server.message(name, rdtype, **options).to_wire()
    ask(server, wire, 20)           # what comes first is dearer
    once, twice = (min(server.counted(lambda: ask(server, wire, number)) for _ in range(2)) for number in (times, 2 * times))
    return (twice - once) / times


def measure(bench, text, kinds, zone=SOFT, guard=True, policy=None, ready=None, times=TIMES, annotate=None, **options):
    """Counts kinds of queries on one server, and returns {kind: instructions a query}.

    kinds: {kind: "name TYPE" or ("name TYPE", options of the query)}; text: the zone's; zone: its options in knot.conf; policy: the
    module's; ready: what is called with the server before it is counted, as to wait for a verdict; annotate: {kind: file} where
    callgrind's own account goes; options: the server's.
    """
    if guard:
        policy = {"sweep_interval": 3600, **(policy or {})}
    settings = {"udp_workers": 1, "tcp_workers": 1, "background_workers": 1}
    server = bench._keep(Counted(bench._directory("knot"), [Zone(text, **zone)], guard, policy=policy, server=settings, **options))
    server.start()
    if ready:
        ready(server)
    server.command("instrumentation", "on")
    counts = {}
    for kind, question in kinds.items():
        question, how = (question, {}) if isinstance(question, str) else question
        counts[kind] = per_query(server, question, times, **how)
        if annotate:
            annotate(kind, server.last)
    server.command("instrumentation", "off")
    server.stop(timeout=60)
    return counts
