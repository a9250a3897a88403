# SPDX-License-Identifier: GPL-2.0-or-later
"""A wrong configuration is refused or warned about, with what would be right; never a guard that silently is not there."""

import subprocess

from lib import APEX, FILE_ONLY, MODULE, SOFT, UPDATES, Zone, check, conf_section, equal, until
from ways import bad, good

RULES = ("cname-apex", "cname-mx", "cname-other", "cname-multiple", "dname-multiple", "dname-ns", "dname-children", "apex-no-ns")


def conf_check(server):
    done = subprocess.run(["knotc", "-c", server.conf, "conf-check"], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def refuses(*hints, **policy):
    """conf-check refuses the policy, names the option and says what would be right; knotd does not start with it."""
    def test(bench):
        server = bench.prepare(Zone(good(1)), policy=policy)
        code, output = conf_check(server)
        check(code != 0, f"conf-check takes {policy}: {output}")
        for hint in (next(iter(policy)).replace("_", "-"), *hints):
            check(hint in output, f"conf-check does not say {hint!r}: {output}")
        server.start(wait=False)
        until(lambda: not server.running(), "knotd ends")
        check(server.process.returncode != 0, "knotd starts")
        server.process = None
    return test


test_unknown_mode = refuses("audit", "refuse", "rewrite", mode="rewirte")
test_unknown_scope = refuses("name", "zone", scope="server")
test_unknown_strategy = refuses("flatten", "keep-other", "keep-cname", strategy="keep-mx")
test_unknown_fallback = refuses("refuse", "keep-other", "keep-cname", fallback="flatten")
test_unknown_while_unverified = refuses("hold", "serve", while_unverified="drop")
test_unknown_rule_enforced = refuses("cname-txt", *RULES, enforce=["cname-mx", "cname-txt"])
test_unknown_rule_ignored = refuses("cname-txt", *RULES, ignore=["cname-txt"])
test_relative_control_socket = refuses("knot.sock", "absolute", control="knot.sock")
test_bad_exempt_name = refuses("a..b", exempt=["a..b"])
test_no_sweep = refuses("1", sweep_interval=0)


def test_good_configuration_passes(bench):
    server = bench.prepare(Zone(good(1), **FILE_ONLY), policy=dict(
        mode="rewrite", scope="zone", strategy="keep-other", fallback="keep-cname", enforce=["dname-ns"], ignore=["apex-no-ns"],
        exempt=["legacy", f"old.{APEX}", "www.example.net."], allow_key=True, while_unverified="serve", audit_log="/tmp/audit.json",
        control=bench.dir / "knot.sock"))
    equal(conf_check(server), (0, "Configuration is valid\n"))


def test_module_alone_guards(bench):
    """`module: mod-cnameguard`, without a section: the defaults."""
    server = bench.prepare(Zone(good(1), module="mod-cnameguard", **SOFT))
    before, _, rest = server.conf.read_text().partition("mod-cnameguard:\n")
    server.conf.write_text(before + rest[rest.index("zone:\n"):])
    server.start()
    server.verdict("clean")
    server.write_zone(bad(2))
    server.zone_reload()
    server.verdict("held")
    equal(server.ask("www MX"), "SERVFAIL EDE 24")
    check(not server.audit_file.exists(), "no audit log without the option")


def test_reload_with_a_bad_policy_keeps_the_guard(bench):
    server = bench.knot(Zone(good(1), **SOFT))
    server.verdict("clean")
    server.configure(mode="off")
    check(server.knotc("reload", check_code=False).returncode != 0, "the reload is refused")
    server.write_zone(bad(2))
    server.zone_reload()
    server.verdict("held")
    equal(server.ask("www MX"), "SERVFAIL EDE 24")


def test_reload_with_another_policy(bench):
    """A verdict belongs to the policy: the same version is judged anew."""
    server = bench.knot(Zone(bad(1), **SOFT))
    server.verdict("held")
    for mode, action, answer in (("audit", "audited", "www CNAME web"), ("refuse", "held", "SERVFAIL EDE 24")):
        mark = server.mark()
        server.configure(mode=mode)
        server.reload()
        server.verdict(action, mark)
        equal(server.ask("www MX"), answer)


def test_unwritable_audit_log(bench):
    """The guard guards without it, and says where the log cannot be written."""
    server = bench.knot(Zone(bad(1), **SOFT), policy=dict(audit_log="/proc/no/audit.json"))
    server.verdict("held")
    warnings = server.find_log(r"warning: .*mod-cnameguard.*/proc/no/audit\.json")
    equal(len(warnings), 1, "warnings about the audit log")
    equal(server.ask("www MX"), "SERVFAIL EDE 24")


def test_audit_log_anywhere(bench):
    file = bench.dir / "elsewhere.json"
    server = bench.prepare(Zone(bad(1), **SOFT), policy=dict(audit_log=file))
    server.audit_file = file
    server.start()
    server.verdict("held")
    equal([entry["event"] for entry in server.audit()], ["finding", "verdict"])


def test_audit_log_reopened_on_reload(bench):
    """As logrotate moves it."""
    server = bench.knot(Zone(good(1), **SOFT))
    server.verdict("clean")
    moved = server.audit_file.with_suffix(".1")
    server.audit_file.rename(moved)
    server.reload()
    server.write_zone(bad(2))
    server.zone_reload()
    server.verdict("held")
    equal([entry["event"] for entry in server.audit()], ["finding", "verdict"])
    equal(len(moved.read_text().splitlines()), 1, "lines in the log that was moved away")


def warns(*hints, zone, mode="rewrite"):
    """One warning at load says what to change."""
    def test(bench):
        server = bench.knot(Zone(good(1), **zone), policy=dict(mode=mode))
        server.wait_log(r"\bverdict ")
        warnings = server.find_log(r"warning: .*mod-cnameguard")
        equal(len(warnings), 1, f"warnings {warnings}")
        for hint in hints:
            check(hint in warnings[0], f"no {hint!r} in {warnings[0]}")
    return test


test_rewrite_without_soft = warns("semantic-checks", "soft", zone={**FILE_ONLY, "semantic_checks": False})
test_rewrite_where_the_owner_numbers = warns("zonefile-load", "difference-no-serial",
                                             zone={**FILE_ONLY, "zonefile_load": "difference"})
test_updates_that_a_reload_undoes = warns("zonefile-load", "none", zone={**FILE_ONLY, **UPDATES})


HINTS = {"not soft": "has nothing to repair here", "updates": "since updates are allowed", "numbered": "does not edit this zone"}


def templates(server, **changed):
    """Two of them for rewrite, and a section for audit; `changed` are options of the first."""
    both = {"storage": server.storage, "file": "%s.zone", "zonefile_sync": -1}
    return (conf_section("mod-cnameguard", {"id": "second", "mode": "rewrite"}, {"id": "audit", "mode": "audit"}) +
            conf_section("template", {"id": "one", **both, "module": "mod-cnameguard/default", **SOFT, "acl": "local", **changed},
                         {"id": "two", **both, "module": "mod-cnameguard/second", "acl": ["local", "updates"]}))


def test_templates(bench):
    """What comes from a template, and what is the zone's own, whichever zone was loaded before; also after it has changed."""
    bare = dict(storage=None, file=None, acl=None, module=None)
    one, two = {**bare, "template": "one"}, {**bare, "template": "two"}
    zones = {"z1.example.": (one, "numbered"), "z2.example.": (two, "not soft"), "z3.example.": ({**one, **UPDATES}, "updates"),
             "z4.example.": (one, "numbered"), "z5.example.": ({**two, **SOFT}, "updates"), "z6.example.": (two, "not soft"),
             "z7.example.": ({**one, "semantic_checks": "off"}, "not soft"), "z8.example.": (one, "numbered"),
             "z9.example.": ({**one, "module": "mod-cnameguard/audit"}, None)}
    server = bench.prepare(*(Zone(good(1).replace(APEX, name), name=name, **options) for name, (options, _) in zones.items()),
                           policy=dict(mode="rewrite"))

    def warned(expected, mark):
        for name in zones:
            server.wait_log(rf"\[{name}\].*\bverdict ", 0)
        found = {name: server.find_log(rf"warning: \[{name}\] module .*mode rewrite", mark) for name in zones}
        told = {name: [hint for hint, text in HINTS.items() if lines and text in lines[0]][:1] for name, lines in found.items()}
        equal(told, {name: [hint] if hint else [] for name, hint in expected.items()}, f"warnings {found}")
        equal([name for name, lines in found.items() if len(lines) > 1], [], "warned twice")

    server.extra = templates(server)
    server.configure()
    server.start()
    warned({name: hint for name, (_, hint) in zones.items()}, 0)
    mark, server.extra = server.mark(), templates(server, semantic_checks="off")
    server.configure()
    server.reload()
    warned({name: "not soft" if hint == "numbered" or name == "z3.example." else hint for name, (_, hint) in zones.items()}, mark)
    mark, server.extra = server.mark(), templates(server, acl=["local", "updates"])
    server.configure()
    server.reload()
    warned({name: "updates" if hint == "numbered" else hint for name, (_, hint) in zones.items()}, mark)


test_file_that_knot_writes_over = warns("zonefile-sync: -1", "example.com.zone", zone={**FILE_ONLY, "zonefile_sync": 0})


def test_state_folder_that_cannot_be_made(bench):
    """Said at load; conf-check refuses what is no path."""
    server = bench.knot(Zone(good(1)), policy=dict(state=bench.dir / "no/such/folder"))
    warning, = server.find_log("warning: .*state folder")
    check("no/such' writable" in warning, warning)


test_state_is_no_path = refuses("absolute path", state="relative/folder")
test_keep_too_little = refuses("from 1 to 1000", keep=0)
test_keep_too_many = refuses("from 1 to 1000", keep=1001)


def test_recommended_configuration_gets_no_warning(bench):
    server = bench.knot(Zone(good(1), **FILE_ONLY), policy=dict(mode="rewrite"))
    server.verdict("clean")
    equal(server.find_log(r"warning: .*mod-cnameguard"), [])


def test_library_that_is_not_there(bench):
    """Knot itself refuses to start: no server without its guard."""
    server = bench.prepare(Zone(good(1)))
    server.conf.write_text(server.conf.read_text().replace(str(MODULE), str(bench.dir / "nothing.so")))
    check(conf_check(server)[0] != 0, "conf-check takes a module that is not there")
