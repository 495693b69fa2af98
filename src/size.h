/* SPDX-License-Identifier: MIT */
/* size: numbers of octets as people type them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "4096", "64k", "500M", "2G", "1T": units of 1024.  False, and nothing is set, if @text is no such number
 * or too large. */
bool size_read(const char *text, uint64_t *octets);
