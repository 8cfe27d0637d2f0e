/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker's network functions as a program, for network.py. Runs as root in the network
 * namespace that plays the host:
 *
 *   network_tool RUN_DIR start [RESOLVER...]
 *   network_tool RUN_DIR stop
 *   network_tool RUN_DIR resolvers [RESOLVER...]
 *   network_tool RUN_DIR setup ID INDEX NETNS     (INDEX 0: only lo)
 *   network_tool RUN_DIR allow|forbid ID FAMILY ADDRESS PORT tcp|udp
 *   network_tool RUN_DIR delete ID
 *   network_tool RUN_DIR forget INDEX
 *   network_tool RUN_DIR bench COUNT
 *
 * NETWORK_NAME, NETWORK_V4 (address/length) and NETWORK_V6 in the environment change the service.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "broker/network.h"

static void prefix_from(
	const char *variable, const char *standard, int family, struct ip_prefix *ret)
{
	const char *text = getenv(variable);
	char address[INET6_ADDRSTRLEN + 4];
	char *slash;

	snprintf(address, sizeof(address), "%s", text ? text : standard);
	slash = strchr(address, '/');
	if (!slash)
		errx(2, "%s: no /", variable);
	*slash = '\0';
	ret->family = family;
	ret->length = (unsigned)atoi(slash + 1);
	if (inet_pton(family, address, &ret->address) != 1)
		errx(2, "%s: %s", variable, address);
}

static void fail(const char *what, int r)
{
	errx(1, "%s: %s", what, strerror(-r));
}

static int setup(const struct service *service, const char *id, unsigned index, const char *netns)
{
	_cleanup_close_ int fd = open(netns, O_RDONLY | O_CLOEXEC);
	struct network_host *host;
	struct network_addresses addresses;
	const char *what = "";
	int r;

	if (fd < 0)
		err(1, "%s", netns);
	network_addresses_get(service, index, &addresses);
	r = network_host_open(&host);
	if (r < 0)
		fail("network_host_open", r);
	if (setns(fd, CLONE_NEWNET) < 0)
		err(1, "setns");
	r = network_setup(host, fd, id, "sandboxd student id", index ? &addresses : NULL, &what);
	network_host_free(host);
	if (r < 0)
		fail(what, r);
	return 0;
}

static uint64_t bench_once(const struct service *service, unsigned index)
{
	struct network_addresses addresses;
	struct network_host *host = NULL;
	const char *what = "";
	char id[16];
	uint64_t begin, took;
	int fd, r;

	begin = clock_monotonic();
	network_addresses_get(service, index, &addresses);
	r = network_host_open(&host);
	took = clock_monotonic() - begin;
	if (r < 0)
		fail("network_host_open", r);
	if (unshare(CLONE_NEWNET) < 0)
		err(1, "unshare");
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	snprintf(id, sizeof(id), "%08x", index);
	begin = clock_monotonic();
	r = network_setup(host, fd, id, "sandboxd student id", &addresses, &what);
	network_host_free(host);
	close(fd);
	took += clock_monotonic() - begin;
	if (r < 0)
		fail(what, r);
	return took;
}

/* One process for each, as the broker's children are. */
static int bench(const struct service *service, unsigned count)
{
	uint64_t sum = 0, least = UINT64_MAX;

	for (unsigned i = 1; i <= count; i++) {
		int pipe_fds[2], status;
		uint64_t took = 0;
		pid_t pid;

		if (pipe(pipe_fds) < 0)
			err(1, "pipe");
		pid = fork();
		if (pid == 0) {
			took = bench_once(service, i);
			_exit(write(pipe_fds[1], &took, sizeof(took)) < 0);
		}
		if (waitpid(pid, &status, 0) < 0 || status != 0 ||
			read(pipe_fds[0], &took, sizeof(took)) != sizeof(took))
			errx(1, "a child failed");
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		sum += took;
		least = took < least ? took : least;
		usleep(20000); /* the kernel takes namespaces down in the background */
	}
	printf("network_setup: mean %llu us, least %llu us, of %u\n",
		(unsigned long long)(sum / count), (unsigned long long)least, count);
	return 0;
}

static int allow(const struct service *service, bool add, char **arguments)
{
	struct policy_allow item = {.family = str_eq(arguments[1], "4") ? AF_INET : AF_INET6};
	struct policy policy = {.allow = &item, .allow_count = 1};
	int r;

	if (inet_pton(item.family, arguments[2], &item.address) != 1)
		errx(2, "%s", arguments[2]);
	item.port = (uint16_t)atoi(arguments[3]);
	item.protocol = str_eq(arguments[4], "tcp") ? IPPROTO_TCP : IPPROTO_UDP;
	r = add ? network_allow_add(service, arguments[0], &policy)
		: network_allow_remove(service, arguments[0], &policy);
	if (r < 0)
		fail("allow", r);
	return 0;
}

static int start(const struct service *service, char **resolvers)
{
	char *message = NULL;
	int r = network_start(service, (const char *const *)resolvers, &message);

	if (r < 0)
		errx(1, "%s", message ? message : strerror(-r));
	return 0;
}

static int forget(const struct service *service, unsigned index)
{
	struct network_addresses addresses;
	int r;

	network_addresses_get(service, index, &addresses);
	r = network_forget(&addresses);
	if (r < 0)
		fail("forget", r);
	return 0;
}

int main(int argc, char **argv)
{
	struct service service = {.has_addresses6 = true};
	char standard_name[] = "sandboxd", *name = getenv("NETWORK_NAME");
	const char *command;

	if (argc < 3)
		errx(2, "usage: network_tool RUN_DIR COMMAND ...");
	log_open("network_tool", 0);
	command = argv[2];
	argv += 3;
	argc -= 3;
	service.name = name ? name : standard_name;
	service.run_dir = argv[-2];
	prefix_from("NETWORK_V4", "10.213.0.0/16", AF_INET, &service.addresses);
	prefix_from("NETWORK_V6", "fd73:616e:6462::/48", AF_INET6, &service.addresses6);
	if (str_eq(command, "start"))
		return start(&service, argv);
	if (str_eq(command, "resolvers"))
		return network_set_resolvers(&service, (const char *const *)argv) < 0;
	if (str_eq(command, "stop"))
		network_stop(&service);
	else if (str_eq(command, "setup") && argc == 3)
		return setup(&service, argv[0], (unsigned)atoi(argv[1]), argv[2]);
	else if ((str_eq(command, "allow") || str_eq(command, "forbid")) && argc == 5)
		return allow(&service, str_eq(command, "allow"), argv);
	else if (str_eq(command, "delete") && argc == 1)
		return network_link_delete(argv[0]) < 0 || network_link_exists(argv[0]);
	else if (str_eq(command, "forget") && argc == 1)
		return forget(&service, (unsigned)atoi(argv[0]));
	else if (str_eq(command, "bench") && argc == 1)
		return bench(&service, (unsigned)atoi(argv[0]));
	else
		errx(2, "unknown command, or its arguments: %s", command);
	return 0;
}
