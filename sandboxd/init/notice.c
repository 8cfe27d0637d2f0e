/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1 watches the counters of its cgroups. The line is written by a child that is the student:
 * the terminals are theirs, and whatever stands at /dev/pts by then is theirs too.
 */
#include "init/notice.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/str.h"
#include "init/identity.h"
#include "init/loop.h"
#include "init/place.h"
#include "wire/protocol.h"

#define MESSAGE_PATH SANDBOX_RUN_DIR "/message"
#define LIMITS_PATH SANDBOX_RUN_DIR "/limits"

enum {
	NOTICE_SECONDS = 10, /* at most one line of a kind in that time */
	MESSAGES_MAX = 16, /* of the broker's in that time: a user's sessions may all end at once */
	WRITER_SECONDS = 5, /* what stands at /dev/pts may not answer */
	COUNTER_FILE_MAX = 512,
	LINE_MAX_SIZE = 2048,
	PIDS_LOOK_MSEC = 2000,
	OOM_LOOK_MSEC = 250,
	OOM_LOOKS = 8,
};

struct counter {
	struct watch watch;
	int file; /* holds "NAME NUMBER" among its lines */
	const char *name;
	const char *text;  /* what is told; the limit's value goes before its last words */
	const char *limit; /* its name in LIMITS_PATH */
	uint64_t count;	   /* as last read */
	uint64_t quiet_until;
	uint64_t look_at; /* if looks_left > 0: when to look without an event */
	unsigned looks_left;
};

static const struct settings *settings;

static struct counter pids = {
	.file = START_FD_PIDS_EVENTS,
	.name = "max",
	.text = "sandbox: no process could be started: limit (quota.pids",
	.limit = "pids",
};
static struct counter memory = {
	.file = START_FD_MEMORY_EVENTS,
	.name = "oom_kill",
	.text = "sandbox: a process was killed: limit (quota.memory",
	.limit = "memory",
};

static struct {
	uint64_t since; /* of the first that is counted */
	unsigned count;
} messages;

/* What stands behind NAME and a blank in one of the lines of TEXT, which are cut; NULL: nothing. */
static const char *find_value(char *text, const char *name)
{
	size_t length = strlen(name);
	char *line;

	while ((line = strsep(&text, "\n")))
		if (strncmp(line, name, length) == 0 && line[length] == ' ')
			return line + length + 1;
	return NULL;
}

/* The number behind NAME in the file's lines; 0 where there is none. */
static uint64_t read_counter(const struct counter *c)
{
	char text[COUNTER_FILE_MAX];
	ssize_t n = pread(c->file, text, sizeof(text) - 1, 0);
	const char *value;
	uint64_t count;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	value = find_value(text, c->name);
	return value && str_to_u64(value, UINT64_MAX, &count) == 0 ? count : 0;
}

static void write_to_terminals(const char *line)
{
	_cleanup_closedir_ DIR *directory = opendir("/dev/pts");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		_cleanup_close_ int fd = -EBADF;

		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		fd = openat(dirfd(directory), entry->d_name,
			O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0 && isatty(fd) && write(fd, line, strlen(line)) < 0)
			continue;
	}
}

/* The beginning of the file PATH, at most SIZE - 1 bytes; "" if there is none. */
static void read_beginning(const char *path, char *text, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	text[n < 0 ? 0 : n] = '\0';
}

static void describe_limit(const struct counter *c, char *line)
{
	char limits[LINE_MAX_SIZE / 4], *end = stpcpy(line, c->text);
	const char *value;

	read_beginning(LIMITS_PATH, limits, sizeof(limits));
	value = find_value(limits, c->limit);
	if (value)
		end = stpcpy(stpcpy(end, " = "), value);
	strcpy(end, ") reached");
}

