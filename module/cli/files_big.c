/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One big zone file. */

#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cli/crew.h"
#include "cli/files.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/screened.h"
#include "cnameguard/file.h"

/*! \brief Octets that are had from the system at once. */
#define PAD_SIZE	(1 << 20)
/*! \brief Larger blocks are had from the system one by one; glibc would raise that by itself. */
#define BLOCK_SIZE	(4 << 20)
/*! \brief A big page; where the system's are others, so be it. */
#define PAGE_SIZE	((uintptr_t)2 << 20)
/*! \brief Octets of memory that a file is taken to need, by those of the file. */
#define ROOM_FACTOR	4
/*! \brief Blocks that are had one by one at the most: as many as glibc allows by itself. */
#define BLOCKS_MAX	65536

/*!
 * \brief Asks for big pages where the heap will grow to: one interruption for 512 small ones.
 *
 * What of the room is not used takes no memory. Without room or big pages it is slower, no more.
 */
static void make_room(size_t size)
{
	mallopt(M_MMAP_MAX, 0); /* Of the heap itself. */
	char *room = malloc(size);
	if (room != NULL) {
		uintptr_t first = ((uintptr_t)room + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
		uintptr_t end = ((uintptr_t)room + size) / PAGE_SIZE * PAGE_SIZE;
		if (first < end) {
			(void)madvise((void *)first, end - first, MADV_HUGEPAGE);
		}
		free(room);
	}
	mallopt(M_MMAP_MAX, BLOCKS_MAX);
}

/*!
 * \brief Has all threads share their memory, and get it in big pieces.
 *
 * Else each change of what is mapped interrupts the other threads: thousands of times.
 *
 * \param size  Of the file.
 */
static void share_memory(size_t size)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TOP_PAD, PAD_SIZE);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_THRESHOLD, BLOCK_SIZE);
	make_room(ROOM_FACTOR * size);
}

static void show_progress(size_t octets, size_t total, size_t records, void *ctx)
{
	if (cg_progress_due()) {
		cg_progress_show(cg_say_file(ctx), (double)octets / total, records);
	}
}

static int find_origin(const cg_options_t *options, cg_parts_t *parts, knot_dname_storage_t out)
{
	if (options->has_origin) {
		memcpy(out, options->origin, sizeof(knot_dname_storage_t));
		return KNOT_EOK;
	}
	return cg_parts_origin(parts, out);
}

static int read_parts(cg_subjects_t *subjects, const cg_options_t *options, const char *file,
                      cg_parts_t *parts)
{
	knot_dname_storage_t origin;
	int ret = find_origin(options, parts, origin);
	if (ret == KNOT_EOK) {
		ret = cg_parts_begin(parts, origin);
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	const cg_screened_how_t how = {
		.file = file,
		.origin = origin,
		.policy = &options->rules,
		.threads = cg_crew_size(),
		.progress = show_progress,
		.ctx = (void *)file,
	};
	cg_screened_t screened;
	ret = cg_screened_read(&how, parts, &screened);
	if (ret != KNOT_EOK) {
		return ret;
	}
	cg_subject_t *subject = cg_subjects_add_screened(subjects, screened.zone, screened.screen,
	                                                 screened.records);
	if (subject == NULL) {
		cg_lines_free(&screened.lines);
		return KNOT_ENOMEM;
	}
	subject->file = file;
	subject->lines = screened.lines;
	cg_files_tell_outside(file, subject->name, screened.outside);
	return KNOT_EOK;
}

/*! \brief Reads the parts with little memory. */
static int read_big(cg_subjects_t *subjects, const cg_options_t *options, const char *file,
                    cg_parts_t *parts)
{
	int ret = (parts == NULL) ? KNOT_ENOTSUP : read_parts(subjects, options, file, parts);
	cg_parts_close(parts);
	return ret;
}

int cg_files_read_big(cg_subjects_t *subjects, const cg_options_t *options, const char *file)
{
	cg_file_id_t id;
	cg_file_identify(file, &id);
	if (!id.exists || id.size < CG_SCREENED_MIN) {
		return KNOT_ENOTSUP;
	}
	share_memory(id.size);
	return read_big(subjects, options, file, cg_parts_open(file, CG_PART_SIZE));
}

int cg_files_read_big_text(cg_subjects_t *subjects, const cg_options_t *options, const char *file,
                           const char *text, size_t len)
{
	if (len < CG_SCREENED_MIN) {
		return KNOT_ENOTSUP;
	}
	share_memory(len);
	return read_big(subjects, options, file, cg_parts_open_text(file, text, len, CG_PART_SIZE));
}
