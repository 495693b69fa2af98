/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "src/options.h"

enum { MOST_WORDS = 12 };

/* Words separated by spaces; @error as options_parse() gives it. */
static bool parse(const char *line, Options *options, GError **error)
{
	/* GOption takes words out of the list: the strings are freed by a list of their own. */
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	char *list[MOST_WORDS + 2] = {(char *)(uintptr_t)"mqlapse"};
	char **argv = list;
	int argc = 1;
	for (char **word = words; *word != NULL && **word != '\0' && argc <= MOST_WORDS; word++)
		list[argc++] = *word;
	*options = (Options){0};
	return options_parse(options, &argc, &argv, error);
}

static void take(const char *line, Options *options)
{
	g_autoptr(GError) error = NULL;
	if (!parse(line, options, &error))
		fail_msg("%s: %s", line, error->message);
}

static void nothing_given_is_nothing_set(void **state)
{
	(void)state;
	Options options;
	take("", &options);

	assert_null(options.interfaces);
	assert_null(options.files);
	assert_null(options.report);
	assert_null(options.filter);
	assert_false(options.vantage_given || options.redact || options.list_causes || options.version);
	assert_int_equal(options.n_decode_ports, 0);
	options_clear(&options);
}

static void files_clients_and_interfaces_may_be_several(void **state)
{
	(void)state;
	Options files, interfaces;
	take("-r a.pcap --read b.pcap -c pump-* --client gw", &files);
	take("-i eth0 --interface any -w out.pcapng -Z nobody", &interfaces);

	assert_string_equal(files.files[0], "a.pcap");
	assert_string_equal(files.files[1], "b.pcap");
	assert_null(files.files[2]);
	assert_string_equal(files.clients[0], "pump-*");
	assert_string_equal(files.clients[1], "gw");
	assert_string_equal(interfaces.interfaces[1], "any");
	assert_string_equal(interfaces.write_path, "out.pcapng");
	assert_string_equal(interfaces.user, "nobody");
	options_clear(&files);
	options_clear(&interfaces);
}

static void the_report_is_text_unless_named(void **state)
{
	(void)state;
	Options plain, named, last;
	take("--report -r a.pcap", &plain);
	take("--report=json -o out.json", &named);
	take("--report=json --report=csv", &last);

	assert_string_equal(plain.report, "text");
	assert_string_equal(named.report, "json");
	assert_string_equal(named.output, "out.json");
	assert_string_equal(last.report, "csv");
	options_clear(&plain);
	options_clear(&named);
	options_clear(&last);
}

static void what_stands_behind_is_one_filter(void **state)
{
	(void)state;
	Options options;
	take("-r a.pcap tcp port 1883", &options);

	assert_string_equal(options.filter, "tcp port 1883");
	options_clear(&options);
}

static void ports_are_collected(void **state)
{
	(void)state;
	Options options;
	take("-d 1 --decode 65535 -d 1883", &options);

	assert_int_equal(options.n_decode_ports, 3);
	assert_int_equal(options.decode_ports[0], 1);
	assert_int_equal(options.decode_ports[1], 65535);
	assert_int_equal(options.decode_ports[2], 1883);
	options_clear(&options);
}

static void each_vantage_has_its_name(void **state)
{
	(void)state;
	static const char *const lines[] = {"--vantage broker", "--vantage client", "--vantage=tap"};
	static const Vantage expected[] = {VANTAGE_BROKER, VANTAGE_CLIENT, VANTAGE_TAP};
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		Options options;
		take(lines[i], &options);
		assert_true(options.vantage_given);
		assert_int_equal(options.vantage, expected[i]);
		options_clear(&options);
	}
}

static void each_broker_has_a_name_to_type(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		BrokerProduct product;
	} cases[] = {{"--broker-is mosquitto", BROKER_MOSQUITTO},
	             {"--broker-is=EMQX", BROKER_EMQX},
	             {"--broker-is azure", BROKER_AZURE_EVENT_GRID},
	             {"-r a.pcap", BROKER_UNKNOWN}};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Options options;
		take(cases[i].line, &options);
		assert_int_equal(options.broker_is, cases[i].product);
		options_clear(&options);
	}
}

static void a_size_is_octets_or_a_multiple_of_1024(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		size_t octets;
	} cases[] = {{"-r a.pcap", 0},
	             {"--memory 5000000", 5000000},
	             {"--memory=4096k", (size_t)4 << 20},
	             {"--memory 500M", (size_t)500 << 20},
	             {"--memory 2g", (size_t)2 << 30}};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Options options;
		take(cases[i].line, &options);
		assert_int_equal(options.memory, cases[i].octets);
		options_clear(&options);
	}
}

static void a_saved_capture_is_rotated_by_size_and_by_time(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		Rotation rotation;
	} cases[] = {{"-i any -w a.pcapng", {0, 0, 0}},
	             {"-i any -w a.pcapng --rotate 100M", {UINT64_C(100) << 20, 0, 0}},
	             {"-i any -w a.pcapng --rotate 15m --keep 9", {0, 15 * 60 * NS_PER_SECOND, 9}},
	             {"-i any -w a.pcapng --rotate 7d", {0, 7 * 86400 * NS_PER_SECOND, 0}},
	             {"-i any -w a.pcapng --rotate 1h --rotate 5000", {5000, 3600 * NS_PER_SECOND, 0}}};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Options options;
		take(cases[i].line, &options);
		assert_int_equal(options.rotation.octets, cases[i].rotation.octets);
		assert_int_equal(options.rotation.ns, cases[i].rotation.ns);
		assert_int_equal(options.rotation.keep, cases[i].rotation.keep);
		options_clear(&options);
	}
}

