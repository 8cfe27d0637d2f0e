/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two conversations.
 *
 * Root to broker (the PAM module, sandboxctl), at service.socket: a connection is one request and
 * one reply, each one SEQPACKET datagram that begins with a wire_header. Fields and descriptors of
 * each operation stand beside it. A reply is a header with the same operation, a status (0 or a
 * positive errno) and a text for people that is empty where the status is 0; what else an operation
 * replies follows.
 *
 * Shim to PID 1, at DOOR_PATH of the login view: see the second half.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/message.h"

enum {
	WIRE_MAGIC = 0x58424453, /* "SDBX" */
	WIRE_VERSION = 1,
	WIRE_REQUEST_MAX = 64 * 1024,
	WIRE_REPLY_MAX = 4096,
	WIRE_GROUPS_MAX = 1024,
	WIRE_NAME_MAX = 255, /* user, group, service, terminal */
	WIRE_PATH_MAX = 4095,
	WIRE_TEXT_MAX = 1023,  /* gecos, rhost, a reason */
	WIRE_SESSION_MAX = 80, /* <host>-<8 hex> */
	WIRE_ID_LENGTH = 8,    /* hex digits that name a session or a sandbox */
};

enum wire_op {
	/*
	 * A login. Fields: wire_open. Descriptors: none, or the login's terminal.
	 * Replies: session id (string). Descriptors: lease, login view (mount namespace), network
	 * namespace.
	 */
	WIRE_OPEN,
	/* What runs. No fields. Replies: a sealed memfd of wire_session records, one behind the
	   other. */
	WIRE_LIST,
	/*
	 * The merged policy of a user, whose groups the caller looked up: the broker does not ask
	 * NSS. Fields: wire_show. Replies: a sealed memfd of wire_setting records.
	 */
	WIRE_SHOW,
	/* Ends a session or all of a user's. Fields: target, reason. Replies: number ended (u32).
	 */
	WIRE_KILL,
	/*
	 * A login by the admin into a running sandbox. Fields: target (session id or user).
	 * Descriptors: none, or the terminal. Replies: session id, uid, gid, user, home, shell;
	 * descriptors as OPEN.
	 */
	WIRE_ENTER,
	/* Reads the config again. No fields, no reply fields; the text holds the mistakes or what
	   waits. */
	WIRE_RELOAD,
	/* Fields: on (u32), kill_after_msec (u32, UINT32_MAX: none). No reply fields. */
	WIRE_DRAIN,
	WIRE_OP_COUNT,
};

/* Writes magic, version and operation. */
void wire_put_header(struct wire_writer *w, enum wire_op op);

/*
 * Reads them. 0, or -EPROTO (not our magic), -EPROTONOSUPPORT (another version), -EOPNOTSUPP
 * (unknown operation).
 */
int wire_get_header(struct wire_reader *r, enum wire_op *ret_op);

/* Writes header, status (0 or a positive errno) and text. */
void wire_put_reply(struct wire_writer *w, enum wire_op op, int status, const char *text);

/* Reads them; the text points into the reader's buffer. 0 or an error of wire_get_header(). */
int wire_get_reply(struct wire_reader *r, enum wire_op op, int *ret_status, const char **ret_text);

struct wire_group {
	uint32_t gid;
	const char *name;
};

/* What the module knows of a login. Strings and groups point into the buffer that was read. */
struct wire_open {
	uint32_t deadline_msec; /* how long the module will wait for the reply */
	uint32_t uid;
	uint32_t gid;
	const char *service; /* after as= */
	const char *user;
	const char *gecos;
	const char *home;
	const char *shell;
	const char *tty;   /* PAM_TTY, may be empty */
	const char *rhost; /* may be empty */
	size_t group_count;
	struct wire_group groups[WIRE_GROUPS_MAX];
};

/* Header and all fields. */
void wire_put_open(struct wire_writer *w, const struct wire_open *open);

/* Fields behind the header. 0 or -EBADMSG. */
int wire_get_open(struct wire_reader *r, struct wire_open *ret);

/* One running session, as LIST tells it; a lingering sandbox without one has an empty session. */
struct wire_session {
	const char *session; /* <host>-<8 hex>, or "" */
	const char *sandbox; /* 8 hex */
	const char *user;
	const char *service;
	const char *tty; /* the line shown in utmp */
	const char *rhost;
	const char *scope; /* session, user */
	const char *state; /* starting, running, stopping, lingering */
	const char *address;
	const char *address6;
	uint32_t uid;
	uint32_t pid;	 /* PID 1 of the sandbox, on the host */
	uint64_t since;	 /* microseconds of CLOCK_REALTIME */
	uint64_t until;	 /* end by session_time or linger; 0: none */
	uint64_t memory; /* bytes in use by the user, and the limits (UINT64_MAX: none) */
	uint64_t memory_max;
	uint64_t pids;
	uint64_t pids_max;
};

