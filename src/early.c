/* SPDX-License-Identifier: MIT */
#include "src/early.h"

#include "src/inputs.h"
#include "src/session/observe.h"

Verdict *early_verdict(const Early *early)
{
	observe_pause(early->model);
	inputs_doubt_clocks(early->source, early->clocks, early->model);
	DiagnoseOptions options = analysis_options(&early->declared, early->source, early->pipeline,
	                                           early->model);
	options.unfinished = true;
	return diagnose(early->model, &options);
}
