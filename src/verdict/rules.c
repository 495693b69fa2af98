/* SPDX-License-Identifier: MIT */
#include "src/verdict/death.h"
#include "src/verdict/rules.h"
#include "src/verdict/rules_overflow.h"
#include "src/verdict/rules_path.h"
#include "src/verdict/rules_policy.h"
#include "src/verdict/rules_restart.h"

#define NO ((Ruling){.applies = false, .other = NO_INDEX})

static Ruling yes(Confidence confidence)
{
	return (Ruling){.applies = true, .confidence = confidence, .other = NO_INDEX};
}

/* --- the connection before left nothing behind -------------------------------------------- */

static bool ended_at_close(const Reconnect *view)
{
	return expiry_known(view->expiry) && view->expiry.seconds == 0 &&
	       !death_was_after_close(view);
}

/* 5.0, CONNECT carried no interval, and the broker granted none by itself: a 0 in its CONNACK or
 * in the client's DISCONNECT only says the same again. */
static bool never_asked(const Reconnect *view)
{
	const Connection *before = view->before;
	bool granted = before->expiry_connack.known && before->expiry_connack.value > 0;
	return before->version == MQTT_5_0 && ended_at_close(view) &&
	       !before->expiry_connect.known && !granted;
}

static bool was_resumed(const Connection *connection)
{
	return connection->outcome == OUTCOME_RESUMED;
}

/* C08: a session made by MQTT 3.1.1, converted by a 5.0 CONNECT without the interval. */
static Ruling version_switch(const Reconnect *view)
{
	const Connection *earlier = view->earlier;
	if (!never_asked(view) || !was_resumed(view->before) || earlier == NULL ||
	    earlier->version == MQTT_5_0 || earlier->clean_start)
		return NO;
	return yes(CONFIDENCE_PROVEN);
}

/* C07: the connection between was resumed, and did not ask again. */
static Ruling expiry_dropped(const Reconnect *view)
{
	if (!never_asked(view) || !was_resumed(view->before) || view->earlier == NULL)
		return NO;
	Expiry earlier = connection_expiry(view->earlier);
	if (view->earlier->version != MQTT_5_0 || !expiry_known(earlier) || earlier.seconds == 0)
		return NO;
	Ruling ruling = yes(CONFIDENCE_PROVEN);
	ruling.other = view->before_index;
	return ruling;
}

/* C01 */
static Ruling expiry_absent(const Reconnect *view)
{
	return never_asked(view) ? yes(CONFIDENCE_PROVEN) : NO;
}

/* C02: 0 on purpose, by the client itself. */
static Ruling expiry_zero(const Reconnect *view)
{
	const Connection *before = view->before;
	bool asked_zero = before->expiry_connect.known && before->expiry_connect.value == 0;
	if (before->version != MQTT_5_0 || !ended_at_close(view) || !asked_zero)
		return NO;
	bool raised = before->expiry_connack.known && before->expiry_connack.value > 0;
	return raised ? NO : yes(CONFIDENCE_PROVEN);
}

/* C05 */
static Ruling disconnect_expiry_zero(const Reconnect *view)
{
	const Connection *before = view->before;
	bool had_some = (before->expiry_connect.known && before->expiry_connect.value > 0) ||
	                (before->expiry_connack.known && before->expiry_connack.value > 0);
	if (view->expiry.source != EXPIRY_FROM_DISCONNECT || !ended_at_close(view) || !had_some)
		return NO;
	return yes(CONFIDENCE_PROVEN);
}

/* C06 */
static Ruling disconnect_expiry_invalid(const Reconnect *view)
{
	return view->expiry.source == EXPIRY_DISCONNECT_INVALID && ended_at_close(view) ? yes(CONFIDENCE_PROVEN) : NO;
}

/* MQTT 3.x: Clean Session was 1, so there was nothing to come back to. */
static Ruling clean_session_before(const Reconnect *view)
{
	if (view->before->version == MQTT_5_0 || !ended_at_close(view) || view->now->clean_start)
		return NO;
	return yes(CONFIDENCE_PROVEN);
}

/* --- time ran out ------------------------------------------------------------------------- */

/* The session was dead well before the interval had passed, so that is not what ended it. */
static bool died_before_deadline(const Reconnect *view, Instant deadline)
{
	int64_t early = deadline.ns - reconnect_grace_ns(view->expiry.seconds) -
	                reconnect_doubt_ns(view->model, view->before, view->now);
	return death_was_before(view, (Instant){early});
}

static Ruling judge_deadline(const Reconnect *view)
{
	Instant deadline = reconnect_deadline(view);
	if (view->expiry.seconds == 0 || !instant_known(deadline) ||
	    died_before_deadline(view, deadline))
		return NO;
	int64_t late = view->now->connect_time.ns - deadline.ns;
	int64_t doubt = reconnect_doubt_ns(view->model, view->before, view->now);
	int64_t grace = reconnect_grace_ns(view->expiry.seconds) + doubt;
	if (late < -grace)
		return NO;
	/* One second is what the capture point and the broker's clock may differ by. */
	if (late < NS_PER_SECOND + doubt) {
		Ruling edge = yes(CONFIDENCE_CONSISTENT);
		edge.at_the_edge = true;
		return edge;
	}
	return yes(late > grace ? CONFIDENCE_PROVEN : CONFIDENCE_STRONG);
}

