/* SPDX-License-Identifier: MIT */
/*
 * version: what this build is and has.
 */
#pragma once

#include <stdio.h>

void version_print(FILE *out);
