/* SPDX-License-Identifier: MIT */
#include "tests/support/builder.h"

#include <string.h>

#include "tests/support/frame.h"
#include "tests/support/proxy_writer.h"

/* How far the frames of one step stand apart. */
static const gint64 STEP = 100000;
static const gint64 ACK_DELAY = 50000;
static const gint64 DUPLICATE_DELAY = 20000;
static const guint MAXIMUM_SEGMENT = 1440;
/* The handshake of what carries the octets lies between that of TCP and the first write. */
static const gint64 WRAP_STEP = 20000;
static const gint64 WRAP_TIME = 200000;

typedef struct {
	guint32 next;
	bool vanished;
	GByteArray *last;
	guint32 last_sequence;
} Half;

struct BuilderConnection {
	Builder *builder;
	BuilderEnd behind; /* the client, where a balancer connects in its place */
	BuilderEnd client, server;
	Half halves[2]; /* [0] client, [1] server */
	Wrap *wrap;     /* NULL: bare TCP */
};

typedef struct {
	const BuilderConnection *connection;
	bool from_client;
	gint64 time;
	guint32 sequence, acknowledgement;
	guint8 flags;
	GByteArray *data; /* NULL: no payload */
	guint order;
} Segment;

typedef struct {
	gint64 from, until;
} Hole;

struct Builder {
	GPtrArray *connections;
	GPtrArray *segments;
	GArray *holes;
	WrapKind wrap;
	GString *keylog;
};

static void segment_free(gpointer data)
{
	Segment *segment = data;

	if (segment->data != NULL)
		g_byte_array_unref(segment->data);
	g_free(segment);
}

static void connection_free(gpointer data)
{
	BuilderConnection *connection = data;

	for (guint i = 0; i < 2; i++) {
		if (connection->halves[i].last != NULL)
			g_byte_array_unref(connection->halves[i].last);
	}
	wrap_free(connection->wrap);
	g_free(connection);
}

static void frame_free(gpointer data)
{
	BuilderFrame *frame = data;

	g_byte_array_unref(frame->bytes);
	g_free(frame);
}

Builder *builder_new(void)
{
	Builder *builder = g_new0(Builder, 1);

	builder->connections = g_ptr_array_new_with_free_func(connection_free);
	builder->segments = g_ptr_array_new_with_free_func(segment_free);
	builder->holes = g_array_new(FALSE, FALSE, sizeof(Hole));
	builder->keylog = g_string_new(NULL);
	return builder;
}

void builder_free(Builder *builder)
{
	if (builder == NULL)
		return;
	g_ptr_array_unref(builder->segments);
	g_ptr_array_unref(builder->connections);
	g_array_unref(builder->holes);
	g_string_free(builder->keylog, TRUE);
	g_free(builder);
}

void builder_wrap(Builder *builder, WrapKind kind)
{
	builder->wrap = kind;
}

const GString *builder_keylog(const Builder *builder)
{
	return builder->keylog;
}

/* The balancer's own address and port. */
static void take_the_place_of(BuilderEnd *client, guint number)
{
	static const guint8 address[16] = {10, 99, 0, 1};

	memcpy(client->address, address, sizeof address);
	client->port = (guint16)(20000 + number % 40000);
}

BuilderConnection *builder_connection(Builder *builder, BuilderEnd client, BuilderEnd server)
{
	BuilderConnection *connection = g_new0(BuilderConnection, 1);
	guint number = builder->connections->len;

	connection->builder = builder;
	connection->client = client;
	connection->behind = client;
	connection->server = server;
	if (wrap_proxy(builder->wrap) != 0)
		take_the_place_of(&connection->client, number);
	connection->wrap = builder->wrap == WRAP_NONE ? NULL : wrap_new(builder->wrap, builder->keylog);
	/* The server's numbers wrap around early in each connection, as they may. */
	connection->halves[0].next = number * 0x9E3779B1u + 77;
	connection->halves[1].next = 0xFFFFFFF0u - number;
	g_ptr_array_add(builder->connections, connection);
	return connection;
}

