/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief For one file of a test whose program publishes verdicts.
 *
 * liburcu is not built with ThreadSanitizer, which so takes what its barriers
 * order for races: what is called from inside of it is not looked at. What it
 * orders in this project's code is told in module/guard/verdict.c.
 */

#pragma once

#ifdef __SANITIZE_THREAD__
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void)
{
	return "called_from_lib:liburcu.so\n";
}
#endif
