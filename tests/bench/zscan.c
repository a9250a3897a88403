/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Usage: zscan FILE...
 *
 * Parses zone files with libzscanner and does nothing with the records: what the guard's
 * command is measured against. Prints how many records there were.
 */

#include <stdio.h>

#include <libzscanner/scanner.h>

#define CLASS_IN	1
#define DEFAULT_TTL	3600

static void count(zs_scanner_t *scanner)
{
	(*(size_t *)scanner->process.data)++;
}

static int scan(zs_scanner_t *scanner, const char *file, size_t *records)
{
	if (zs_init(scanner, ".", CLASS_IN, DEFAULT_TTL) != 0) {
		fprintf(stderr, "zscan: %s\n", zs_strerror(scanner->error.code));
		return -1;
	}

	int ret = zs_set_processing(scanner, count, NULL, records);
	if (ret == 0) {
		ret = zs_set_input_file(scanner, file);
	}
	if (ret == 0) {
		ret = zs_parse_all(scanner);
	}
	if (ret != 0) {
		fprintf(stderr, "zscan: %s: %s\n", file, zs_strerror(scanner->error.code));
	}
	zs_deinit(scanner);
	return ret;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: zscan FILE...\n");
		return 2;
	}

	static zs_scanner_t scanner;
	size_t records = 0;
	for (int i = 1; i < argc; i++) {
		if (scan(&scanner, argv[i], &records) != 0) {
			return 2;
		}
	}
	printf("%zu\n", records);
	return 0;
}
