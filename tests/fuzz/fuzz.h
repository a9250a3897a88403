/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the fuzz targets share. Each is one file, fuzz_NAME.c, with one function;
 *        libFuzzer calls it with inputs that it makes up, replay.c with those of the corpus.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnameguard/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*! \brief Ends the run with what did not hold. */
#define HOLDS(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
			        #condition); \
			abort(); \
		} \
	} while (0)

/*! \brief Origin of every input: example.com. */
static const knot_dname_t FUZZ_ORIGIN[] = "\7example\3com";
