/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard against a knotd that does what a test tells it to. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "fake_knotd.h"
#include "sanitizer.h"
#include "unit.h"

#include "cnameguard/guard.h"
#include "cnameguard/server.h"
#include "guard/pace.h"

/*! \brief Nothing takes so long; a test that waits longer fails. */
#define DEADLINE_MS	20000

#define CLEAN \
	BASE "web 300 A 192.0.2.1\nwww 300 CNAME web\n"
/*! \brief The alias hides the MX; it can be flattened. */
#define CONFLICT \
	BASE "mail 300 A 192.0.2.2\nweb 300 A 192.0.2.1\nwww 300 CNAME web\nwww 300 MX 10 mail\n"
/*! \brief What comes of it. */
#define REPAIRED \
	"example.com. 3600 NS ns1.example.com.\n" \
	"example.com. 3600 SOA ns1.example.com. admin.example.com. 8 7200 900 1209600 300\n" \
	"mail.example.com. 300 A 192.0.2.2\n" \
	"ns1.example.com. 3600 A 192.0.2.53\n" \
	"web.example.com. 300 A 192.0.2.1\n" \
	"www.example.com. 300 A 192.0.2.1\n" \
	"www.example.com. 300 MX 10 mail.example.com.\n"

#define FINDING_LINE	"4 finding cname-mx (error) www.example.com. CNAME, MX\n"
#define EDIT_LINES	"5 edit - www.example.com. 300 CNAME web.example.com.\n" \
			"5 edit + www.example.com. 300 A 192.0.2.1\n" \
			"5 original kept\n"

/*! \brief What follows in the log from a refusal. */
#define REFUSED_WHY	"the names in conflict are answered SERVFAIL and transfers are refused " \
			"until a better version comes"

/* Addresses that only are compared. */
static const char SOA_1, SOA_2, NS_1;

static char folder[64];
static char socket_path[96];
static char audit_path[96];
static fake_knotd_t *fake;
static cg_guarded_t *guarded;

/* --- Waiting --- */

static int64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void breathe(void)
{
	(void)poll(NULL, 0, 1);
}

static void complain(const char *what);

/*! \brief Waits until it is so. */
#define WAIT(condition) do { \
		int64_t deadline_ = now_ms() + DEADLINE_MS; \
		while (!(condition)) { \
			if (now_ms() > deadline_) { \
				complain(#condition); \
				fail(); \
			} \
			breathe(); \
		} \
	} while (0)

/*! \brief Watches that it stays so. */
#define STAYS(condition, ms) do { \
		int64_t deadline_ = now_ms() + (ms); \
		while (now_ms() < deadline_) { \
			if (!(condition)) { \
				complain("no longer: " #condition); \
				fail(); \
			} \
			breathe(); \
		} \
	} while (0)

/* --- The log --- */

/*! \brief What one attach has said. */
typedef struct {
	pthread_mutex_t lock;
	char *text;
} log_t;

static log_t main_log = { .lock = PTHREAD_MUTEX_INITIALIZER };
static log_t other_log = { .lock = PTHREAD_MUTEX_INITIALIZER };

/*!
 * \brief Cuts what differs from run to run, and texts of the rules.
 *
 * A finding without message and remedy; a verdict with action, serial, what was
 * judged, and why; an original without its name.
 */
static void shorten(char *line)
{
	char *at;
	if (strncmp(line, "finding ", 8) == 0 && (at = strstr(line, ": ")) != NULL) {
		*at = '\0';
	} else if (strncmp(line, "verdict ", 8) == 0 && (at = strstr(line, ", mode ")) != NULL) {
		char *why = strstr(at, "; ");
		memmove(at, (why != NULL) ? why : "", (why != NULL) ? strlen(why) + 1 : 1);
	} else if (strncmp(line, "original kept as ", 17) == 0) {
		line[13] = '\0';
	}
}

static void take_line(void *ctx, int priority, const char *text)
{
	log_t *log = ctx;
	char *line = strdup(text);
	char *longer = NULL;
	if (line == NULL) {
		abort();
	}
	shorten(line);
	pthread_mutex_lock(&log->lock);
	if (asprintf(&longer, "%s%d %s\n", (log->text != NULL) ? log->text : "", priority, line) < 0) {
		abort();
	}
	free(log->text);
	log->text = longer;
	pthread_mutex_unlock(&log->lock);
	free(line);
}

static char *log_text(log_t *log)
{
	pthread_mutex_lock(&log->lock);
	char *text = strdup((log->text != NULL) ? log->text : "");
	pthread_mutex_unlock(&log->lock);
	assert_non_null(text);
	return text;
}

static void log_forget(log_t *log)
{
	pthread_mutex_lock(&log->lock);
	free(log->text);
	log->text = NULL;
	pthread_mutex_unlock(&log->lock);
}

/*! \brief How often something was said. */
static unsigned said(log_t *log, const char *what)
{
	unsigned count = 0;
	char *text = log_text(log);
	for (const char *at = text; (at = strstr(at, what)) != NULL; at++) {
		count++;
	}
	free(text);
	return count;
}

static void assert_log(log_t *log, const char *expected)
{
	char *text = log_text(log);
	assert_string_equal(text, expected);
	free(text);
}

static void complain(const char *what)
{
	char *log = log_text(&main_log);
	char *heard = fake_heard(fake);
	print_error("%s\nlog:\n%sheard: %s\n", what, log, heard);
	free(log);
	free(heard);
}

/* --- The guard --- */

static const cg_pin_t PIN = { cg_rcu_pin, cg_rcu_unpin };

static char *copy(const char *text)
{
	char *copied = strdup(text);
	assert_non_null(copied);
	return copied;
}

static cg_policy_t *new_policy(cg_mode_t mode)
{
	cg_policy_t *policy = cg_policy_new();
	assert_non_null(policy);
	policy->mode = mode;
	policy->strategy = CG_STRATEGY_FLATTEN;
	policy->fallback = CG_STRATEGY_REFUSE;
	policy->hold = true;
	policy->soft = true;
	policy->sweep_interval = 1;
	policy->control = copy(socket_path);
	policy->state = copy(folder);
	policy->keep = 3;
	return policy;
}

static cg_guarded_t *attach_zone(const char *zone, cg_policy_t *policy, log_t *log)
{
	knot_dname_t *name = unit_name(zone);
	cg_guarded_t *attached = cg_guard_attach(name, policy, take_line, log, &PIN);
	assert_non_null(attached);
	knot_dname_free(name, NULL);
	return attached;
}

static void attach_policy(cg_policy_t *policy)
{
	guarded = attach_zone(ORIGIN, policy, &main_log);
}

static void attach(cg_mode_t mode)
{
	attach_policy(new_policy(mode));
}

static void detach(void)
{
	cg_guarded_t *attached = guarded;
	guarded = NULL;
	cg_guard_detach(attached, &main_log);
}

/* --- Looking as a hook does --- */

static cg_version_t version(uint32_t serial)
{
	return (cg_version_t){ .serial = serial, .soa = &SOA_1, .ns = &NS_1 };
}

static cg_gate_t gate_of(cg_guarded_t *zone, const cg_version_t *seen)
{
	cg_rcu_pin();
	const cg_table_t *table = cg_verdicts_get(cg_guarded_verdicts(zone));
	const cg_verdict_t *verdict = cg_table_find(table, seen);
	cg_gate_t gate = (verdict != NULL) ? verdict->gate : CG_GATE_UNKNOWN;
	cg_rcu_unpin();
	return gate;
}

static cg_gate_t gate(uint32_t serial)
{
	cg_version_t seen = version(serial);
	return gate_of(guarded, &seen);
}

/*! \brief Nothing at all is published. */
static bool no_verdicts(void)
{
	cg_rcu_pin();
	bool none = (cg_verdicts_get(cg_guarded_verdicts(guarded)) == NULL);
	cg_rcu_unpin();
	return none;
}

