/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/sessions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "ctl/client.h"
#include "ctl/ctl.h"

void sessions_done(struct sessions *sessions)
{
	free(sessions->items);
	free(sessions->data);
	*sessions = (struct sessions){0};
}

int sessions_parse(char *data, size_t size, struct sessions *ret)
{
	struct sessions sessions = {0};
	struct wire_reader r;
	size_t room = 0;

	wire_reader_init(&r, data, size);
	while (r.at < r.size) {
		if (sessions.count == room) {
			struct wire_session *items;

			room = room ? 2 * room : 16;
			items = reallocarray(sessions.items, room, sizeof(*items));
			if (!items) {
				free(sessions.items);
				return -ENOMEM;
			}
			sessions.items = items;
		}
		wire_get_session(&r, &sessions.items[sessions.count]);
		if (r.failed) {
			free(sessions.items);
			return -EBADMSG;
		}
		sessions.count++;
	}
	sessions.data = data;
	*ret = sessions;
	return 0;
}

int sessions_get(const char *socket, struct sessions *ret)
{
	_cleanup_reply_ struct reply reply = {0};
	_cleanup_free_ char *data = NULL;
	unsigned char buffer[64];
	struct wire_writer w;
	size_t size;
	int r;

	client_request(&w, buffer, sizeof(buffer), WIRE_LIST);
	r = client_call(socket, WIRE_LIST, &w, -1, CLIENT_TIMEOUT, 1, &reply);
	if (r != 0)
		return r;
	r = client_read_memfd(&reply, &data, &size);
	if (r != 0)
		return r;
	r = sessions_parse(data, size, ret);
	if (r < 0) {
		complain("the broker's list cannot be read: %s", strerror(-r));
		return CTL_FAILED;
	}
	data = NULL;
	return 0;
}

bool session_is_target(const struct wire_session *session, const char *target)
{
	return !target || str_eq(session->user, target) ||
	       (*session->session && str_eq(session->session, target));
}

/* A session goes by its id; a sandbox that lingers without one by its own. */
static bool is_same(const struct wire_session *a, const struct wire_session *b)
{
	return str_eq(a->session, b->session) && str_eq(a->sandbox, b->sandbox);
}

/* How many of BEFORE's records that TARGET names are in NOW too. */
static size_t count_left(
	const struct sessions *before, const char *target, const struct sessions *now)
{
	size_t left = 0;

	for (size_t i = 0; i < before->count; i++) {
		if (!session_is_target(&before->items[i], target))
			continue;
		for (size_t j = 0; j < now->count; j++) {
			if (is_same(&before->items[i], &now->items[j])) {
				left++;
				break;
			}
		}
	}
	return left;
}

int sessions_wait_gone(
	const char *socket, const struct sessions *before, const char *target, uint64_t timeout)
{
	static const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
	uint64_t deadline = clock_monotonic() + timeout;

	for (;;) {
		_cleanup_sessions_ struct sessions now = {0};
		size_t left;
		int r = sessions_get(socket, &now);

		if (r != 0)
			return r;
		left = count_left(before, target, &now);
		if (left == 0)
			return 0;
		if (clock_monotonic() >= deadline) {
			complain("%zu of %s still stopping: see sandboxctl list, and the broker's "
				 "log for what holds %s",
				left, left == 1 ? "them is" : "them are",
				left == 1 ? "it" : "them");
			return CTL_FAILED;
		}
		nanosleep(&pause, NULL);
	}
}
