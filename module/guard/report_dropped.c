/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "cnameguard/hash.h"
#include "guard/report.h"
#include "guard/report_dropped.h"
#include "guard/worker.h"
#include "rules/rr.h"
#include "rules/text.h"

/*! \brief Lines about one update that go into the server's log; the audit log has all. */
#define LOG_LINES	10
/*! \brief How often it is said how much was not said again. */
#define REPEATS_MS	((int64_t)3600 * 1000)

/*! \brief What one update lost at one name for one reason. */
typedef struct {
	const cg_update_t *update;
	const cg_zone_t *now;
	cg_drop_cause_t cause;
	knot_dname_txt_storage_t owner;
	bool apex;
	cg_text_t types;      /*!< Of the records: "A, AAAA". */
	cg_text_t others;     /*!< What is at the name: "A, MX", or "CNAME web.example.com.". */
	char *target;         /*!< Of the CNAME that is there or was dropped. */
	bool lent;            /*!< All could be at the alias's target instead. */
	bool cname;           /*!< It is a CNAME that was dropped. */
	const char **records; /*!< Presentation format, each to be freed. */
	size_t count;
	cg_text_t message;
	cg_text_t remedy;
} group_t;

static void free_group(group_t *group)
{
	for (size_t i = 0; i < group->count; i++) {
		free((char *)group->records[i]);
	}
	free(group->records);
	free(group->target);
	cg_text_free(&group->types);
	cg_text_free(&group->others);
	cg_text_free(&group->message);
	cg_text_free(&group->remedy);
}

/*! \brief Adds a type to a list of them, once. */
static void add_type(cg_text_t *list, uint32_t *seen, uint16_t last, uint16_t type)
{
	uint32_t bit = cg_seen_type(type);
	if ((bit == SEEN_OTHER) ? type == last : (*seen & bit) != 0) {
		return;
	}
	*seen |= bit;
	if (list->len > 0) {
		cg_text_add(list, ", ");
	}
	cg_text_type(list, type);
}

/*! \brief What is at the name now. */
static void describe_name(group_t *group, const knot_dname_t *owner)
{
	cg_name_t name;
	uint32_t seen = 0;
	uint16_t last = 0;
	if (cg_zone_find(group->now, owner, &name) != KNOT_EOK) {
		return;
	}
	for (size_t i = 0; i < name.count; i++) {
		const cg_rr_t *rr = &name.rr[i];
		if (rr->type == KNOT_RRTYPE_CNAME) {
			cg_text_add(&group->others, "CNAME %s", rr->data);
			free(group->target);
			group->target = strdup(rr->data);
		} else if (!cg_type_beside(rr->type)) {
			add_type(&group->others, &seen, last, rr->type);
			last = rr->type;
		}
	}
}

/*! \brief A record as a line of a zone file. False: out of memory. */
static bool add_record(group_t *group, const knot_rrset_t *rr)
{
	cg_text_t line = { 0 };
	char *data = cg_update_data(rr);
	if (data == NULL) {
		return false;
	}
	cg_text_add(&line, "%s %u ", group->owner, rr->ttl);
	cg_text_type(&line, rr->type);
	cg_text_add(&line, " %s", data);
	if (rr->type == KNOT_RRTYPE_CNAME) {
		group->cname = true;
		free(group->target);
		group->target = data;
	} else {
		free(data);
	}
	const char **records = realloc(group->records, (group->count + 1) * sizeof(*records));
	if (records == NULL || line.failed) {
		group->records = (records != NULL) ? records : group->records;
		cg_text_free(&line);
		return false;
	}
	group->records = records;
	group->records[group->count++] = line.str;
	return true;
}

