/* SPDX-License-Identifier: MIT */
#include "ui/screens/brokers_sums.h"

enum { CHECK_EVERY = 512 };

BrokerSums *broker_sums_new(const View *view, BrokerIndex broker, unsigned n_slices)
{
	BrokerSums *sums = g_new(BrokerSums, 1);
	*sums = (BrokerSums){.broker = broker, .verdict = view->status->verdict, .n_slices = n_slices};
	sums->times = broker_times_new(broker, view->analysis->first, view->roster->now, n_slices);
	return sums;
}

void broker_sums_free(BrokerSums *sums)
{
	if (sums == NULL)
		return;
	broker_times_free(sums->times);
	g_free(sums);
}

static void count_client(BrokerSums *sums, const View *view, ClientIndex client)
{
	const Roster *roster = view->roster;
	if (model_client(view->model, client)->broker != sums->broker)
		return;
	sums->by_state[roster->rows[client].state]++;
	for (uint32_t k = roster->first[client]; k < roster->first[client + 1]; k++)
		sums->by_cause[g_array_index(view->analysis->findings, Finding, roster->by_client[k]).cause]++;
}

static bool is_late(uint32_t n, int64_t until)
{
	return n % CHECK_EVERY == 0 && g_get_monotonic_time() > until;
}

bool broker_sums_work(BrokerSums *sums, const View *view, int64_t until)
{
	while (sums->n_clients < view->roster->n_rows) {
		count_client(sums, view, sums->n_clients++);
		if (is_late(sums->n_clients, until))
			return false;
	}
	while (sums->n_connections < model_n_connections(view->model)) {
		broker_times_add(sums->times, view->model, sums->n_connections++);
		if (is_late(sums->n_connections, until))
			return false;
	}
	return true;
}

bool broker_sums_fit(const BrokerSums *sums, const View *view, BrokerIndex broker, unsigned n_slices)
{
	return sums != NULL && sums->broker == broker && sums->verdict == view->status->verdict &&
	       sums->n_slices == n_slices;
}

double broker_sums_done(const BrokerSums *sums, const View *view)
{
	double all = (double)view->roster->n_rows + model_n_connections(view->model);
	return all == 0 ? 1 : MIN(((double)sums->n_clients + sums->n_connections) / all, 1);
}
