/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in the broker at start and at reload, as root. */
#include "broker/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"

/* NULL if the file of STATUS may be trusted, else what is wrong with it. */
static const char *file_distrust(const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return "is not a regular file";
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return "is not owned by root: whoever owns it rules all sandboxes (chown root)";
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return "can be written by others than its owner (chmod go-w)";
	if (status->st_size > CONFIG_SIZE_MAX)
		return "is larger than 1 MiB";
	return NULL;
}

int config_file_read(const char *path, struct config_errors *errors, char **ret, size_t *ret_size)
{
	/* O_NONBLOCK: a FIFO there must not stop the broker. */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;
	const char *distrust;
	int r;

	if (fd < 0 || fstat(fd, &status) < 0)
		return config_error_at(errors, 0, "cannot be read: %s", strerror(errno));
	distrust = file_distrust(&status);
	if (distrust)
		return config_error_at(errors, 0, "%s", distrust);
	r = fd_read_all(fd, CONFIG_SIZE_MAX, ret, ret_size);
	if (r < 0 && r != -ENOMEM)
		return config_error_at(errors, 0, "cannot be read: %s", strerror(-r));
	return r;
}
