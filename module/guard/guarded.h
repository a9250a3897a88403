/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A guarded zone from the inside, for the files of this layer.
 */

#pragma once

#include <stdatomic.h>

#include "cnameguard/file.h"
#include "cnameguard/guard.h"
#include "cnameguard/sink.h"

/*!
 * \brief What hooks leave for the worker.
 *
 * \a busy is taken by whoever touches the rest; a hook that finds it taken
 * goes on without leaving anything, the next one will.
 */
typedef struct {
	atomic_flag busy;
	bool seen;                  /*!< The probe was seen by a hook. */
	bool wanted;                /*!< \a wanted_version is held. */
	cg_version_t version;       /*!< What the probe was answered from. */
	cg_version_t wanted_version; /*!< What a held answer would have come from. */
} cg_slot_t;

/*! \brief No probe is under way. */
#define CG_NO_PROBE	UINT32_MAX

/*! \brief What a transfer is told apart by: port and message ID. */
static inline uint32_t cg_increments_key(uint16_t port, uint16_t id)
{
	return (uint32_t)port << 16 | id;
}

/*! \brief What was said last about a zone, so that nothing is said twice. */
typedef struct {
	bool said;
	bool audited;        /*!< The findings are in the audit log. */
	uint32_t serial;
	size_t findings;
	size_t records;
	uint64_t digest;     /*!< Of the findings. */
	const char *action;  /*!< Constant text; empty: the findings only. */
} cg_said_t;

/*! \brief Dropped updates that are remembered as said, a zone. */
#define CG_DROPS_SAID	64

/*! \brief What was said about dropped updates. */
typedef struct {
	uint64_t digests[CG_DROPS_SAID]; /*!< Of owner, types and client; 0: free. */
	unsigned next;                   /*!< The one that gives way next. */
	unsigned repeats;                /*!< Said before, and not said again. */
	int64_t repeats_ms;              /*!< When those are counted next. */
} cg_drops_said_t;

/*! \brief A clean version that the server was told to publish, until that has its verdict; see passed.h. */
typedef struct {
	bool known;
	uint32_t serial;
	struct cg_reading *reading; /*!< NULL: given up. */
	atomic_bool stale;          /*!< A reload may have aborted it. */
} cg_passed_t;

/*! \brief A version that the server holds, see pending.h. */
typedef struct {
	struct cg_guarded *next;    /*!< Held too. Both under the lock of the registry. */
	bool held;                  /*!< Is in the list of those. */
	bool unchecked;             /*!< It was not seen that the server has heard. */
	bool unanswered;            /*!< The server could not be told what becomes of it, or the repair failed. */
	bool put;                   /*!< A repaired version was to be published, ... */
	uint32_t put_serial;        /*!< ... with that serial: a lost reply may have been a yes. */
	int64_t again_ms;           /*!< What could not be answered for is asked for again, not before; ... */
	int32_t again_pause_ms;     /*!< ... the pause grows with each failure. */
	atomic_bool reloaded;       /*!< The zone, by a reload, which aborts what is held. */
	_Atomic(int64_t) answered_ms;
	uint64_t file_answered;     /*!< Mark of the zone file when the last version was answered for. */
} cg_pending_zone_t;

struct cg_guarded {
	cg_verdicts_t verdicts;     /*!< First, see cg_guarded_verdicts(). */

	/* Between hooks and worker. */
	cg_slot_t slot;
	atomic_uint probe;          /*!< Message ID of the probe, CG_NO_PROBE: none. */
	atomic_uint increments;     /*!< Tells the worker's own transfer apart; 0: none is under way. */
	atomic_uint updates_lost;   /*!< Dynamic updates that nobody has looked at. */
	struct cg_guarded *queued;  /*!< Next in the queue. */
	atomic_bool wanted;         /*!< Is in the queue. */
	atomic_bool transfer_held;

	/* Between load and unload and the worker. */
	atomic_bool changed;        /*!< The policy is new: forget what was judged. */
	atomic_bool fresh;          /*!< No contents were seen since the module came to the zone. */
	atomic_bool returned;       /*!< It may have been removed and added again: what was judged has gone. */
	atomic_uint refs;

	/* Under the lock of the registry. */
	cg_policy_t *policy;
	cg_log_cb log;
	void *log_ctx;

	/* Constant. */
	const knot_dname_t *name;
	const char *text;           /*!< Name in presentation format. Both are behind the zone. */

	/* The worker's own. There are many zones: what is small stands together. */
	struct cg_guarded *next;    /*!< List of all; new ones are put in front. */
	bool listed;                /*!< The server knew the zone at the last look. */
	bool loaded;                /*!< Had contents then. */
	bool judged;
	bool judged_clean;          /*!< Without an error, whether or not a verdict could be bound. */
	uint32_t serial;            /*!< Served at the last look. */
	uint32_t judged_serial;
	cg_gate_t gate;             /*!< Of the last verdict. */
	int32_t increments_pause_ms; /*!< The server had no changes of it: it is asked again after a pause that grows, ... */
	int64_t increments_not_before_ms; /*!< ... not before. */
	int64_t judged_ms;          /*!< When the last verdict was made. */
	cg_version_t judged_version; /*!< What it is bound to. */
	size_t records;             /*!< Of the last read. */
	int64_t not_before_ms;      /*!< The server could not send it: when to try again. */
	int64_t put_off_ms;         /*!< Since when reads for its verdict are broken off; 0: none was. */
	int64_t rest_put_off_ms;    /*!< The same of reads for what comes after that. */
	int64_t read_ms;            /*!< How long the last read took that came to its end. */
	unsigned denied;            /*!< Reads in a row that the server refused. */
	bool retry;                 /*!< The last try failed: try again, ... */
	bool alone;                 /*!< ... not in a round with others. */
	bool targets_due;           /*!< The rules about targets were put off. */
	bool aliases;               /*!< The last read had some, or may have had. */
	int64_t targets_ms;         /*!< When they were judged last; 0: never. */

