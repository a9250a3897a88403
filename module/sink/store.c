/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sink/store.h"
#include "sink/utf8.h"

#define BUFFER_SIZE	65536
/*! \brief Originals of one second and serial. */
#define NUMBERS_MAX	10000

struct cg_store_writer {
	cg_stored_t stored;    /*!< Filled in on the way; name and path in the end. */
	cg_store_digest_t digest;
	knot_dname_storage_t apex;
	cg_store_zone_t zone;
	char folder[PATH_MAX];
	char draft[PATH_MAX];
	int fd;                /*!< Of the draft; -1: none, or closed. */
	bool drafted;          /*!< The draft is there. */
	bool has_soa;
	int ret;               /*!< Of the first call that failed. */
	off_t offset;          /*!< Of what comes next. */
	size_t used;
	char buffer[BUFFER_SIZE];
};

/* --- Octets --- */

static void flush(cg_store_writer_t *writer)
{
	if (writer->ret != KNOT_EOK || writer->used == 0) {
		return;
	}
	writer->ret = cg_store_draft_write(writer->fd, writer->draft, writer->buffer, writer->used,
	                                   writer->offset);
	writer->stored.contents = cg_hash(writer->stored.contents, writer->buffer,
	                                        writer->used);
	writer->stored.octets += writer->used;
	writer->offset += writer->used;
	writer->used = 0;
}

static void put(cg_store_writer_t *writer, const char *data, size_t len)
{
	while (len > 0 && writer->ret == KNOT_EOK) {
		size_t room = BUFFER_SIZE - writer->used;
		size_t piece = (len < room) ? len : room;
		memcpy(writer->buffer + writer->used, data, piece);
		writer->used += piece;
		data += piece;
		len -= piece;
		if (writer->used == BUFFER_SIZE) {
			flush(writer);
		}
	}
}

/* --- A draft --- */

static int open_draft(cg_store_writer_t *writer)
{
	int ret = cg_store_draft_open(writer->draft, &writer->fd);
	if (ret != KNOT_EOK) {
		return ret;
	}
	writer->drafted = true;

	/* The first lines are written in the end: their length is known already. */
	char head[CG_STORE_HEAD_MAX];
	writer->offset = cg_store_head(&writer->stored, writer->zone, head);
	return KNOT_EOK;
}

static int begin(cg_store_writer_t *writer, const char *state, const knot_dname_t *zone)
{
	char draft[NAME_MAX + 1];
	cg_stored_t *stored = &writer->stored;
	knot_dname_copy_lower(writer->apex, zone);
	int ret = cg_store_zone_text(zone, writer->zone);
	if (ret == KNOT_EOK) {
		ret = cg_store_paths(state, writer->zone, stored->kind, writer->folder, draft,
		                     stored->name);
	}
	if (ret == KNOT_EOK) {
		ret = cg_store_join(writer->draft, writer->folder, draft);
	}
	if (ret == KNOT_EOK) {
		ret = cg_store_folders(state, writer->folder, stored->kind);
	}
	return (ret == KNOT_EOK) ? open_draft(writer) : ret;
}

int cg_store_begin(const char *state, const knot_dname_t *zone, cg_store_kind_t kind,
                   cg_store_writer_t **out)
{
	*out = NULL;
	cg_store_writer_t *writer = calloc(1, sizeof(*writer));
	if (writer == NULL) {
		return cg_store_fail(state);
	}
	writer->fd = -1;
	writer->stored.kind = kind;
	writer->stored.contents = CG_HASH;
	int ret = begin(writer, state, zone);
	if (ret != KNOT_EOK) {
		cg_store_cancel(writer);
		return ret;
	}
	*out = writer;
	return KNOT_EOK;
}

void cg_store_cancel(cg_store_writer_t *writer)
{
	if (writer == NULL) {
		return;
	}
	int error = errno;
	if (writer->fd >= 0) {
		close(writer->fd);
	}
	if (writer->drafted) {
		(void)unlink(writer->draft);
	}
	free(writer);
	errno = error;
}

static void put_record(cg_store_writer_t *writer, const cg_name_t *name, const cg_rr_t *rr)
{
	char type[16] = "", fixed[64];
	(void)knot_rrtype_to_string(rr->type, type, sizeof(type));
	int len = snprintf(fixed, sizeof(fixed), " %u IN %s ", rr->ttl, type);
	put(writer, name->spelling, strlen(name->spelling));
	put(writer, fixed, len);
	put(writer, rr->data, strlen(rr->data));
	put(writer, "\n", 1);
}

/*! \brief Takes the serial of the SOA, and puts the SOA before all else. */
static void put_soa(cg_store_writer_t *writer, const cg_name_t *name)
{
	for (size_t i = 0; i < name->count; i++) {
		const cg_rr_t *rr = &name->rr[i];
		if (rr->type == KNOT_RRTYPE_SOA) {
			(void)sscanf(rr->data, "%*s %*s %" SCNu32, &writer->stored.serial);
			writer->has_soa = true;
			put_record(writer, name, rr);
		}
	}
}

