/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What libzscanner alone needs for zone files: it parses them, and does nothing with the records. */

#include <stdio.h>
#include <stdlib.h>

#include <libzscanner/scanner.h>

static void count(zs_scanner_t *scanner)
{
	(*(size_t *)scanner->process.data)++;
}

static int parse(zs_scanner_t *scanner, const char *origin, const char *file, size_t *records)
{
	if (zs_init(scanner, origin, 1, 3600) != 0) {
		return -1;
	}
	int ret = zs_set_processing(scanner, count, NULL, records);
	if (ret == 0) {
		ret = zs_set_input_file(scanner, file);
	}
	if (ret == 0) {
		ret = zs_parse_all(scanner);
	}
	zs_deinit(scanner);
	return ret;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fputs("Usage: zscan ORIGIN FILE...\n", stderr);
		return 2;
	}
	zs_scanner_t *scanner = malloc(sizeof(*scanner));
	size_t records = 0;
	int ret = (scanner == NULL) ? -1 : 0;
	for (int i = 2; i < argc && ret == 0; i++) {
		ret = parse(scanner, argv[1], argv[i], &records);
		if (ret != 0) {
			fprintf(stderr, "%s: cannot be parsed\n", argv[i]);
		}
	}
	free(scanner);
	printf("%zu records\n", records);
	return (ret == 0) ? 0 : 2;
}
