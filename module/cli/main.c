/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/nearest.h"
#include "cli/say.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} COMMANDS[] = {
	{ "check",    cg_cli_check,    "find conflicts in zone files, or in the zones of a server" },
	{ "fix",      cg_cli_fix,      "repair a zone file: only the lines that must change" },
	{ "explain",  cg_cli_explain,  "the rules: why, and how to repair" },
	{ "versions", cg_cli_versions, "what the module has kept of a zone: list, show, compare" },
};

#define COMMANDS_COUNT (sizeof(COMMANDS) / sizeof(COMMANDS[0]))

static int print_help(void)
{
	puts("Usage: cnameguard COMMAND [OPTION]... [ARGUMENT]...\n"
	     "\n"
	     "Finds and repairs names at which an alias (CNAME) stands beside other data.\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < COMMANDS_COUNT; i++) {
		printf("  %-9s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
	}
	puts("\n"
	     "  --help    this text; of a command: cnameguard COMMAND --help\n"
	     "  --version\n"
	     "\n"
	     "Exit code: 0 nothing at level error, 1 at least one finding at level error,\n"
	     "2 could not do it. Of versions: see its help.");
	return CG_EXIT_CLEAN;
}

static int print_version(void)
{
	puts("cnameguard " VERSION);
	return CG_EXIT_CLEAN;
}

static int unknown(const char *word)
{
	const char *names[COMMANDS_COUNT];
	for (size_t i = 0; i < COMMANDS_COUNT; i++) {
		names[i] = COMMANDS[i].name;
	}
	const char *near = cg_nearest(word, names, COMMANDS_COUNT);
	cg_say("there is no command '%s'%s%s; commands: check, fix, explain, versions; see "
	       "cnameguard --help", word, (near != NULL) ? ", did you mean " : "",
	       (near != NULL) ? near : "");
	return CG_EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		cg_say("no command; commands: check, fix, explain, versions; see cnameguard --help");
		return CG_EXIT_FAILED;
	}
	for (size_t i = 0; i < COMMANDS_COUNT; i++) {
		if (strcmp(argv[1], COMMANDS[i].name) == 0) {
			return COMMANDS[i].run(argc - 1, argv + 1);
		}
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		return print_help();
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		return print_version();
	}
	return unknown(argv[1]);
}

/*!
 * \brief Sees to it that 0 to 2 are taken.
 *
 * Else the next file or socket that is opened would be standard output. What
 * takes a place here fails when it is used.
 */
static void occupy_streams(void)
{
	static const int WRONG_WAY[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
			(void)open("/dev/null", WRONG_WAY[fd]);
		}
	}
}

/*! \brief Whether all that was printed got where it should; a reader that left knows himself. */
static bool finish_output(void)
{
	bool failed = ferror(stdout);
	int error = errno;
	if (fclose(stdout) != 0) {
		failed = true;
		error = errno;
	}
	if (failed && error != EPIPE) {
		errno = error;
		cg_say("standard output cannot be written (%m)");
	}
	return !failed;
}

int main(int argc, char **argv)
{
	occupy_streams();
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);

	int code = run(argc, argv);
	return finish_output() ? code : CG_EXIT_FAILED;
}
