/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Calls of the C library that can be made to fail, or to be the last of the process.
 */

#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

static int calls_left = -1;  /*!< That many are made, the next fails; -1: all are made. */
static bool calls_die;        /*!< The next is the last of the process. */
static int calls_errno = ENOSPC;
static void (*on_call)(void); /*!< Done before each call. */

static inline bool call_fails(void)
{
	if (on_call != NULL) {
		on_call();
	}
	if (calls_left < 0 || calls_left-- > 0) {
		return false;
	}
	if (calls_die) {
		_exit(99);
	}
	errno = calls_errno;
	return true;
}

/*! \brief A call that can be made to fail. */
#define CALL(type, name, params, args) \
	type name params; \
	type name params \
	{ \
		static type (*real) params; \
		if (real == NULL) { \
			real = (type (*) params)dlsym(RTLD_NEXT, #name); \
		} \
		return call_fails() ? -1 : real args; \
	}
