# SPDX-License-Identifier: GPL-2.0-or-later
"""The zones that are measured: the same octets in each run."""

import random

APEX = "example.com."
LETTERS = "abcdefghijklmnopqrstuvwxyz"
HEAD = "$ORIGIN {0}\n$TTL 3600\n@ SOA ns hostmaster {1} 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\n"
HEAD_RECORDS = 3


def head(serial=1, origin=APEX):
    return HEAD.format(origin, serial)


def hosts(count, seed, conflicts):
    """Lines of so many records: hosts with addresses, mail, a text and an alias; a share of the aliases in conflict."""
    rng = random.Random(seed)
    made = number = 0
    while made < count:
        name = "".join(rng.choices(LETTERS, k=6)) + str(number)
        address, bad = rng.getrandbits(24), rng.random() < conflicts * 5
        entry = [f"{name} A 10.{address >> 16}.{address >> 8 & 255}.{address & 255}",
                 f"{name} AAAA 2001:db8::{address & 65535:x}",
                 f"{name} MX 10 {name}",
                 f"www.{name} CNAME {name}",
                 f"www.{name} MX 10 {name}" if bad else f'{name} TXT "v=spf1 ip4:10.0.0.{address & 255} -all"']
        entry = entry[:count - made]
        yield "\n".join(entry) + "\n"
        made += len(entry)
        number += 1


def write_big(file, count, conflicts=0.0, serial=1, origin=APEX):
    """A zone of so many records in all; `conflicts` is the share of records that are an alias in conflict."""
    with open(file, "w", encoding="ascii") as out:
        out.write(head(serial, origin))
        out.writelines(hosts(count - HEAD_RECORDS, f"big {count}", conflicts))
    return file


def alias_of(file):
    """The first alias of such a zone, which is clean."""
    with open(file, encoding="ascii") as text:
        return next(line for line in text if " CNAME " in line).split()[0] + "." + APEX


def small(number, serial=1):
    """A zone of ten records: its name and its text."""
    rng = random.Random(f"small {number}")
    name = f"z{number:06}.example."
    lines = [f"h{index} A 10.{rng.randrange(256)}.{rng.randrange(256)}.{index}" for index in range(4)]
    return name, head(serial, name) + "\n".join([*lines, "@ MX 10 h0", "www CNAME h1", "ftp CNAME h2"]) + "\n"


def write_small(folder, count):
    """So many zones of ten records, each in NAME.zone without the last dot; returns their names."""
    folder.mkdir(exist_ok=True)
    names = []
    for number in range(count):
        name, text = small(number)
        (folder / f"{name[:-1]}.zone").write_text(text)
        names.append(name)
    return names


def deep(number, depth=100):
    """A name of so many labels, one for each number."""
    return ".".join(str(number // 7 ** place % 7) for place in range(depth))


# What could make the work grow faster than the zone: its line for a number, of so many.
WORST = {
    "all records at one name": lambda i, n: f"www TXT {i}",
    "all CNAMEs in one chain": lambda i, n: f"l{i} CNAME l{i + 1}",
    "one chain, backwards": lambda i, n: f"l{n - i} CNAME l{n - i - 1}",
    "all targets one alias": lambda i, n: f"x{i} MX 1 t" if i else "t CNAME ns",
    "all aliases of one name": lambda i, n: f"x{i} CNAME ns",
    "all names a wildcard's": lambda i, n: f"x{i} MX 1 y{i}.w" if i else "*.w CNAME ns",
    "all names in conflict": lambda i, n: f"x{i} CNAME ns\nx{i} MX 1 ns",
    "deep names": lambda i, n: f"{deep(i)} CNAME ns",
}


def write_worst(file, name, count):
    with open(file, "w", encoding="ascii") as out:
        out.write(head())
        out.writelines(WORST[name](number, count) + "\n" for number in range(count))
    return file
