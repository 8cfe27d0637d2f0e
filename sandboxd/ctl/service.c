/* SPDX-License-Identifier: Apache-2.0 */
/* sandboxctl reload and drain: what concerns the broker as a whole. */
#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "ctl/client.h"
#include "ctl/sessions.h"

/* What the last sessions get to end in once their time is up. */
#define DRAIN_GRACE (60 * USEC_PER_SEC)

int ctl_reload(const struct ctl *ctl, int argc, char **argv)
{
	_cleanup_reply_ struct reply reply = {0};
	unsigned char buffer[64];
	struct wire_writer w;
	int r;

	client_request(&w, buffer, sizeof(buffer), WIRE_RELOAD);
	r = client_call(ctl->socket, WIRE_RELOAD, &w, -1, CLIENT_TIMEOUT, 0, &reply);
	if (r != 0)
		return r;
	puts("the new config is in force");
	if (*reply.text)
		puts(reply.text);
	return CTL_DONE;
}

static int request_drain(const struct ctl *ctl)
{
	_cleanup_reply_ struct reply reply = {0};
	unsigned char buffer[64];
	struct wire_writer w;
	int r;

	client_request(&w, buffer, sizeof(buffer), WIRE_DRAIN);
	wire_put_u32(&w, !ctl->off);
	wire_put_u32(&w, ctl->kill ? (uint32_t)(ctl->kill_seconds * 1000) : UINT32_MAX);
	r = client_call(ctl->socket, WIRE_DRAIN, &w, -1, CLIENT_TIMEOUT, 0, &reply);
	if (r == 0 && *reply.text)
		puts(reply.text);
	return r;
}

int ctl_drain(const struct ctl *ctl, int argc, char **argv)
{
	_cleanup_sessions_ struct sessions running = {0};
	int r = request_drain(ctl);

	if (r != 0)
		return r;
	if (ctl->off) {
		puts("new sessions are accepted again");
		return CTL_DONE;
	}
	r = sessions_get(ctl->socket, &running);
	if (r != 0)
		return r;
	if (!ctl->kill) {
		printf("new sessions are refused until drain --off; running: %zu\n", running.count);
		return CTL_DONE;
	}
	r = sessions_wait_gone(
		ctl->socket, &running, NULL, ctl->kill_seconds * USEC_PER_SEC + DRAIN_GRACE);
	if (r != 0)
		return r;
	puts("new sessions are refused until drain --off; none runs any more");
	return CTL_DONE;
}
