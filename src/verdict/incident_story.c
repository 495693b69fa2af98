/* SPDX-License-Identifier: MIT */
/* incident_story: the words for an event that hit several clients. */
#include "src/verdict/incident.h"
#include "src/verdict/story.h"

static const char *const kind_names[] = {
	[INCIDENT_RESTART] = "restart",
	[INCIDENT_FAILOVER] = "failover",
	[INCIDENT_SITE_OUTAGE] = "site-outage",
	[INCIDENT_PURGE] = "purge",
	[INCIDENT_CREDENTIALS] = "credentials-refused",
	[INCIDENT_HERD] = "thundering-herd",
	[INCIDENT_TIME_LIMIT] = "connection-time-limit",
	[INCIDENT_IDLE_KILL] = "idle-kill",
};

bool incident_hits(const Incident *incident, ClientIndex client)
{
	uint32_t low = 0, high = incident->n_hit;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (incident->hit[middle] < client)
			low = middle + 1;
		else
			high = middle;
	}
	return low < incident->n_hit && incident->hit[low] == client;
}

const char *incident_kind_name(IncidentKind kind)
{
	return (unsigned)kind < G_N_ELEMENTS(kind_names) ? kind_names[kind] : "unknown";
}

/* In the order of the bits. */
static const struct {
	const char *name;
	const char *shows; /* of a frame */
} sign_texts[SIGN_N] = {
	{"connections-closed", "the broker closes a connection, the first of them"},
	{"connections-reset", "the broker resets a connection"},
	{"shutting-down", "DISCONNECT 0x8B from the broker: server shutting down"},
	{"syn-refused", "SYN to the broker's port answered by RST: nobody listens"},
	{"syn-unanswered", "SYN to the broker's port, not answered"},
	{"uptime-back", "$SYS/broker/uptime is lower than before"},
	{"turned-away", "the broker turns a client away"},
	{"connections-vanished", "a client is back whose connection had never ended"},
	{"no-matching-subscribers", "a publisher is told 0x10: no session holds the subscription"},
};

static const char *text_of_sign(IncidentSign sign, bool shows)
{
	for (unsigned i = 0; i < SIGN_N; i++)
		if (1u << i == (unsigned)sign)
			return shows ? sign_texts[i].shows : sign_texts[i].name;
	return "unknown";
}

const char *incident_sign_name(IncidentSign sign)
{
	return text_of_sign(sign, false);
}

const char *incident_frame_says(const Incident *incident, const IncidentFrame *frame)
{
	if (frame->sign != 0)
		return text_of_sign((IncidentSign)frame->sign, true);
	return incident->kind == INCIDENT_RESTART ? "the first CONNECT that is accepted again"
	                                          : "the first CONNECT after it";
}

const char *incident_refutation(IncidentKind kind)
{
	switch (kind) {
	case INCIDENT_RESTART:
		return "Something between clients and broker cut the connections while the broker went "
		       "on, or an operator closed them. The broker's log has the times it started.";
	case INCIDENT_FAILOVER:
		return "The clients have something else in common: a network, a setting, an operator.";
	case INCIDENT_SITE_OUTAGE:
		return "The clients were switched off together.";
	case INCIDENT_PURGE:
		return "Each of the sessions ended for a reason of its own.";
	case INCIDENT_CREDENTIALS:
		return "The clients themselves sent other credentials meanwhile.";
	case INCIDENT_HERD:
		return "The clients were turned away for a reason of their own.";
	case INCIDENT_TIME_LIMIT:
		return "The ages are alike by chance, or the clients began together and were closed "
		       "together.";
	case INCIDENT_IDLE_KILL:
		return "The devices were switched off or started anew, each by itself. Or their Keep "
		       "Alive is shorter than the silence, so that the connections were not idle.";
	case INCIDENT_N:
		break;
	}
	return "";
}

static void explain_close(GString *out, const Incident *incident)
{
	if (incident->n_ended == 0)
		return;
	g_string_append_printf(out, "The broker %s %" G_GUINT32_FORMAT " of the %" G_GUINT32_FORMAT
	                            " connections that were open, all within two seconds. ",
	                       (incident->signs & SIGN_RESET) != 0 ? "reset" : "closed",
	                       incident->n_ended, incident->n_open);
}

static void explain_signs(GString *out, const Incident *incident)
{
	if ((incident->signs & SIGN_SHUTTING_DOWN) != 0)
		g_string_append(out, "It said so itself (DISCONNECT 0x8B, server shutting down). ");
	if ((incident->signs & (SIGN_REFUSED | SIGN_UNANSWERED)) != 0)
		g_string_append_printf(out, "%" G_GUINT32_FORMAT " attempt%s to connect %s. ",
		                       incident->n_attempts, incident->n_attempts == 1 ? "" : "s",
		                       (incident->signs & SIGN_REFUSED) != 0
		                               ? "found nobody listening on its port"
		                               : "got no answer");
	if ((incident->signs & SIGN_UPTIME) != 0)
		g_string_append(out, "Its $SYS/broker/uptime began anew. ");
}

static void explain_up(GString *out, const Incident *incident)
{
	if (!instant_known(incident->to)) {
		g_string_append(out, "It was not seen to accept anybody again. ");
		return;
	}
	g_autofree char *away = story_duration(incident->to.ns - incident->from.ns);
	g_string_append_printf(out, "The first client was accepted again after %s. ", away);
}

