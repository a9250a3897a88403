/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <netinet/in.h>
#include <sched.h>
#include <string.h>

#include "guard/inbox.h"

/*! \brief How often a hook tries to get in: some microseconds, as long as a copy takes. */
#define TRIES	256

/*! \brief What stands in front of key name and message. */
typedef struct {
	int64_t came_ms;
	uint32_t size;                 /*!< Of the message. */
	uint32_t key_size;             /*!< 0: unsigned. */
	struct sockaddr_in6 client;    /*!< Or as much of a longer one. */
} head_t;

static bool try_enter(cg_inbox_t *inbox)
{
	for (unsigned i = 0; i < TRIES; i++) {
		if (!atomic_flag_test_and_set_explicit(&inbox->busy, memory_order_acquire)) {
			return true;
		}
	}
	return false;
}

static void leave(cg_inbox_t *inbox)
{
	atomic_flag_clear_explicit(&inbox->busy, memory_order_release);
}

static uint8_t *put(uint8_t *to, const void *what, size_t size)
{
	if (size > 0) {
		memcpy(to, what, size);
	}
	return to + size;
}

bool cg_inbox_put(cg_inbox_t *inbox, const cg_updated_t *update, int64_t now_ms, bool *wake)
{
	head_t head = {
		.came_ms = now_ms,
		.size = update->size,
		.key_size = (update->key != NULL) ? knot_dname_size(update->key) : 0,
	};
	memcpy(&head.client, update->client, sizeof(head.client));
	size_t need = sizeof(head) + head.key_size + update->size;

	if (!try_enter(inbox)) {
		return false;
	}
	size_t before = inbox->used;
	if (need > CG_INBOX_HALF - before) {
		leave(inbox);
		return false;
	}
	uint8_t *to = inbox->half[inbox->filling] + before;
	to = put(to, &head, sizeof(head));
	to = put(to, update->key, head.key_size);
	(void)put(to, update->wire, update->size);
	inbox->used = before + need;

	/* The first one sets the time; half full cannot wait so long. */
	bool pressing = (before < CG_INBOX_HALF / 2 && inbox->used >= CG_INBOX_HALF / 2);
	if (before == 0 || pressing) {
		atomic_store(&inbox->due_ms, pressing ? now_ms : now_ms + CG_UPDATE_WAIT_MS);
		*wake = true;
	}
	leave(inbox);
	return true;
}

const uint8_t *cg_inbox_take(cg_inbox_t *inbox, size_t *size)
{
	while (!try_enter(inbox)) {
		sched_yield();
	}
	const uint8_t *taken = inbox->half[inbox->filling];
	*size = inbox->used;
	inbox->filling = 1 - inbox->filling;
	inbox->used = 0;
	atomic_store(&inbox->due_ms, 0);
	leave(inbox);
	return taken;
}

bool cg_inbox_next(const uint8_t **pos, const uint8_t *end, cg_inbox_item_t *item)
{
	if (*pos == end) {
		return false;
	}
	head_t head;
	memcpy(&head, *pos, sizeof(head));
	*pos += sizeof(head);

	memset(&item->client, 0, sizeof(item->client));
	memcpy(&item->client, &head.client, sizeof(head.client));
	item->came_ms = head.came_ms;
	item->update = (cg_updated_t){
		.wire = *pos + head.key_size,
		.size = head.size,
		.client = &item->client,
		.key = (head.key_size > 0) ? *pos : NULL,
	};
	*pos += head.key_size + head.size;
	return true;
}
