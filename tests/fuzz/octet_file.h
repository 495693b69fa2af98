/* SPDX-License-Identifier: MIT */
/*
 * octet_file: octets as a capture file, or as a pipe if their number is odd.
 */
#pragma once

#include "src/capture/source.h"

/* NULL if they are no capture. */
Source *octet_file_open(const uint8_t *data, size_t size);
