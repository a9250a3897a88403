/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Usage: fuzz_NAME FILE|FOLDER...
 *
 * main() for the fuzz targets where there is no libFuzzer: gives them files.
 */

#include <dirent.h>

#include "fuzz.h"

static int replay_file(const char *path)
{
	char *text;
	size_t len;
	int ret = cg_scan_text(path, &text, &len, NULL);
	if (ret != KNOT_EOK) {
		fprintf(stderr, "%s: %s\n", path, knot_strerror(ret));
		return 1;
	}
	/* To its size: what reads behind its end is seen. */
	uint8_t *data = malloc(len > 0 ? len : 1);
	HOLDS(data != NULL);
	memcpy(data, text, len);
	free(text);
	(void)LLVMFuzzerTestOneInput(data, len);
	free(data);
	return 0;
}

static int replay_folder(const char *path, DIR *folder)
{
	int status = 0;
	struct dirent *entry;
	while ((entry = readdir(folder)) != NULL) {
		char file[4096];
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.') {
			status |= replay_file(file);
		}
	}
	return status;
}

int main(int argc, char **argv)
{
	int status = 0;
	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);
		status |= (folder != NULL) ? replay_folder(argv[i], folder) : replay_file(argv[i]);
		if (folder != NULL) {
			closedir(folder);
		}
	}
	return status;
}