/* C NULL: the broker's message. */
static _Noreturn void write_notice(const struct counter *c)
{
	char line[LINE_MAX_SIZE + sizeof("\r\n")];
	sigset_t none;

	process_close_from(3);
	/* PID 1 blocks them all, the alarm's too. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (identity_become(settings) < 0)
		_exit(1);
	alarm(WRITER_SECONDS);
	if (c)
		describe_limit(c, line);
	else
		read_beginning(MESSAGE_PATH, line, LINE_MAX_SIZE);
	line[strcspn(line, "\n")] = '\0';
	str_make_printable(line);
	if (*line) {
		strcat(line, "\r\n");
		write_to_terminals(line);
	}
	_exit(0);
}

static void tell(const struct counter *c)
{
	int moved;

	/* At the limit that is told of, too: place_fork() finds room. */
	if (place_fork(settings, &moved) != 0)
		return;
	if (moved < 0)
		_exit(1);
	write_notice(c);
}

void notice_show_message(void)
{
	uint64_t now = clock_monotonic();

	if (now - messages.since >= NOTICE_SECONDS * USEC_PER_SEC) {
		messages.since = now;
		messages.count = 0;
	}
	if (messages.count++ < MESSAGES_MAX)
		tell(NULL);
}

static void look(struct counter *c)
{
	uint64_t count = read_counter(c), now = clock_monotonic();

	if (count <= c->count)
		return;
	c->count = count;
	if (now < c->quiet_until)
		return;
	c->quiet_until = now + NOTICE_SECONDS * USEC_PER_SEC;
	tell(c);
}

static void on_counter(struct watch *watch, uint32_t events)
{
	struct counter *c = (struct counter *)((char *)watch - offsetof(struct counter, watch));
	uint64_t told;

	look(c);
	if (watch->fd == c->file)
		return; /* reading the counter was what waits for the next event */
	if (read(watch->fd, &told, sizeof(told)) < 0 && errno != EAGAIN)
		loop_remove(watch);
	/* v1 tells of the OOM first and counts the kill when it is done. */
	c->looks_left = OOM_LOOKS;
	c->look_at = clock_monotonic() + OOM_LOOK_MSEC * USEC_PER_MSEC;
}

static void watch_counter(struct counter *c, int watched, uint32_t events)
{
	c->watch = (struct watch){.fd = watched, .on_event = on_counter};
	/* Reading is also what makes the next change an event. */
	c->count = read_counter(c);
	loop_add(&c->watch, events);
}

void notice_open(const struct settings *s)
{
	settings = s;
	if (settings_has(s, START_HAS_PIDS))
		watch_counter(&pids, START_FD_PIDS_EVENTS, EPOLLPRI);
	if (!settings_has(s, START_HAS_MEMORY))
		return;
	if (settings_has(s, START_HAS_OOM))
		watch_counter(&memory, START_FD_OOM, EPOLLIN);
	else
		watch_counter(&memory, START_FD_MEMORY_EVENTS, EPOLLPRI);
}

static uint64_t check_counter(struct counter *c, uint64_t interval)
{
	uint64_t now = clock_monotonic();

	if (c->looks_left > 0 && now >= c->look_at) {
		look(c);
		c->looks_left--;
		c->look_at = now + interval;
	}
	return c->looks_left > 0 ? c->look_at : USEC_INFINITY;
}

uint64_t notice_check(bool is_used)
{
	bool is_silent =
		settings_has(settings, START_HAS_PIDS) && !settings_has(settings, START_HAS_INTO);
	uint64_t pids_at, memory_at;

	/* v1 counts what pids.max refused, but since kernel 6.11 makes no event of it. */
	if (is_silent && is_used)
		pids.looks_left = 1;
	pids_at = check_counter(&pids, PIDS_LOOK_MSEC * USEC_PER_MSEC);
	if (is_silent && is_used)
		pids_at = pids.look_at;
	memory_at = check_counter(&memory, OOM_LOOK_MSEC * USEC_PER_MSEC);
	return pids_at < memory_at ? pids_at : memory_at;
}