/*! \brief "name name ", or "all: ..." when every name is refused. */
static void assert_refused(uint32_t serial, const char *expected)
{
	char names[512] = "";
	cg_version_t seen = version(serial);
	cg_rcu_pin();
	const cg_table_t *table = cg_verdicts_get(cg_guarded_verdicts(guarded));
	const cg_verdict_t *verdict = cg_table_find(table, &seen);
	if (verdict != NULL && verdict->whole_zone) {
		strcpy(names, "all: ");
	}
	for (size_t i = 0; verdict != NULL && i < verdict->refused.count; i++) {
		size_t used = strlen(names);
		knot_dname_to_str(names + used, verdict->refused.list[i], sizeof(names) - used - 1);
		strcat(names, " ");
	}
	cg_rcu_unpin();
	assert_string_equal(names, expected);
}

static bool cleared(uint32_t serial, const char *text)
{
	cg_version_t seen = version(serial);
	knot_dname_t *name = unit_lower(text);
	cg_rcu_pin();
	bool found = cg_table_cleared(cg_verdicts_get(cg_guarded_verdicts(guarded)), &seen, name);
	cg_rcu_unpin();
	knot_dname_free(name, NULL);
	return found;
}

static void want(uint32_t serial, const char *text, bool transfer)
{
	cg_version_t seen = version(serial);
	knot_dname_t *name = (text != NULL) ? unit_lower(text) : NULL;
	cg_guard_want(guarded, &seen, name, transfer);
	knot_dname_free(name, NULL);
}

/* --- The fake server --- */

static void assert_contents(const char *expected)
{
	char *contents = fake_contents(fake, ORIGIN);
	assert_string_equal(contents, expected);
	free(contents);
}

static void goes_wrong(fake_fault_t fault, const char *command, const char *owner, const char *text)
{
	fake_script(fake, &(fake_script_t){
		.fault = fault, .command = command, .owner = owner, .text = text
	});
}

static void goes_wrong_always(fake_fault_t fault, const char *command, const char *owner,
                              const char *text)
{
	fake_script(fake, &(fake_script_t){
		.fault = fault, .command = command, .owner = owner, .text = text, .always = true
	});
}

static void serve(const char *text)
{
	fake_zone(fake, ORIGIN, text);
	fake_start(fake);
}

static unsigned commands(const char *name)
{
	return fake_count(fake, name);
}

/*! \brief Nothing was or is being edited. */
static void assert_untouched(void)
{
	assert_int_equal(commands("zone-begin"), 0);
	assert_int_equal(commands("zone-set"), 0);
	assert_int_equal(commands("zone-unset"), 0);
	assert_int_equal(commands("zone-commit"), 0);
	assert_int_equal(commands("zone-abort"), 0);
}

/*! \brief After a repair: as it should be, and no transaction left. */
static void assert_repaired(void)
{
	assert_int_equal(gate(8), CG_GATE_OPEN);
	assert_contents(REPAIRED);
	assert_false(fake_transaction(fake, ORIGIN));
	assert_false(fake_operator_aborted(fake));
}

/* --- Verdicts --- */

static void test_clean(void **state)
{
	(void)state;
	serve(CLEAN);
	attach(CG_MODE_REFUSE);
	WAIT(said(&main_log, "verdict") == 1);
	assert_int_equal(gate(7), CG_GATE_OPEN);
	assert_int_equal(gate(6), CG_GATE_UNKNOWN);
	assert_int_equal(gate(8), CG_GATE_UNKNOWN);
	assert_log(&main_log, "6 verdict clean, serial 7, judged running\n");
	assert_int_equal(commands("zone-read"), 1);
	assert_int_equal(commands("zone-notify"), 0);
	assert_untouched();
}

static void test_refuse(void **state)
{
	(void)state;
	serve(CONFLICT "b 300 CNAME web\nb 300 CNAME mail\nx 300 CNAME web\nx 300 TXT \"t\"\n");
	cg_policy_t *policy = new_policy(CG_MODE_REFUSE);
	policy->rules.exempt = calloc(1, sizeof(char *));
	assert_non_null(policy->rules.exempt);
	policy->rules.exempt[policy->rules.exempt_count++] = copy("x");
	attach_policy(policy);
	WAIT(said(&main_log, "verdict") == 1);
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	assert_refused(7, "b.example.com. www.example.com. ");
	assert_log(&main_log,
	           "4 finding cname-multiple (error) b.example.com. CNAME\n"
	           FINDING_LINE
	           "4 finding cname-other (error, exempt) x.example.com. CNAME, TXT\n"
	           "3 verdict held, serial 7, judged running; " REFUSED_WHY "\n");
	assert_untouched();
}

static void test_scope_zone(void **state)
{
	(void)state;
	serve(CONFLICT);
	cg_policy_t *policy = new_policy(CG_MODE_REFUSE);
	policy->scope = CG_SCOPE_ZONE;
	attach_policy(policy);
	WAIT(gate(7) == CG_GATE_REFUSED);
	assert_refused(7, "all: www.example.com. ");
}

static void test_audit(void **state)
{
	(void)state;
	serve(CONFLICT);
	attach(CG_MODE_AUDIT);
	WAIT(said(&main_log, "verdict") == 1);
	assert_true(no_verdicts());
	assert_log(&main_log, FINDING_LINE "5 verdict audited, serial 7, judged running\n");
	assert_untouched();
}

/*! \brief The owner corrects the zone; the old version stays refused. */
static void test_corrected(void **state)
{
	(void)state;
	serve(CONFLICT);
	attach(CG_MODE_REFUSE);
	WAIT(gate(7) == CG_GATE_REFUSED);
	fake_zone(fake, ORIGIN, "@ 1 SOA ns1 admin 9 1 1 1 1\n@ 1 NS ns1\nns1 1 A 192.0.2.53\n");
	want(9, NULL, false);
	WAIT(gate(9) == CG_GATE_OPEN);
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	assert_refused(7, "www.example.com. ");
}

/*! \brief Without a hook that asks, the sweep finds a new version. */
static void test_sweep(void **state)
{
	(void)state;
	serve(NULL);
	attach(CG_MODE_REFUSE);
	WAIT(commands("zone-status") > 1);
	assert_true(no_verdicts());
	assert_int_equal(commands("zone-read"), 0);
	fake_zone(fake, ORIGIN, CLEAN);
	WAIT(gate(7) == CG_GATE_OPEN);
	fake_zone(fake, ORIGIN, CLEAN "www 300 TXT \"t\"\n");
	STAYS(gate(7) == CG_GATE_OPEN, 20); /* The same serial: nobody told. */
	assert_log(&main_log, "6 verdict clean, serial 7, judged running\n");
}

/*! \brief All zones are looked at as often as is wanted, but not for more than a share of a processor. */
static void test_pace(void **state)
{
	(void)state;
	assert_int_equal(cg_pace_ms(10000, 0), 10000);
	assert_int_equal(cg_pace_ms(10000, 60000), 10000); /* Ten thousand zones. */
	assert_int_equal(cg_pace_ms(1000, 60000), 7200);
	assert_int_equal(cg_pace_ms(10000, 600000), 72000);
	assert_int_equal(cg_pace_ms(10000, 60000000), 120000);
	assert_int_equal(cg_pace_ms(86400000, 60000000), 86400000);
}

/* --- Versions whose serial may come again --- */

static void test_by_address(void **state)
{
	(void)state;
	serve(CLEAN);
	cg_policy_t *policy = new_policy(CG_MODE_REFUSE);
	policy->load = CG_LOAD_WHOLE;
	attach_policy(policy);
	WAIT(said(&main_log, "verdict") == 1);
	assert_true(no_verdicts()); /* No hook has seen it. */

	want(7, NULL, false);
	WAIT(gate(7) == CG_GATE_OPEN);
	cg_version_t other = { .serial = 7, .soa = &SOA_2, .ns = &NS_1 };
	assert_int_equal(gate_of(guarded, &other), CG_GATE_UNKNOWN);

	/* Loaded again under the same serial, with a conflict. */
	fake_zone(fake, ORIGIN, CONFLICT);
	cg_guard_want(guarded, &other, NULL, false);
	WAIT(gate_of(guarded, &other) == CG_GATE_REFUSED);
	assert_int_equal(gate(7), CG_GATE_UNKNOWN);
}

