/* SPDX-License-Identifier: MIT */
#include "tests/support/play.h"

#include <arpa/inet.h>
#include <string.h>

#include "tests/support/packet.h"

/* Between a question and its answer, and between things said in one line one after the other. */
static const gint64 ANSWER_DELAY = 1000000;
static const gint64 NEXT_DELAY = 300000;

typedef struct {
	BuilderEnd end; /* of a host: the port of its next connection */
	bool broker;
} Host;

/* A line of connections of one host, one at a time: "device", "device#2". */
typedef struct {
	char *name;
	Host *host, *broker;
	BuilderConnection *connection; /* NULL: none open */
	PacketContext context;
	gint64 last; /* when something was said last */
} Line;

struct Stage {
	Builder *builder;
	GHashTable *hosts; /* name → Host */
	GHashTable *lines; /* name → Line */
	bool answers;
};

/* One step while it is played. */
typedef struct {
	Stage *stage;
	WordRange all; /* the whole step; holds the error */
	Line *line;
	Host *broker; /* NULL: the one of the open connection */
	bool from_client;
	gint64 time;
	GByteArray *write; /* packets of one segment */
	GArray *made;      /* PacketMade: what `write` holds */
} Step;

static void line_free(gpointer data)
{
	Line *line = data;

	g_free(line->name);
	g_free(line);
}

Stage *stage_new(Builder *builder)
{
	Stage *stage = g_new0(Stage, 1);

	stage->builder = builder;
	stage->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	stage->lines = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, line_free);
	return stage;
}

void stage_free(Stage *stage)
{
	if (stage == NULL)
		return;
	g_hash_table_unref(stage->lines);
	g_hash_table_unref(stage->hosts);
	g_free(stage);
}

void stage_answer(Stage *stage)
{
	stage->answers = true;
}

static bool read_address(const char *text, BuilderEnd *end)
{
	end->ipv6 = inet_pton(AF_INET6, text, end->address) == 1;
	return end->ipv6 || inet_pton(AF_INET, text, end->address) == 1;
}

static bool read_endpoint(const char *text, BuilderEnd *end)
{
	const char *colon = strrchr(text, ':');
	char *address;
	bool good;

	if (colon == NULL || colon == text)
		return false;
	end->port = (guint16)g_ascii_strtoull(colon + 1, NULL, 10);
	address = text[0] == '[' ? g_strndup(text + 1, (gsize)(colon - text - 2))
	                         : g_strndup(text, (gsize)(colon - text));
	good = end->port > 0 && read_address(address, end);
	g_free(address);
	return good;
}

static bool add_host(Stage *stage, const char *name, const Host *host, GError **error)
{
	if (g_hash_table_contains(stage->hosts, name) || strpbrk(name, "#>") != NULL) {
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX,
		            "'%s' cannot be a name, or is one already", name);
		return false;
	}
	return g_hash_table_insert(stage->hosts, g_strdup(name), g_memdup2(host, sizeof *host));
}

void stage_add_broker(Stage *stage, const char *name, const char *address, const BuilderEnd *stack,
                      GError **error)
{
	Host host = {.broker = true, .end = *stack};

	if (read_endpoint(address, &host.end))
		add_host(stage, name, &host, error);
	else
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX,
		            "'%s' is not ADDRESS:PORT", address);
}

void stage_add_host(Stage *stage, const char *name, const char *address, GError **error)
{
	Host host = {0};

	if (!read_address(address, &host.end)) {
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX, "'%s' is not an address",
		            address);
		return;
	}
	host.end.port = (guint16)(50000 + 100 * g_hash_table_size(stage->hosts));
	add_host(stage, name, &host, error);
}

void stage_add_hosts(Stage *stage, const char *name, guint count, const char *address,
                     GError **error)
{
	BuilderEnd end = {0};
	bool good = read_address(address, &end) && count <= 150;

	for (guint i = 0; i < count && good; i++) {
		char text[INET6_ADDRSTRLEN];
		char *full = g_strdup_printf("%s%u", name, i + 1);
		GError *failed = NULL;

		inet_ntop(end.ipv6 ? AF_INET6 : AF_INET, end.address, text, sizeof text);
		stage_add_host(stage, full, text, &failed);
		end.address[end.ipv6 ? 15 : 3]++;
		good = failed == NULL;
		g_free(full);
		if (failed != NULL)
			g_propagate_error(error, failed);
	}
	if (!good && error != NULL && *error == NULL)
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX, "'%s' is not an address",
		            address);
}

