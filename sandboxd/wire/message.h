/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a message is laid out: fixed-width integers in the machine's own order (both ends are on one
 * machine) and strings as a 32-bit length, the bytes, and a NUL. A writer or reader that failed
 * once stays failed: the caller puts or gets everything and asks at the end. libc only; it runs in
 * the PAM module, the shim, PID 1, sandboxctl and the broker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_writer {
	unsigned char *data; /* the caller's buffer */
	size_t size;
	size_t length;
	bool failed;
};

struct wire_reader {
	const unsigned char *data;
	size_t size;
	size_t at;
	bool failed;
};

void wire_writer_init(struct wire_writer *w, void *buffer, size_t size);
void wire_put_u8(struct wire_writer *w, uint8_t value);
void wire_put_u32(struct wire_writer *w, uint32_t value);
void wire_put_u64(struct wire_writer *w, uint64_t value);
/* NULL is written as the empty string. */
void wire_put_string(struct wire_writer *w, const char *s);
/* The message's length, or -EMSGSIZE if it did not fit. */
int wire_writer_end(const struct wire_writer *w, size_t *ret_length);

void wire_reader_init(struct wire_reader *r, const void *data, size_t size);
uint8_t wire_get_u8(struct wire_reader *r);
uint32_t wire_get_u32(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);
/* A string inside the reader's buffer, at most MAX bytes without its NUL and with none inside; ""
 * on failure. */
const char *wire_get_string(struct wire_reader *r, size_t max);
/* 0 if all was there and nothing is left over, else -EBADMSG. */
int wire_reader_end(const struct wire_reader *r);