/*! \brief The server's own port: a hook sees the version that is asked for. */
static void *answer_probe(void *arg)
{
	char query[512];
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	int sock = *(int *)arg;
	for (int i = 0; i < 3; i++) { /* Whether it answers; before the read, and after it. */
		ssize_t size = recvfrom(sock, query, sizeof(query), 0, (struct sockaddr *)&from,
		                        &len);
		if (size < 2) {
			break;
		}
		uint16_t id = (uint8_t)query[0] << 8 | (uint8_t)query[1];
		cg_version_t seen = version(7);
		assert_true(cg_guard_probing(guarded, id));
		assert_false(cg_guard_probing(guarded, id + 1));
		cg_guard_saw(guarded, &seen);
		(void)sendto(sock, query, size, 0, (struct sockaddr *)&from, len);
	}
	return NULL;
}

static void test_probe(void **state)
{
	(void)state;
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int sock = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(sock, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(sock, (struct sockaddr *)&address, &len), 0);

	serve(CLEAN);
	goes_wrong(FAKE_HOLD, "zone-status", NULL, NULL);
	cg_policy_t *policy = new_policy(CG_MODE_REFUSE);
	policy->load = CG_LOAD_WHOLE;
	memcpy(&policy->listen, &address, sizeof(address)); /* Any address: loopback is asked. */
	attach_policy(policy);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, answer_probe, &sock), 0);
	WAIT(fake_holds(fake));
	fake_release(fake);
	WAIT(gate(7) == CG_GATE_OPEN);
	pthread_join(thread, NULL);
	close(sock);
}

/* --- Repairs --- */

static void test_rewrite(void **state)
{
	(void)state;
	serve(CONFLICT);
	attach(CG_MODE_REWRITE);
	WAIT(said(&main_log, "verdict") == 2);
	assert_repaired();
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	assert_refused(7, "www.example.com. ");
	assert_log(&main_log, FINDING_LINE EDIT_LINES
	           "5 verdict rewritten, serial 7, judged running\n"
	           "6 verdict clean, serial 8, judged running\n");

	char *heard = fake_heard(fake);
	static const char EXPECTED[] =
		"zone-status zone-read zone-status zone-begin "
		"zone-get example.com. zone-get www.example.com. zone-unset www.example.com. zone-set www.example.com. zone-commit zone-read ";
	assert_memory_equal(heard, EXPECTED, sizeof(EXPECTED) - 1);
	free(heard);
}

/*! \brief What the strategy cannot repair is left and refused; nothing is edited. */
static void test_not_repairable(void **state)
{
	(void)state;
	serve(BASE "www 300 CNAME www.example.net.\nwww 300 MX 10 mail.example.net.\n");
	attach(CG_MODE_REWRITE);
	WAIT(said(&main_log, "verdict") == 1);
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	assert_int_equal(said(&main_log, "verdict held, serial 7, judged running; "
	                      "cannot be repaired"), 1);
	assert_int_equal(commands("zone-begin"), 0);
}

/*! \brief One of two is repaired: the other is held, and nothing is tried again. */
static void test_half_repairable(void **state)
{
	(void)state;
	serve(CONFLICT "far 300 CNAME www.example.net.\nfar 300 MX 10 mail\n");
	attach(CG_MODE_REWRITE);
	WAIT(gate(8) == CG_GATE_REFUSED);
	assert_refused(8, "far.example.com. ");
	WAIT(said(&main_log, "verdict held, serial 8") == 1);
	STAYS(commands("zone-commit") == 1, 200);
	assert_false(fake_transaction(fake, ORIGIN));
}

/*! \brief The connection is cut at every step of the repair: it is made in the end, once. */
static void test_cut(void **state)
{
	(void)state;
	static const struct {
		fake_fault_t fault;
		const char *command;
		bool left_open; /*!< Our transaction stays. */
	} CUTS[] = {
		{ FAKE_CUT, "zone-begin", false },
		{ FAKE_CUT_AFTER, "zone-begin", true },
		{ FAKE_CUT, "zone-get", true },
		{ FAKE_CUT, "zone-unset", true },
		{ FAKE_CUT_AFTER, "zone-unset", true },
		{ FAKE_CUT, "zone-set", true },
		{ FAKE_CUT_AFTER, "zone-set", true },
		{ FAKE_CUT, "zone-commit", true },
		{ FAKE_CUT_AFTER, "zone-commit", false },
	};
	fake_start(fake);
	for (size_t i = 0; i < COUNT(CUTS); i++) {
		fake_zone(fake, ORIGIN, CONFLICT);
		fake_unscript(fake);
		fake_forget(fake);
		goes_wrong(CUTS[i].fault, CUTS[i].command, NULL, NULL);
		attach(CG_MODE_REWRITE);
		WAIT(gate(8) == CG_GATE_OPEN);
		assert_repaired();

		char *heard = fake_heard(fake);
		const char *cut = strstr(heard, CUTS[i].command);
		assert_non_null(cut);
		/* The zone is not touched again before what is left was aborted. */
		const char *abort = strstr(cut, "zone-abort");
		assert_true(abort != NULL || !CUTS[i].left_open);
		const char *begin = strstr(cut + strlen(CUTS[i].command), "zone-begin");
		assert_true(begin == NULL || !CUTS[i].left_open ||
		            (abort != NULL && abort < begin));
		free(heard);
		assert_int_equal(said(&main_log, "failed, serial 7"), 1);
		detach();
		log_forget(&main_log);
	}
}

/*! \brief An operator edits: nothing is touched until he has ended. */
static void test_foreign_transaction(void **state)
{
	(void)state;
	serve(CONFLICT);
	fake_operator_begins(fake, ORIGIN);
	attach(CG_MODE_REWRITE);
	WAIT(said(&main_log, "verdict") == 1);
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	WAIT(commands("zone-status") > 4); /* Tried several times. */
	assert_untouched();
	assert_int_equal(said(&main_log, "somebody's transaction is open"), 1);

	fake_operator_ends(fake, ORIGIN);
	WAIT(gate(8) == CG_GATE_OPEN);
	assert_repaired();
}

/*! \brief An operator begins between our look and our zone-begin. */
static void test_foreign_in_between(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong(FAKE_OPEN, "zone-begin", NULL, NULL);
	attach(CG_MODE_REWRITE);
	WAIT(commands("zone-begin") == 1);
	WAIT(said(&main_log, "verdict") == 1);
	WAIT(commands("zone-status") > 4);
	assert_int_equal(commands("zone-abort"), 0);
	assert_true(fake_transaction(fake, ORIGIN));
	fake_operator_ends(fake, ORIGIN);
	WAIT(gate(8) == CG_GATE_OPEN);
	assert_repaired();
}

/*! \brief The server says OK to our commit, but had no time for it: the transaction is open still. */
static void test_ineffective_commit(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong(FAKE_LATE, "zone-commit", NULL, NULL);
	attach(CG_MODE_REWRITE);
	WAIT(gate(8) == CG_GATE_OPEN);
	assert_repaired();
	assert_int_equal(commands("zone-begin"), 2);
	assert_int_equal(commands("zone-abort"), 1);
	assert_false(fake_transaction(fake, ORIGIN));
}

/*! \brief The reply to our commit is lost, and an operator begins before we are back. */
static void test_foreign_after_commit(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong(FAKE_CUT_AFTER, "zone-commit", NULL, NULL);
	goes_wrong(FAKE_OPEN, "zone-abort", NULL, NULL); /* Would be his. */
	attach(CG_MODE_REWRITE);
	WAIT(gate(8) == CG_GATE_OPEN);
	assert_contents(REPAIRED);
	assert_int_equal(commands("zone-abort"), 0);
	assert_false(fake_operator_aborted(fake));
}

