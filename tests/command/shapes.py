# SPDX-License-Identifier: GPL-2.0-or-later
"""Zones of one shape each, and what is found in them: lines after BASE, then `RULE OWNER` as findings are sorted."""

from typing import NamedTuple

import dns.name
from lib import APEX, BASE

RRSIG = "RRSIG A 8 3 300 20300101000000 20200101000000 1 @ AAAA"
NAPTR = 'NAPTR 1 1 "s" "x" ""'
NSEC3_OWNER = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"
NSEC3 = "NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG"
LABEL63 = "x" * 63
LONGEST = ".".join(["y" * 63, "y" * 63, "y" * 63, "y" * 49])         # with example.com. 255 octets

# Every type with data of its own; those that have no name for all are written as RFC 3597 has it.
TYPES = {
    "A": "192.0.2.1", "NS": "ns", "MD": None, "MF": None, "MB": None, "MG": None, "MR": None, "NULL": None, "WKS": None,
    "PTR": "ns", "HINFO": "a b", "MINFO": "a b", "MX": "10 ns", "TXT": "x", "RP": "a b", "AFSDB": "1 ns", "X25": None,
    "ISDN": None,
    "RT": "1 ns", "NSAP": None, "NSAP-PTR": None, "SIG": None, "KEY": "256 3 8 AAAA", "PX": None, "GPOS": None,
    "AAAA": "2001:db8::1",
    "LOC": "0 0 0 N 0 0 0 E 0m", "NXT": None, "EID": None, "NIMLOC": None, "SRV": "1 1 1 ns", "ATMA": None,
    "NAPTR": '1 1 "s" "x" "" ns',
    "KX": "1 ns", "CERT": "1 1 8 AAAA", "A6": None, "DNAME": "ns", "SINK": None, "APL": "1:192.0.2.0/24",
    "DS": f"1 8 1 {'00' * 20}",
    "SSHFP": f"1 1 {'00' * 20}", "IPSECKEY": "1 0 1 . AAAA", "DNSKEY": "256 3 8 AAAA", "DHCID": "AAAA",
    "NSEC3PARAM": "1 0 0 -",
    "TLSA": "1 1 1 00", "SMIMEA": "1 1 1 00", "HIP": None, "NINFO": None, "RKEY": None, "TALINK": None,
    "CDS": f"1 8 1 {'00' * 20}",
    "CDNSKEY": "256 3 8 AAAA", "OPENPGPKEY": "AAAA", "CSYNC": "1 0 A", "ZONEMD": f"1 1 1 {'00' * 48}", "SVCB": "1 ns",
    "HTTPS": "1 ns",
    "SPF": "x", "NID": "1 0000:0000:0000:0001", "L32": "1 192.0.2.1", "L64": "1 0000:0000:0000:0001", "LP": "1 ns",
    "EUI48": "00-00-00-00-00-01",
    "EUI64": "00-00-00-00-00-00-00-01", "URI": '1 1 "x"', "CAA": '0 issue "ca"', "AVC": None, "DOA": None,
    "AMTRELAY": None,
    "DSYNC": None, "RESINFO": None, "WALLET": None, "CLA": None, "IPN": None, "TA": None, "DLV": None, "TYPE1000": None,
    "TYPE65280": None, "TYPE65534": None,
}
NUMBERS = {
    "DSYNC": 66,
    "MD": 3, "NULL": 10, "MF": 4, "MB": 7, "MG": 8, "MR": 9, "WKS": 11, "X25": 19, "ISDN": 20, "NSAP": 22,
    "NSAP-PTR": 23, "SIG": 24, "PX": 26,
    "GPOS": 27, "NXT": 30, "EID": 31, "NIMLOC": 32, "ATMA": 34, "A6": 38, "SINK": 40, "HIP": 55, "NINFO": 56,
    "RKEY": 57, "TALINK": 58,
    "AVC": 258, "DOA": 259, "AMTRELAY": 260, "RESINFO": 261, "WALLET": 262, "CLA": 263, "IPN": 264, "TA": 32768,
    "DLV": 32769,
}
# Their data, where a single zero will not do.
WIRES = {
    "DSYNC": "000601003500", "MINFO": "0000", "WKS": "c000020106", "X25": "0434343434", "SIG": "00010802" + "00" * 14 + "0000",
    "KEY": "01000308000000", "NXT": "0040", "PX": "00010000",
    "GPOS": "013101310131", "ATMA": "0000", "A6": "00" + "00" * 16, "SINK": "000000", "HIP": "01010001aabb",
    "RKEY": "0000010100",
    "TALINK": "0000", "DOA": "00" * 9 + "00", "AMTRELAY": "0000", "TA": "00010801" + "00" * 20,
    "DLV": "00010801" + "00" * 20,
}


