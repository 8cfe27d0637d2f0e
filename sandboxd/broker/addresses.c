/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which addresses a sandbox has. Pair I of a prefix is its addresses 2 I (the host's end) and 2 I +
 * 1 (the sandbox's): a /31 (RFC 3021) or a /127 (RFC 6164). Pure arithmetic, runs in the broker.
 */
#include "broker/addresses.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "broker/network.h"

/* Pairs of a prefix, at most 2^31: an index has 32 bits. */
static uint32_t prefix_capacity(const struct ip_prefix *prefix)
{
	unsigned bits = (prefix->family == AF_INET ? 32 : 128) - prefix->length;

	if (bits == 0)
		return 0;
	return bits > 32 ? UINT32_C(1) << 31 : (uint32_t)(UINT64_C(1) << (bits - 1));
}

uint32_t network_capacity(const struct service *service)
{
	uint32_t capacity = prefix_capacity(&service->addresses);

	if (service->has_addresses6) {
		uint32_t capacity6 = prefix_capacity(&service->addresses6);

		if (capacity6 < capacity)
			capacity = capacity6;
	}
	return capacity;
}

/* Clears the bits of BYTES behind the prefix length. */
static void mask_bytes(uint8_t *bytes, size_t size, unsigned length)
{
	for (size_t i = 0; i < size; i++) {
		unsigned kept = length > i * 8 ? length - (unsigned)i * 8 : 0;

		if (kept < 8)
			bytes[i] &= (uint8_t)(0xff00 >> kept);
	}
}

/* Adds OFFSET to the big-endian number in BYTES. */
static void add_bytes(uint8_t *bytes, size_t size, uint64_t offset)
{
	for (size_t i = size; i > 0 && offset > 0; i--) {
		offset += bytes[i - 1];
		bytes[i - 1] = (uint8_t)offset;
		offset >>= 8;
	}
}

static void prefix_address(const struct ip_prefix *prefix, uint64_t offset, void *ret)
{
	size_t size = prefix->family == AF_INET ? 4 : 16;
	uint8_t bytes[16];

	memcpy(bytes, &prefix->address, sizeof(bytes));
	mask_bytes(bytes, size, prefix->length);
	add_bytes(bytes, size, offset);
	memcpy(ret, bytes, size);
}

void addresses_pair(
	const struct service *service, bool with6, uint32_t index, struct network_addresses *ret)
{
	uint64_t offset = (uint64_t)index * 2;

	*ret = (struct network_addresses){.index = index, .has6 = with6 && service->has_addresses6};
	prefix_address(&service->addresses, offset, &ret->host);
	prefix_address(&service->addresses, offset + 1, &ret->inside);
	if (ret->has6) {
		prefix_address(&service->addresses6, offset, &ret->host6);
		prefix_address(&service->addresses6, offset + 1, &ret->inside6);
	}
}

bool addresses_overlap(const struct ip_prefix *a, const struct ip_prefix *b)
{
	unsigned length = a->length < b->length ? a->length : b->length;
	uint8_t x[16], y[16];

	memcpy(x, &a->address, sizeof(x));
	memcpy(y, &b->address, sizeof(y));
	mask_bytes(x, sizeof(x), length);
	mask_bytes(y, sizeof(y), length);
	return a->family == b->family && memcmp(x, y, a->family == AF_INET ? 4 : 16) == 0;
}

const char *addresses_prefix_format(const struct ip_prefix *prefix, char *buffer)
{
	char address[INET6_ADDRSTRLEN] = "";
	struct in6_addr first = {0};

	prefix_address(prefix, 0, &first);
	inet_ntop(prefix->family, &first, address, sizeof(address));
	snprintf(buffer, PREFIX_TEXT_MAX, "%s/%u", address, prefix->length);
	return buffer;
}