static Half *half_of(BuilderConnection *connection, bool client)
{
	return &connection->halves[client ? 0 : 1];
}

static Segment *add_segment(BuilderConnection *connection, bool from_client, gint64 time,
                            guint flags)
{
	GPtrArray *segments = connection->builder->segments;
	Segment *segment = g_new0(Segment, 1);

	segment->connection = connection;
	segment->from_client = from_client;
	segment->time = time;
	segment->flags = (guint8)flags;
	segment->sequence = half_of(connection, from_client)->next;
	segment->acknowledgement = half_of(connection, !from_client)->next;
	g_ptr_array_add(segments, segment);
	return segment;
}

/* Octets as they are, in one segment. */
static void write_raw(BuilderConnection *connection, bool from_client, gint64 time,
                      const GByteArray *data)
{
	Half *half = half_of(connection, from_client);
	Segment *segment = add_segment(connection, from_client, time, TCP_PSH | TCP_ACK);

	segment->data = g_byte_array_sized_new(data->len);
	g_byte_array_append(segment->data, data->data, data->len);
	if (half->last != NULL)
		g_byte_array_unref(half->last);
	half->last = g_byte_array_ref(segment->data);
	half->last_sequence = half->next;
	half->next += data->len;
}

static void shake_hands(BuilderConnection *connection, gint64 time)
{
	GByteArray *write = g_byte_array_new();
	guint proxy = wrap_proxy(connection->builder->wrap);
	bool from_client;

	if (proxy != 0) {
		proxy_write(write, proxy, &connection->behind, &connection->server);
		write_raw(connection, true, time, write);
	}
	while (wrap_handshake(connection->wrap, &from_client, write)) {
		time += WRAP_STEP;
		write_raw(connection, from_client, time, write);
	}
	g_byte_array_unref(write);
}

static void open_tcp(BuilderConnection *connection, gint64 time)
{
	add_segment(connection, true, time - 2 * STEP, TCP_SYN);
	half_of(connection, true)->next++;
	add_segment(connection, false, time - STEP, TCP_SYN | TCP_ACK);
	half_of(connection, false)->next++;
	add_segment(connection, true, time, TCP_ACK);
}

void builder_open(BuilderConnection *connection, gint64 time)
{
	open_tcp(connection, connection->wrap == NULL ? time : time - WRAP_TIME);
	if (connection->wrap != NULL)
		shake_hands(connection, time - WRAP_TIME);
}

void builder_refuse(BuilderConnection *connection, gint64 time, bool silent)
{
	add_segment(connection, true, time, TCP_SYN);
	half_of(connection, true)->next++;
	if (silent)
		return;
	add_segment(connection, false, time + STEP, TCP_RST | TCP_ACK)->sequence = 0;
}

static void acknowledge(BuilderConnection *connection, bool from_client, gint64 time)
{
	if (!half_of(connection, from_client)->vanished)
		add_segment(connection, from_client, time + ACK_DELAY, TCP_ACK);
}

void builder_send(BuilderConnection *connection, bool from_client, gint64 time,
                  const GByteArray *data)
{
	GByteArray *wrapped = NULL;

	if (connection->wrap != NULL) {
		wrapped = g_byte_array_new();
		wrap_data(connection->wrap, from_client, data->data, data->len, wrapped);
	}
	write_raw(connection, from_client, time, wrapped != NULL ? wrapped : data);
	if (wrapped != NULL)
		g_byte_array_unref(wrapped);
	acknowledge(connection, !from_client, time);
}

void builder_resend(BuilderConnection *connection, bool from_client, gint64 time)
{
	Half *half = half_of(connection, from_client);
	Segment *segment;

	if (half->last == NULL)
		return;
	segment = add_segment(connection, from_client, time, TCP_PSH | TCP_ACK);
	segment->data = g_byte_array_ref(half->last);
	segment->sequence = half->last_sequence;
	acknowledge(connection, !from_client, time);
}