static void explain_sessions(GString *out, const Incident *incident)
{
	uint32_t n = incident->n_lost + incident->n_resumed;
	if (n == 0)
		return;
	if (incident->n_lost == 0) {
		g_string_append_printf(out, "All %" G_GUINT32_FORMAT " sessions that were to live on "
		                            "were there afterwards.", n);
		return;
	}
	if (incident->n_resumed == 0)
		g_string_append_printf(out, "None of the %" G_GUINT32_FORMAT " sessions that were to "
		                            "live on was there afterwards.", n);
	else
		g_string_append_printf(out, "Of %" G_GUINT32_FORMAT " sessions that were to live on, %"
		                            G_GUINT32_FORMAT " were gone afterwards.",
		                       n, incident->n_lost);
	static const char *const splits[] = {
		[SPLIT_NONE] = "",
		[SPLIT_CLEAN_START] =
			" Those lost had connected with Clean Start 1 last, those kept with 0.",
		[SPLIT_VERSION] = " The line between them is the MQTT version.",
		[SPLIT_AGE] = " Those lost are all younger than those kept.",
	};
	if (incident->split < G_N_ELEMENTS(splits))
		g_string_append(out, splits[incident->split]);
}

static void explain_restart(GString *out, const Incident *incident)
{
	if (incident->confidence > CONFIDENCE_STRONG)
		g_string_append(out, "The broker may have restarted. ");
	explain_close(out, incident);
	explain_signs(out, incident);
	explain_up(out, incident);
	explain_sessions(out, incident);
}

static void explain_failover(GString *out, const Incident *incident)
{
	explain_close(out, incident);
	explain_signs(out, incident);
	g_autofree char *away = story_duration(incident->to.ns - incident->from.ns);
	g_string_append_printf(out, "The clients went to another address; the first was there after "
	                            "%s. Sessions stay behind unless the nodes share them.", away);
}

/* Without the words for a restart. */
static void explain_fate(GString *out, const Incident *incident)
{
	uint32_t n = incident->n_lost + incident->n_resumed;
	if (n == 0)
		return;
	g_string_append_printf(out, " Of %" G_GUINT32_FORMAT " that asked to resume afterwards, %"
	                            G_GUINT32_FORMAT " found their session.",
	                       n, incident->n_resumed);
}

static void explain_site(GString *out, const Incident *incident)
{
	g_autofree char *away = story_duration(incident->to.ns - incident->from.ns);
	g_string_append_printf(out, "%" G_GUINT32_FORMAT " clients of one network were not heard for "
	                            "%s, their connections never ended, and they came back together on "
	                            "new ones. %s", incident->n_ended, away,
	                       incident->confidence <= CONFIDENCE_STRONG
	                               ? "Clients of other networks were heard meanwhile: the link of "
	                                 "that site failed."
	                               : "Nobody else was heard meanwhile, so it may as well have been "
	                                 "the broker's own network.");
	explain_fate(out, incident);
}

static void explain_purge(GString *out, const Incident *incident)
{
	g_string_append_printf(out, "The sessions of %" G_GUINT32_FORMAT " absent clients, which were "
	                            "to last, were all gone within a short time: publishers were told "
	                            "0x10 from then on. No restart was seen. An operator or a clean-up "
	                            "job may have removed them; the broker's audit log tells.",
	                       incident->n_lost);
}

static void explain_turned_away(GString *out, const Incident *incident)
{
	bool credentials = incident->kind == INCIDENT_CREDENTIALS;
	g_string_append_printf(out, "%" G_GUINT32_FORMAT " clients were turned away, in %"
	                            G_GUINT32_FORMAT " attempts, %s.",
	                       incident->n_hit, incident->n_attempts,
	                       credentials ? "although they had been accepted before and were "
	                                     "accepted again afterwards: credentials or permissions "
	                                     "were changed on one side first"
	                                   : "by a broker that was too busy or at its limit: more came "
	                                     "at once than it would serve");
	explain_fate(out, incident);
	g_string_append(out, " A refusal says nothing about a session.");
}

static void explain_limit(GString *out, const Incident *incident)
{
	g_autofree char *age = story_duration(incident->age_ns + NS_PER_SECOND / 2);
	g_string_append_printf(out, "The broker closed %" G_GUINT32_FORMAT " connections at the age of "
	                            "%s, whenever they had begun: a limit, such as the life of a token "
	                            "or certificate.", incident->n_ended, age);
}

static void explain_idle(GString *out, const Incident *incident)
{
	g_autofree char *idle = story_duration(incident->age_ns);
	g_string_append_printf(out, "%" G_GUINT32_FORMAT " connections on which nothing had been sent for "
	                            "%s or longer were dead when their clients spoke again; ",
	                       incident->n_ended, idle);
	if (incident->outlived_ns > 0) {
		g_autofree char *outlived = story_duration(incident->outlived_ns);
		g_string_append_printf(out, "of the same hosts, each that was silent for %s or less "
		                            "went on. ", outlived);
	} else {
		g_string_append(out, "of the same hosts none outlived a silence as long. ");
	}
	g_string_append(out, "A NAT, firewall or balancer on the way forgets idle connections: a Keep "
	                     "Alive below that time keeps them.");
}

static void (*const explainers[])(GString *out, const Incident *incident) = {
	[INCIDENT_RESTART] = explain_restart,
	[INCIDENT_FAILOVER] = explain_failover,
	[INCIDENT_SITE_OUTAGE] = explain_site,
	[INCIDENT_PURGE] = explain_purge,
	[INCIDENT_CREDENTIALS] = explain_turned_away,
	[INCIDENT_HERD] = explain_turned_away,
	[INCIDENT_TIME_LIMIT] = explain_limit,
	[INCIDENT_IDLE_KILL] = explain_idle,
};

char *incident_explanation(const Incident *incident)
{
	g_autoptr(GString) out = g_string_new(NULL);
	if (incident->kind < G_N_ELEMENTS(explainers))
		explainers[incident->kind](out, incident);
	g_strchomp(out->str);
	return g_string_free(g_steal_pointer(&out), FALSE);
}
