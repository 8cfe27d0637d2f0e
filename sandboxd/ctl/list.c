/* SPDX-License-Identifier: Apache-2.0 */
/* sandboxctl list: what runs, and what it uses of what it may. */
#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "ctl/format.h"
#include "ctl/json.h"
#include "ctl/sessions.h"
#include "ctl/table.h"

static const char *const headings[] = {"SESSION", "USER", "SERVICE", "LINE", "FROM", "SCOPE",
	"STATE", "SINCE", "UNTIL", "MEMORY", "PIDS", "ADDRESS"};

static int print_table(const struct sessions *sessions)
{
	_cleanup_table_ struct table table;

	table_init(&table, headings, ELEMENTS(headings));
	for (size_t i = 0; i < sessions->count; i++) {
		const struct wire_session *s = &sessions->items[i];
		char text[FORMAT_TEXT_MAX];

		table_add(&table, s->session);
		table_add(&table, s->user);
		table_add(&table, s->service);
		table_add(&table, s->tty);
		table_add(&table, s->rhost);
		table_add(&table, s->scope);
		table_add(&table, s->state);
		table_add(&table, format_time(s->since, text));
		table_add(&table, format_time(s->until, text));
		table_add(&table, format_memory_of(s->memory, s->memory_max, text));
		table_add(&table, format_count_of(s->pids, s->pids_max, text));
		table_add(&table, s->address);
	}
	if (table_print(&table, stdout) < 0) {
		complain("out of memory");
		return CTL_FAILED;
	}
	return CTL_DONE;
}

static json_t *session_to_json(const struct wire_session *s)
{
	json_t *object = json_object();

	json_object_set_new(object, "session", *s->session ? json_text(s->session) : json_null());
	json_object_set_new(object, "sandbox", json_text(s->sandbox));
	json_object_set_new(object, "user", json_text(s->user));
	json_object_set_new(object, "uid", json_integer(s->uid));
	json_object_set_new(object, "service", json_text(s->service));
	json_object_set_new(object, "line", json_text(s->tty));
	json_object_set_new(object, "from", json_text(s->rhost));
	json_object_set_new(object, "scope", json_text(s->scope));
	json_object_set_new(object, "state", json_text(s->state));
	json_object_set_new(object, "since", json_time(s->since));
	json_object_set_new(object, "until", json_time(s->until));
	json_object_set_new(object, "pid", json_integer(s->pid));
	json_object_set_new(object, "memory", json_limit(s->memory));
	json_object_set_new(object, "memory_max", json_limit(s->memory_max));
	json_object_set_new(object, "pids", json_limit(s->pids));
	json_object_set_new(object, "pids_max", json_limit(s->pids_max));
	json_object_set_new(object, "address", json_text(s->address));
	json_object_set_new(object, "address6", json_text(s->address6));
	return object;
}

int ctl_list(const struct ctl *ctl, int argc, char **argv)
{
	_cleanup_sessions_ struct sessions sessions = {0};
	json_t *array;
	int r = sessions_get(ctl->socket, &sessions);

	if (r != 0)
		return r;
	if (!ctl->json)
		return print_table(&sessions);
	array = json_array();
	for (size_t i = 0; i < sessions.count; i++)
		json_array_append_new(array, session_to_json(&sessions.items[i]));
	return json_print(array);
}
