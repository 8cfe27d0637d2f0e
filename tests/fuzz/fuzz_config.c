/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The config's text through the whole parser, as the broker has it; what parses is merged, shown
 * and given up.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "broker/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take_setting(const char *key, const char *value, const char *origin, void *data)
{
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const groups[] = {"cs101", "a"};
	_cleanup_free_ char *errors = NULL;
	struct config *config;
	struct policy *policy;
	char name[64];

	if (config_load_text("fuzz", (const char *)data, size, false, &config, &errors) < 0)
		return 0;
	if (config_policy(config, "alice", groups, ELEMENTS(groups), &policy) < 0)
		abort(); /* a checked value is not refused later */
	policy_visit(policy, take_setting, NULL);
	policy_hostname(policy, "alice", "lab", name);
	policy_free(policy);
	config_free(config);
	return 0;
}