/*! \brief Gathers the records that belong to the same name and reason as the first one. */
static bool gather(group_t *group, cg_drops_t *drops, size_t first)
{
	const knot_dname_t *owner = drops->list[first].rr->owner;
	uint32_t seen = 0;
	uint16_t last = 0;

	group->cause = drops->list[first].cause;
	group->lent = true;
	group->apex = knot_dname_is_equal(owner, cg_update_zone(group->update));
	if (knot_dname_to_str(group->owner, owner, sizeof(group->owner)) == NULL) {
		return false;
	}
	describe_name(group, owner);
	for (size_t i = first; i < drops->count; i++) {
		cg_drop_t *drop = &drops->list[i];
		if (drop->cause != group->cause || !knot_dname_is_equal(drop->rr->owner, owner)) {
			continue;
		}
		drop->told = true;
		group->lent = group->lent && cg_type_lent(drop->rr->type);
		add_type(&group->types, &seen, last, drop->rr->type);
		last = drop->rr->type;
		if (!add_record(group, drop->rr)) {
			return false;
		}
	}
	return true;
}

static const char *text(const cg_text_t *text)
{
	return (text->str != NULL && text->len > 0) ? text->str : "";
}

static const char *target(const group_t *group)
{
	return (group->target != NULL) ? group->target : "";
}

static void explain_message(group_t *group)
{
	const char *types = text(&group->types);
	cg_text_t *out = &group->message;

	cg_text_add(out, "answered NOERROR, but the %s is not in the zone: ", types);
	switch (group->cause) {
	case CG_DROP_BESIDE:
		if (group->cname) {
			cg_text_add(out, "%s has %s, and nothing may stand beside a CNAME",
			            group->owner, text(&group->others));
		} else {
			cg_text_add(out, "%s is an alias (%s), beside which nothing may stand; people "
			            "still get what it leads to", group->owner, text(&group->others));
		}
		break;
	case CG_DROP_BOTH:
		cg_text_add(out, "the update adds %s to %s before it, and nothing may stand beside a "
		            "CNAME", text(&group->others), group->owner);
		break;
	case CG_DROP_ORDER:
		cg_text_add(out, "the update deletes the %s of %s only after it, and so it could not "
		            "be added", group->cname ? "other records" : "CNAME", group->owner);
		break;
	case CG_DROP_SIGNED:
		cg_text_add(out, "the zone is signed, and signatures of what the update deletes at %s "
		            "were still there; the name has neither old nor new records now",
		            group->owner);
		break;
	}
}

static void explain_remedy(group_t *group)
{
	const char *types = text(&group->types);
	cg_text_t *out = &group->remedy;

	switch (group->cause) {
	case CG_DROP_BESIDE:
		if (group->cname && group->apex) {
			cg_text_add(out, "the zone's own name cannot be an alias: add the addresses of %s "
			            "to it instead", target(group));
		} else if (group->cname) {
			cg_text_add(out, "delete the name before it in the same update ('update delete "
			            "%s'), or keep its %s and do without the alias", group->owner,
			            text(&group->others));
		} else {
			cg_text_add(out, "delete the alias before it in the same update ('update delete "
			            "%s CNAME'), or keep the alias", group->owner);
			if (group->lent) {
				cg_text_add(out, " and give the %s to %s", types, target(group));
			}
		}
		break;
	case CG_DROP_BOTH:
		cg_text_add(out, "send the CNAME or the other records of %s, not both", group->owner);
		break;
	case CG_DROP_ORDER:
		cg_text_add(out, "send the %s again, and deletions before additions from now on: records "
		            "of an update are taken in their order", types);
		break;
	case CG_DROP_SIGNED:
		cg_text_add(out, "send the CNAME again, which is taken now; from now on delete the whole "
		            "name before it ('update delete %s', without a type)", group->owner);
		break;
	}
}

/*! \brief FNV-1a over owner, types and the client's address without its port; never 0. */
static uint64_t digest_group(const group_t *group, const char *client)
{
	const char *parts[] = { group->owner, text(&group->types), client };
	uint64_t digest = CG_HASH + group->cause;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		size_t len = strcspn(parts[i], (parts[i] == client) ? "@" : "");
		digest = cg_hash(digest, parts[i], len);
		digest = cg_hash(digest, "", 1); /* Where one ends and the next begins. */
	}
	return (digest != 0) ? digest : 1;
}

