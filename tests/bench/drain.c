/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Usage: drain SOCKET ZONE
 *
 * Takes the reply to zone-read off the control socket and does nothing with it: no reader of
 * the zone can be faster. Prints how many records there were.
 */

#include <stdio.h>

#include <libknot/libknot.h>

#define TIMEOUT_MS	60000

static int drain(knot_ctl_t *ctl, const char *zone, size_t *records)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "zone-read",
		[KNOT_CTL_IDX_ZONE] = zone,
	};
	int ret = knot_ctl_send(ctl, KNOT_CTL_TYPE_DATA, &cmd);
	if (ret == KNOT_EOK) {
		ret = knot_ctl_send(ctl, KNOT_CTL_TYPE_BLOCK, NULL);
	}

	while (ret == KNOT_EOK) {
		knot_ctl_type_t type;
		knot_ctl_data_t unit;
		ret = knot_ctl_receive(ctl, &type, &unit);
		if (ret != KNOT_EOK || type == KNOT_CTL_TYPE_BLOCK) {
			break;
		}
		if (type == KNOT_CTL_TYPE_END || unit[KNOT_CTL_IDX_ERROR] != NULL) {
			ret = KNOT_ERROR;
		} else {
			(*records)++;
		}
	}
	return ret;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: drain SOCKET ZONE\n");
		return 2;
	}

	knot_ctl_t *ctl = knot_ctl_alloc();
	if (ctl == NULL) {
		fprintf(stderr, "drain: out of memory\n");
		return 2;
	}
	knot_ctl_set_timeout(ctl, TIMEOUT_MS);

	size_t records = 0;
	int ret = knot_ctl_connect(ctl, argv[1]);
	if (ret == KNOT_EOK) {
		ret = drain(ctl, argv[2], &records);
		(void)knot_ctl_send(ctl, KNOT_CTL_TYPE_END, NULL);
		knot_ctl_close(ctl);
	}
	knot_ctl_free(ctl);

	if (ret != KNOT_EOK) {
		fprintf(stderr, "drain: %s\n", knot_strerror(ret));
		return 2;
	}
	printf("%zu\n", records);
	return 0;
}