int cg_store_name(const cg_name_t *name, void *ctx)
{
	cg_store_writer_t *writer = ctx;
	bool is_apex = knot_dname_is_equal(name->owner, writer->apex);
	if (is_apex) {
		put_soa(writer, name);
	}
	for (size_t i = 0; i < name->count; i++) {
		if (!is_apex || name->rr[i].type != KNOT_RRTYPE_SOA) {
			put_record(writer, name, &name->rr[i]);
		}
	}
	(void)cg_store_digest(name, &writer->digest);
	return writer->ret;
}

/* --- The end of a draft --- */

/*! \brief Makes one line of UTF-8 that fits; what is neither is written as \DDD. */
static void set_reason(cg_stored_t *stored, const char *reason)
{
	size_t left = strlen(reason), used = 0;
	while (left > 0) {
		unsigned char c = *reason;
		size_t octets = cg_utf8_next(reason, left, NULL);
		bool escape = octets == 0 || c < ' ' || c == 0x7f;
		octets = (octets > 0) ? octets : 1;
		if (used + (escape ? 4 : octets) >= sizeof(stored->reason)) {
			break;
		}
		if (escape) {
			snprintf(stored->reason + used, 5, "\\%03u", c);
		} else {
			memcpy(stored->reason + used, reason, octets);
		}
		used += escape ? 4 : octets;
		reason += octets;
		left -= octets;
	}
	while (used > 0 && stored->reason[used - 1] == ' ') {
		stored->reason[--used] = '\0';
	}
}

/*! \brief Writes what is left, then the first lines. */
static int finish_draft(cg_store_writer_t *writer)
{
	char head[CG_STORE_HEAD_MAX];
	size_t len = cg_store_head(&writer->stored, writer->zone, head);
	int ret = cg_store_draft_write(writer->fd, writer->draft, head, len, 0);
	return (ret == KNOT_EOK) ? cg_store_draft_close(&writer->fd, writer->draft) : ret;
}

/*! \brief Finds a name that is free for an original. */
static int name_original(cg_store_writer_t *writer)
{
	cg_stored_t *stored = &writer->stored;
	struct tm tm;
	struct stat st;
	char time[32], number[16] = "";
	time_t seconds = stored->time;
	gmtime_r(&seconds, &tm);
	strftime(time, sizeof(time), "%Y%m%dT%H%M%SZ", &tm);
	for (unsigned i = 1; i <= NUMBERS_MAX; i++) {
		snprintf(stored->name, sizeof(stored->name), "%s-%" PRIu32 "%s.zone", time,
		         stored->serial, number);
		int ret = cg_store_join(stored->path, writer->folder, stored->name);
		if (ret != KNOT_EOK) {
			return ret;
		}
		if (lstat(stored->path, &st) != 0) {
			return (errno == ENOENT) ? KNOT_EOK : cg_store_fail(stored->path);
		}
		snprintf(number, sizeof(number), ".%u", i);
	}
	errno = EEXIST;
	return cg_store_fail(stored->path);
}