void wire_put_session(struct wire_writer *w, const struct wire_session *session);
/* Reads the next record; afterwards wire_reader.failed tells. */
void wire_get_session(struct wire_reader *r, struct wire_session *ret);

/* Whose policy SHOW wants. Strings point into the buffer that was read. */
struct wire_show {
	const char *user;
	size_t group_count;
	const char *groups[WIRE_GROUPS_MAX]; /* names */
};

/* Fields behind the header. */
void wire_put_show(struct wire_writer *w, const struct wire_show *show);
/* 0 or -EBADMSG. */
int wire_get_show(struct wire_reader *r, struct wire_show *ret);

/* One setting of a merged policy: "quota.memory" = "2G", set at "/etc/sandboxd/sandboxd.conf:12" or
 * "". */
struct wire_setting {
	const char *key;
	const char *value;
	const char *origin;
};

void wire_put_setting(struct wire_writer *w, const struct wire_setting *setting);
void wire_get_setting(struct wire_reader *r, struct wire_setting *ret);

/*
 * The door: shim to PID 1, SEQPACKET.
 *
 * 1. The shim sends the request (door_request, encoded) in packets of at most DOOR_PACKET bytes;
 * the first begins with a door_header and carries three descriptors: the login's 0, 1 and 2.
 * 2. If the request says `relay`, the child of PID 1 answers DOOR_PTY with the master of a new
 *    pseudo-terminal of the sandbox; otherwise nothing is answered before the end.
 * 3. While the program runs the shim may send one-byte packets: a signal number to pass on.
 * 4. PID 1 sends one two-byte packet at the end: DOOR_EXITED with the status, or DOOR_KILLED with
 *    the signal. Its child sends DOOR_FAILED with an errno if it cannot even take the request: the
 *    shim still has the login's descriptor 2 then, and says so. A connection that closes without
 * one: the sandbox has ended. The shim closing its end is a hang-up.
 */
#define SANDBOX_RUN_DIR "/run/sandbox"
#define DOOR_PATH SANDBOX_RUN_DIR "/door"
/* The file of a login view that holds the 8 hex digits of its session. */
#define DOOR_SESSION_PATH SANDBOX_RUN_DIR "/session/id"

enum {
	DOOR_MAGIC = 0x524f4f44, /* "DOOR" */
	DOOR_VERSION = 1,
	DOOR_PACKET = 64 * 1024,
	DOOR_REQUEST_MAX =
		4 * 1024 * 1024, /* arguments and environment of execve(2) are 2 MiB at most */
	DOOR_FDS = 3,
	DOOR_STRINGS_MAX = 256 * 1024, /* arguments plus variables */
	DOOR_RLIMITS_MAX = 16,
};

enum door_answer {
	DOOR_EXITED = 'x',
	DOOR_KILLED = 'k',
	DOOR_FAILED = 'f',
	DOOR_PTY = 'p',
};

struct door_header {
	uint32_t magic;
	uint16_t version;
	uint16_t reserved;
	uint32_t size; /* of the encoded request, without this header */
};

struct door_rlimit {
	uint32_t resource; /* RLIMIT_* */
	uint64_t soft;	   /* RLIM_INFINITY is UINT64_MAX */
};

struct door_request {
	const char *session;	/* 8 hex, from DOOR_SESSION_PATH */
	const char *executable; /* AT_EXECFN: how the shim was executed */
	const char *directory;	/* "" if it could not be read */
	uint32_t umask;
	uint32_t relay; /* bit N: descriptor N is a terminal of the host, open one inside in its
			   place */
	uint32_t rows, columns; /* of the foreign terminal */
	size_t rlimit_count;
	struct door_rlimit rlimits[DOOR_RLIMITS_MAX];
	char **argv; /* NULL-terminated, argc may be 0 */
	char **envp;
};

/* Size that wire_put_door_request() needs. */
size_t wire_door_request_size(const struct door_request *request);
void wire_put_door_request(struct wire_writer *w, const struct door_request *request);

/*
 * Reads a request. argv and envp are two new arrays of pointers into the reader's buffer, which the
 * caller frees. 0, -EBADMSG or -ENOMEM.
 */
int wire_get_door_request(struct wire_reader *r, struct door_request *ret);
