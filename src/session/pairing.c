/* SPDX-License-Identifier: MIT */
#include "src/session/pairing.h"

#include "src/session/content_key.h"
#include "src/session/filter_log.h"

enum {
	SLOTS_FIRST = 1 << 10,
	SLOTS_MOST = 1 << 16, /* a quarter of them stays free at least */
	ALL = 1 << 12,     /* so many are looked at each, before it is one in SAMPLE */
	SAMPLE = 64,
	MOST_MERGES = 64,  /* listeners */
	MOST_LOOKS = 1 << 16, /* at deliveries of one broker */
	CROSSINGS = 2,     /* different messages, to prove that two listeners are one broker */
};

/* A content, or a payload alone, and where it was published. */
typedef struct Said {
	uint64_t key; /* 0: free */
	BrokerIndex broker;
	bool several; /* at other brokers too */
	bool crossed; /* counted as a crossing */
} Said;

struct Pairs {
	Said *slots;
	uint32_t n_slots;     /* a power of two */
	uint32_t n;           /* in use */
	uint32_t n_published; /* of all, not only of the sample */
	uint32_t n_crossed;   /* between the pair of brokers that did so last */
	BrokerIndex from, to;
	unsigned n_merges;
};

static Said *slot_of(const Pairs *pairs, uint64_t key)
{
	uint32_t mask = pairs->n_slots - 1;
	uint32_t slot = (uint32_t)(key >> 32) & mask;
	while (pairs->slots[slot].key != 0 && pairs->slots[slot].key != key)
		slot = (slot + 1) & mask;
	return &pairs->slots[slot];
}

/* The smaller tables before are left to the arena: together they are no larger than the last. */
static void grow(Model *model, Pairs *pairs)
{
	Said *old = pairs->slots;
	uint32_t n_old = pairs->n_slots;
	pairs->n_slots = n_old == 0 ? SLOTS_FIRST : n_old * 2;
	pairs->slots = arena_take(&model->arena, pairs->n_slots * sizeof(Said));
	for (uint32_t i = 0; i < n_old; i++)
		if (old[i].key != 0)
			*slot_of(pairs, old[i].key) = old[i];
}

static void say(Model *model, uint64_t key, BrokerIndex broker)
{
	Pairs *pairs = model->pairs;
	Said *said = slot_of(pairs, key);
	if (said->key == 0) {
		*said = (Said){.key = key, .broker = broker};
		pairs->n++;
	}
	said->several |= said->broker != broker;
	if (pairs->n > pairs->n_slots / 2 && pairs->n_slots < SLOTS_MOST)
		grow(model, pairs);
}

static uint64_t payload_key(MqttHash payload)
{
	return mix64(payload.low ^ UINT64_C(0x5EED)) | 1;
}

static bool is_sampled(const Pairs *pairs, MqttHash payload)
{
	return pairs->n_published <= ALL || payload.low % SAMPLE == 0;
}

/* More is not looked at. */
static bool is_closed(const Pairs *pairs)
{
	return pairs->n >= SLOTS_MOST / 4 * 3;
}

static void note(Live *live, ByteSpan topic, MqttHash payload)
{
	Model *model = live->model;
	if (model->pairs == NULL) {
		model->pairs = g_new0(Pairs, 1);
		grow(model, model->pairs);
	}
	Pairs *pairs = model->pairs;
	if (is_closed(pairs))
		return;
	pairs->n_published++;
	if (!is_sampled(pairs, payload))
		return;
	BrokerIndex broker = connection_of(live)->broker;
	say(model, content_key(topic, payload, 0), broker);
	say(model, payload_key(payload), broker);
}

void pairing_published(Live *live, const MqttPublish *publish)
{
	if (publish->topic_known && publish->has_hash)
		note(live, publish->resolved_topic, publish->hash);
}

void pairing_will(Live *live)
{
	Model *model = live->model;
	const Remarks *remarks = model_remarks(model, connection_of(live));
	note(live, interner_text(model->texts, remarks->will_topic),
	     (MqttHash){remarks->will_payload, 0});
}

void pairs_free(Pairs *pairs)
{
	g_free(pairs); /* its table is of the model's arena */
}

/* --- deliveries --------------------------------------------------------------------------- */

static void merge(Model *model, BrokerIndex a, BrokerIndex b)
{
	BrokerIndex to = MIN(broker_at(model, a)->group, broker_at(model, b)->group);
	BrokerIndex from = MAX(broker_at(model, a)->group, broker_at(model, b)->group);
	for (BrokerIndex i = 0; i < model->brokers.n; i++)
		if (broker_at(model, i)->group == from)
			broker_at(model, i)->group = to;
	filter_logs_forget(model->filter_logs);
}

/* It was published at one listener of this host and nowhere else, and came at another. */
static void note_crossing(Model *model, Said *said, BrokerIndex to)
{
	Pairs *pairs = model->pairs;
	if (said->several || said->crossed || !may_be_one_broker(model, said->broker, to))
		return;
	said->crossed = true;
	if (pairs->from != said->broker || pairs->to != to)
		pairs->n_crossed = 0;
	pairs->from = said->broker;
	pairs->to = to;
	if (++pairs->n_crossed >= CROSSINGS && pairs->n_merges++ < MOST_MERGES)
		merge(model, said->broker, to);
}

/* What was published before the capture saw it, retained or queued, has no publisher in it; nor has
 * what the broker says itself. */
static bool has_publisher(const Live *live, const MqttPublish *publish)
{
	const Connection *connection = connection_of(live);
	bool from_before = connection->outcome == OUTCOME_RESUMED &&
	                   connection->accepted_before == NO_INDEX;
	return live->accepted && !from_before && !publish->retain && !publish->dup &&
	       publish->topic_known && publish->has_hash && publish->resolved_topic.size > 0 &&
	       publish->resolved_topic.data[0] != '$';
}

void pairing_delivered(Live *live, const MqttPublish *publish)
{
	static const Pairs none;
	Model *model = live->model;
	BrokerIndex index = connection_of(live)->broker;
	BrokerFacts *facts = &broker_at(model, index)->facts;
	const Pairs *pairs = model->pairs != NULL ? model->pairs : &none;
	if (facts->n_paired + facts->n_unpaired >= MOST_LOOKS || is_closed(pairs) ||
	    !has_publisher(live, publish) || !is_sampled(pairs, publish->hash))
		return;
	Said *said = pairs == &none
	                     ? NULL
	                     : slot_of(pairs, content_key(publish->resolved_topic, publish->hash, 0));
	if (said != NULL && said->key != 0) {
		facts->n_paired++;
		note_crossing(model, said, index);
		return;
	}
	facts->n_unpaired++;
	facts->n_elsewhere += pairs != &none && publish->payload_size > 0 &&
	                      slot_of(pairs, payload_key(publish->hash))->key != 0;
}