/* What the layer above TCP says when a side closes, and what the other one answers. */
static gint64 say_goodbye(BuilderConnection *connection, bool from_client, gint64 time)
{
	GByteArray *write = g_byte_array_new();

	for (guint i = 0; i < 2; i++) {
		bool client = i == 0 ? from_client : !from_client;

		g_byte_array_set_size(write, 0);
		if (!half_of(connection, client)->vanished)
			wrap_close(connection->wrap, client, write);
		if (write->len > 0)
			write_raw(connection, client, time, write);
		time += WRAP_STEP;
	}
	g_byte_array_unref(write);
	return time;
}

void builder_close(BuilderConnection *connection, bool from_client, gint64 time)
{
	if (connection->wrap != NULL)
		time = say_goodbye(connection, from_client, time);
	add_segment(connection, from_client, time, TCP_FIN | TCP_ACK);
	half_of(connection, from_client)->next++;
	if (half_of(connection, !from_client)->vanished)
		return;
	add_segment(connection, !from_client, time + STEP, TCP_FIN | TCP_ACK);
	half_of(connection, !from_client)->next++;
	add_segment(connection, from_client, time + 2 * STEP, TCP_ACK);
}

void builder_reset(BuilderConnection *connection, bool from_client, gint64 time)
{
	add_segment(connection, from_client, time, TCP_RST | TCP_ACK);
}

void builder_vanish(BuilderConnection *connection, bool is_client)
{
	half_of(connection, is_client)->vanished = true;
}

bool builder_has_vanished(const BuilderConnection *connection, bool is_client)
{
	return connection->halves[is_client ? 0 : 1].vanished;
}

void builder_hide(Builder *builder, gint64 from, gint64 until)
{
	Hole hole = {from, until};

	g_array_append_val(builder->holes, hole);
}

static bool is_hidden(const Builder *builder, gint64 time)
{
	for (guint i = 0; i < builder->holes->len; i++) {
		const Hole *hole = &g_array_index(builder->holes, Hole, i);

		if (time >= hole->from && time < hole->until)
			return true;
	}
	return false;
}

static Segment *segment_part(const Segment *segment, guint offset, guint length)
{
	Segment *part = g_new(Segment, 1);

	*part = *segment;
	part->sequence += offset;
	part->data = NULL;
	if (length > 0) {
		part->data = g_byte_array_sized_new(length);
		g_byte_array_append(part->data, segment->data->data + offset, length);
	}
	return part;
}

static guint cut_size(guint length, const BuilderOptions *options)
{
	guint size = MAXIMUM_SEGMENT;

	if (options->reorder && length > 1)
		size = MIN(size, (length + 1) / 2);
	if (options->cut_every > 0)
		size = MIN(size, options->cut_every);
	return size;
}

static void swap_pairs(GPtrArray *segments, guint first)
{
	for (guint i = first; i + 1 < segments->len; i += 2) {
		gpointer early = segments->pdata[i];

		segments->pdata[i] = segments->pdata[i + 1];
		segments->pdata[i + 1] = early;
	}
}

static void add_duplicates(GPtrArray *segments, guint first)
{
	guint end = segments->len;

	for (guint i = first; i < end; i++) {
		const Segment *segment = segments->pdata[i];
		Segment *copy = segment_part(segment, 0, segment->data->len);

		copy->time += DUPLICATE_DELAY;
		g_ptr_array_add(segments, copy);
	}
}

static void add_cut(GPtrArray *segments, const Segment *segment, const BuilderOptions *options)
{
	guint first = segments->len;
	guint length = segment->data != NULL ? segment->data->len : 0;
	guint size = cut_size(length, options);

	if (length == 0) {
		g_ptr_array_add(segments, segment_part(segment, 0, 0));
		return;
	}
	for (guint offset = 0; offset < length; offset += size)
		g_ptr_array_add(segments,
		                segment_part(segment, offset, MIN(size, length - offset)));
	if (options->reorder)
		swap_pairs(segments, first);
	if (options->duplicate)
		add_duplicates(segments, first);
}