static void *detach_in_thread(void *arg)
{
	(void)arg;
	detach();
	return NULL;
}

/*! \brief The last detach while a repair is made: it is brought to its end. */
static void test_detach_while_repaired(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong(FAKE_HOLD, "zone-unset", NULL, NULL);
	attach(CG_MODE_REWRITE);
	WAIT(fake_holds(fake));
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, detach_in_thread, NULL), 0);
	breathe();
	fake_release(fake);
	pthread_join(thread, NULL);
	assert_false(fake_transaction(fake, ORIGIN));
	assert_int_equal(commands("zone-commit"), 1);
	assert_contents(REPAIRED);
}

/*! \brief Another version comes between the verdict and the transaction. */
static void test_overtaken(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong(FAKE_SWAP, "zone-begin", NULL,
	           "@ 1 SOA ns1 admin 9 1 1 1 1\n@ 1 NS ns1\nns1 1 A 192.0.2.53\n"
	           "w 1 CNAME ns1\nw 1 MX 1 ns1\n");
	attach(CG_MODE_REWRITE);
	WAIT(gate(10) == CG_GATE_OPEN);
	assert_refused(9, "w.example.com. "); /* It had a verdict of its own before it was edited. */
	assert_int_equal(commands("zone-begin"), 2);
	assert_int_equal(commands("zone-abort"), 1);
	assert_int_equal(commands("zone-commit"), 1);
	assert_false(fake_transaction(fake, ORIGIN));
}

/*! \brief The same with a serial that was used before: the names themselves tell. */
static void test_overtaken_same_serial(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong(FAKE_SWAP, "zone-begin", NULL, CONFLICT "www 300 TXT added\n");
	attach(CG_MODE_REWRITE);
	WAIT(said(&main_log, "verdict clean, serial 8") == 1);
	assert_int_equal(commands("zone-begin"), 2);
	assert_int_equal(commands("zone-abort"), 1);
	assert_int_equal(commands("zone-commit"), 1);
	assert_false(fake_transaction(fake, ORIGIN));
}

/*! \brief Knot refuses the commit: the names stay refused, tries become rare, each is ended. */
static void test_commit_refused(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong_always(FAKE_ERROR, "zone-commit", NULL, "semantic check");
	attach(CG_MODE_REWRITE);
	WAIT(said(&main_log, "verdict failed") == 1);
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	assert_refused(7, "www.example.com. ");
	STAYS(commands("zone-commit") <= 6, 600);
	detach();
	assert_int_equal(commands("zone-begin"), commands("zone-commit"));
	assert_int_equal(commands("zone-abort"), commands("zone-commit"));
	assert_false(fake_transaction(fake, ORIGIN));
	assert_int_equal(said(&main_log, "verdict"), 1);
	assert_int_equal(said(&main_log, "the repair could not be committed: semantic check"), 1);
}

/*! \brief Knot takes no edit: the transaction is ended, nothing is committed. */
static void test_edit_refused(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong_always(FAKE_ERROR, "zone-set", NULL, "such record is not liked");
	attach(CG_MODE_REWRITE);
	WAIT(said(&main_log, "the repair failed: such record is not liked") == 1);
	WAIT(!fake_transaction(fake, ORIGIN));
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	assert_int_equal(commands("zone-commit"), 0);
	fake_unscript(fake);
	WAIT(gate(8) == CG_GATE_OPEN);
	assert_repaired();
}

/*! \brief A repair that does not end clean is made once, then the version is held. */
static void test_repair_without_effect(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong(FAKE_IGNORE, "zone-unset", NULL, NULL);
	attach(CG_MODE_REWRITE);
	WAIT(said(&main_log, "3 verdict held, serial 8, judged running; the repair did not end in a "
	          "clean version; falls back to refuse until another version comes") == 1);
	assert_int_equal(gate(8), CG_GATE_REFUSED);
	assert_refused(8, "www.example.com. ");
	for (unsigned i = 0; i < 5; i++) {
		want(8, NULL, i % 2 == 0); /* Transfers are asked for again and again. */
		breathe();
	}
	STAYS(commands("zone-begin") == 1, 200);
	assert_int_equal(said(&main_log, "verdict"), 2);

	/* Another version is another matter. */
	fake_zone(fake, ORIGIN, "@ 1 SOA ns1 admin 20 1 1 1 1\n@ 1 NS ns1\nns1 1 A 192.0.2.53\n"
	          "w 1 CNAME ns1\nw 1 MX 1 ns1\n");
	want(20, NULL, false);
	WAIT(gate(21) == CG_GATE_OPEN);
	assert_int_equal(commands("zone-begin"), 2);
}

/*! \brief Zones that are never edited, whatever the mode. */
static void test_never_edited(void **state)
{
	(void)state;
	serve(CONFLICT);
	cg_policy_t *policy = new_policy(CG_MODE_REWRITE);
	policy->secondary = true;
	attach_policy(policy);
	want(7, NULL, false);
	WAIT(gate(7) == CG_GATE_REFUSED);
	WAIT(said(&main_log, "verdict rewritten, serial 7") == 1);
	assert_int_equal(said(&main_log, "mode rewrite repairs the answers here, not the zone"), 1);
	detach();
	assert_untouched();
	log_forget(&main_log);

	fake_zone(fake, ORIGIN, CONFLICT "@ 300 DNSKEY 256 3 13 AAAA\n");
	attach(CG_MODE_REWRITE);
	WAIT(said(&main_log, "verdict held, serial 7") == 1);
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	assert_int_equal(said(&main_log, "this zone is signed elsewhere"), 1);
	assert_untouched();
	detach();

	cg_policy_t *signs = new_policy(CG_MODE_REWRITE);
	signs->signs = true;
	attach_policy(signs);
	WAIT(gate(8) == CG_GATE_OPEN);
}

/*! \brief Where no verdict can be bound to what hooks see, a clean version is remembered all the same. */
static void test_remembered(void **state)
{
	(void)state;
	char path[512];
	snprintf(path, sizeof(path), "%s/good/example.com.zone", folder);
	serve(CLEAN);
	cg_policy_t *policy = new_policy(CG_MODE_REFUSE);
	policy->load = CG_LOAD_WHOLE;
	policy->file = copy("/nonexistent/zone");
	attach_policy(policy);
	WAIT(said(&main_log, "verdict clean, serial 7") == 1);
	assert_int_equal(gate(7), CG_GATE_UNKNOWN);
	WAIT(access(path, R_OK) == 0);
}

/* --- The connection --- */

static void test_server_comes_later(void **state)
{
	(void)state;
	fake_zone(fake, ORIGIN, CLEAN);
	attach(CG_MODE_REFUSE);
	want(7, NULL, false);
	STAYS(no_verdicts(), 50);
	fake_start(fake);
	WAIT(gate(7) == CG_GATE_OPEN);
	WAIT(said(&main_log, "verdict") == 1);
	assert_log(&main_log, "6 verdict clean, serial 7, judged running\n");
}

/*! \brief Away for longer: said once, and once when it is over. */
static void test_server_away(void **state)
{
	(void)state;
	fake_zone(fake, ORIGIN, CLEAN);
	attach(CG_MODE_REFUSE);
	WAIT(said(&main_log, "no new verdicts for any zone until it answers") == 1);
	fake_start(fake);
	WAIT(gate(7) == CG_GATE_OPEN);
	WAIT(said(&main_log, "verdict clean") == 1);
	char expected[1024];
	snprintf(expected, sizeof(expected), "5 control socket '%s' answers again, verdicts go on\n"
	         "6 verdict clean, serial 7, judged running\n", socket_path);
	char *text = log_text(&main_log);
	assert_string_equal(strchr(text, '\n') + 1, expected);
	assert_memory_equal(text, "3 control socket '", 18);
	free(text);
}

