/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/explain_texts.h"
#include "cli/nearest.h"
#include "cli/say.h"

enum { OPTION_HELP = 0x100 };

static const struct option LONGS[] = {
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL }
};

static void print_help(void)
{
	puts("Usage: cnameguard explain [RULE]...\n"
	     "\n"
	     "Lists all rules with their levels; of each RULE: why it is one, what is wrong,\n"
	     "what to write instead, and what a rewrite does.\n"
	     "\n"
	     "      --help              this text\n"
	     "\n"
	     "Exit code: 0, or 2 for a rule that does not exist.");
}

static void print_rules(void)
{
	for (cg_rule_t rule = 0; rule < CG_RULE__COUNT; rule++) {
		const cg_rule_info_t *info = cg_rule_info(rule);
		printf("%-14s %-7s %s\n", info->name, cg_level_name(info->level), info->summary);
	}
}

/*! \brief A paragraph, each line indented; without a title it goes on with the one before. */
static void print_part(const char *title, const char *text)
{
	putchar('\n');
	if (title != NULL) {
		puts(title);
	}
	while (*text != '\0') {
		size_t len = strcspn(text, "\n") + 1;
		printf("    %.*s", (int)len, text);
		text += len;
	}
}

/*! \brief What the level means. */
static const char *level_text(cg_level_t level)
{
	switch (level) {
	case CG_LEVEL_ERROR:
		return "exit code 1; the module acts on it by its mode";
	case CG_LEVEL_WARNING:
		return "reported; 'enforce' raises it to error";
	default:
		return "reported with --level info; 'enforce' raises it to error";
	}
}

static void print_rule(cg_rule_t rule)
{
	const cg_rule_info_t *info = cg_rule_info(rule);
	const cg_rule_text_t *text = cg_rule_text(rule);
	printf("%s: %s\n", info->name, info->summary);
	printf("level %s: %s\n", cg_level_name(info->level), level_text(info->level));
	printf("%s\n", info->source);
	print_part("Why", text->why);
	bool wrong = (info->level != CG_LEVEL_INFO);
	print_part(wrong ? "Wrong" : "Example", text->wrong);
	print_part(wrong ? "Instead" : "Rather", text->right);
	if (text->more != NULL) {
		print_part(NULL, text->more);
	}
	print_part("Rewrite", (text->rewrite != NULL) ? text->rewrite :
	           "never edits it: any repair would be a guess. At level error the names are\n"
	           "refused.\n");
}

static bool find_rule(const char *name, cg_rule_t *rule)
{
	*rule = cg_rule_by_name(name);
	if (*rule != CG_RULE__COUNT) {
		return true;
	}
	const char *near = cg_nearest_rule(name);
	cg_say("there is no rule '%s'%s%s; cnameguard explain lists all", name,
	       (near != NULL) ? ", did you mean " : "", (near != NULL) ? near : "");
	return false;
}

int cg_cli_explain(int argc, char **argv)
{
	int option;
	while ((option = cg_args_next(argc, argv, "", LONGS)) != -1) {
		if (option != OPTION_HELP) {
			return CG_EXIT_FAILED;
		}
		print_help();
		return CG_EXIT_CLEAN;
	}
	if (optind == argc) {
		print_rules();
	}
	for (int i = optind; i < argc; i++) {
		cg_rule_t rule;
		if (!find_rule(argv[i], &rule)) {
			return CG_EXIT_FAILED;
		}
		if (i > optind) {
			printf("\n\n");
		}
		print_rule(rule);
	}
	return CG_EXIT_CLEAN;
}