static Host *find_host(Stage *stage, const char *line_name)
{
	char *name = g_strdup(line_name);
	char *mark = strchr(name, '#');
	Host *host;

	if (mark != NULL)
		*mark = '\0';
	host = g_hash_table_lookup(stage->hosts, name);
	g_free(name);
	return host;
}

static Line *find_line(Stage *stage, const char *name, Host *host)
{
	Line *line = g_hash_table_lookup(stage->lines, name);

	if (line == NULL) {
		line = g_new0(Line, 1);
		line->name = g_strdup(name);
		line->host = host;
		line->last = G_MININT64;
		g_hash_table_insert(stage->lines, line->name, line);
	}
	return line;
}

static const char *word_at(const WordRange *range, guint at)
{
	return at < range->until ? ((const Word *)range->words->pdata[at])->text : "";
}

/* Finds who speaks with whom: "A > B words" or, for a client, "A words". */
static void read_parties(Step *step)
{
	WordRange *all = &step->all;
	bool arrow = strcmp(word_at(all, all->from + 1), ">") == 0;
	const char *names[2] = {word_at(all, all->from),
	                        arrow ? word_at(all, all->from + 2) : NULL};
	Host *hosts[2] = {find_host(step->stage, names[0]), NULL};
	guint client;

	if (arrow)
		hosts[1] = find_host(step->stage, names[1]);
	if (hosts[0] == NULL || (arrow && hosts[1] == NULL)) {
		words_fail(all, "'%s' is no host of this scenario",
		           hosts[0] == NULL ? names[0] : names[1]);
		return;
	}
	client = hosts[0]->broker ? 1 : 0;
	if (hosts[client] == NULL || hosts[client]->broker ||
	    (arrow && !hosts[1 - client]->broker)) {
		words_fail(all, "one side must be a client and the other a broker");
		return;
	}
	step->from_client = client == 0;
	step->line = find_line(step->stage, names[client], hosts[client]);
	step->broker = hosts[1 - client];
	all->from += arrow ? 3 : 1;
}

static bool check_time(Step *step)
{
	if (step->time < step->line->last) {
		words_fail(&step->all, "%s has already said something later", step->line->name);
		return false;
	}
	step->line->last = step->time;
	return true;
}

/* A new connection for `line`, from the next port of its host. */
static BuilderConnection *new_connection(Step *step)
{
	Line *line = step->line;

	line->broker = step->broker != NULL ? step->broker : line->broker;
	if (line->broker == NULL) {
		words_fail(&step->all, "to which broker?");
		return NULL;
	}
	line->host->end.port++;
	return builder_connection(step->stage->builder, line->host->end, line->broker->end);
}

static void open_for_connect(Step *step)
{
	Line *line = step->line;

	if (line->connection != NULL && !builder_has_vanished(line->connection, true)) {
		words_fail(&step->all, "%s has an open connection; name another one %s#2",
		           line->name, line->name);
		return;
	}
	line->connection = new_connection(step);
	if (line->connection != NULL)
		builder_open(line->connection, step->time - NEXT_DELAY);
}

static void flush(Step *step)
{
	if (step->write->len == 0 || step->all.error != NULL)
		return;
	if (check_time(step))
		builder_send(step->line->connection, step->from_client, step->time, step->write);
	g_byte_array_set_size(step->write, 0);
}

static void clear_made(gpointer data)
{
	PacketMade *made = data;

	if (made->codes != NULL)
		g_byte_array_unref(made->codes);
}

/* The exchange that one packet begins, to its end: at most PUBREC, PUBREL, PUBCOMP. */
static void answer_packet(Step *step, PacketMade made)
{
	Line *line = step->line;
	bool from_client = !step->from_client;
	gint64 time = step->time + ANSWER_DELAY;
	PacketMade next;

	while (line->connection != NULL && !builder_has_vanished(line->connection, from_client) &&
	       packet_answer(&made, line->context.level, step->write, &next)) {
		builder_send(line->connection, from_client, time, step->write);
		line->last = MAX(line->last, time);
		g_byte_array_set_size(step->write, 0);
		made = next;
		from_client = !from_client;
		time += ANSWER_DELAY;
	}
	g_byte_array_set_size(step->write, 0);
}

static void answer_all(Step *step)
{
	for (guint i = 0; i < step->made->len && step->all.error == NULL; i++)
		answer_packet(step, g_array_index(step->made, PacketMade, i));
	g_array_set_size(step->made, 0);
}

