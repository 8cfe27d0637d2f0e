/* SPDX-License-Identifier: Apache-2.0 */
/* PID 1's one loop: epoll, one event at a time, so that a handler may end any watch. */
#pragma once

#include <stdint.h>
#include <sys/epoll.h>

struct watch {
	int fd;
	void (*on_event)(struct watch *watch, uint32_t events);
};

int loop_init(void);

/* WATCH stays where it is until loop_remove(). EPOLLHUP and EPOLLERR are always among the events.
 */
int loop_add(struct watch *watch, uint32_t events);
int loop_change(struct watch *watch, uint32_t events);
void loop_remove(struct watch *watch);

/* Waits for one event until DEADLINE (CLOCK_MONOTONIC, USEC_INFINITY: none) and has it handled. */
void loop_turn(uint64_t deadline);
