/* SPDX-License-Identifier: Apache-2.0 */
/* sandboxctl show: a user's merged policy, and which line of the config set what. */
#include "ctl/ctl.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/client.h"
#include "ctl/json.h"
#include "ctl/table.h"

/*
 * The user's groups by name, asked of NSS here because the broker asks it nothing. The names are
 * new strings. 0, or what sandboxctl exits with, said.
 */
static int look_up(const char *user, struct wire_show *ret)
{
	_cleanup_free_ gid_t *gids = NULL;
	const struct passwd *account;
	int count = WIRE_GROUPS_MAX;

	errno = 0;
	account = getpwnam(user);
	if (!account) {
		complain("%s: %s", user, errno ? strerror(errno) : "no such user on this host");
		return CTL_FAILED;
	}
	gids = calloc(WIRE_GROUPS_MAX, sizeof(*gids));
	if (!gids || getgrouplist(user, account->pw_gid, gids, &count) < 0) {
		complain("%s: the groups cannot be looked up", user);
		return CTL_FAILED;
	}
	ret->user = user;
	for (int i = 0; i < count; i++) {
		const struct group *group = getgrgid(gids[i]);
		char *name = group ? strdup(group->gr_name) : NULL;

		if (name)
			ret->groups[ret->group_count++] = name;
	}
	return 0;
}

static void show_done(struct wire_show *show)
{
	for (size_t i = 0; i < show->group_count; i++)
		free((void *)(uintptr_t)show->groups[i]);
}

static int print_settings(const char *user, const char *data, size_t size, bool as_json)
{
	static const char *const headings[] = {"SETTING", "VALUE", "SET AT"};
	_cleanup_table_ struct table table;
	json_t *array = json_array(), *object = json_object();
	struct wire_reader r;

	table_init(&table, headings, ELEMENTS(headings));
	wire_reader_init(&r, data, size);
	while (r.at < r.size && !r.failed) {
		struct wire_setting setting;
		json_t *row;

		wire_get_setting(&r, &setting);
		table_add(&table, setting.key);
		table_add(&table, setting.value);
		table_add(&table, *setting.origin ? setting.origin : "built in");
		row = json_object();
		json_object_set_new(row, "key", json_text(setting.key));
		json_object_set_new(row, "value", json_text(setting.value));
		json_object_set_new(
			row, "origin", *setting.origin ? json_text(setting.origin) : json_null());
		json_array_append_new(array, row);
	}
	json_object_set_new(object, "user", json_text(user));
	json_object_set_new(object, "settings", array);
	if (r.failed) {
		json_decref(object);
		complain("the broker's answer cannot be read");
		return CTL_FAILED;
	}
	if (as_json)
		return json_print(object);
	json_decref(object);
	if (table_print(&table, stdout) < 0) {
		complain("out of memory");
		return CTL_FAILED;
	}
	return CTL_DONE;
}

int ctl_show(const struct ctl *ctl, int argc, char **argv)
{
	_cleanup_(show_done) struct wire_show show = {0};
	_cleanup_reply_ struct reply reply = {0};
	_cleanup_free_ char *data = NULL;
	unsigned char buffer[WIRE_REQUEST_MAX];
	struct wire_writer w;
	size_t size;
	int r = look_up(argv[0], &show);

	if (r != 0)
		return r;
	client_request(&w, buffer, sizeof(buffer), WIRE_SHOW);
	wire_put_show(&w, &show);
	r = client_call(ctl->socket, WIRE_SHOW, &w, -1, CLIENT_TIMEOUT, 1, &reply);
	if (r != 0)
		return r;
	r = client_read_memfd(&reply, &data, &size);
	if (r != 0)
		return r;
	return print_settings(argv[0], data, size, ctl->json);
}
