/* SPDX-License-Identifier: Apache-2.0 */
/* `sandboxd --check-config`: runs with the rights of who calls it and changes nothing. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "broker/policy.h"

int config_check_main(const char *path)
{
	_cleanup_free_ char *errors = NULL;
	struct config *config;
	int r = config_load(path, true, &config, &errors);

	if (r < 0) {
		if (errors)
			fputs(errors, stderr);
		else
			fprintf(stderr, "%s: %s\n", path, strerror(-r));
		return 1;
	}
	config_free(config);
	printf("%s: ok\n", path);
	return 0;
}
