/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/protocol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void wire_put_header(struct wire_writer *w, enum wire_op op)
{
	wire_put_u32(w, WIRE_MAGIC);
	wire_put_u32(w, WIRE_VERSION);
	wire_put_u32(w, op);
}

int wire_get_header(struct wire_reader *r, enum wire_op *ret_op)
{
	uint32_t magic = wire_get_u32(r), version = wire_get_u32(r), op = wire_get_u32(r);

	if (r->failed || magic != WIRE_MAGIC)
		return -EPROTO;
	if (version != WIRE_VERSION)
		return -EPROTONOSUPPORT;
	if (op >= WIRE_OP_COUNT)
		return -EOPNOTSUPP;
	*ret_op = (enum wire_op)op;
	return 0;
}

void wire_put_reply(struct wire_writer *w, enum wire_op op, int status, const char *text)
{
	wire_put_header(w, op);
	wire_put_u32(w, (uint32_t)status);
	wire_put_string(w, text);
}

int wire_get_reply(struct wire_reader *r, enum wire_op op, int *ret_status, const char **ret_text)
{
	enum wire_op answered;
	uint32_t status;
	const char *text;
	int e = wire_get_header(r, &answered);

	if (e < 0)
		return e;
	status = wire_get_u32(r);
	text = wire_get_string(r, WIRE_REPLY_MAX);
	if (r->failed || answered != op || status > 4095)
		return -EBADMSG;
	*ret_status = (int)status;
	*ret_text = text;
	return 0;
}

void wire_put_open(struct wire_writer *w, const struct wire_open *open)
{
	wire_put_header(w, WIRE_OPEN);
	wire_put_u32(w, open->deadline_msec);
	wire_put_u32(w, open->uid);
	wire_put_u32(w, open->gid);
	wire_put_string(w, open->service);
	wire_put_string(w, open->user);
	wire_put_string(w, open->gecos);
	wire_put_string(w, open->home);
	wire_put_string(w, open->shell);
	wire_put_string(w, open->tty);
	wire_put_string(w, open->rhost);
	wire_put_u32(w, (uint32_t)open->group_count);
	for (size_t i = 0; i < open->group_count; i++) {
		wire_put_u32(w, open->groups[i].gid);
		wire_put_string(w, open->groups[i].name);
	}
}

int wire_get_open(struct wire_reader *r, struct wire_open *ret)
{
	uint32_t count;

	ret->deadline_msec = wire_get_u32(r);
	ret->uid = wire_get_u32(r);
	ret->gid = wire_get_u32(r);
	ret->service = wire_get_string(r, WIRE_NAME_MAX);
	ret->user = wire_get_string(r, WIRE_NAME_MAX);
	ret->gecos = wire_get_string(r, WIRE_TEXT_MAX);
	ret->home = wire_get_string(r, WIRE_PATH_MAX);
	ret->shell = wire_get_string(r, WIRE_PATH_MAX);
	ret->tty = wire_get_string(r, WIRE_NAME_MAX);
	ret->rhost = wire_get_string(r, WIRE_TEXT_MAX);
	count = wire_get_u32(r);
	if (count > WIRE_GROUPS_MAX)
		return -EBADMSG;
	for (uint32_t i = 0; i < count; i++) {
		ret->groups[i].gid = wire_get_u32(r);
		ret->groups[i].name = wire_get_string(r, WIRE_NAME_MAX);
	}
	ret->group_count = count;
	return wire_reader_end(r);
}

void wire_put_session(struct wire_writer *w, const struct wire_session *session)
{
	wire_put_string(w, session->session);
	wire_put_string(w, session->sandbox);
	wire_put_string(w, session->user);
	wire_put_string(w, session->service);
	wire_put_string(w, session->tty);
	wire_put_string(w, session->rhost);
	wire_put_string(w, session->scope);
	wire_put_string(w, session->state);
	wire_put_string(w, session->address);
	wire_put_string(w, session->address6);
	wire_put_u32(w, session->uid);
	wire_put_u32(w, session->pid);
	wire_put_u64(w, session->since);
	wire_put_u64(w, session->until);
	wire_put_u64(w, session->memory);
	wire_put_u64(w, session->memory_max);
	wire_put_u64(w, session->pids);
	wire_put_u64(w, session->pids_max);
}

void wire_get_session(struct wire_reader *r, struct wire_session *ret)
{
	ret->session = wire_get_string(r, WIRE_SESSION_MAX);
	ret->sandbox = wire_get_string(r, WIRE_NAME_MAX);
	ret->user = wire_get_string(r, WIRE_NAME_MAX);
	ret->service = wire_get_string(r, WIRE_NAME_MAX);
	ret->tty = wire_get_string(r, WIRE_NAME_MAX);
	ret->rhost = wire_get_string(r, WIRE_TEXT_MAX);
	ret->scope = wire_get_string(r, WIRE_NAME_MAX);
	ret->state = wire_get_string(r, WIRE_NAME_MAX);
	ret->address = wire_get_string(r, WIRE_NAME_MAX);
	ret->address6 = wire_get_string(r, WIRE_NAME_MAX);
	ret->uid = wire_get_u32(r);
	ret->pid = wire_get_u32(r);
	ret->since = wire_get_u64(r);
	ret->until = wire_get_u64(r);
	ret->memory = wire_get_u64(r);
	ret->memory_max = wire_get_u64(r);
	ret->pids = wire_get_u64(r);
	ret->pids_max = wire_get_u64(r);
}