/*! \brief Goes and comes back between two verdicts: the old one stays. */
static void test_server_restarts(void **state)
{
	(void)state;
	serve(CLEAN);
	attach(CG_MODE_REFUSE);
	WAIT(gate(7) == CG_GATE_OPEN);
	fake_stop(fake);
	want(9, NULL, false);
	STAYS(gate(7) == CG_GATE_OPEN, 50);
	serve("@ 1 SOA ns1 admin 9 1 1 1 1\n@ 1 NS ns1\nns1 1 A 192.0.2.53\n");
	WAIT(gate(9) == CG_GATE_OPEN);
	assert_int_equal(gate(7), CG_GATE_OPEN);
}

/*! \brief An OK without a word about the zone says neither that it is empty nor that nothing is open. */
static void test_empty_replies(void **state)
{
	(void)state;
	uint32_t serial;
	bool empty, waiting, open, held;
	cg_control_t *ctl = cg_control_new(NULL, NULL);
	serve(CLEAN);
	assert_int_equal(cg_control_open(ctl, socket_path, DEADLINE_MS), KNOT_EOK);
	assert_int_equal(cg_server_serial(ctl, ORIGIN, &serial, &empty), KNOT_EOK);
	assert_int_equal(cg_server_transaction(ctl, ORIGIN, &open), KNOT_EOK);

	goes_wrong_always(FAKE_IGNORE, "zone-status", NULL, NULL);
	assert_int_equal(cg_server_serial(ctl, ORIGIN, &serial, &empty), KNOT_EBUSY);
	assert_int_equal(cg_server_updates(ctl, ORIGIN, &serial, &empty, &waiting), KNOT_EBUSY);
	assert_int_equal(cg_server_transaction(ctl, ORIGIN, &open), KNOT_EBUSY);
	assert_int_equal(cg_server_held_zone(ctl, ORIGIN, &held), KNOT_EBUSY);
	cg_control_free(ctl);
}

/*! \brief Somebody holds the socket; the last detach does not wait for them. */
static void test_silent(void **state)
{
	(void)state;
	serve(CLEAN);
	goes_wrong(FAKE_HOLD, "conf-list", NULL, NULL);
	attach(CG_MODE_REFUSE);
	WAIT(fake_holds(fake));
	int64_t begin = now_ms();
	detach();
	assert_true(now_ms() - begin < 1000);
	assert_log(&main_log, "");
}

/*! \brief Released in time, the conversation goes on. */
static void test_slow(void **state)
{
	(void)state;
	serve(CLEAN);
	goes_wrong(FAKE_HOLD, "conf-list", NULL, NULL);
	goes_wrong(FAKE_HOLD, "zone-read", NULL, NULL);
	attach(CG_MODE_REFUSE);
	WAIT(fake_holds(fake));
	STAYS(no_verdicts(), 60);
	fake_release(fake);
	WAIT(commands("zone-read") == 1 && fake_holds(fake));
	STAYS(no_verdicts(), 60);
	fake_release(fake);
	WAIT(gate(7) == CG_GATE_OPEN);
}

/*! \brief Errors and cuts while reading: nothing is published before a read has ended. */
static void test_read_fails(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong(FAKE_ERROR, "zone-read", NULL, "operation not permitted");
	goes_wrong(FAKE_CUT, "zone-read", NULL, NULL);
	goes_wrong(FAKE_CUT_AFTER, "zone-read", NULL, NULL);
	goes_wrong(FAKE_CUT, "zone-status", NULL, NULL);
	attach(CG_MODE_REFUSE);
	WAIT(said(&main_log, "verdict") == 1);
	assert_refused(7, "www.example.com. ");
	assert_log(&main_log, FINDING_LINE
	           "3 verdict held, serial 7, judged running; " REFUSED_WHY "\n");
}

/*! \brief A zone too big to be kept while it is streamed. */
static char *big(const char *base)
{
	unit_text_t text = { 0 };
	unit_add(&text, "%s", base);
	for (unsigned i = 0; i < 1500; i++) {
		unit_add(&text, "t%u 300 TXT \"%0250u\"\n", i, i);
	}
	return unit_take(&text);
}

/*! \brief The second read, for the texts, fails or sees another version. */
/*! \brief Conversations that had begun when the contents were let go. */
static unsigned let_go_at;

static void note_pin(void)
{
	let_go_at = 0;
}

static void note_unpin(void)
{
	let_go_at = fake_count(fake, "conf-list");
}

static int read_no_more(const cg_name_t *name, void *ctx)
{
	(void)name;
	(void)ctx;
	return KNOT_EAGAIN;
}

/*! \brief A reading that is broken off: the server may walk on, until it serves somebody else. */
static void test_break_off(void **state)
{
	(void)state;
	const cg_pin_t pin = { note_pin, note_unpin };
	serve(CLEAN);
	cg_control_t *control = cg_control_new(NULL, &pin);
	assert_non_null(control);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(cg_control_open(control, socket_path, DEADLINE_MS), KNOT_EOK);
		unsigned begun = fake_count(fake, "conf-list");
		assert_int_equal(cg_server_read(control, CG_READ_CURRENT, ORIGIN, NULL,
		                                read_no_more, NULL), KNOT_EAGAIN);
		assert_int_equal(let_go_at, begun + 1);
	}
	cg_control_free(control);
}

static void test_second_read(void **state)
{
	(void)state;
	char *text = big(CONFLICT);
	serve(text);
	free(text);
	fake_script(fake, &(fake_script_t){ .fault = FAKE_CUT, .command = "zone-read", .skip = 1 });
	fake_script(fake, &(fake_script_t){
		.fault = FAKE_SWAP, .command = "zone-read", .skip = 2,
		.text = "@ 1 SOA ns1 admin 9 1 1 1 1\n@ 1 NS ns1\nns1 1 A 192.0.2.53\n"
	});
	attach(CG_MODE_REFUSE);
	WAIT(gate(9) == CG_GATE_OPEN);
	assert_int_equal(gate(7), CG_GATE_UNKNOWN);
}

/*! \brief The connection ends in the middle of a long reply. */
static void test_cut_in_reply(void **state)
{
	(void)state;
	char *text = big(CLEAN);
	serve(text);
	free(text);
	goes_wrong(FAKE_CUT_AFTER, "zone-read", NULL, NULL);
	attach(CG_MODE_REFUSE);
	WAIT(said(&main_log, "verdict") == 1);
	assert_int_equal(gate(7), CG_GATE_OPEN);
	assert_int_equal(commands("zone-read"), 3); /* Cut, the names, the targets. */
}

/* --- Policies and instances --- */

static void test_same_policy(void **state)
{
	(void)state;
	serve(CONFLICT);
	attach(CG_MODE_REFUSE);
	WAIT(said(&main_log, "verdict") == 1);
	cg_guarded_t *before = guarded;

	/* As in a reload: the new instance first. */
	guarded = attach_zone(ORIGIN, new_policy(CG_MODE_REFUSE), &other_log);
	cg_guard_detach(before, &main_log);
	assert_ptr_equal(guarded, before);
	unsigned sweeps = commands("zone-status");
	WAIT(commands("zone-status") > sweeps + 1);
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	assert_int_equal(commands("zone-read"), 1);
	assert_int_equal(said(&main_log, "verdict"), 1);
	assert_log(&other_log, "");

	/* What comes next goes to the new instance's log. */
	fake_zone(fake, ORIGIN, "@ 1 SOA ns1 admin 9 1 1 1 1\n@ 1 NS ns1\nns1 1 A 192.0.2.53\n");
	want(9, NULL, false);
	WAIT(said(&other_log, "verdict clean, serial 9") == 1);
	assert_int_equal(said(&main_log, "verdict"), 1);
	cg_guard_detach(guarded, &other_log);
	guarded = NULL;
}

