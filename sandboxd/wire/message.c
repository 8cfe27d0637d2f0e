/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/message.h"

#include <errno.h>
#include <string.h>

void wire_writer_init(struct wire_writer *w, void *buffer, size_t size)
{
	*w = (struct wire_writer){.data = buffer, .size = size};
}

static void put(struct wire_writer *w, const void *data, size_t size)
{
	if (w->failed || size > w->size - w->length) {
		w->failed = true;
		return;
	}
	if (size)
		memcpy(w->data + w->length, data, size);
	w->length += size;
}

void wire_put_u8(struct wire_writer *w, uint8_t value)
{
	put(w, &value, sizeof(value));
}

void wire_put_u32(struct wire_writer *w, uint32_t value)
{
	put(w, &value, sizeof(value));
}

void wire_put_u64(struct wire_writer *w, uint64_t value)
{
	put(w, &value, sizeof(value));
}

void wire_put_string(struct wire_writer *w, const char *s)
{
	size_t length = s ? strlen(s) : 0;

	if (length > UINT32_MAX) {
		w->failed = true;
		return;
	}
	wire_put_u32(w, (uint32_t)length);
	put(w, s, length);
	wire_put_u8(w, 0);
}

int wire_writer_end(const struct wire_writer *w, size_t *ret_length)
{
	if (w->failed)
		return -EMSGSIZE;
	*ret_length = w->length;
	return 0;
}

void wire_reader_init(struct wire_reader *r, const void *data, size_t size)
{
	*r = (struct wire_reader){.data = data, .size = size};
}

static void get(struct wire_reader *r, void *value, size_t size)
{
	if (r->failed || size > r->size - r->at) {
		r->failed = true;
		memset(value, 0, size);
		return;
	}
	memcpy(value, r->data + r->at, size);
	r->at += size;
}

uint8_t wire_get_u8(struct wire_reader *r)
{
	uint8_t value;

	get(r, &value, sizeof(value));
	return value;
}

uint32_t wire_get_u32(struct wire_reader *r)
{
	uint32_t value;

	get(r, &value, sizeof(value));
	return value;
}

uint64_t wire_get_u64(struct wire_reader *r)
{
	uint64_t value;

	get(r, &value, sizeof(value));
	return value;
}

const char *wire_get_string(struct wire_reader *r, size_t max)
{
	uint32_t length = wire_get_u32(r);
	const char *s;

	/* One byte more than its length: the NUL. */
	if (r->failed || length > max || length >= r->size - r->at) {
		r->failed = true;
		return "";
	}
	s = (const char *)r->data + r->at;
	if (memchr(s, '\0', (size_t)length + 1) != s + length) {
		r->failed = true;
		return "";
	}
	r->at += (size_t)length + 1;
	return s;
}

int wire_reader_end(const struct wire_reader *r)
{
	return r->failed || r->at != r->size ? -EBADMSG : 0;
}