void wire_put_show(struct wire_writer *w, const struct wire_show *show)
{
	wire_put_string(w, show->user);
	wire_put_u32(w, (uint32_t)show->group_count);
	for (size_t i = 0; i < show->group_count; i++)
		wire_put_string(w, show->groups[i]);
}

int wire_get_show(struct wire_reader *r, struct wire_show *ret)
{
	uint32_t count;

	ret->user = wire_get_string(r, WIRE_NAME_MAX);
	count = wire_get_u32(r);
	if (count > WIRE_GROUPS_MAX)
		return -EBADMSG;
	for (uint32_t i = 0; i < count; i++)
		ret->groups[i] = wire_get_string(r, WIRE_NAME_MAX);
	ret->group_count = count;
	return wire_reader_end(r);
}

void wire_put_setting(struct wire_writer *w, const struct wire_setting *setting)
{
	wire_put_string(w, setting->key);
	wire_put_string(w, setting->value);
	wire_put_string(w, setting->origin);
}

void wire_get_setting(struct wire_reader *r, struct wire_setting *ret)
{
	ret->key = wire_get_string(r, WIRE_NAME_MAX);
	ret->value = wire_get_string(r, WIRE_REQUEST_MAX);
	ret->origin = wire_get_string(r, WIRE_PATH_MAX);
}

static size_t string_size(const char *s)
{
	return sizeof(uint32_t) + strlen(s) + 1;
}

static size_t strings_size(char **strings)
{
	size_t size = sizeof(uint32_t);

	for (; *strings; strings++)
		size += string_size(*strings);
	return size;
}

size_t wire_door_request_size(const struct door_request *request)
{
	return string_size(request->session) + string_size(request->executable) +
	       string_size(request->directory) + 5 * sizeof(uint32_t) +
	       request->rlimit_count * (sizeof(uint32_t) + sizeof(uint64_t)) +
	       strings_size(request->argv) + strings_size(request->envp);
}

static void put_strings(struct wire_writer *w, char **strings)
{
	uint32_t count = 0;

	while (strings[count])
		count++;
	wire_put_u32(w, count);
	for (uint32_t i = 0; i < count; i++)
		wire_put_string(w, strings[i]);
}

void wire_put_door_request(struct wire_writer *w, const struct door_request *request)
{
	wire_put_string(w, request->session);
	wire_put_string(w, request->executable);
	wire_put_string(w, request->directory);
	wire_put_u32(w, request->umask);
	wire_put_u32(w, request->relay);
	wire_put_u32(w, request->rows);
	wire_put_u32(w, request->columns);
	wire_put_u32(w, (uint32_t)request->rlimit_count);
	for (size_t i = 0; i < request->rlimit_count; i++) {
		wire_put_u32(w, request->rlimits[i].resource);
		wire_put_u64(w, request->rlimits[i].soft);
	}
	put_strings(w, request->argv);
	put_strings(w, request->envp);
}

/* A new NULL-terminated array of pointers into the reader's buffer. */
static int get_strings(struct wire_reader *r, char ***ret)
{
	uint32_t count = wire_get_u32(r);
	char **strings;

	if (r->failed || count > DOOR_STRINGS_MAX)
		return -EBADMSG;
	strings = calloc((size_t)count + 1, sizeof(*strings));
	if (!strings)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		strings[i] = (char *)(uintptr_t)wire_get_string(r, DOOR_REQUEST_MAX);
	*ret = strings;
	return 0;
}

int wire_get_door_request(struct wire_reader *r, struct door_request *ret)
{
	struct door_request request = {0};
	uint32_t count;
	int e;

	request.session = wire_get_string(r, WIRE_ID_LENGTH);
	request.executable = wire_get_string(r, WIRE_PATH_MAX);
	request.directory = wire_get_string(r, WIRE_PATH_MAX);
	request.umask = wire_get_u32(r);
	request.relay = wire_get_u32(r);
	request.rows = wire_get_u32(r);
	request.columns = wire_get_u32(r);
	count = wire_get_u32(r);
	if (r->failed || count > DOOR_RLIMITS_MAX)
		return -EBADMSG;
	for (uint32_t i = 0; i < count; i++) {
		request.rlimits[i].resource = wire_get_u32(r);
		request.rlimits[i].soft = wire_get_u64(r);
	}
	request.rlimit_count = count;
	e = get_strings(r, &request.argv);
	if (e >= 0)
		e = get_strings(r, &request.envp);
	if (e >= 0)
		e = wire_reader_end(r);
	if (e < 0) {
		free(request.argv);
		free(request.envp);
		return e;
	}
	*ret = request;
	return 0;
}
