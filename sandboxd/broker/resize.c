/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resize() runs in a child of the broker: host root in the pinned view, a mount namespace that the
 * host owns, whose /tmp is the sandbox's. The file system is the host's own (it was mounted by it),
 * so only host root can do this.
 */
#include "broker/resize.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"

enum { RESIZE_TIMEOUT = 5 * USEC_PER_SEC };

struct resize {
	int view;
	char size[24];
};

static int reconfigure(const struct resize *resize)
{
	_cleanup_close_ int fs = -EBADF;

	if (setns(resize->view, CLONE_NEWNS) < 0)
		return -errno;
	fs = fspick(AT_FDCWD, "/tmp", FSPICK_CLOEXEC | FSPICK_NO_AUTOMOUNT);
	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "size", resize->size, 0) < 0 ||
		fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		return -errno;
	return 0;
}

static void run(struct child_result *result, const char *volatile *step, void *input)
{
	*step = "changing the size of /tmp";
	result->error = reconfigure(input);
}

static void on_resized(struct broker *broker, struct child_result *result, void *data)
{
	if (result->error == -EINVAL)
		log_warning("quota.tmp: a sandbox holds more than the new limit; it has the new "
			    "one from its next start");
	else if (result->error < 0)
		log_warning("quota.tmp of a running sandbox: %s", strerror(-result->error));
}

void resize_tmp(struct sandbox *s)
{
	_cleanup_close_ int view = sandbox_open_pin(s, "view");
	uint64_t size = s->policy->quota.values[QUOTA_TMP];
	struct resize resize = {.view = view};
	int r = view;

	/* What has no limit keeps what it has: half of the memory is tmpfs's own default, at its
	 * start. */
	if (size == QUOTA_UNLIMITED)
		return;
	snprintf(resize.size, sizeof(resize.size), "%llu", (unsigned long long)size);
	if (r >= 0)
		r = child_start(s->broker, run, &resize, RESIZE_TIMEOUT, on_resized, NULL, NULL);
	if (r < 0)
		log_warning("quota.tmp of sandbox %s: %s", s->id, strerror(-r));
}
