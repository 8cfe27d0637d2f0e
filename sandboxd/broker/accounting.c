/* SPDX-License-Identifier: Apache-2.0 */
/* accounting_login() and _logout() run in the broker, record() in a child of it. */
#include "broker/accounting.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <utmp.h>
#include <utmpx.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

enum { ACCOUNTING_TIMEOUT = 15 * USEC_PER_SEC };

/* Who is recorded: what the plain programs record themselves. */
static const char *const services[] = {"sshd", "login"};

static bool is_recorded(const struct session *s)
{
	for (size_t i = 0; i < ELEMENTS(services); i++)
		if (str_eq(s->service, services[i]))
			return true;
	return false;
}

static void record(struct child_result *result, const char *volatile *step, void *input)
{
	const struct utmpx *entry = input;

	*step = "recording a login";
	setutxent();
	pututxline(entry);
	endutxent();
	updwtmpx(_PATH_WTMP, entry);
}

static void start(struct broker *broker, const struct session *s, short type)
{
	uint64_t now = type == USER_PROCESS ? s->since : clock_realtime();
	struct utmpx entry = {.ut_type = type, .ut_pid = s->opener};
	int r;

	if (!is_recorded(s))
		return;
	/* The tail of the session's id: ut_id has four characters, and only has to differ among
	 * those logged in. */
	memcpy(entry.ut_id, s->id + WIRE_ID_LENGTH - sizeof(entry.ut_id), sizeof(entry.ut_id));
	snprintf(entry.ut_line, sizeof(entry.ut_line), "sb%s", s->id);
	entry.ut_tv.tv_sec = (int32_t)(now / USEC_PER_SEC);
	entry.ut_tv.tv_usec = (int32_t)(now % USEC_PER_SEC);
	if (type == USER_PROCESS) {
		strncpy(entry.ut_user, s->sandbox->account->name, sizeof(entry.ut_user));
		strncpy(entry.ut_host, s->rhost, sizeof(entry.ut_host));
		if (inet_pton(AF_INET, s->rhost, entry.ut_addr_v6) != 1)
			inet_pton(AF_INET6, s->rhost, entry.ut_addr_v6);
	}
	r = child_start(broker, record, &entry, ACCOUNTING_TIMEOUT, NULL, NULL, NULL);
	if (r < 0)
		log_warning("session %s is not in utmp: %s", s->id, strerror(-r));
}

void accounting_login(struct broker *broker, const struct session *s)
{
	start(broker, s, USER_PROCESS);
}

void accounting_logout(struct broker *broker, const struct session *s)
{
	start(broker, s, DEAD_PROCESS);
}
