/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A login's request through the decoder and what PID 1's child makes of it up to the execve. What
 * decodes is encoded once more and must be the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "init/program.h"
#include "init/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct wire_start start = {
	.user = "alice",
	.home = "/home/alice",
	.shell = "/nowhere/zsh",
	.fallback_shell = "/bin/sh",
	.env_drop_count = 2,
	.env_drop = {"KRB5CCNAME", "XDG_*"},
};

static void check_round_trip(const struct door_request *request, const uint8_t *data, size_t size)
{
	_cleanup_free_ unsigned char *encoded = malloc(size);
	struct wire_writer writer;
	size_t length;

	if (wire_door_request_size(request) != size)
		abort();
	wire_writer_init(&writer, encoded, size);
	wire_put_door_request(&writer, request);
	if (wire_writer_end(&writer, &length) < 0 || length != size ||
		memcmp(encoded, data, size) != 0)
		abort();
}

/* The values that program_choose() made are the last of the environment, and the first argument. */
static void free_program(
	const struct program *program, const struct door_request *request, const char *first)
{
	size_t count = 0;

	while (program->envp[count])
		count++;
	for (size_t i = count < 5 ? 0 : count - 5; i < count; i++)
		free(program->envp[i]);
	free(program->envp);
	if (program->argv[0] != first)
		free(program->argv[0]);
	if (program->argv != request->argv)
		free(program->argv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct door_request request;
	struct wire_reader reader;
	struct program program;

	wire_reader_init(&reader, data, size);
	if (wire_get_door_request(&reader, &request) < 0)
		return 0;
	check_round_trip(&request, data, size);
	if (request_check(&request) >= 0) {
		const char *first = request.argv[0];

		if (program_choose(&start, &request, &program) >= 0) {
			program_is_login(program.argv);
			free_program(&program, &request, first);
		}
	}
	free(request.argv);
	free(request.envp);
	return 0;
}