static void test_other_policy(void **state)
{
	(void)state;
	serve(CONFLICT);
	attach(CG_MODE_REFUSE);
	WAIT(said(&main_log, "verdict") == 1);
	unsigned reads = commands("zone-read");

	attach(CG_MODE_AUDIT); /* The same ctx: two attaches, two detaches. */
	WAIT(said(&main_log, "verdict audited, serial 7") == 1);
	assert_true(no_verdicts());
	assert_true(commands("zone-read") > reads);

	cg_policy_t *policy = new_policy(CG_MODE_REFUSE);
	policy->rules.ignore = 1u << CG_RULE_CNAME_MX;
	attach_policy(policy);
	WAIT(gate(7) == CG_GATE_OPEN);
	cg_guard_detach(guarded, &main_log);
	cg_guard_detach(guarded, &main_log);
}

/*! \brief An instance that goes while its zone is being judged hears nothing more. */
static void test_detach_while_judged(void **state)
{
	(void)state;
	fake_zone(fake, "example.net.", "@ 1 SOA ns1 admin 3 1 1 1 1\n@ 1 NS ns1\nns1 1 A 192.0.2.53\n");
	serve(CONFLICT);
	cg_guarded_t *other = attach_zone("example.net.", new_policy(CG_MODE_REFUSE), &other_log);
	WAIT(said(&other_log, "verdict clean, serial 3") == 1);

	goes_wrong(FAKE_HOLD, "zone-read", NULL, NULL);
	attach(CG_MODE_REFUSE);
	WAIT(fake_holds(fake));
	int64_t begin = now_ms();
	detach();
	assert_true(now_ms() - begin < 1000);
	fake_release(fake);

	/* The other zone is guarded as before. */
	fake_zone(fake, "example.net.", "@ 1 SOA ns1 admin 4 1 1 1 1\n@ 1 NS ns1\nns1 1 A 192.0.2.53\n");
	cg_version_t seen = version(4);
	cg_guard_want(other, &seen, NULL, false);
	WAIT(gate_of(other, &seen) == CG_GATE_OPEN);
	WAIT(said(&other_log, "verdict") == 2);
	assert_log(&main_log, "");
	assert_int_equal(said(&other_log, "www.example.com."), 0);
	cg_guard_detach(other, &other_log);
}

/*! \brief A zone that the server does not know (a reload goes on): the others are judged. */
static void test_unknown_zone(void **state)
{
	(void)state;
	serve(CLEAN);
	cg_guarded_t *other = attach_zone("example.org.", new_policy(CG_MODE_REFUSE), &other_log);
	attach(CG_MODE_REFUSE);
	cg_version_t seen = version(1);
	cg_guard_want(other, &seen, NULL, true);
	WAIT(gate(7) == CG_GATE_OPEN);
	assert_int_equal(gate_of(other, &seen), CG_GATE_UNKNOWN);
	cg_guard_detach(other, &other_log);
	assert_log(&other_log, "");
}

/*! \brief Many starts and ends, at any moment of the worker's life. */
static void test_start_and_stop(void **state)
{
	(void)state;
	serve(CONFLICT);
	for (unsigned i = 0; i < 40; i++) {
		attach(CG_MODE_REFUSE);
		for (unsigned j = 0; j < i % 8; j++) {
			want(7, (j % 2 == 0) ? "www.example.com." : NULL, j == 3);
			breathe();
		}
		detach();
	}
	assert_untouched();
}

/* --- Transfers --- */

static void test_notify(void **state)
{
	(void)state;
	serve(CLEAN);
	goes_wrong(FAKE_HOLD, "zone-read", NULL, NULL);
	attach(CG_MODE_REFUSE);
	WAIT(fake_holds(fake));
	want(7, NULL, true);
	want(7, NULL, true);
	assert_int_equal(commands("zone-notify"), 0);
	fake_release(fake);
	WAIT(commands("zone-notify") == 1);
	assert_int_equal(gate(7), CG_GATE_OPEN);
	STAYS(commands("zone-notify") == 1, 50);
}

/*! \brief Not for what is refused; for what comes after it. */
static void test_notify_after_repair(void **state)
{
	(void)state;
	serve(CONFLICT);
	goes_wrong(FAKE_HOLD, "zone-begin", NULL, NULL);
	attach(CG_MODE_REWRITE);
	WAIT(fake_holds(fake));
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	want(7, NULL, true);
	fake_release(fake);
	WAIT(gate(8) == CG_GATE_OPEN);
	WAIT(commands("zone-notify") == 1);
	char *heard = fake_heard(fake);
	assert_true(strstr(heard, "zone-notify") > strstr(heard, "zone-commit"));
	free(heard);
}

static void test_notify_refused(void **state)
{
	(void)state;
	serve(CONFLICT);
	attach(CG_MODE_REFUSE);
	WAIT(gate(7) == CG_GATE_REFUSED);
	want(7, NULL, true);
	STAYS(commands("zone-notify") == 0, 50);
	goes_wrong(FAKE_ERROR, "zone-notify", NULL, "not now");
	fake_zone(fake, ORIGIN, "@ 1 SOA ns1 admin 9 1 1 1 1\n@ 1 NS ns1\nns1 1 A 192.0.2.53\n");
	want(9, NULL, false);
	WAIT(commands("zone-notify") == 1);
	want(9, NULL, false);
	WAIT(commands("zone-notify") == 2);
}

/* --- Names ahead of their zone --- */

/*! \brief A long read gives way to a name that is asked for. */
static void test_name_ahead(void **state)
{
	(void)state;
	unit_text_t text = { 0 };
	unit_add(&text, "%s", CLEAN);
	for (unsigned i = 0; i < 3000; i++) {
		unit_add(&text, "h%u 300 A 192.0.2.1\n", i);
	}
	serve(unit_take(&text));
	goes_wrong(FAKE_HOLD, "zone-read", "", NULL);
	goes_wrong(FAKE_HOLD, "zone-read", "", NULL);
	attach(CG_MODE_REFUSE);
	WAIT(fake_holds(fake));
	want(7, "www.example.com.", false);
	fake_release(fake);

	WAIT(cleared(7, "www.example.com."));
	WAIT(fake_holds(fake)); /* The zone itself is read after it. */
	assert_int_equal(gate(7), CG_GATE_UNKNOWN);
	assert_false(cleared(7, "h1.example.com."));
	assert_false(cleared(8, "www.example.com."));
	fake_release(fake);
	WAIT(gate(7) == CG_GATE_OPEN);
	WAIT(said(&main_log, "verdict clean, serial 7") == 1);
	free(text.str);
}

/*! \brief The name was read between two looks at the SOA, and after that the zone was tried. */
static bool judged_alone(const char *name)
{
	char asked[96];
	snprintf(asked, sizeof(asked), "zone-read " ORIGIN " zone-read %s ", name);
	char *heard = fake_heard(fake);
	const char *rest = strstr(heard, asked);
	bool judged = false;
	if (rest != NULL) {
		static const char LAST[] = " zone-read ";
		size_t len = strlen(rest);
		judged = strstr(rest, "zone-read zone-") != NULL ||
		         strcmp(rest + len - (sizeof(LAST) - 1), LAST) == 0;
	}
	free(heard);
	return judged;
}

/*! \brief What an answer for the name is made of decides. */
static void test_names(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool clean;
	} N[] = {
		{ "www.example.com.", true },
		{ "bad.example.com.", false },
		{ "x.wild.example.com.", true },
		{ "x.y.wild.example.com.", true },
		{ "x.badwild.example.com.", false },
		{ "x.dname.example.com.", true },
		{ "x.baddname.example.com.", false },
		{ "exempt.example.com.", true },
		{ "nothing.example.com.", true },
		{ "example.com.", true },
	};
	serve(CLEAN "bad 1 CNAME web\nbad 1 MX 10 web\n*.wild 1 CNAME web\n*.badwild 1 CNAME web\n"
	      "*.badwild 1 TXT \"t\"\ndname 1 DNAME web\nbaddname 1 DNAME web\nbaddname 1 DNAME www\n"
	      "exempt 1 CNAME web\nexempt 1 TXT \"t\"\n");
	goes_wrong_always(FAKE_ERROR, "zone-read", "", "operation not permitted");
	cg_policy_t *policy = new_policy(CG_MODE_REFUSE);
	policy->rules.exempt = calloc(1, sizeof(char *));
	assert_non_null(policy->rules.exempt);
	policy->rules.exempt[policy->rules.exempt_count++] = copy("exempt");
	attach_policy(policy);

	for (size_t i = 0; i < COUNT(N); i++) {
		fake_forget(fake);
		WAIT((want(7, N[i].name, false), judged_alone(N[i].name)));
		if (cleared(7, N[i].name) != N[i].clean) {
			complain(N[i].name);
			fail();
		}
	}
}

