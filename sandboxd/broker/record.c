/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker: see record.h. The directories are 0700, and nothing but the broker writes in them.
 */
#include "broker/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

enum { RECORD_VERSION = 1, RECORD_MAX = WIRE_REQUEST_MAX + 4096 };

static int write_record(int dir, const char *id, const struct wire_writer *w)
{
	size_t size;
	int r = wire_writer_end(w, &size);

	return r < 0 ? r : fd_replace_file_at(dir, id, w->data, size, 0600);
}

int record_write_sandbox(const struct sandbox *s)
{
	_cleanup_free_ void *data = malloc(RECORD_MAX);
	_cleanup_free_ struct wire_open *open = calloc(1, sizeof(*open));
	struct wire_writer w;

	if (!data || !open)
		return -ENOMEM;
	account_describe(s->account, open);
	wire_writer_init(&w, data, RECORD_MAX);
	wire_put_u32(&w, RECORD_VERSION);
	wire_put_string(&w, s->id);
	wire_put_u32(&w, (uint32_t)s->pid);
	wire_put_u64(&w, s->start);
	wire_put_u64(&w, s->since);
	wire_put_u64(&w, s->linger_until);
	wire_put_u32(&w, s->state);
	wire_put_u32(&w, s->base);
	wire_put_u32(&w, s->has_network);
	wire_put_u32(&w, s->addresses.index);
	wire_put_u32(&w, s->policy->scope);
	wire_put_string(&w, s->hostname);
	wire_put_open(&w, open);
	return write_record(s->broker->dirs.sandboxes, s->id, &w);
}

int record_write_session(const struct session *s)
{
	_cleanup_free_ void *data = malloc(RECORD_MAX);
	struct wire_writer w;

	if (!data)
		return -ENOMEM;
	wire_writer_init(&w, data, RECORD_MAX);
	wire_put_u32(&w, RECORD_VERSION);
	wire_put_string(&w, s->id);
	wire_put_string(&w, s->sandbox->id);
	wire_put_string(&w, s->service);
	wire_put_string(&w, s->tty);
	wire_put_string(&w, s->rhost);
	wire_put_u32(&w, (uint32_t)s->opener);
	wire_put_u64(&w, s->opener_start);
	wire_put_u64(&w, s->view);
	wire_put_u64(&w, s->since);
	wire_put_u64(&w, s->until);
	return write_record(s->sandbox->broker->dirs.sessions, s->id, &w);
}

/* Reads a record whose version and id are right; what follows is the caller's. */
static int read_record(int dir, const char *id, char **ret_data, struct wire_reader *ret_reader)
{
	_cleanup_free_ char *data = malloc(RECORD_MAX);
	struct wire_reader r;
	ssize_t n;

	if (!data)
		return -ENOMEM;
	n = fd_read_file_at(dir, id, data, RECORD_MAX);
	if (n < 0)
		return (int)n;
	wire_reader_init(&r, data, (size_t)n);
	if (wire_get_u32(&r) != RECORD_VERSION || !str_eq(wire_get_string(&r, WIRE_ID_LENGTH), id))
		return -EBADMSG;
	*ret_data = take_ptr(&data);
	*ret_reader = r;
	return 0;
}

static int read_account(struct wire_reader *r, struct account **ret)
{
	_cleanup_free_ struct wire_open *open = calloc(1, sizeof(*open));
	enum wire_op op;
	int e;

	if (!open)
		return -ENOMEM;
	e = wire_get_header(r, &op);
	if (e >= 0)
		e = wire_get_open(r, open);
	return e < 0 ? e : account_new(open, ret);
}

int record_read_sandbox(struct broker *broker, const char *id, struct sandbox **ret)
{
	_cleanup_free_ char *data = NULL;
	_cleanup_free_ struct sandbox *s = calloc(1, sizeof(*s));
	struct wire_reader r;
	uint32_t scope;
	int e;

	if (!s)
		return -ENOMEM;
	e = read_record(broker->dirs.sandboxes, id, &data, &r);
	if (e < 0)
		return e;
	s->broker = broker;
	s->pidfd = -EBADF;
	snprintf(s->id, sizeof(s->id), "%s", id);
	s->pid = (pid_t)wire_get_u32(&r);
	s->start = wire_get_u64(&r);
	s->since = wire_get_u64(&r);
	s->linger_until = wire_get_u64(&r);
	s->state = wire_get_u32(&r);
	s->base = wire_get_u32(&r);
	s->has_network = wire_get_u32(&r) != 0;
	s->addresses.index = wire_get_u32(&r);
	scope = wire_get_u32(&r);
	snprintf(s->hostname, sizeof(s->hostname), "%s",
		wire_get_string(&r, sizeof(s->hostname) - 1));
	if (s->state >= SANDBOX_STATE_COUNT || scope >= SCOPE_COUNT)
		return -EBADMSG;
	e = read_account(&r, &s->account);
	if (e < 0)
		return e;
	/* What scope it was made with stays, whatever the config says by now. */
	e = account_policy(s->account, broker->config, &s->policy);
	if (e < 0) {
		account_free(s->account);
		return e;
	}
	s->policy->scope = (enum policy_scope)scope;
	*ret = take_ptr(&s);
	return 0;
}

int record_read_session(
	struct broker *broker, const char *id, struct session **ret, char *ret_sandbox)
{
	_cleanup_free_ char *data = NULL;
	_cleanup_free_ struct session *s = calloc(1, sizeof(*s));
	struct wire_reader r;
	const char *sandbox, *service, *tty, *rhost;
	int e;

	if (!s)
		return -ENOMEM;
	e = read_record(broker->dirs.sessions, id, &data, &r);
	if (e < 0)
		return e;
	s->opener_fd = s->lease = -EBADF;
	snprintf(s->id, sizeof(s->id), "%s", id);
	sandbox = wire_get_string(&r, WIRE_ID_LENGTH);
	service = wire_get_string(&r, WIRE_NAME_MAX);
	tty = wire_get_string(&r, WIRE_NAME_MAX);
	rhost = wire_get_string(&r, WIRE_TEXT_MAX);
	s->opener = (pid_t)wire_get_u32(&r);
	s->opener_start = wire_get_u64(&r);
	s->view = wire_get_u64(&r);
	s->since = wire_get_u64(&r);
	s->until = wire_get_u64(&r);
	e = wire_reader_end(&r);
	if (e < 0)
		return e;
	s->service = strdup(service);
	s->tty = strdup(tty);
	s->rhost = strdup(rhost);
	if (!s->service || !s->tty || !s->rhost) {
		free(s->service);
		free(s->tty);
		free(s->rhost);
		return -ENOMEM;
	}
	snprintf(ret_sandbox, WIRE_ID_LENGTH + 1, "%s", sandbox);
	*ret = take_ptr(&s);
	return 0;
}
