/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sealed memfds of the start are mapped, not copied: their pages are the broker's child's, so
 * PID 1 has no memory of its own for them. Runs once, before anything of a student is looked at.
 */
#include "init/settings.h"

#include <errno.h>
#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/process.h"

static int map_memfd(int fd, size_t max, const void **ret_data, size_t *ret_size)
{
	struct stat st;
	void *data;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size <= 0 || (size_t)st.st_size > max)
		return -EBADMSG;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return -errno;
	close(fd);
	*ret_data = data;
	*ret_size = (size_t)st.st_size;
	return 0;
}

static int read_start(struct settings *s)
{
	struct wire_reader reader;
	const void *data = NULL;
	size_t size = 0;
	int r = map_memfd(START_FD_CONFIG, START_SIZE_MAX, &data, &size);

	if (r < 0)
		return r;
	wire_reader_init(&reader, data, size);
	return wire_get_start(&reader, &s->start);
}

static int read_filter(struct settings *s)
{
	const void *data = NULL;
	size_t size = 0;
	int r = map_memfd(START_FD_FILTER, BPF_MAXINSNS * sizeof(*s->filter), &data, &size);

	if (r < 0)
		return r;
	if (size % sizeof(*s->filter) != 0)
		return -EBADMSG;
	s->filter = data;
	s->filter_count = size / sizeof(*s->filter);
	return 0;
}

int settings_read(struct settings *ret)
{
	unsigned behind;
	int r = read_start(ret);

	if (r >= 0)
		r = read_filter(ret);
	if (r < 0)
		return r;
	behind = START_FD_ENTER + ret->start.enter_count + ret->start.rescue_count +
		 ret->start.home_count + ret->start.join_count;
	r = process_close_from((int)behind);
	if (r < 0)
		return r;
	/* They came through an execve; none may go through the next. */
	if (syscall(SYS_close_range, 3U, behind - 1, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	return 0;
}
