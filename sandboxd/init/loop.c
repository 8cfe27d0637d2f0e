/* SPDX-License-Identifier: Apache-2.0 */
#include "init/loop.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"

static int epoll_fd = -EBADF;

int loop_init(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd < 0 ? -errno : 0;
}

static int control(int operation, struct watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	return epoll_ctl(epoll_fd, operation, watch->fd, &event) < 0 ? -errno : 0;
}

int loop_add(struct watch *watch, uint32_t events)
{
	return control(EPOLL_CTL_ADD, watch, events);
}

int loop_change(struct watch *watch, uint32_t events)
{
	return control(EPOLL_CTL_MOD, watch, events);
}

void loop_remove(struct watch *watch)
{
	control(EPOLL_CTL_DEL, watch, 0);
}

static int timeout_until(uint64_t deadline)
{
	uint64_t now, left;

	if (deadline == USEC_INFINITY)
		return -1;
	now = clock_monotonic();
	if (now >= deadline)
		return 0;
	left = (deadline - now) / USEC_PER_MSEC + 1;
	return left > INT_MAX ? INT_MAX : (int)left;
}

void loop_turn(uint64_t deadline)
{
	struct epoll_event event;

	if (epoll_wait(epoll_fd, &event, 1, timeout_until(deadline)) == 1) {
		struct watch *watch = event.data.ptr;

		watch->on_event(watch, event.events);
	}
}
