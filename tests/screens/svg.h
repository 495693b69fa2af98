/* SPDX-License-Identifier: MIT */
/*
 * svg: a canvas as a picture for README, in the colors of a theme.
 */
#pragma once

#include "ui/screens/theme.h"

/* A whole SVG document; new text. */
char *svg_of(const Canvas *canvas, const Theme *theme);
