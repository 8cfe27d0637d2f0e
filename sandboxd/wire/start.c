/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/start.h"

#include <errno.h>

#include "wire/protocol.h"

void wire_put_start(struct wire_writer *w, const struct wire_start *start)
{
	wire_put_u32(w, start->uid);
	wire_put_u32(w, start->gid);
	wire_put_u32(w, start->flags);
	wire_put_string(w, start->user);
	wire_put_string(w, start->home);
	wire_put_string(w, start->shell);
	wire_put_string(w, start->fallback_shell);
	wire_put_u32(w, (uint32_t)start->group_count);
	for (size_t i = 0; i < start->group_count; i++)
		wire_put_u32(w, start->groups[i]);
	wire_put_u32(w, (uint32_t)start->env_drop_count);
	for (size_t i = 0; i < start->env_drop_count; i++)
		wire_put_string(w, start->env_drop[i]);
	wire_put_u32(w, start->enter_count);
	wire_put_u32(w, start->rescue_count);
	wire_put_u32(w, start->home_count);
	wire_put_u32(w, start->join_count);
}

int wire_get_start(struct wire_reader *r, struct wire_start *ret)
{
	struct wire_start start = {0};
	uint32_t count;

	start.uid = wire_get_u32(r);
	start.gid = wire_get_u32(r);
	start.flags = wire_get_u32(r);
	start.user = wire_get_string(r, WIRE_NAME_MAX);
	start.home = wire_get_string(r, WIRE_PATH_MAX);
	start.shell = wire_get_string(r, WIRE_PATH_MAX);
	start.fallback_shell = wire_get_string(r, WIRE_PATH_MAX);
	count = wire_get_u32(r);
	if (count > START_GROUPS_MAX)
		return -EBADMSG;
	for (uint32_t i = 0; i < count; i++)
		start.groups[i] = wire_get_u32(r);
	start.group_count = count;
	count = wire_get_u32(r);
	if (count > START_ENV_DROP_MAX)
		return -EBADMSG;
	for (uint32_t i = 0; i < count; i++)
		start.env_drop[i] = wire_get_string(r, WIRE_NAME_MAX);
	start.env_drop_count = count;
	start.enter_count = wire_get_u32(r);
	start.rescue_count = wire_get_u32(r);
	start.home_count = wire_get_u32(r);
	start.join_count = wire_get_u32(r);
	if (wire_reader_end(r) < 0 || start.enter_count > START_ENTER_MAX ||
		start.rescue_count > START_ENTER_MAX || start.home_count > START_ENTER_MAX ||
		start.join_count > START_ENTER_MAX)
		return -EBADMSG;
	*ret = start;
	return 0;
}
