/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker, and in the first and last lines of its children: see child.h. */
#include "broker/child.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "wire/message.h"
#include "wire/socket.h"

struct child {
	struct broker *broker;
	int pidfd;
	int socket;
	const char *volatile
		*step; /* a page shared with the child; literals are at one address in both */
	child_done *done;
	void *data;
	uint64_t started;
	sd_event_source *report_source;
	sd_event_source *timer;
};

int child_fail(struct child_result *result, int error, const char *format, ...)
{
	va_list ap;

	result->error = error;
	va_start(ap, format);
	vsnprintf(result->text, sizeof(result->text), format, ap);
	va_end(ap);
	return error;
}

static void child_free(struct child *child)
{
	sd_event_source_disable_unref(child->report_source);
	sd_event_source_disable_unref(child->timer);
	close_fd(child->pidfd);
	close_fd(child->socket);
	if (child->step)
		munmap((void *)(uintptr_t)child->step, sizeof(*child->step));
	free(child);
}

void child_cancel(struct child *child)
{
	if (!child)
		return;
	process_signal(child->pidfd, SIGKILL);
	child_free(child);
}

static void finish(struct child *child, struct child_result *result)
{
	struct broker *broker = child->broker;
	child_done *done = child->done;
	void *data = child->data;

	/* The child first: what DONE starts may be a child too, and it is gone by now or killed. */
	process_signal(child->pidfd, SIGKILL);
	child_free(child);
	if (done)
		done(broker, result, data);
	for (size_t i = 0; i < result->fd_count; i++)
		close_fd(result->fds[i]);
}

static int decode(const void *message, size_t size, struct child_result *result)
{
	struct wire_reader r;

	wire_reader_init(&r, message, size);
	result->error = -(int)wire_get_u32(&r);
	result->number = wire_get_u32(&r);
	snprintf(result->text, sizeof(result->text), "%s", wire_get_string(&r, CHILD_TEXT_MAX - 1));
	return wire_reader_end(&r);
}

static int on_report(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct child *child = userdata;
	struct child_result result = {0};
	char message[CHILD_TEXT_MAX + 64];
	ssize_t n = wire_receive(fd, message, sizeof(message), result.fds, CHILD_FDS_MAX,
		&result.fd_count, MSG_DONTWAIT);

	if (n == -EAGAIN)
		return 0;
	if (n <= 0)
		child_fail(&result, -ECHILD, "the broker's child died while %s", *child->step);
	else if (decode(message, (size_t)n, &result) < 0)
		child_fail(&result, -EBADMSG, "the broker's child reported nonsense");
	log_debug("child: %llu us", (unsigned long long)(clock_monotonic() - child->started));
	finish(child, &result);
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t now, void *userdata)
{
	struct child *child = userdata;
	struct child_result result = {0};

	child_fail(&result, -ETIMEDOUT, "no answer while %s", *child->step);
	finish(child, &result);
	return 0;
}

static void report(int socket, const struct child_result *result)
{
	char message[CHILD_TEXT_MAX + 64];
	struct wire_writer w;
	size_t length;

	wire_writer_init(&w, message, sizeof(message));
	wire_put_u32(&w, (uint32_t)-result->error);
	wire_put_u32(&w, result->number);
	wire_put_string(&w, result->text);
	if (wire_writer_end(&w, &length) == 0)
		wire_send(socket, message, length, result->fds, result->fd_count, 0);
}

static _Noreturn void run_child(
	int socket, pid_t broker, child_run *run, const char *volatile *step, void *input)
{
	struct child_result result = {0};

	/* Nothing that the broker's next life does not know of may go on. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != broker)
		_exit(EXIT_FAILURE);
	/* Where the broker was started is a directory of the host, which PID 1 would carry inside.
	 */
	if (chdir("/") < 0)
		_exit(EXIT_FAILURE);
	run(&result, step, input);
	report(socket, &result);
	_exit(EXIT_SUCCESS);
}

static int watch(struct child *child, uint64_t timeout)
{
	sd_event *event = child->broker->event;
	int r = sd_event_add_io(
		event, &child->report_source, child->socket, EPOLLIN, on_report, child);

	if (r >= 0)
		r = sd_event_add_time_relative(
			event, &child->timer, CLOCK_BOOTTIME, timeout, 1000, on_timeout, child);
	if (r >= 0)
		r = sd_event_source_set_description(child->report_source, "child report");
	if (r >= 0)
		r = sd_event_source_set_description(child->timer, "child deadline");
	return r;
}

int child_start(struct broker *broker, child_run *run, void *input, uint64_t timeout,
	child_done *done, void *data, struct child **ret)
{
	struct child *child = calloc(1, sizeof(*child));
	int pair[2], r;
	pid_t pid, self = getpid();
	void *page;

	if (!child)
		return -ENOMEM;
	*child = (struct child){.broker = broker,
		.pidfd = -EBADF,
		.socket = -EBADF,
		.done = done,
		.data = data,
		.started = clock_monotonic()};
	page = mmap(NULL, sizeof(*child->step), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		-1, 0);
	r = page == MAP_FAILED ? -errno : 0;
	if (r >= 0) {
		child->step = page;
		*child->step = "starting";
		r = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ? -errno : 0;
	}
	if (r < 0) {
		child_free(child);
		return r;
	}
	child->socket = pair[0];
	pid = fork();
	if (pid == 0)
		run_child(pair[1], self, run, child->step, input);
	r = pid < 0 ? -errno : 0;
	close(pair[1]);
	if (r >= 0) {
		child->pidfd = process_open(pid);
		r = child->pidfd < 0 ? child->pidfd : watch(child, timeout);
	}
	if (r < 0) {
		if (child->pidfd >= 0)
			process_signal(child->pidfd, SIGKILL);
		child_free(child);
		return r;
	}
	if (ret)
		*ret = child;
	return 0;
}
