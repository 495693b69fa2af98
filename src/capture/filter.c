/* SPDX-License-Identifier: MIT */
#include "src/capture/filter.h"

#include <pcap/pcap.h>

#include "src/capture/link_type.h"

enum { SNAPLEN = 262144 };

typedef struct Program {
	uint16_t link_type;
	struct bpf_program code;
} Program;

struct FrameFilter {
	char *expression;
	GArray *programs; /* Program */
	unsigned recent;  /* the one used last */
};

static void clear_program(void *element)
{
	pcap_freecode(&((Program *)element)->code);
}

FrameFilter *frame_filter_new(const char *expression)
{
	FrameFilter *filter = g_new0(FrameFilter, 1);
	filter->expression = g_strdup(expression);
	filter->programs = g_array_new(FALSE, TRUE, sizeof(Program));
	g_array_set_clear_func(filter->programs, clear_program);
	return filter;
}

void frame_filter_free(FrameFilter *filter)
{
	if (!filter)
		return;
	g_array_free(filter->programs, TRUE);
	g_free(filter->expression);
	g_free(filter);
}

/* The optimiser refuses what can match no frame of a link type ("arp" on raw IP), which among
 * several link types is nothing wrong; unoptimised, such a program just never matches. */
static int compile_for(pcap_t *dead, const char *expression, struct bpf_program *code)
{
	int status = pcap_compile(dead, code, expression, 1, PCAP_NETMASK_UNKNOWN);
	if (status != 0)
		status = pcap_compile(dead, code, expression, 0, PCAP_NETMASK_UNKNOWN);
	return status;
}

static bool compile(FrameFilter *filter, uint16_t link_type, GError **error)
{
	int dlt = link_type_to_dlt(link_type);
	pcap_t *dead = pcap_open_dead(dlt, SNAPLEN);
	g_assert(dead);

	Program program = {.link_type = link_type};
	int status = compile_for(dead, filter->expression, &program.code);
	if (status == 0) {
		filter->recent = filter->programs->len;
		g_array_append_val(filter->programs, program);
	} else {
		const char *name = pcap_datalink_val_to_name(dlt);
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_FILTER,
		            "filter \"%s\" cannot be used on link type %u (%s): %s",
		            filter->expression, link_type, name ? name : "unknown",
		            pcap_geterr(dead));
	}
	pcap_close(dead);
	return status == 0;
}

bool frame_filter_prepare(FrameFilter *filter, uint16_t link_type, GError **error)
{
	for (unsigned i = 0; i < filter->programs->len; i++) {
		if (g_array_index(filter->programs, Program, i).link_type == link_type) {
			filter->recent = i;
			return true;
		}
	}
	return compile(filter, link_type, error);
}

bool frame_filter_match(FrameFilter *filter, const Frame *frame, bool *out_matches, GError **error)
{
	const GArray *programs = filter->programs;
	if (filter->recent >= programs->len ||
	    g_array_index(programs, Program, filter->recent).link_type != frame->link_type) {
		if (!frame_filter_prepare(filter, frame->link_type, error))
			return false;
	}
	const Program *program = &g_array_index(programs, Program, filter->recent);
	struct pcap_pkthdr header = {
		.caplen = (bpf_u_int32)frame->bytes.size,
		.len = frame->wire_size,
	};
	*out_matches = pcap_offline_filter(&program->code, &header, frame->bytes.data) != 0;
	return true;
}
