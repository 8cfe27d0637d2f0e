/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short-lived children of the broker: whatever may block, or touches what a student owns, is done
 * in one, and reports once over a socket. A child that has not reported at its deadline is killed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "broker/broker.h"

enum { CHILD_FDS_MAX = 4, CHILD_TEXT_MAX = 512 };

struct child;

struct child_result {
	int error;		   /* 0 or -errno; -ETIMEDOUT after the deadline */
	char text[CHILD_TEXT_MAX]; /* for people: what failed, on which object; "" if there is
				      nothing to add */
	uint32_t number; /* the pid of what the child has made, or what it was asked for */
	int fds[CHILD_FDS_MAX];
	size_t fd_count;
};

/* Runs in the child, with the broker's memory and descriptors, and fills RESULT; STEP is what a
 * time-out names. */
typedef void child_run(struct child_result *result, const char *volatile *step, void *input);

/* Runs in the broker, once. Descriptors that it does not take out of RESULT are closed. */
typedef void child_done(struct broker *broker, struct child_result *result, void *data);

/*
 * Starts a child. INPUT is used in the child only and may be released when this returns. DONE NULL:
 * nobody waits for a result.
 */
int child_start(struct broker *broker, child_run *run, void *input, uint64_t timeout,
	child_done *done, void *data, struct child **ret);

/* Kills it; DONE is not called. NULL is fine. */
void child_cancel(struct child *child);

/* Sets the text of a result and its error; returns ERROR. */
int child_fail(struct child_result *result, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