static gint compare_segments(gconstpointer a, gconstpointer b)
{
	const Segment *left = *(const Segment *const *)a;
	const Segment *right = *(const Segment *const *)b;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

static GPtrArray *arrange_segments(const Builder *builder, const BuilderOptions *options)
{
	GPtrArray *segments = g_ptr_array_new_with_free_func(segment_free);

	for (guint i = 0; i < builder->segments->len; i++) {
		const Segment *segment = builder->segments->pdata[i];

		if (!is_hidden(builder, segment->time))
			add_cut(segments, segment, options);
	}
	for (guint i = 0; i < segments->len; i++)
		((Segment *)segments->pdata[i])->order = i;
	g_ptr_array_sort(segments, compare_segments);
	return segments;
}

static void add_frames(GPtrArray *frames, const Segment *segment, BuilderLink link, guint number)
{
	const BuilderConnection *connection = segment->connection;
	FrameSegment wire = {
		.source = segment->from_client ? connection->client : connection->server,
		.destination = segment->from_client ? connection->server : connection->client,
		.sequence = segment->sequence,
		.acknowledgement = segment->acknowledgement,
		.flags = segment->flags,
		.time = segment->time,
		.payload = segment->data != NULL ? segment->data->data : NULL,
		.length = segment->data != NULL ? segment->data->len : 0,
		.number = (guint16)number,
	};
	GPtrArray *made = frame_make(&wire, link);

	for (guint i = 0; i < made->len; i++) {
		BuilderFrame *frame = g_new(BuilderFrame, 1);

		frame->time = segment->time;
		frame->bytes = made->pdata[i];
		g_ptr_array_add(frames, frame);
	}
	g_ptr_array_unref(made);
}

GPtrArray *builder_frames(const Builder *builder, const BuilderOptions *options)
{
	GPtrArray *segments = arrange_segments(builder, options);
	GPtrArray *frames = g_ptr_array_new_with_free_func(frame_free);

	for (guint i = 0; i < segments->len; i++) {
		if (i + 1 != options->drop_frame)
			add_frames(frames, segments->pdata[i], options->link, i);
	}
	g_ptr_array_unref(segments);
	return frames;
}

static void append_le32(GByteArray *out, guint32 value)
{
	guint32 little = GUINT32_TO_LE(value);

	g_byte_array_append(out, (const guint8 *)&little, sizeof little);
}

static void append_file_header(GByteArray *out, guint32 link_type)
{
	append_le32(out, 0xA1B2C3D4);
	append_le32(out, 2 | 4 << 16); /* version 2.4 */
	append_le32(out, 0);
	append_le32(out, 0);
	append_le32(out, 262144);
	append_le32(out, link_type);
}

bool builder_write(const Builder *builder, const BuilderOptions *options, const char *path,
                   GError **error)
{
	GPtrArray *frames = builder_frames(builder, options);
	GByteArray *out = g_byte_array_new();
	bool written;

	append_file_header(out, frame_link_type(options->link));
	for (guint i = 0; i < frames->len; i++) {
		const BuilderFrame *frame = frames->pdata[i];

		append_le32(out, (guint32)(frame->time / 1000000000));
		append_le32(out, (guint32)(frame->time % 1000000000 / 1000));
		append_le32(out, frame->bytes->len);
		append_le32(out, frame->bytes->len);
		g_byte_array_append(out, frame->bytes->data, frame->bytes->len);
	}
	written = g_file_set_contents(path, (const char *)out->data, (gssize)out->len, error);
	g_byte_array_unref(out);
	g_ptr_array_unref(frames);
	return written;
}