def by_number(kind, wire):
    return f"TYPE{NUMBERS[kind] if kind in NUMBERS else kind[4:]} \\# {len(wire) // 2} {wire}"


def beside(kind):
    """A record of that type, without its owner."""
    data = TYPES[kind]
    return f"{kind} {data}" if data else by_number(kind, WIRES.get(kind, "00"))


class Shape(NamedTuple):
    name: str
    lines: str
    expected: str = ""
    base: str = BASE

    @property
    def text(self):
        return self.base + "".join(line.strip() + "\n" for line in self.lines.split("|") if line)

    @property
    def rules(self):
        """What is found, as (rule, absolute owner)."""
        for entry in filter(None, self.expected.split(",")):
            rule, owner = entry.split()
            yield rule, dns.name.from_text(owner, dns.name.from_text(APEX)).to_text()


def links(count, end, label="l"):
    """A chain of so many CNAMEs."""
    return "".join(f"{label}{number} CNAME {label}{number + 1}|"
                   for number in range(1, count)) + f"{label}{count} CNAME {end}|"


SHAPES = [
    Shape("nothing", ""),
    Shape("a good alias", "www CNAME ns"),
    Shape("a wildcard for an alias", "*.x CNAME ns|x MX 10 ns|y.x MX 10 ns|y.x A 192.0.2.1"),
    Shape("at the apex", "@ CNAME ns", "cname-apex @"),
    Shape("at the apex, with an MX", "@ CNAME ns|@ MX 10 ns", "cname-apex @"),
    Shape("two at the apex", "@ CNAME ns|@ CNAME m|m A 192.0.2.1", "cname-apex @,cname-multiple @"),
    Shape("beside MX", "www CNAME ns|www MX 10 ns", "cname-mx www"),
    Shape("beside MX and more", "www CNAME ns|www MX 10 ns|www TXT x|www A 192.0.2.1", "cname-mx www"),
    Shape("beside a null MX", "www CNAME ns|www MX 0 .", "cname-mx www"),
    Shape("MX first", "www MX 10 ns|www CNAME ns", "cname-mx www"),
    Shape("far apart", "www MX 10 ns|a A 192.0.2.1|b A 192.0.2.1|www CNAME ns", "cname-mx www"),
    Shape("two", "www CNAME ns|www CNAME m|m A 192.0.2.1", "cname-multiple www"),
    Shape("two and MX", "www CNAME ns|www CNAME m|m A 192.0.2.1|www MX 10 ns", "cname-mx www,cname-multiple www"),
    Shape("one twice", "www CNAME ns|www CNAME ns"),
    Shape("one twice, in other letters and with other TTLs", "www 60 CNAME ns|WWW 0 CNAME Ns.EXAMPLE.com."),
    Shape("one twice, escaped", "www CNAME ns|\\119ww CNAME \\110\\115"),
    Shape("case of the owner", "WwW CNAME ns|wWw MX 10 ns", "cname-mx www"),
    Shape("an escaped owner", "a\\.b CNAME ns|a\\046b MX 10 ns", "cname-mx a\\.b"),
    Shape("an escaped dot is no dot", "a\\.b CNAME ns|a.b MX 10 ns"),
    Shape("blanks and quotes in a name",
          "".join(f"{name} CNAME ns|{name} TXT x|" for name in (r"a\032b", r'a\"b', r"a\;b")),
          'cname-other a\\032b,cname-other a\\"b,cname-other a\\;b'),
    Shape("octets above 127", "\\200\\255 CNAME ns|\\200\\255 TXT x", "cname-other \\200\\255"),
    Shape("a zero octet in a name", "a\\000b CNAME ns|b.a MX 1 ns|a\\000b.c CNAME ns|a\\000b.c TXT x",
          "cname-other a\\000b.c"),
    Shape("a label of 63 octets", f"{LABEL63} CNAME ns|{LABEL63} MX 10 ns|{LABEL63[1:]} MX 10 ns",
          f"cname-mx {LABEL63}"),
    Shape("a name of 255 octets", f"{LONGEST} CNAME ns|{LONGEST} MX 10 ns", f"cname-mx {LONGEST}"),
    Shape("a target of 255 octets", f"www CNAME {LONGEST}|{LONGEST} A 192.0.2.1|gone CNAME x{LONGEST[1:]}",
          "cname-dangling gone"),
    Shape("names of 127 labels", f"{'a.' * 120}b CNAME ns|{'a.' * 120}b TXT x|{'a.' * 60}b CNAME ns",
          f"cname-other {'a.' * 120}b"),
    Shape("TTL 0", "www 0 CNAME ns|www 0 TXT x", "cname-other www"),
    Shape("what is below is not beside", "www CNAME ns|a.www A 192.0.2.1|b.c.www TXT x"),
    Shape("underscores", "_acme-challenge.www CNAME ns|_sip._tcp SRV 1 1 1 ns|www CNAME ns"),
    Shape("a wildcard with other data", "*.x CNAME ns|*.x MX 10 ns", "cname-mx *.x"),
    Shape("a wildcard with NS", "*.x CNAME ns|*.x NS ns", "cname-other *.x"),
    Shape("an asterisk inside", "a.*.x CNAME ns|*.x TXT x|a*.x CNAME ns|a*.x TXT x|b CNAME c.x", "cname-other a*.x"),
    Shape("DNSSEC beside", f"www CNAME ns|www NSEC x CNAME|www {RRSIG}"),
    Shape("DNSSEC beside a conflict", f"www CNAME ns|www NSEC x CNAME|www {RRSIG}|www MX 10 ns", "cname-mx www"),
    Shape("an NSEC that lists MX is none", "www CNAME ns|www NSEC x CNAME MX A"),
    Shape("KEY", "www CNAME ns|www KEY 256 3 8 AAAA", "cname-other www"),
    Shape("NXT", "www CNAME ns|www TYPE30 \\# 2 0040", "cname-other www"),
    Shape("NSEC3 owners", f"{NSEC3_OWNER} {NSEC3}|{NSEC3_OWNER} {RRSIG}"),
    Shape("NSEC3 beside a CNAME", f"{NSEC3_OWNER} {NSEC3}|{NSEC3_OWNER} {RRSIG}|{NSEC3_OWNER} CNAME ns"),
    Shape("NSEC3 is no target", f"x {NSEC3}|www CNAME x|*.w CNAME ns|y.w {NSEC3}|a CNAME y.w",
          "cname-dangling www"),
    Shape("NSEC3 above a name", f"*.w CNAME ns|x.w {NSEC3}|a.x.w A 192.0.2.1|a CNAME b.x.w|b CNAME x.w",
          "cname-dangling a"),
    Shape("NSEC3 beside a conflict", f"{NSEC3_OWNER} {NSEC3}|{NSEC3_OWNER} CNAME ns|{NSEC3_OWNER} TXT x",
          f"cname-other {NSEC3_OWNER}"),
    Shape("NSEC3 below a DNAME", f"d DNAME example.net.|{NSEC3_OWNER}.d {NSEC3}"),
    Shape("outside of the zone",
          "www.example.net. CNAME ns|www.example.net. MX 1 ns|xexample.com. CNAME ns|xexample.com. TXT x|com. CNAME x"),

    Shape("a DNAME", "d DNAME example.net.|d A 192.0.2.1|d MX 10 ns|dd A 192.0.2.1|d-e A 192.0.2.1"),
    Shape("a DNAME at the apex", "@ DNAME example.net.", "dname-children @,ns-alias @,soa-alias @"),
    Shape("a DNAME at the apex, nothing below",
          "@ SOA a.example.net. b 1 2 3 4 5|@ NS a.example.net.|@ DNAME example.net.", "", "$TTL 300\n"),
    Shape("two DNAMEs", "d DNAME example.net.|d DNAME example.org.", "dname-multiple d"),
    Shape("one DNAME twice", "d DNAME example.net.|D 60 DNAME EXAMPLE.net."),
    Shape("DNAME and NS", "d DNAME example.net.|d NS ns", "dname-ns d"),
    Shape("DNAME and CNAME", "d DNAME example.net.|d CNAME ns", "cname-other d"),
    Shape("below a DNAME", "d DNAME example.net.|a.d A 192.0.2.1", "dname-children d"),
    Shape("far below a DNAME", "d DNAME example.net.|a.b.c.d A 192.0.2.1", "dname-children d"),
    Shape("a wildcard below a DNAME", "d DNAME example.net.|*.d A 192.0.2.1", "dname-children d"),
    Shape("only signatures below a DNAME", f"d DNAME example.net.|a.d {RRSIG}", "dname-children d"),
    Shape("a DNAME below a DNAME", "d DNAME example.net.|a.d DNAME example.net.|b.a.d A 192.0.2.1",
          "dname-children d,dname-children a.d"),
    Shape("many below a DNAME", "d DNAME example.net.|" + "|".join(f"a{number}.d A 192.0.2.1" for number in range(50)),
          "dname-children d"),
    Shape("a conflict below a DNAME", "d DNAME example.net.|a.d CNAME ns|a.d MX 10 ns",
          "dname-children d,cname-mx a.d"),
    Shape("a conflict below a cut", "sub NS ns|a.sub CNAME ns|a.sub MX 10 ns|b.sub CNAME ns|b.sub CNAME m",
          "cname-mx a.sub,cname-multiple b.sub"),
    Shape("a conflict at a cut", "sub NS ns|sub CNAME ns", "cname-other sub"),
    Shape("a DNAME below a cut", "sub NS ns|d.sub DNAME ns|a.d.sub A 192.0.2.1", "dname-children d.sub"),
    Shape("no NS", "@ SOA a b 1 2 3 4 5|www A 192.0.2.1", "apex-no-ns @", "$TTL 300\n"),
    Shape("no NS, CNAME", "@ SOA a b 1 2 3 4 5|@ CNAME www|www A 192.0.2.1", "cname-apex @,apex-no-ns @", "$TTL 300\n"),
    Shape("NS elsewhere only", "@ SOA a b 1 2 3 4 5|sub NS a", "apex-no-ns @", "$TTL 300\n"),

    Shape("targets that are none", f"a MX 0 .|b SRV 0 0 0 .|c {NAPTR} .|d HTTPS 1 .|e SVCB 0 .|f PTR ."),
    Shape("targets that are no aliases",
          f"m A 192.0.2.1|a MX 1 m|a NS m.example.net.|b SRV 1 1 1 m|c PTR m|d {NAPTR} m|e HTTPS 1 m"),
    Shape("targets that are aliases",
          f"m CNAME ns|a MX 1 m|b NS m|c SRV 1 1 1 m|d PTR m|e {NAPTR} m|f HTTPS 1 m|g SVCB 0 m",
          "mx-alias a,ns-alias b,srv-alias c,ptr-alias d,naptr-alias e,svcb-alias f,svcb-alias g"),
    Shape("the apex NS is an alias", "@ NS m|m CNAME ns", "ns-alias @"),
    Shape("MNAME is an alias", "@ SOA m b 1 2 3 4 5|@ NS ns|ns A 192.0.2.1|m CNAME ns", "soa-alias @", "$TTL 300\n"),
    Shape("one finding a name", "m CNAME ns|o CNAME ns|a MX 1 m|a MX 2 o|a MX 3 ns|a HTTPS 1 m|a SVCB 1 o",
          "mx-alias a,svcb-alias a"),
    Shape("an alias named again", "m CNAME ns|o CNAME ns|a MX 1 m|a MX 2 o|a MX 3 m", "mx-alias a"),
    Shape("several rules a name", "m CNAME ns|a MX 1 m|a SRV 1 1 1 m|a PTR m", "mx-alias a,srv-alias a,ptr-alias a"),
    Shape("an MX for itself by a wildcard", "*.w CNAME ns|a MX 1 b.w|b MX 1 c.d.w|c MX 1 w", "mx-alias a,mx-alias b"),
    Shape("a name suppresses a wildcard", "*.w CNAME ns|x.w A 192.0.2.1|a MX 1 x.w|b MX 1 y.x.w|c MX 1 z.w",
          "mx-alias c"),
    Shape("an empty name suppresses a wildcard", "*.w CNAME ns|a.e.w A 192.0.2.1|a MX 1 e.w|b MX 1 x.e.w|c MX 1 f.w",
          "mx-alias c"),
    Shape("a target at a wildcard itself", "*.w CNAME ns|a MX 1 *.w|*.v A 192.0.2.1|b MX 1 *.v", "mx-alias a"),
    Shape("through a DNAME",
          "d DNAME t|x.t A 192.0.2.1|a MX 1 x.d|b MX 1 d|c MX 1 y.d|e DNAME example.net.|f SRV 1 1 1 x.e",
          "mx-alias a,mx-alias c,srv-alias f"),
    Shape("a DNAME's own owner", "d DNAME t|d A 192.0.2.1|t A 192.0.2.1|a MX 1 d|b CNAME d"),
    Shape("below a cut", "sub NS ns|a.sub CNAME ns|m MX 1 a.sub|n MX 1 sub|o CNAME x.sub|p MX 1 x.sub"),
    Shape("NS at a cut, MX below it", "sub NS m|m CNAME ns|sub MX 1 m|a.sub MX 1 m|b.sub NS m", "ns-alias sub"),
    Shape("MX below a DNAME", "m CNAME ns|d DNAME t|a.d MX 1 m|b.t A 192.0.2.1", "dname-children d"),
    Shape("targets that are missing or elsewhere",
          "a MX 1 missing|b SRV 1 1 1 x.example.net.|c PTR missing|d HTTPS 1 missing"),
    Shape("a target with more than a CNAME", "m CNAME ns|m TXT x|a MX 1 m", "mx-alias a,cname-other m"),
    Shape("an alias to an alias", "m CNAME n|n CNAME ns|a MX 1 m", "mx-alias a"),
    Shape("an alias to nothing", "m CNAME missing|a MX 1 m", "mx-alias a,cname-dangling m"),
    Shape("an MX in a loop", "m CNAME n|n CNAME m|a MX 1 m", "mx-alias a,cname-loop m"),
    Shape("MX in capitals", "m CNAME ns|A MX 1 M.EXAMPLE.COM.", "mx-alias a"),

    Shape("itself", "l CNAME l", "cname-loop l"),
    Shape("two in a circle", "b CNAME a|a CNAME b", "cname-loop a"),
    Shape("a circle and what leads to it", "x CNAME y|y CNAME c|c CNAME b|b CNAME a|a CNAME c", "cname-loop a"),
    Shape("two circles", "a CNAME b|b CNAME a|c CNAME d|d CNAME c", "cname-loop a,cname-loop c"),
    Shape("a circle of twenty", links(20, "l1"), "cname-loop l1"),
    Shape("a wildcard for itself", "*.w CNAME x.w", "cname-loop *.w"),
    Shape("a wildcard and a name", "*.w CNAME x.w|x.w A 192.0.2.1"),
    Shape("a wildcard and a name in a circle", "*.w CNAME a|a CNAME x.w", "cname-loop a"),
    Shape("a wildcard for the wildcard", "*.w CNAME *.w", "cname-loop *.w"),
    Shape("a DNAME below itself", "d DNAME x.d", "cname-loop d"),
    Shape("a DNAME to itself", "d DNAME d", "cname-loop d"),
    Shape("a DNAME above itself", "d.e DNAME e|a.e CNAME x.d.e", "cname-dangling a.e"),
    Shape("DNAMEs in a circle", "e DNAME d|d DNAME e|www CNAME x.d", "cname-loop d"),
    Shape("two circles at one name", "d CNAME d|d DNAME x.d", "cname-other d,cname-loop d"),
    Shape("DNAMEs that go round for some names", "b DNAME d|d.d DNAME d.b|d MX 10 ns|www CNAME x.a.d.b"),
    Shape("a circle through a DNAME", "d DNAME t|x.t CNAME x.d", "cname-loop x.t"),
    Shape("a DNAME at the apex to below it", "@ SOA a.example.net. b 1 2 3 4 5|@ NS a.example.net.|@ DNAME x",
          "cname-loop @", "$TTL 300\n"),
    Shape("a circle below a cut", "sub NS ns|a.sub CNAME b.sub|b.sub CNAME a.sub"),

    Shape("a chain of five", links(5, "ns")),
    Shape("a chain of six", links(6, "ns"), "cname-chain l1"),
    Shape("two beginnings", links(6, "ns") + "a CNAME l2", "cname-chain a,cname-chain l1"),
    Shape("one that joins late", links(6, "ns") + "a CNAME l4", "cname-chain l1"),
    Shape("a chain out of the zone", links(6, "www.example.net."), "cname-chain l1"),
    Shape("a chain to nothing", links(6, "missing"), "cname-chain l1,cname-dangling l6"),
    Shape("a chain to below a cut", links(6, "x.sub") + "sub NS ns", "cname-chain l1"),
    Shape("a chain into a circle", links(8, "l8"), "cname-loop l8"),
    Shape("a chain with DNAMEs", "a CNAME x.d|d DNAME e|e DNAME f|f DNAME g|g DNAME h|x.h CNAME ns", "cname-chain a"),
    Shape("a chain with fewer DNAMEs", "a CNAME x.d|d DNAME e|e DNAME f|f DNAME h|x.h CNAME ns"),
    Shape("a chain over wildcards", "l1 CNAME a.w1|" + "|".join(f"*.w{n} CNAME a.w{n + 1}" for n in range(1, 6))
          + "|a.w6 A 192.0.2.1", "cname-chain l1"),
    Shape("a chain of a hundred", links(100, "ns"), "cname-chain l1"),

    Shape("no such name", "www CNAME missing", "cname-dangling www"),
    Shape("an empty name", "www CNAME e|a.e A 192.0.2.1"),
    Shape("a name without addresses", "www CNAME t|t TXT x"),
    Shape("the apex as target", "www CNAME @|w CNAME EXAMPLE.COM."),
    Shape("dangling by a DNAME", "d DNAME t|x.t A 192.0.2.1|a CNAME x.d|b CNAME y.d", "cname-dangling b"),
    Shape("dangling, other data beside", "www CNAME missing|www TXT x", "cname-other www,cname-dangling www"),
    Shape("dangling, below a cut", "sub NS ns|a.sub CNAME missing"),
    Shape("dangling, below a DNAME", "d DNAME t|a.d CNAME missing", "dname-children d"),
    Shape("dangling, a wildcard", "*.w CNAME missing", "cname-dangling *.w"),
    Shape("dangling, covered by a wildcard", "www CNAME x.w|*.w A 192.0.2.1"),
    Shape("dangling, the wildcard is suppressed", "www CNAME x.y.w|*.w A 192.0.2.1|y.w A 192.0.2.1",
          "cname-dangling www"),
    Shape("a name that gets too long", f"d DNAME {'z' * 63}.{'z' * 63}.{'z' * 63}|a CNAME {'y' * 60}.d",
          "cname-dangling a"),

    Shape("mail behind an alias", "www CNAME m|m MX 10 ns", "cname-mail www"),
    Shape("mail behind two aliases", "www CNAME w|w CNAME m|m MX 10 ns", "cname-mail w,cname-mail www"),
    Shape("no mail behind an alias", "www CNAME m|m MX 0 ."),
    Shape("mail behind a wildcard", "*.w CNAME m|m MX 10 ns|a CNAME x.v|*.v MX 10 ns", "cname-mail a,cname-mail *.w"),
    Shape("mail behind a DNAME", "d DNAME t|x.t MX 10 ns|www CNAME x.d", "cname-mail www"),
    Shape("mail behind a conflict", "www CNAME m|www TXT x|m MX 10 ns", "cname-other www"),
    Shape("mail behind the apex", "@ CNAME m|m MX 10 ns", "cname-apex @"),
    Shape("mail behind a cut", "www CNAME sub|sub NS ns|sub MX 10 ns"),

    Shape("several CNAMEs on the way", "a MX 1 m|m CNAME o|m CNAME p|o CNAME ns|p A 192.0.2.1",
          "mx-alias a,cname-multiple m"),
    Shape("several CNAMEs behind an alias", "www CNAME m|m CNAME missing|m CNAME gone", "cname-multiple m"),
    Shape("several DNAMEs on the way", "a MX 1 x.d|d DNAME o|d DNAME p", "mx-alias a,dname-multiple d"),
]
