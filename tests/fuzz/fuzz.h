/* SPDX-License-Identifier: MIT */
/*
 * fuzz: the one entry of every fuzz target.
 *
 * Built with clang and configure --enable-fuzzing, libFuzzer calls it; otherwise
 * replay.c does, once for each file of the corpus.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
