/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ownership by scope: an owning local releases what it holds when its scope ends, unless the value
 * was taken out with take_fd() or take_ptr(). An empty descriptor is -EBADF, an empty pointer NULL.
 */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <dirent.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -EBADF;
	return taken;
}

#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(p) _source = (p);                                                       \
		__typeof__(*_source) _taken = *_source;                                            \
		*_source = NULL;                                                                   \
		_taken;                                                                            \
	})

/* Closes FD if it is one, leaves errno alone, returns -EBADF: "fd = close_fd(fd);". */
static inline int close_fd(int fd)
{
	if (fd >= 0) {
		int saved = errno;

		close(fd);
		errno = saved;
	}
	return -EBADF;
}

static inline void cleanup_close(int *fd)
{
	close_fd(*fd);
}

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void cleanup_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

#define _cleanup_close_ _cleanup_(cleanup_close)
#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))
