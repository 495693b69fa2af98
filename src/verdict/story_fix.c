/* SPDX-License-Identifier: MIT */
/* story_fix: what to change, in the words of the software at hand as far as it is known. */
#include "src/verdict/recognise.h"
#include "src/verdict/story.h"

/* Whose settings the advice is about: the connection before the loss, or the publisher of what was
 * lost.  NO_INDEX: not known. */
static ConnectionIndex to_be_changed(const Model *model, const Finding *finding, AdviceKind kind)
{
	if (kind != ADVICE_PUBLISH_QOS1 && kind != ADVICE_LONGER_MESSAGE_EXPIRY)
		return finding->from != NO_INDEX ? finding->from : finding->to;
	const Absence *cost = model_absence(model, finding->cost);
	if (cost == NULL || cost->n_examples == 0 || cost->examples[0].publisher == NO_INDEX)
		return NO_INDEX;
	return model_client(model, cost->examples[0].publisher)->last;
}

char *story_client_fix(const Model *model, const Finding *finding)
{
	const CauseInfo *info = cause_info(finding->cause);
	ConnectionIndex index = to_be_changed(model, finding, info->advice);
	const Connection *connection = index == NO_INDEX ? NULL : model_connection(model, index);
	bool v5 = connection == NULL || connection->version == MQTT_5_0;
	const char *generic = advice_client_line(info->advice, LIBRARY_UNKNOWN, v5);
	if (generic == NULL || connection == NULL || connection->client == NO_INDEX)
		return g_strdup(generic != NULL ? generic : info->text->developer_does);
	LibraryGuess guess = recognise_library(model, connection);
	const char *line = guess.library == LIBRARY_UNKNOWN
	                           ? NULL
	                           : advice_client_line(info->advice, guess.library, v5);
	if (line == NULL)
		return g_strdup(generic);
	return g_strdup_printf("looks like %s, by %s: %s; that is, %s",
	                       advice_library_name(guess.library), guess.by, line, generic);
}

char *story_broker_fix(const Finding *finding)
{
	const char *operator_does = cause_info(finding->cause)->text->operator_does;
	BrokerProduct product = (BrokerProduct)finding->product;
	/* The most widespread one is the example where nothing is known. */
	const char *setting = advice_broker_line(
		finding->cause, product == BROKER_UNKNOWN ? BROKER_MOSQUITTO : product);
	if (operator_does == NULL)
		return NULL;
	if (setting == NULL)
		return g_strdup(operator_does);
	if (product == BROKER_UNKNOWN)
		return g_strdup_printf("%s (mosquitto: %s)", operator_does, setting);
	if (finding->product_declared)
		return g_strdup_printf("%s %s: %s", operator_does, advice_broker_name(product), setting);
	return g_strdup_printf("%s It looks like %s (by its CONNACK): %s", operator_does,
	                       advice_broker_name(product), setting);
}