static bool was_shortened(const Connection *connection)
{
	return connection->expiry_connect.known && connection->expiry_connack.known &&
	       connection->expiry_connack.value < connection->expiry_connect.value;
}

/* C13: the broker said so in its CONNACK, and the client did not mind. */
static Ruling expiry_shortened(const Reconnect *view)
{
	if (view->expiry.source != EXPIRY_FROM_CONNACK || !was_shortened(view->before))
		return NO;
	if (view->expiry.seconds == 0)
		return ended_at_close(view) ? yes(CONFIDENCE_PROVEN) : NO;
	return judge_deadline(view);
}

/* C09 */
static Ruling expired(const Reconnect *view)
{
	if (view->before->version != MQTT_5_0 || !expiry_known(view->expiry))
		return NO;
	if (view->expiry.source == EXPIRY_FROM_CONNACK && was_shortened(view->before)) {
		/* By the client's own figure it is over too. */
		int64_t own = view->before->expiry_connect.value * NS_PER_SECOND;
		bool over = view->before->expiry_connect.value != EXPIRY_NEVER &&
		            view->absence_ns != INT64_MIN &&
		            view->absence_ns > own + NS_PER_SECOND +
		                    reconnect_doubt_ns(view->model, view->before, view->now);
		return over ? judge_deadline(view) : NO;
	}
	return judge_deadline(view);
}

/* --- somebody else ------------------------------------------------------------------------ */

/* C36: a twin with the same identifier wiped the session: the connection before was the twin's and
 * left nothing, or this is the twin and it ordered the session away. */
static Ruling client_id_takeover(const Reconnect *view)
{
	if (reconnect_twin(view->model, view->before, view->now) != TWIN_PROVEN)
		return NO;
	if (!view->now->clean_start && !ended_at_close(view))
		return NO;
	if (view->now->clean_start && ended_at_close(view))
		return NO; /* each twin starts afresh by its own settings */
	if (view->now->clean_start && reconnect_was_over(view))
		return NO; /* nothing was left to take */
	Ruling ruling = yes(CONFIDENCE_PROVEN);
	ruling.other = view->now->clean_start ? view->now_index : view->before_index;
	return ruling;
}

/* --- the reconnect itself ----------------------------------------------------------------- */

/* C04: the first connection of the client starts clean, later ones do not, this one does again. */
static Ruling clean_start_per_process(const Reconnect *view)
{
	if (!view->now->clean_start || !expiry_known(view->expiry) || view->expiry.seconds == 0)
		return NO;
	const Connection *first = model_connection(view->model, view->client->first);
	if (first->number > 1) /* the first was forgotten */
		return NO;
	if (!first->clean_start || view->before->clean_start || view->now == first)
		return NO;
	return yes(CONFIDENCE_STRONG);
}

/* C03 */
static Ruling clean_start(const Reconnect *view)
{
	return view->now->clean_start ? yes(CONFIDENCE_PROVEN) : NO;
}

static const Rule rules[] = {
	{CAUSE_CLIENT_ID_TAKEOVER, client_id_takeover},
	{CAUSE_DISCONNECT_EXPIRY_INVALID, disconnect_expiry_invalid},
	{CAUSE_VERSION_SWITCH, version_switch},
	{CAUSE_EXPIRY_DROPPED, expiry_dropped},
	{CAUSE_EXPIRY_ABSENT, expiry_absent},
	{CAUSE_EXPIRY_ZERO, expiry_zero},
	{CAUSE_DISCONNECT_EXPIRY_ZERO, disconnect_expiry_zero},
	{CAUSE_CLEAN_SESSION_BEFORE, clean_session_before},
	{CAUSE_EXPIRY_SHORTENED, expiry_shortened},
	{CAUSE_EXPIRED, expired},
	{CAUSE_CLEAN_START_PER_PROCESS, clean_start_per_process},
	{CAUSE_CLEAN_START, clean_start},
	{CAUSE_OTHER_BROKER, rule_other_backend},
	{CAUSE_OTHER_NAMESPACE, rule_other_user},
	{CAUSE_RESTART_WITHOUT_PERSISTENCE, rule_restart_without_persistence},
	{CAUSE_PERSISTENCE_INCOMPLETE, rule_persistence_incomplete},
	{CAUSE_OVERFLOW_ENDED_SESSION, rule_overflow_ended_session},
	{CAUSE_SILENT_CAP, rule_silent_cap},
	{CAUSE_CLEAN_START_NOT_STORED, rule_clean_start_not_stored},
	{CAUSE_NO_PERSISTENT_SESSIONS, rule_no_persistent_sessions},
};

const Rule *rules_of_lost_session(size_t *n_rules)
{
	*n_rules = sizeof rules / sizeof rules[0];
	return rules;
}
