/* SPDX-License-Identifier: MIT */
/* story_paths: who came from where, under which name, and to which broker. */
#include "src/session/expiry.h"
#include "src/verdict/story.h"

enum { NAME_MOST = 64 };

/* From the wire: what is not plain is not shown. */
static char *plain_name(const Model *model, ConnectionIndex index)
{
	const Client *client = model_client(model, model_connection(model, index)->client);
	ByteSpan id = model_text(model, client->id);
	GString *out = g_string_new(NULL);
	for (size_t i = 0; i < id.size && i < NAME_MOST; i++)
		g_string_append_c(out, g_ascii_isgraph(id.data[i]) && id.data[i] != '\\'
		                               ? (char)id.data[i] : '?');
	if (id.size > NAME_MOST)
		g_string_append(out, "...");
	return g_string_free(out, FALSE);
}

static void explain_renamed(GString *out, const Model *model, const Finding *finding)
{
	g_autofree char *before = plain_name(model, finding->from);
	g_autofree char *now = plain_name(model, finding->to);
	g_autofree char *absence = finding->absence_ns == INT64_MIN
	                                   ? g_strdup("some time")
	                                   : story_duration(finding->absence_ns);
	Expiry expiry = connection_expiry(model_connection(model, finding->from));
	g_string_append_printf(out, "The client %s left, and %s later a client %s came from the same "
	                            "address with the same settings and subscriptions: by the look of it "
	                            "one device that makes its Client Identifier up anew. A session "
	                            "belongs to the identifier, so it got a new one", before, absence,
	                       now);
	g_string_append(out, expiry_known(expiry) && expiry.seconds == 0
	                             ? "; the old one had ended when its connection closed."
	                             : ", and the old one waits for a client that does not return.");
}

static const struct {
	CauseId cause;
	void (*explain)(GString *out, const Model *model, const Finding *finding);
} explainers[] = {
	{CAUSE_CLIENT_ID_CHANGED, explain_renamed},
};

bool story_explain_path(GString *out, const Model *model, const Finding *finding)
{
	if (finding->severity == SEVERITY_RISK)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(explainers); i++) {
		if (explainers[i].cause != finding->cause)
			continue;
		explainers[i].explain(out, model, finding);
		return true;
	}
	return false;
}
