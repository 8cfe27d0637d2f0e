/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker: the server's side of the wire. What may be asked is one table. */
#include "broker/client.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "broker/control.h"
#include "broker/login.h"
#include "build_config.h"
#include "wire/socket.h"

enum {
	BACKLOG = 512,
	REQUEST_TIMEOUT = 2 * USEC_PER_SEC,
	ACCEPTS_PER_TURN = 64,
	PAUSE = 100 * USEC_PER_MSEC
};

static const struct {
	enum wire_op op;
	const char *name;
	void (*handle)(struct client *client, struct wire_reader *r);
	size_t max_fds;
} operations[WIRE_OP_COUNT] = {
	[WIRE_OPEN] = {WIRE_OPEN, "open", login_open, 1},
	[WIRE_LIST] = {WIRE_LIST, "list", control_list, 0},
	[WIRE_SHOW] = {WIRE_SHOW, "show", control_show, 0},
	[WIRE_KILL] = {WIRE_KILL, "kill", control_kill, 0},
	[WIRE_ENTER] = {WIRE_ENTER, "enter", login_enter, 1},
	[WIRE_RELOAD] = {WIRE_RELOAD, "reload", control_reload, 0},
	[WIRE_DRAIN] = {WIRE_DRAIN, "drain", control_drain, 0},
};
static_assert(ELEMENTS(operations) == WIRE_OP_COUNT, "each operation has a row");

void client_free(struct client *client)
{
	struct broker *broker = client->broker;
	struct client **at = &broker->clients;

	if (client->login)
		login_cancel(client->login);
	while (*at && *at != client)
		at = &(*at)->next;
	if (*at) {
		*at = client->next;
		broker->client_count--;
	}
	sd_event_source_disable_unref(client->source);
	sd_event_source_disable_unref(client->timer);
	close_fd(client->fd);
	close_fd(client->pidfd);
	close_fd(client->terminal);
	free(client);
	/* There is room again for one that waits in the kernel's queue. */
	sd_event_source_set_enabled(broker->listener_source, SD_EVENT_ON);
}

void client_begin(struct client *client, struct wire_writer *w, void *buffer, const char *text)
{
	wire_writer_init(w, buffer, WIRE_REPLY_MAX);
	wire_put_reply(w, client->op, 0, text);
}

int client_answer(struct client *client, const struct wire_writer *w, const int *fds, size_t count)
{
	size_t size;
	int r = wire_writer_end(w, &size);

	if (r >= 0)
		r = wire_send(client->fd, w->data, size, fds, count, MSG_DONTWAIT);
	client->login = NULL;
	client_free(client);
	return r;
}

void client_refuse(struct client *client, int status, const char *format, ...)
{
	unsigned char buffer[WIRE_REPLY_MAX];
	char text[WIRE_TEXT_MAX + 1];
	struct wire_writer w;
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	wire_writer_init(&w, buffer, sizeof(buffer));
	wire_put_reply(&w, client->op, status, text);
	client_answer(client, &w, NULL, 0);
}

/* Reads the one request. Afterwards the source only tells of the peer's going away. */
static void read_request(struct client *client)
{
	_cleanup_free_ void *data = malloc(WIRE_REQUEST_MAX);
	struct wire_reader r;
	size_t fd_count = 0;
	int terminal = -EBADF, e;
	ssize_t n = data ? wire_receive(client->fd, data, WIRE_REQUEST_MAX, &terminal, 1, &fd_count,
				   MSG_DONTWAIT)
			 : -ENOMEM;

	if (n == -EAGAIN)
		return;
	if (n <= 0) {
		if (n < 0)
			log_warning("a request of process %d was refused: %s", (int)client->pid,
				strerror((int)-n));
		client_free(client);
		return;
	}
	client->timer = sd_event_source_disable_unref(client->timer);
	client->terminal = fd_count ? terminal : -EBADF;
	wire_reader_init(&r, data, (size_t)n);
	e = wire_get_header(&r, &client->op);
	if (e < 0) {
		client_refuse(client, -e, "the broker (version %s) does not know this request",
			SANDBOXD_VERSION);
		return;
	}
	if (fd_count > operations[client->op].max_fds) {
		client_refuse(
			client, EPROTO, "%s takes no descriptor", operations[client->op].name);
		return;
	}
	operations[client->op].handle(client, &r);
}

static int on_client(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct client *client = userdata;

	/* Who has asked has nothing more to say: it went away, or talks out of turn. */
	if (client->login)
		client_free(client);
	else
		read_request(client);
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t now, void *userdata)
{
	struct client *client = userdata;

	log_warning("process %d connected and asked nothing", (int)client->pid);
	client_free(client);
	return 0;
}

static int watch(struct client *client)
{
	sd_event *event = client->broker->event;
	int r = sd_event_add_io(event, &client->source, client->fd, EPOLLIN, on_client, client);

	if (r >= 0)
		r = sd_event_add_time_relative(event, &client->timer, CLOCK_BOOTTIME,
			REQUEST_TIMEOUT, 0, on_timeout, client);
	if (r >= 0)
		r = sd_event_source_set_description(client->source, "client");
	return r;
}

/* Takes FD over. Who is neither root nor alive is closed without a word. */
static int client_new(struct broker *broker, int fd)
{
	struct client *client = calloc(1, sizeof(*client));
	uid_t uid;
	int r;

	if (!client) {
		close_fd(fd);
		return -ENOMEM;
	}
	*client = (struct client){.broker = broker, .fd = fd, .pidfd = -EBADF, .terminal = -EBADF};
	client->next = broker->clients;
	broker->clients = client;
	broker->client_count++;
	r = wire_peer(fd, &client->pid, &uid, NULL);
	if (r >= 0 && (uid != 0 || client->pid <= 0))
		r = -EPERM;
	if (r >= 0) {
		client->pidfd = process_open(client->pid);
		r = client->pidfd < 0			? client->pidfd
		    : process_has_exited(client->pidfd) ? -ESRCH
							: watch(client);
	}
	if (r < 0)
		client_free(client);
	return r;
}

static int on_pause_over(sd_event_source *source, uint64_t now, void *userdata)
{
	struct broker *broker = userdata;

	sd_event_source_set_enabled(broker->listener_source, SD_EVENT_ON);
	return 0;
}

/* The connection stays in the kernel's queue, and would wake the loop at once again. */
static void pause_listening(struct broker *broker, int error)
{
	log_warning("no connection can be taken for now: %s", strerror(error));
	sd_event_source_set_enabled(broker->listener_source, SD_EVENT_OFF);
	sd_event_add_time_relative(
		broker->event, NULL, CLOCK_BOOTTIME, PAUSE, 0, on_pause_over, broker);
}

static int on_connection(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct broker *broker = userdata;

	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int connection;

		if (broker->client_count - broker->parked_count >= CLIENTS_MAX) {
			sd_event_source_set_enabled(source, SD_EVENT_OFF);
			return 0;
		}
		connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (connection < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
				errno == ENOBUFS)
				pause_listening(broker, errno);
			return 0;
		}
		client_new(broker, connection);
	}
	return 0;
}

int client_listen(struct broker *broker)
{
	const char *path = broker_service(broker)->socket;
	int r;

	/* Ours alone is the directory: what lies there is an earlier broker's. */
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	broker->listener = wire_listen(path, 0600, BACKLOG);
	if (broker->listener < 0)
		return broker->listener;
	r = sd_event_add_io(broker->event, &broker->listener_source, broker->listener, EPOLLIN,
		on_connection, broker);
	if (r >= 0)
		r = sd_event_source_set_description(broker->listener_source, "listener");
	return r;
}
