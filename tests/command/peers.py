# SPDX-License-Identifier: GPL-2.0-or-later
"""What other checkers say about a zone, as (what, owner), in the words of the rules."""

import re
import subprocess
from typing import NamedTuple

import dns.name
import dns.rdatatype as T
import oracle

OTHER = "cname-and-other"       # cname-apex, cname-mx and cname-other are one to all peers
KINDS = {"cname-apex": OTHER, "cname-mx": OTHER, "cname-other": OTHER}


class Said(NamedTuple):
    judged: frozenset           # what this peer judges here
    found: frozenset            # of (what, owner)
    first: frozenset            # what it tells of once only
    output: str

    def disagrees(self, ours):
        """What only we find and what only this peer finds, of our (what, owner) pairs."""
        ours = {pair for pair in ours if pair[0] in self.judged
                and not (pair[0] in self.first and pair not in self.found
                         and any(what == pair[0] for what, _ in self.found))}
        return ours - self.found, {pair for pair in self.found if pair[0] in self.judged} - ours


def owner(text):
    return dns.name.from_text(text).to_text().lower()


def owner_at(text, line, origin):
    return dns.name.from_text(text.splitlines()[line - 1].split(None, 1)[0],
                              dns.name.from_text(origin)).to_text().lower()


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def bind(file, text, origin):
    """named-checkzone; what it says about targets comes only where the zone loads and the apex is in order."""
    output = run("named-checkzone", "-i", "local", "-M", "fail", "-S", "fail", "-n", "fail", "-m", "fail", "-k",
                 "ignore", "-r", "ignore",
                 "-W", "ignore", origin, str(file))
    found, judged = set(), {OTHER, "cname-multiple", "dname-multiple"}
    for line in output.splitlines():
        if match := re.match(r"dns_master_load: .*?:\d+: (\S+): CNAME and other data$", line):
            found.add((OTHER, owner(match[1])))
        elif match := re.match(r"dns_master_load: .*?:\d+: (\S+): multiple RRs of singleton type$", line):
            found.update((kind, owner(match[1])) for kind in singletons(text, owner(match[1]), origin))
        elif match := re.match(r"zone \S+: (\S+)/(MX|SRV|NS) '\S+' is (a CNAME|below a DNAME)", line):
            found.add((f"{match[2].lower()}-alias", owner(match[1])))
        elif re.match(r"zone \S+: NS '\S+' is (a CNAME|below a DNAME)", line):
            found.add(("ns-alias", owner(origin)))
        elif re.match(r"zone \S+: has no NS records", line):
            found.add(("apex-no-ns", owner(origin)))
    if "loading from master file" not in output:
        judged |= {"apex-no-ns", "dname-ns", "dname-children"}
        if not re.search(r"^zone \S+: (NS '|has no)", output, re.M):
            judged |= {"mx-alias", "srv-alias", "ns-alias"}
    return Said(frozenset(judged), frozenset(found), frozenset(), output)


def singletons(text, name, origin):
    """Which of the types that can be there once only are meant: those that are there several times."""
    records = [record for record in oracle.parse(text, dns.name.from_text(origin))
               if record.owner.to_text().lower() == name]
    return [kind for kind, rdtype in (("cname-multiple", T.CNAME), ("dname-multiple", T.DNAME))
            if len({record.data for record in records if record.type == rdtype}) > 1]


KNOT = {
    "another record exists beside CNAME": OTHER,
    "multiple CNAME records": "cname-multiple",
    "multiple DNAME records": "dname-multiple",
    "child record exists under DNAME": "dname-children",
    "NS record exists beside DNAME": "dname-ns",
    "missing NS at the zone apex": "apex-no-ns",
}


def knot(file, text, origin):
    output = run("kzonecheck", "-o", origin, str(file))
    found = {(KNOT[match[2]], owner(match[1])) for match in re.finditer(r"^\[(\S+)\] (.+?)(?: \(.*\))?$", output, re.M)
             if match[2] in KNOT}
    return Said(frozenset(KNOT.values()), frozenset(found), frozenset(), output)


NSD = {
    "CNAME and other data at the same name": OTHER,
    "multiple CNAMEs at the same name": "cname-multiple",
    "multiple DNAMEs at the same name": "dname-multiple",
}


def nsd(file, text, origin):
    output = run("nsd-checkzone", origin, str(file))
    found = {(NSD[match[2]], owner_at(text, int(match[1]), origin))
             for match in re.finditer(r": error: .*?:(\d+): (.+)$", output, re.M) if match[2] in NSD}
    found |= {("dname-children", owner(name)) for name in re.findall(r": DNAME at (\S+) has data below it", output)}
    return Said(frozenset(NSD.values()) | {"dname-children", "dname-ns", "apex-no-ns"}, frozenset(found),
                frozenset({"dname-children"}), output)


def nsd_version():
    said = subprocess.run(["/usr/sbin/nsd", "-v"], capture_output=True, text=True, check=True)
    return tuple(map(int, re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr).groups()))


PEERS = {"BIND": bind, "Knot": knot, "NSD": nsd}
if nsd_version() >= (4, 10):        # it has another parser, which judges otherwise
    del PEERS["NSD"]