static void switches_are_switched(void **state)
{
	(void)state;
	Options options;
	take("--redact --list-causes --version --explain expired", &options);

	assert_true(options.redact && options.list_causes && options.version);
	assert_string_equal(options.explain, "expired");
	options_clear(&options);
}

static void wrong_lines_are_refused_with_words_that_name_them(void **state)
{
	(void)state;
	static const struct {
		const char *line, *says;
	} cases[] = {
		{"-i eth0 -r a.pcap", "-r"},
		{"-r a.pcap -w -", "-o"},
		{"-w b.pcap", "-w"},
		{"-d 0", "\"0\""},
		{"-d 65536", "\"65536\""},
		{"-d -1", "\"-1\""},
		{"-d +1", "\"+1\""},
		{"-d 99999999999999999999999", "--decode"},
		{"-d 1883x", "\"1883x\""},
		{"-d mqtt", "\"mqtt\""},
		{"--vantage moon", "\"moon\""},
		{"--broker-is moon", "rabbitmq, "},
		{"--broker-is unknown", "\"unknown\""},
		{"--fail-on fire", "\"fire\""},
		{"--fail-on none", "\"none\""},
		{"--keylog", "--keylog"},
		{"--memory 1x", "\"1x\""},
		{"--memory 1GB", "\"1GB\""},
		{"--memory -1G", "\"-1G\""},
		{"--memory G", "\"G\""},
		{"--memory 0", "\"0\""},
		{"--memory 99999999999T", "\"99999999999T\""},
		{"-i any -w a.pcapng --rotate 5x", "\"5x\""},
		{"-i any -w a.pcapng --rotate 0", "\"0\""},
		{"-i any -w a.pcapng --rotate 0s", "\"0s\""},
		{"-i any -w a.pcapng --rotate 99999999999999d", "\"99999999999999d\""},
		{"--rotate 1h", "-w FILE"},
		{"-i any -o x -w - --rotate 1h", "-w FILE"},
		{"-i any -w a.pcapng --keep 3", "--rotate"},
		{"-i any -w a.pcapng --rotate 1h --keep -1", "--keep"},
		{"--no-such-option", "--no-such-option"},
		{"-r", "-r"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		Options options;
		if (parse(cases[i].line, &options, &error))
			fail_msg("taken: %s", cases[i].line);
		assert_non_null(error);
		if (strstr(error->message, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].line, error->message);
		options_clear(&options);
	}
}

static void every_cause_severity_and_party_can_fail_a_run(void **state)
{
	(void)state;
	for (CauseId cause = CAUSE_FIRST; cause < CAUSE_N; cause++) {
		g_autofree char *line = g_strdup_printf("--fail-on %s", cause_name(cause));
		Options options;
		take(line, &options);
		for (CauseId other = CAUSE_FIRST; other < CAUSE_N; other++) {
			const Finding it = {.cause = (uint8_t)other};
			assert_int_equal(options_fail_on(&options, &it), other == cause);
		}
		options_clear(&options);
	}
	for (unsigned i = 0; i < RESPONSIBLE_N; i++) {
		g_autofree char *line = g_strdup_printf("--fail-on %s", responsible_name(i));
		Options options;
		take(line, &options);
		for (unsigned k = 0; k < RESPONSIBLE_N; k++) {
			const Finding it = {.responsible = (uint8_t)k};
			assert_int_equal(options_fail_on(&options, &it), k == i);
		}
		options_clear(&options);
	}
}

static void several_conditions_are_alternatives(void **state)
{
	(void)state;
	Options options;
	take("--fail-on loss --fail-on broker-fault", &options);
	const Finding loss = {.severity = SEVERITY_LOSS, .responsible = RESPONSIBLE_CLIENT_CONFIG};
	const Finding fault = {.severity = SEVERITY_NOTE, .responsible = RESPONSIBLE_BROKER_FAULT};
	const Finding note = {.severity = SEVERITY_NOTE, .responsible = RESPONSIBLE_CLIENT_CONFIG};

	assert_true(options_fail_on(&options, &loss));
	assert_true(options_fail_on(&options, &fault));
	assert_false(options_fail_on(&options, &note));
	options_clear(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_is_nothing_set),
		cmocka_unit_test(files_clients_and_interfaces_may_be_several),
		cmocka_unit_test(the_report_is_text_unless_named),
		cmocka_unit_test(what_stands_behind_is_one_filter),
		cmocka_unit_test(ports_are_collected),
		cmocka_unit_test(each_vantage_has_its_name),
		cmocka_unit_test(each_broker_has_a_name_to_type),
		cmocka_unit_test(a_size_is_octets_or_a_multiple_of_1024),
		cmocka_unit_test(a_saved_capture_is_rotated_by_size_and_by_time),
		cmocka_unit_test(switches_are_switched),
		cmocka_unit_test(wrong_lines_are_refused_with_words_that_name_them),
		cmocka_unit_test(every_cause_severity_and_party_can_fail_a_run),
		cmocka_unit_test(several_conditions_are_alternatives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
