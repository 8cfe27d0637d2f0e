/* SPDX-License-Identifier: Apache-2.0 */
/* sandboxctl kill: ends a session, or all that a user has, and waits until it is gone. */
#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "ctl/client.h"
#include "ctl/nearest.h"
#include "ctl/sessions.h"

/* Longer than any sensible stop_timeout. */
#define KILL_TIMEOUT (60 * USEC_PER_SEC)

static int say_nothing_runs(const struct sessions *sessions, const char *target)
{
	struct nearest nearest;

	nearest_init(&nearest, target);
	for (size_t i = 0; i < sessions->count; i++) {
		nearest_try(&nearest, sessions->items[i].session);
		nearest_try(&nearest, sessions->items[i].user);
	}
	if (nearest.found)
		complain("nothing of '%s' runs; did you mean '%s'?", target, nearest.found);
	else
		complain("nothing of '%s' runs: see sandboxctl list", target);
	return CTL_FAILED;
}

static bool is_running(const struct sessions *sessions, const char *target)
{
	for (size_t i = 0; i < sessions->count; i++)
		if (session_is_target(&sessions->items[i], target))
			return true;
	return false;
}

int ctl_kill(const struct ctl *ctl, int argc, char **argv)
{
	_cleanup_sessions_ struct sessions before = {0};
	_cleanup_reply_ struct reply reply = {0};
	unsigned char buffer[4096];
	const char *target = argv[0];
	struct wire_writer w;
	uint32_t count;
	int r = sessions_get(ctl->socket, &before);

	if (r != 0)
		return r;
	if (!is_running(&before, target))
		return say_nothing_runs(&before, target);
	client_request(&w, buffer, sizeof(buffer), WIRE_KILL);
	wire_put_string(&w, target);
	wire_put_string(&w, ctl->reason);
	r = client_call(ctl->socket, WIRE_KILL, &w, -1, KILL_TIMEOUT, 0, &reply);
	if (r != 0)
		return r;
	count = wire_get_u32(&reply.fields);
	if (wire_reader_end(&reply.fields) < 0) {
		complain("the broker's answer cannot be read");
		return CTL_FAILED;
	}
	r = sessions_wait_gone(ctl->socket, &before, target, KILL_TIMEOUT);
	if (r != 0)
		return r;
	printf("%u %s ended\n", count, count == 1 ? "session" : "sessions");
	return CTL_DONE;
}
