/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker. */
#include "broker/lease.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"

int lease_open(int leases, const char *id, int *ret_read)
{
	int fd = openat(leases, id, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return -errno;
	*ret_read = fd;
	return 0;
}

int lease_new(int leases, const char *id, int *ret_read, int *ret_write)
{
	_cleanup_close_ int fd = -EBADF;
	int writer, r;

	if (mkfifoat(leases, id, 0600) < 0)
		return -errno;
	r = lease_open(leases, id, &fd);
	if (r < 0)
		return r;
	/* The reader is there, so this does not wait. */
	writer = openat(leases, id, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (writer < 0)
		return -errno;
	*ret_read = take_fd(&fd);
	*ret_write = writer;
	return 0;
}

bool lease_is_held(int fd)
{
	char waste[512];
	ssize_t n;

	do
		n = read(fd, waste, sizeof(waste));
	while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 && errno == EAGAIN;
}

void lease_remove(int leases, const char *id)
{
	unlinkat(leases, id, 0);
}
