/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The items of a policy by their names, which flags and knot.conf share.
 */

#pragma once

#include "cli/options.h"

/*!
 * \brief Sets an item, or adds one value to a list.
 *
 * \param[out] why  What would be right, one line, to be freed; NULL unless KNOT_EINVAL.
 *
 * \retval KNOT_EOK     also for items that mean nothing to the command, whatever their value.
 * \retval KNOT_ENOENT  there is no such item.
 * \retval KNOT_EINVAL  wrong value.
 * \retval KNOT_ENOMEM
 */
int cg_item_set(cg_options_t *options, const char *item, const char *value, char **why);

/*! \brief The item whose name is closest; NULL: none is close. */
const char *cg_item_nearest(const char *item);