	bool file_refused;          /*!< Knot does not take \a file. */
	bool file_has_serial;       /*!< Its SOA could be read, with: */
	uint32_t file_serial;
	uint64_t file;              /*!< Mark of the zone file when it was judged last; 0: there was none. */
	uint64_t file_loaded;       /*!< The same when the version changed last. */
	uint64_t file_pending;      /*!< Of one that was changed since, not loaded so far. */
	unsigned pending_sweeps;    /*!< How often that was seen. */
	unsigned file_generation;   /*!< Policy that \a file was judged under. */

	uint32_t good_serial;       /*!< What is on the disk, if \a good_known, from: */
	int64_t good_time;          /*!< Seconds since the epoch. */
	int64_t good_not_before_ms;
	int32_t good_pause_ms;      /*!< After the last failure; 0: there was none. */
	int32_t restore_pause_ms;   /*!< As good_pause_ms. */
	int64_t restore_not_before_ms;
	bool good_due;              /*!< The version that was judged is to be remembered. */
	bool good_looked;           /*!< It is known what is on the disk. */
	bool good_known;
	bool restoring;             /*!< The reply to the commit of a restoration was lost. */

	bool repaired;              /*!< The version after \a repaired_from is our own. */
	bool edits_said;            /*!< The edits of \a edits_serial were written down. */
	bool given_up;              /*!< A repair went wrong: that version is not edited again. */
	bool follow_read;           /*!< The state of \a follow was looked for. */
	cg_ours_t transaction;      /*!< Ours is open, or may be. */
	uint32_t repaired_from;
	uint32_t edits_serial;
	uint32_t given_up_serial;
	uint32_t kept_serial;       /*!< The original of that version was said to be kept last, ... */
	uint64_t kept_order;        /*!< ... this one. */
	uint64_t edits_digest;
	size_t repair_left;         /*!< Errors that the repair had to leave. */
	int64_t repair_due_ms;      /*!< When it is tried again; 0: nothing is due. */
	int32_t repair_pause_ms;    /*!< The server refused a repair: how long until the next try. */
	unsigned warned;            /*!< Bits of CG_WARNED_*. */
	int64_t trouble_ms;         /*!< Since when conversations about it fail; 0: they do not. */
	int64_t lost_ms;            /*!< When lost updates may be counted next. */
	unsigned versions;          /*!< Counts the versions that were judged. */
	cg_pending_zone_t pending;
	cg_passed_t passed;
	cg_said_t said_running;
	cg_said_t *said_file;       /*!< NULL: nothing so far. */
	cg_said_t *said_pending;    /*!< NULL: nothing so far. */
	cg_drops_said_t *drops_said; /*!< NULL: nothing so far. */
	struct cg_follow *follow;   /*!< What was flattened; NULL: nothing. */
};

/*! \brief Things to be said once a policy. */
enum {
	CG_WARNED_SIGNED    = 1 << 1,
	CG_WARNED_BUSY      = 1 << 2,
	CG_WARNED_AUDIT     = 1 << 3,
	CG_WARNED_FILE      = 1 << 4,
	CG_WARNED_TROUBLE   = 1 << 5,
	CG_WARNED_ABORTED   = 1 << 6,
	CG_WARNED_READ      = 1 << 7,
	CG_WARNED_ANSWERS   = 1 << 8,
	CG_WARNED_STATE     = 1 << 9,
	CG_WARNED_RESTORE   = 1 << 10,
	CG_WARNED_FOLLOW    = 1 << 11,
	CG_WARNED_INCREMENTS = 1 << 12,
};

/*! \brief Writes a line to the server's log, if the zone is still configured. */
void cg_zone_log(cg_guarded_t *zone, int priority, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*! \brief Writes a line once a policy. */
void cg_zone_log_once(cg_guarded_t *zone, unsigned bit, int priority, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*!
 * \brief What was said, in memory that is made when there is something to say.
 *
 * \param unsaid  In its place when there is none: then something may be said twice.
 */
cg_said_t *cg_zone_said(cg_said_t **said, cg_said_t *unsaid);

/*! \brief Nothing was said. */
void cg_zone_unsay(cg_said_t **said);

/*! \brief A reference to the policy. */
cg_policy_t *cg_zone_policy(cg_guarded_t *zone);

/*! \brief Takes what hooks left: the version that answered the last probe, ... */
bool cg_zone_seen(cg_guarded_t *zone, cg_version_t *version);
/*! \brief ... and the version that is held. */
bool cg_zone_wanted(cg_guarded_t *zone, cg_version_t *version);

/*! \brief A probe begins: forgets the last one's answer. */
void cg_zone_probe(cg_guarded_t *zone, uint16_t id);
