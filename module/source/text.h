/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Files, whole, in memory.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct {
	char *text;    /*!< To be freed; ends with a zero octet that \a len does not count. */
	size_t len;
	dev_t device;  /*!< With \a inode: which file it is, whatever it is called. */
	ino_t inode;
	bool regular;  /*!< No pipe or the like. */
} cg_text_t;

/*!
 * \brief Reads a file.
 *
 * \param any  Also from pipes, sockets and character devices, "-" is standard
 *             input; else from a regular file only, and without ever waiting.
 *
 * \retval KNOT_EOK, KNOT_ENOENT, KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM  errno says more.
 */
int cg_text_read(const char *path, bool any, cg_text_t *out);
