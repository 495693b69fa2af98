/* SPDX-License-Identifier: MIT */
#include "src/capture/link_type.h"

#include <glib.h>
#include <pcap/pcap.h>

/* Those whose two numbers differ; all others are the same (www.tcpdump.org/linktypes.html). */
static const struct {
	uint16_t link_type;
	int dlt;
} differing[] = {
	{100, DLT_ATM_RFC1483}, {101, DLT_RAW},      {102, DLT_SLIP_BSDOS},
	{103, DLT_PPP_BSDOS},   {106, DLT_ATM_CLIP}, {117, DLT_PFLOG},
};

int link_type_to_dlt(uint16_t link_type)
{
	for (size_t i = 0; i < G_N_ELEMENTS(differing); i++) {
		if (differing[i].link_type == link_type)
			return differing[i].dlt;
	}
	return link_type;
}

uint16_t link_type_from_dlt(int dlt)
{
	for (size_t i = 0; i < G_N_ELEMENTS(differing); i++) {
		if (differing[i].dlt == dlt)
			return differing[i].link_type;
	}
	return (uint16_t)dlt;
}
