/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: one login that was answered. It owns its lease (a FIFO in <run_dir>/leases), its
 * record
 * (<run_dir>/sessions/<id>) and its entry in the host's utmp. It is over when its opener is dead or
 * nobody holds the lease; then whatever still is in its view is ended.
 */
#pragma once

#include "broker/sandbox.h"

struct session {
	struct sandbox *sandbox;
	struct session *next; /* of the sandbox's */
	char id[WIRE_ID_LENGTH + 1];
	char *service;
	char *tty;
	char *rhost;
	pid_t opener;
	uint64_t opener_start;
	int opener_fd;
	uint64_t view; /* inode of its mount namespace */
	int lease;     /* the FIFO's read end */
	uint64_t since;
	uint64_t until; /* CLOCK_REALTIME, by session_time; 0: none */
	bool ending;
	bool end_opener;  /* killed or out of time: the opener goes too */
	uint64_t ended;	  /* when, CLOCK_MONOTONIC */
	uint64_t pressed; /* when it was first told to end; 0: not yet */
	sd_event_source *opener_source;
	sd_event_source *lease_source;
	sd_event_source *timer;
};

/* What a login brings to its session. */
struct session_start {
	const char *id;
	const char *service;
	const char *tty;
	const char *rhost;
	pid_t opener;
	int *opener_fd; /* taken over */
	int view;	/* borrowed */
};

/* A new session of SANDBOX, recorded on disk; *RET_LEASE is the write end for the login. */
int session_new(
	struct sandbox *sandbox, struct session_start *start, struct session **ret, int *ret_lease);

/* Ends it for REASON; END_OPENER: it was not the login's own doing. */
void session_end(struct session *session, const char *reason, bool end_opener);

bool session_counts(const struct session *session);
struct session *session_find(const struct broker *broker, const char *id);
/* "<host>-<8 hex>". BUFFER holds WIRE_SESSION_MAX + 1 bytes. */
const char *session_name(const struct broker *broker, const char *id, char *buffer);

int session_restore(struct broker *broker, const char *id);
/* Sets or changes the end by session_time; after a reload too. */
int session_arm_time(struct session *session);
void session_forget(struct session *session);
