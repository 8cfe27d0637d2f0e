/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both ends of OPEN. The first byte chooses: even, the request as the broker reads it; odd, the
 * reply as the PAM module reads it, whose number of descriptors is the rest of that byte. A request
 * that was read must be written again to the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam/broker.h"
#include "wire/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_request(const uint8_t *data, size_t size)
{
	struct wire_open *open = calloc(1, sizeof(*open));
	unsigned char *again = malloc(size + 1);
	struct wire_reader reader;
	struct wire_writer writer;
	enum wire_op op;

	wire_reader_init(&reader, data, size);
	if (wire_get_header(&reader, &op) == 0 && op == WIRE_OPEN &&
		wire_get_open(&reader, open) == 0) {
		wire_writer_init(&writer, again, size);
		wire_put_open(&writer, open);
		if (writer.failed || writer.length != size || memcmp(again, data, size) != 0)
			abort();
	}
	free(again);
	free(open);
}

static void read_reply(const uint8_t *data, size_t size, size_t fd_count)
{
	char session[WIRE_SESSION_MAX + 1] = "";
	struct refusal refusal;

	if (broker_read_reply(data, size, fd_count, session, &refusal) == 0)
		return;
	for (const char *c = refusal.text; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] % 2)
		read_reply(data + 1, size - 1, data[0] / 2);
	else
		read_request(data + 1, size - 1);
	return 0;
}