/*! \brief Whether it is said for the first time in a while; remembers it. */
static bool is_new(cg_guarded_t *zone, uint64_t digest)
{
	if (zone->drops_said == NULL) {
		zone->drops_said = calloc(1, sizeof(*zone->drops_said));
	}
	cg_drops_said_t *said = zone->drops_said;
	if (said == NULL) {
		return true;
	}
	for (unsigned i = 0; i < CG_DROPS_SAID; i++) {
		if (said->digests[i] == digest) {
			said->repeats++;
			return false;
		}
	}
	said->digests[said->next] = digest;
	said->next = (said->next + 1) % CG_DROPS_SAID;
	return true;
}

static void log_repeats(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_drops_said_t *said = zone->drops_said;
	int64_t now = cg_now_ms();
	if (said == NULL) {
		return;
	}
	if (said->repeats_ms == 0) {
		said->repeats_ms = now + REPEATS_MS;
	}
	if (said->repeats > 0 && now >= said->repeats_ms) {
		cg_zone_log(zone, LOG_WARNING, "dropped update: %u more like those before%s",
		            said->repeats, policy->audit_log != NULL ? ", see the audit log" : "");
		said->repeats = 0;
		said->repeats_ms = now + REPEATS_MS;
	}
}

static void write_group(cg_guarded_t *zone, cg_audit_t *audit, uint32_t serial, group_t *group,
                        size_t *lines)
{
	char client[CG_CLIENT_MAX];
	knot_dname_txt_storage_t key;
	cg_update_client(group->update, client);
	bool has_key = (group->update->key != NULL &&
	                knot_dname_to_str(key, group->update->key, sizeof(key)) != NULL);

	cg_audit_dropped_t dropped = {
		.zone = zone->text,
		.serial = serial,
		.client = client,
		.key = has_key ? key : NULL,
		.records = group->records,
		.count = group->count,
		.message = text(&group->message),
		.remedy = text(&group->remedy),
	};
	cg_audit_dropped(audit, &dropped);
	if (is_new(zone, digest_group(group, client)) && ++*lines <= LOG_LINES) {
		cg_zone_log(zone, LOG_WARNING, "dropped update, client %s, key %s, %s %s: %s; %s",
		            client, has_key ? key : "none", group->owner, text(&group->types),
		            dropped.message, dropped.remedy);
	}
}

void cg_report_dropped(cg_guarded_t *zone, const cg_policy_t *policy, uint32_t serial,
                       const cg_update_t *update, cg_drops_t *drops, const cg_zone_t *now)
{
	cg_audit_t audit;
	size_t lines = 0;

	cg_audit_open(&audit, policy->audit_log);
	for (size_t i = 0; i < drops->count; i++) {
		if (drops->list[i].told) {
			continue;
		}
		group_t group = { .update = update, .now = now };
		if (gather(&group, drops, i)) {
			explain_message(&group);
			explain_remedy(&group);
			write_group(zone, &audit, serial, &group, &lines);
		} else {
			audit.error = ENOMEM;
		}
		free_group(&group);
	}
	(void)cg_report_close(zone, policy, &audit);
	if (lines > LOG_LINES) {
		cg_zone_log(zone, LOG_WARNING, "dropped update: %zu more names%s", lines - LOG_LINES,
		            policy->audit_log != NULL ? ", see the audit log" :
		            "; set audit-log to have them all");
	}
	log_repeats(zone, policy);
}

void cg_report_lost_updates(cg_guarded_t *zone, unsigned count)
{
	cg_zone_log(zone, LOG_WARNING, "%u dynamic update%s not looked at (too many at once, or not "
	            "dealt with by Knot in time): whether records of %s were dropped because of a "
	            "CNAME is not known", count, count == 1 ? " was" : "s were",
	            count == 1 ? "it" : "them");
}