static bool play_refusal(Step *step, const char *action)
{
	bool silent = strcmp(action, "UNANSWERED") == 0;
	BuilderConnection *connection;

	if (!silent && strcmp(action, "REFUSED") != 0)
		return false;
	connection = new_connection(step);
	if (connection != NULL)
		builder_refuse(connection, step->time, silent);
	return true;
}

/* What is done to a connection rather than said on it. False where `action` is no such word. */
static bool play_action(Step *step, const char *action)
{
	static const char *const actions[] = {"FIN", "RST", "VANISH", "RESEND", NULL};
	Line *line = step->line;

	if (play_refusal(step, action))
		return true;
	if (!g_strv_contains(actions, action))
		return false;
	if (line->connection == NULL)
		words_fail(&step->all, "%s has no open connection", line->name);
	if (line->connection == NULL || !check_time(step))
		return true;
	if (strcmp(action, "VANISH") == 0) {
		builder_vanish(line->connection, step->from_client);
		return true;
	}
	if (strcmp(action, "RESEND") == 0) {
		builder_resend(line->connection, step->from_client, step->time);
		return true;
	}
	/* What is where one was that vanished may answer by RST yet. */
	bool answerable = strcmp(action, "FIN") == 0 &&
	                  builder_has_vanished(line->connection, !step->from_client);
	if (strcmp(action, "FIN") == 0)
		builder_close(line->connection, step->from_client, step->time);
	else
		builder_reset(line->connection, step->from_client, step->time);
	if (!answerable)
		line->connection = NULL;
	return true;
}

static void play_packet(Step *step, WordRange *range)
{
	Line *line = step->line;
	const char *name = word_at(range, range->from);
	PacketMade made = {.answer = -1};
	char *client;

	if (!packet_is_name(name)) {
		words_fail(&step->all, "'%s' is no packet and no action", name);
		return;
	}
	if (packet_is_connect(name))
		open_for_connect(step);
	if (line->connection == NULL) {
		words_fail(&step->all, "%s has no open connection", line->name);
		return;
	}
	client = g_strndup(line->name, strcspn(line->name, "#"));
	packet_make(range, &line->context, step->from_client ? 0 : 1, client, step->write, &made);
	g_array_append_val(step->made, made);
	g_free(client);
}

/* One packet or action, up to the next ";" or "=>". */
static void play_part(Step *step, guint from, guint until)
{
	WordRange range = {.words = step->all.words, .from = from, .until = until};
	const char *name = word_at(&range, from);

	if (from == until) {
		words_fail(&step->all, "a packet or an action is missing");
		return;
	}
	if (packet_is_name(name)) {
		play_packet(step, &range);
	} else {
		if (step->write->len > 0) {
			flush(step);
			step->time += NEXT_DELAY;
		}
		if (!play_action(step, name) || from + 1 < until)
			words_fail(&step->all, "'%s' is no packet and no action",
			           from + 1 < until ? word_at(&range, from + 1) : name);
	}
	if (range.error != NULL) {
		words_fail(&step->all, "%s", range.error->message);
		g_error_free(range.error);
	}
}

/* The other side speaks, a little later. */
static void turn(Step *step)
{
	flush(step);
	g_array_set_size(step->made, 0);
	step->from_client = !step->from_client;
	step->time += ANSWER_DELAY;
}

static void play_parts(Step *step)
{
	WordRange *all = &step->all;
	guint from = all->from;

	for (guint at = from; at <= all->until && all->error == NULL; at++) {
		bool turns = strcmp(word_at(all, at), "=>") == 0;

		if (at < all->until && !turns && strcmp(word_at(all, at), ";") != 0)
			continue;
		play_part(step, from, at);
		from = at + 1;
		if (turns)
			turn(step);
	}
	flush(step);
	if (step->stage->answers)
		answer_all(step);
}

void stage_play(Stage *stage, GPtrArray *words, guint from, gint64 time, GError **error)
{
	Step step = {
		.stage = stage,
		.all = {.words = words, .from = from, .until = words->len},
		.time = time,
		.write = g_byte_array_new(),
		.made = g_array_new(FALSE, FALSE, sizeof(PacketMade)),
	};

	g_array_set_clear_func(step.made, clear_made);
	read_parties(&step);
	if (step.all.error == NULL)
		play_parts(&step);
	g_array_unref(step.made);
	g_byte_array_unref(step.write);
	if (step.all.error != NULL)
		g_propagate_error(error, step.all.error);
}