/*! \brief A name of another version than the one that a hook saw is not cleared. */
static void test_name_overtaken(void **state)
{
	(void)state;
	serve(CLEAN);
	goes_wrong_always(FAKE_ERROR, "zone-read", "", "operation not permitted");
	fake_script(fake, &(fake_script_t){
		.fault = FAKE_SWAP, .command = "zone-read", .owner = "www.example.com.", .always = true,
		.text = "@ 1 SOA ns1 admin 9 1 1 1 1\n@ 1 NS ns1\nns1 1 A 192.0.2.53\nwww 1 CNAME ns1\n"
	});
	attach(CG_MODE_REFUSE);
	WAIT(commands("zone-read") > 0);
	while (commands("zone-read") < 12) {
		unsigned reads = commands("zone-read");
		want(7, "www.example.com.", false);
		WAIT(commands("zone-read") > reads);
	}
	char *heard = fake_heard(fake);
	assert_non_null(strstr(heard, "zone-read www.example.com. "));
	free(heard);
	assert_true(no_verdicts());
}

/* --- Files that Knot did not take --- */

static char *write_zone_file(const char *text)
{
	char *path;
	assert_true(asprintf(&path, "%s/db", folder) > 0);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void test_file_not_taken(void **state)
{
	(void)state;
	serve(CLEAN);
	cg_policy_t *policy = new_policy(CG_MODE_REFUSE);
	policy->soft = false;
	policy->load = CG_LOAD_DIFFERENCE;
	policy->file = write_zone_file("@ 3600 SOA ns1 admin 8 7200 900 1209600 300\n@ 3600 NS ns1\n"
	                               "ns1 3600 A 192.0.2.53\nwww 300 CNAME web\n"
	                               "www 300 MX 10 ns1\nbad 300 A x\n");
	attach_policy(policy);
	WAIT(said(&main_log, "verdict refused") == 1);
	assert_int_equal(gate(7), CG_GATE_OPEN); /* What is served is clean. */

	char expected[1024];
	snprintf(expected, sizeof(expected), "finding cname-mx (error) www.example.com. CNAME, MX, "
	         "%s/db:4,5\n", folder);
	assert_int_equal(said(&main_log, expected), 1);
	snprintf(expected, sizeof(expected), "verdict refused, serial 8, judged file; Knot does not "
	         "take this file and goes on serving the last good version, serial 7, until it is "
	         "corrected; it has syntax errors too, the first: %s/db:6: ", folder);
	assert_int_equal(said(&main_log, expected), 1);
	assert_untouched();
}

/* --- The audit log --- */

/*! \brief One line: an object with these members of these types; its event is appended. */
static void check_event(const char *line, unit_text_t *events)
{
	static const struct {
		const char *event;
		const char *key;
		json_type type;
	} MEMBERS[] = {
		{ NULL, "time", json_type_string },
		{ NULL, "zone", json_type_string },
		{ NULL, "serial", json_type_int },
		{ "finding", "rule", json_type_string },
		{ "finding", "level", json_type_string },
		{ "finding", "owner", json_type_string },
		{ "finding", "types", json_type_array },
		{ "finding", "records", json_type_array },
		{ "finding", "message", json_type_string },
		{ "finding", "remedy", json_type_string },
		{ "finding", "exempt", json_type_boolean },
		{ "edit", "op", json_type_string },
		{ "edit", "record", json_type_string },
		{ "verdict", "mode", json_type_string },
		{ "verdict", "action", json_type_string },
		{ "verdict", "judged", json_type_string },
		{ "verdict", "findings", json_type_int },
		{ "verdict", "records", json_type_int },
		{ "verdict", "ms", json_type_double },
	};
	enum json_tokener_error error;
	struct json_object *object = json_tokener_parse_verbose(line, &error);
	assert_int_equal(error, json_tokener_success);
	struct json_object *value;
	assert_true(json_object_object_get_ex(object, "event", &value));
	const char *event = json_object_get_string(value);
	for (size_t i = 0; i < COUNT(MEMBERS); i++) {
		if (MEMBERS[i].event != NULL && strcmp(MEMBERS[i].event, event) != 0) {
			continue;
		}
		if (!json_object_object_get_ex(object, MEMBERS[i].key, &value) ||
		    json_object_get_type(value) != MEMBERS[i].type) {
			fail_msg("%s of %s", MEMBERS[i].key, line);
		}
	}
	assert_true(json_object_object_get_ex(object, "serial", &value));
	unit_add(events, "%s %d", event, json_object_get_int(value));
	if (json_object_object_get_ex(object, "action", &value) ||
	    json_object_object_get_ex(object, "record", &value) ||
	    json_object_object_get_ex(object, "owner", &value)) {
		unit_add(events, " %s", json_object_get_string(value));
	}
	unit_add(events, "\n");
	json_object_put(object);
}

static char *read_events(const char *path)
{
	unit_text_t events = { 0 };
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while ((len = getline(&line, &size, file)) > 0) {
		assert_int_equal(line[len - 1], '\n');
		check_event(line, &events);
	}
	free(line);
	fclose(file);
	return unit_take(&events);
}

static void test_audit_log(void **state)
{
	(void)state;
	serve(CONFLICT "t 300 TXT \"\\\"\\\\\\200 /\"\nt 300 CNAME web\n");
	cg_policy_t *policy = new_policy(CG_MODE_REWRITE);
	policy->audit_log = copy(audit_path);
	attach_policy(policy);
	WAIT(said(&main_log, "verdict clean, serial 8") == 1);
	detach();

	char *events = read_events(audit_path);
	assert_string_equal(events,
	                    "finding 7 t.example.com.\n"
	                    "finding 7 www.example.com.\n"
	                    "edit 7 t.example.com. 300 CNAME web.example.com.\n"
	                    "edit 7 t.example.com. 300 A 192.0.2.1\n"
	                    "edit 7 www.example.com. 300 CNAME web.example.com.\n"
	                    "edit 7 www.example.com. 300 A 192.0.2.1\n"
	                    "verdict 7 rewritten\n"
	                    "verdict 8 clean\n");
	free(events);

	struct stat st;
	assert_int_equal(stat(audit_path, &st), 0);
	assert_int_equal(st.st_mode & 0007, 0); /* Not for everybody. */
}

/*! \brief What cannot be written down is not done; once it can, it is. */
static void test_audit_log_unwritable(void **state)
{
	(void)state;
	char below[160];
	snprintf(below, sizeof(below), "%s/audit.log", audit_path);
	serve(CONFLICT);
	cg_policy_t *policy = new_policy(CG_MODE_REWRITE);
	policy->audit_log = copy(below);
	attach_policy(policy);
	WAIT(said(&main_log, "3 verdict failed, serial 7, judged running; "
	          "not repaired, the audit log cannot be written") == 1);
	assert_int_equal(gate(7), CG_GATE_REFUSED);
	WAIT(commands("zone-read") > 3); /* It is tried again... */
	assert_int_equal(commands("zone-begin"), 0);
	assert_int_equal(commands("zone-set") + commands("zone-unset"), 0);
	assert_int_equal(commands("zone-commit"), 0);
	assert_int_equal(said(&main_log, "findings are in this log only"), 1); /* ... and said once. */

	assert_int_equal(mkdir(audit_path, 0755), 0);
	WAIT(gate(8) == CG_GATE_OPEN);
	assert_repaired();
	detach();
	assert_int_equal(unlink(below), 0);
	assert_int_equal(rmdir(audit_path), 0);
}

static void test_audit_log_full(void **state)
{
	(void)state;
	serve(CONFLICT);
	cg_policy_t *policy = new_policy(CG_MODE_REWRITE);
	policy->audit_log = copy("/dev/full");
	attach_policy(policy);
	WAIT(said(&main_log, "verdict failed, serial 7") == 1);
	WAIT(commands("zone-read") > 3);
	detach();
	assert_int_equal(commands("zone-begin"), 0);
	assert_int_equal(said(&main_log, "No space left on device"), 1);
}

/* --- Before and after each --- */

/* --- Dynamic updates --- */

#define UPDATERS	4
#define UPDATES_EACH	100

/*! \brief As the END hook: an update that adds an A to www, which is an alias; the number is its data. */
static void add_address(unsigned number)
{
	static const uint8_t head[] = {
		0, 1, KNOT_OPCODE_UPDATE << 3, 0, 0, 1, 0, 0, 0, 1, 0, 0,
		7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0, 0, KNOT_RRTYPE_SOA, 0, 1,
		3, 'w', 'W', 'w', 0xc0, 12, 0, KNOT_RRTYPE_A, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0,
	};
	uint8_t wire[sizeof(head) + 2];
	memcpy(wire, head, sizeof(head));
	wire[sizeof(head)] = number >> 8;
	wire[sizeof(head) + 1] = number;

	struct sockaddr_storage client = { 0 };
	struct sockaddr_in *address = (struct sockaddr_in *)&client;
	address->sin_family = AF_INET;
	address->sin_port = htons(5353);
	address->sin_addr.s_addr = htonl(0xc0000211);
	cg_updated_t update = {
		.wire = wire, .size = sizeof(wire), .client = &client,
		.key = (const uint8_t *)"\x04" "dhcp",
	};
	cg_guard_updated(guarded, &update);
}

static void *update_often(void *arg)
{
	unsigned first = *(unsigned *)arg;
	for (unsigned i = 0; i < UPDATES_EACH; i++) {
		add_address(first + i);
	}
	return NULL;
}

static void guard_updates(void)
{
	cg_policy_t *policy = new_policy(CG_MODE_REFUSE);
	policy->audit_log = copy(audit_path);
	policy->updates = true;
	attach_policy(policy);
}

/*! \brief Dropped updates in the audit log. */
static unsigned dropped(void)
{
	unsigned count = 0;
	char *line = NULL;
	size_t size = 0;
	FILE *log = fopen(audit_path, "r");
	while (log != NULL && getline(&line, &size, log) > 0) {
		count += (strstr(line, "\"dropped-update\"") != NULL);
	}
	free(line);
	if (log != NULL) {
		fclose(log);
	}
	return count;
}

/*! \brief Updates that the log says were not looked at. */
static unsigned lost(void)
{
	unsigned sum = 0;
	char *text = log_text(&main_log);
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		unsigned count;
		if (strstr(line, " not looked at ") != NULL && sscanf(line, "4 %u dynamic", &count) == 1) {
			sum += count;
		}
	}
	free(text);
	return sum;
}

