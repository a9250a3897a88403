# SPDX-License-Identifier: GPL-2.0-or-later
"""What docs/rules.md shows as wrong is found, just that and there, and what it writes instead is in order."""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "example.com."


def sections(text):
    """Texts of the document by heading, whatever the heading's level."""
    parts = re.split(r"^#+ (.+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def blocks(text):
    """Code blocks: runs of indented lines."""
    return [re.sub(r"^ {4}", "", block, flags=re.M) for block in re.findall(r"(?:^ {4}.*\n)+", text, re.M)]


def zone(base, block):
    """The block in the zone of the examples; an SOA of its own stands for the whole apex."""
    if re.search(r"\sSOA\s", block):
        base = "".join(line for line in base.splitlines(True) if not line.startswith("@"))
    return base + block


def owner(block):
    """Owner of the line that is marked as wrong."""
    name = next(line for line in block.splitlines() if "; wrong" in line).split()[0]
    return ORIGIN if name == "@" else f"{name}.{ORIGIN}"


def run(*arguments):
    command = os.environ.get("CNAMEGUARD_COMMAND") or str(ROOT / "cnameguard")
    done = subprocess.run([command, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1) and not done.stderr, f"{arguments}: exit {done.returncode}, {done.stderr}"
    return done.stdout


def found(text):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{ORIGIN}zone"
        file.write_text(text)
        out = run("check", "--level", "info", "--format", "json", "-o", ORIGIN, str(file))
    return [(entry["rule"], entry["owner"], entry["level"]) for entry in map(json.loads, out.splitlines())]


def test_rules_document(command):
    """The document has each rule in its place, as `explain` has it, with one example and its repair."""
    text = (ROOT / "docs/rules.md").read_text()
    rules = dict(line.split()[:2] for line in run("explain").splitlines())
    parts = sections(text)
    listed = list(dict.fromkeys(re.findall(r"^\| \[([a-z-]+)\]\(#\1\)", text, re.M)))
    assert [name for name in parts if name in rules] == listed == list(rules), f"rules of the document: {listed}"
    base, = blocks(parts["The rules one by one"])

    for rule, level in rules.items():
        assert parts[rule].lstrip().startswith(f"**{level}.**"), f"{rule}: level"
        sources = re.findall(r"RFC \d+(?: [\d.]+)?", run("explain", rule).splitlines()[2])
        missing = [source for source in sources if source not in " ".join(parts[rule].split())]
        assert sources and not missing, f"{rule}: sources {missing}"
        wrong, right = blocks(parts[rule])
        assert wrong.count("; wrong") == 1 and "; wrong" not in right, f"{rule}: marks"
        result = found(zone(base, wrong))
        assert result == [(rule, owner(wrong), level)], f"{rule}: {result}"
        result = found(zone(base, right))
        assert result == [], f"{rule}, repaired: {result}"
