/* SPDX-License-Identifier: Apache-2.0 */
/* Small files and descriptors. All descriptors made here are close-on-exec. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Reads at most size - 1 bytes of the file PATH below DIRFD into BUFFER and ends them with NUL.
 * Returns the length, -EFBIG if the file is longer, or -errno.
 */
ssize_t fd_read_file_at(int dirfd, const char *path, char *buffer, size_t size);

/* Writes TEXT by one write(2) to the existing file PATH below DIRFD (a sysctl, a cgroup file). */
int fd_write_file_at(int dirfd, const char *path, const char *text);

/*
 * Replaces the file NAME in the directory DIRFD by SIZE bytes of DATA: temporary file, fsync,
 * rename, fsync of the directory. After a crash either the old or the new content is there.
 */
int fd_replace_file_at(int dirfd, const char *name, const void *data, size_t size, mode_t mode);

/* Reads all of FD from offset 0 (a memfd, a regular file) into a new buffer with a NUL behind it.
 */
int fd_read_all(int fd, size_t max, char **ret_data, size_t *ret_size);

/* Writes all of DATA, going on after EINTR and short writes. */
int fd_write_all(int fd, const void *data, size_t size);

/* A sealed memfd (no write, no resize) that holds DATA; its offset is 0. Returns the descriptor. */
int fd_memfd_sealed(const char *name, const void *data, size_t size);

/* mkdirat that is content with an existing directory; -ENOTDIR if something else is there. */
int fd_mkdir_at(int dirfd, const char *path, mode_t mode);