/*! \brief Puts the draft in its place. */
static int place(cg_store_writer_t *writer)
{
	cg_stored_t *stored = &writer->stored;
	int ret = (stored->kind == CG_STORE_ORIGINAL)
	          ? name_original(writer)
	          : cg_store_join(stored->path, writer->folder, stored->name);
	if (ret == KNOT_EOK) {
		ret = finish_draft(writer);
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (rename(writer->draft, stored->path) != 0) {
		return cg_store_fail(stored->path);
	}
	writer->drafted = false;
	ret = cg_store_sync(writer->folder);
	if (ret != KNOT_EOK && stored->kind == CG_STORE_ORIGINAL) {
		int error = errno;
		(void)unlink(stored->path);
		errno = error;
	}
	return ret;
}

/*! \brief The newest of the originals with the same contents; NULL: none that is whole. */
static cg_stored_t *find_same(const cg_store_writer_t *writer, cg_stored_t *list, size_t count)
{
	const cg_stored_t *own = &writer->stored;
	for (size_t i = 0; i < count; i++) {
		cg_stored_t *other = &list[i];
		bool same = !other->damaged && other->raw == own->raw &&
		            other->digest == own->digest &&
		            (!own->raw || other->octets == own->octets);
		if (same && cg_store_check(other, writer->zone, true, NULL, NULL) == KNOT_EOK &&
		    !other->damaged) {
			return other;
		}
	}
	return NULL;
}

/*! \brief Removes what equals the new original, and the oldest until \a keep are left with it. */
static void prune(const cg_stored_t *list, size_t count, const cg_stored_t *same, unsigned keep)
{
	size_t left = 1;
	for (size_t i = 0; i < count; i++) {
		if (&list[i] == same || left >= keep) {
			(void)unlink(list[i].path); /* What stays is tried again the next time. */
		} else {
			left++;
		}
	}
}

/*! \brief \a is_known: the newest original is the same, the draft is of no use. */
static int end_original(cg_store_writer_t *writer, unsigned keep, bool *is_known)
{
	cg_stored_t *list;
	size_t count;
	int ret = cg_store_kept(writer->folder, writer->zone, false, &list, &count);
	if (ret == KNOT_EOK) {
		const cg_stored_t *same = find_same(writer, list, count);
		writer->stored.order = 1 + ((count > 0) ? list[0].order : 0);
		*is_known = (same != NULL && same == &list[0]);
		if (*is_known) {
			writer->stored = *same;
		} else {
			ret = place(writer);
		}
		if (ret == KNOT_EOK && !*is_known) {
			prune(list, count, same, keep);
		}
	}
	int error = errno;
	free(list);
	errno = error;
	return ret;
}

int cg_store_end(cg_store_writer_t *writer, const char *reason, unsigned keep, cg_stored_t *out)
{
	cg_stored_t *stored = &writer->stored;
	flush(writer);
	int ret = writer->ret;
	if (ret == KNOT_EOK && !stored->raw && !writer->has_soa) {
		ret = cg_store_malformed(writer->zone, "the zone has no SOA");
	}
	if (ret == KNOT_EOK) {
		bool is_known = false;
		stored->time = cg_store_time(time(NULL));
		stored->records = writer->digest.records;
		stored->digest = stored->raw ? stored->contents : writer->digest.sum;
		set_reason(stored, reason);
		ret = (stored->kind == CG_STORE_ORIGINAL) ? end_original(writer, keep, &is_known)
		                                          : place(writer);
	}
	if (ret == KNOT_EOK && out != NULL) {
		*out = *stored;
	}
	cg_store_cancel(writer);
	return ret;
}

/* --- In one go --- */

int cg_store_zone(const char *state, const cg_zone_t *zone, cg_store_kind_t kind,
                  const char *reason, unsigned keep, cg_stored_t *out)
{
	cg_store_writer_t *writer;
	int ret = cg_store_begin(state, cg_zone_origin(zone), kind, &writer);
	if (ret == KNOT_EOK) {
		(void)cg_zone_walk(zone, cg_store_name, writer);
		ret = cg_store_end(writer, reason, keep, out);
	}
	return ret;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/*! \brief Copies all octets into the draft. */
static int copy(int fd, const char *path, cg_store_writer_t *writer)
{
	struct stat before, behind;
	char piece[BUFFER_SIZE];
	ssize_t got;
	if (fstat(fd, &before) != 0) {
		return cg_store_fail(path);
	}
	if (!S_ISREG(before.st_mode)) {
		errno = ENOTSUP;
		return cg_store_fail(path);
	}
	while ((got = read(fd, piece, sizeof(piece))) > 0 || (got < 0 && errno == EINTR)) {
		put(writer, piece, (got > 0) ? got : 0);
		if (writer->ret != KNOT_EOK) {
			return writer->ret;
		}
	}
	if (got < 0 || fstat(fd, &behind) != 0) {
		return cg_store_fail(path);
	}
	if (!same_file(&before, &behind)) {
		(void)cg_store_malformed(path, "was changed while it was read");
		return KNOT_EAGAIN;
	}
	return KNOT_EOK;
}

int cg_store_file(const char *state, const knot_dname_t *zone, const char *zone_file,
                  uint32_t serial, const char *reason, unsigned keep, cg_stored_t *out)
{
	int fd = open(zone_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		return cg_store_fail(zone_file);
	}
	cg_store_writer_t *writer;
	int ret = cg_store_begin(state, zone, CG_STORE_ORIGINAL, &writer);
	if (ret == KNOT_EOK) {
		writer->stored.raw = true;
		writer->stored.serial = serial;
		ret = copy(fd, zone_file, writer);
		if (ret == KNOT_EOK) {
			ret = cg_store_end(writer, reason, keep, out);
		} else {
			cg_store_cancel(writer);
		}
	}
	int error = errno;
	close(fd);
	errno = error;
	return ret;
}

int cg_store_forget(const char *state, const knot_dname_t *zone)
{
	char folder[PATH_MAX], draft[NAME_MAX + 1], name[NAME_MAX + 1], path[PATH_MAX];
	cg_store_zone_t text;
	int ret = cg_store_zone_text(zone, text);
	if (ret == KNOT_EOK) {
		ret = cg_store_paths(state, text, CG_STORE_GOOD, folder, draft, name);
	}
	if (ret == KNOT_EOK) {
		ret = cg_store_join(path, folder, name);
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (unlink(path) != 0) {
		return (errno == ENOENT || errno == ENOTDIR) ? KNOT_EOK : cg_store_fail(path);
	}
	return cg_store_sync(folder);
}
