/* SPDX-License-Identifier: MIT */
/*
 * link_type: the two numberings of link types.
 *
 * Capture files hold LINKTYPE_ numbers, the same everywhere; libpcap's calls take and
 * give DLT_ numbers, which differ from them for a few old types, and by platform.
 */
#pragma once

#include <stdint.h>

int link_type_to_dlt(uint16_t link_type);
uint16_t link_type_from_dlt(int dlt);