/*! \brief Many hooks at once: each update is looked at, or counted. */
static void test_updates(void **state)
{
	(void)state;
	serve(CLEAN);
	guard_updates();
	WAIT(said(&main_log, "verdict clean, serial 7") == 1);

	pthread_t threads[UPDATERS];
	unsigned first[UPDATERS];
	for (unsigned i = 0; i < UPDATERS; i++) {
		first[i] = i * UPDATES_EACH;
		assert_int_equal(pthread_create(&threads[i], NULL, update_often, &first[i]), 0);
	}
	for (unsigned i = 0; i < UPDATERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	}
	WAIT(dropped() > 0 && dropped() + lost() == UPDATERS * UPDATES_EACH);
	assert_int_equal(said(&main_log, "4 dropped update, client 192.0.2.17@5353, key dhcp., "
	                      "www.example.com. A: "), 1);
	detach();
}

/*! \brief A server that is away, or fails, is asked again. */
static void test_updates_later(void **state)
{
	(void)state;
	serve(CLEAN);
	guard_updates();
	WAIT(said(&main_log, "verdict clean, serial 7") == 1);
	goes_wrong(FAKE_CUT, "zone-read", "www.example.com.", NULL);
	add_address(1);
	WAIT(dropped() == 1);

	goes_wrong(FAKE_CUT_AFTER, "zone-read", "www.example.com.", NULL);
	add_address(2);
	WAIT(dropped() == 2);

	fake_stop(fake);
	add_address(3);
	WAIT(said(&main_log, "no new verdicts") == 1);
	assert_int_equal(dropped(), 2);
	fake_start(fake);
	WAIT(dropped() == 3);
	assert_int_equal(lost(), 0);
	detach();
}

/*! \brief The next worker knows nothing of what the last one has not looked at. */
static void test_updates_forgotten(void **state)
{
	(void)state;
	serve(CLEAN);
	guard_updates();
	WAIT(said(&main_log, "verdict clean, serial 7") == 1);
	fake_stop(fake);
	add_address(1);
	add_address(2);
	detach();

	fake_start(fake);
	guard_updates();
	add_address(3);
	WAIT(dropped() > 0);
	assert_int_equal(dropped(), 1);
	detach();
}

static int begin(void **state)
{
	(void)state;
	if (unit_make_folder(folder, sizeof(folder)) != 0) {
		return -1;
	}
	snprintf(socket_path, sizeof(socket_path), "%s/knot.sock", folder);
	snprintf(audit_path, sizeof(audit_path), "%s/audit.log", folder);
	fake = fake_new(socket_path);
	cg_rcu_enter_thread();
	return 0;
}

static int end(void **state)
{
	(void)state;
	cg_rcu_leave_thread();
	if (guarded != NULL) {
		detach();
	}
	fake_free(fake);
	fake = NULL;
	log_forget(&main_log);
	log_forget(&other_log);
	return unit_remove_folder(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_clean),
		TEST(test_refuse),
		TEST(test_scope_zone),
		TEST(test_audit),
		TEST(test_corrected),
		TEST(test_sweep),
		TEST(test_pace),
		TEST(test_by_address),
		TEST(test_probe),
		TEST(test_rewrite),
		TEST(test_not_repairable),
		TEST(test_half_repairable),
		TEST(test_cut),
		TEST(test_foreign_transaction),
		TEST(test_foreign_in_between),
		TEST(test_ineffective_commit),
		TEST(test_foreign_after_commit),
		TEST(test_detach_while_repaired),
		TEST(test_overtaken),
		TEST(test_overtaken_same_serial),
		TEST(test_commit_refused),
		TEST(test_edit_refused),
		TEST(test_repair_without_effect),
		TEST(test_never_edited),
		TEST(test_remembered),
		TEST(test_server_comes_later),
		TEST(test_server_away),
		TEST(test_server_restarts),
		TEST(test_empty_replies),
		TEST(test_silent),
		TEST(test_slow),
		TEST(test_read_fails),
		TEST(test_break_off),
		TEST(test_second_read),
		TEST(test_cut_in_reply),
		TEST(test_same_policy),
		TEST(test_other_policy),
		TEST(test_detach_while_judged),
		TEST(test_unknown_zone),
		TEST(test_start_and_stop),
		TEST(test_notify),
		TEST(test_notify_after_repair),
		TEST(test_notify_refused),
		TEST(test_name_ahead),
		TEST(test_names),
		TEST(test_name_overtaken),
		TEST(test_file_not_taken),
		TEST(test_audit_log),
		TEST(test_audit_log_unwritable),
		TEST(test_audit_log_full),
		TEST(test_updates),
		TEST(test_updates_later),
		TEST(test_updates_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
