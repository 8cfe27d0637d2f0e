/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's upstream resolvers. Runs in the broker, as root; the files are the host's own, yet
 * what is in them often came from a network (DHCP), so only what could be an address or a name is
 * taken.
 */
#include "broker/resolvers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "broker/network.h"

enum { RESOLV_CONF_MAX = 64 * 1024 };

#define BLANKS " \t\r"
#define DOMAIN_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

struct resolvers {
	char *addresses[RESOLVERS_MAX + 1];
	size_t count;
	char search[RESOLVERS_SEARCH_MAX];
};

static void cleanup_resolvers(struct resolvers *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->addresses[i]);
}

static bool is_reachable(const char *word)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, word, &v4) == 1) {
		uint32_t address = ntohl(v4.s_addr);

		/* 169.254 stays: some clouds' resolver is there, and only its port 53 is opened. */
		return address >> 24 != 127 && address >> 24 != 0;
	}
	return inet_pton(AF_INET6, word, &v6) == 1 && !IN6_IS_ADDR_LOOPBACK(&v6) &&
	       !IN6_IS_ADDR_UNSPECIFIED(&v6) && !IN6_IS_ADDR_LINKLOCAL(&v6) &&
	       !IN6_IS_ADDR_V4MAPPED(&v6);
}

static int add_address(struct resolvers *r, const char *word)
{
	if (!word || r->count == RESOLVERS_MAX || !is_reachable(word))
		return 0;
	r->addresses[r->count] = strdup(word);
	if (!r->addresses[r->count])
		return -ENOMEM;
	r->count++;
	return 0;
}

/* The last line counts, as in resolv.conf(5); systemd's "." (no search) is no name. */
static void set_search(struct resolvers *r, char **rest)
{
	size_t at = 0;
	char *word;

	r->search[0] = '\0';
	while ((word = strtok_r(NULL, BLANKS, rest))) {
		size_t length = strlen(word);

		if (length != strspn(word, DOMAIN_CHARACTERS) || str_eq(word, "."))
			continue;
		if (at + length + 2 > sizeof(r->search))
			break;
		if (at > 0)
			r->search[at++] = ' ';
		memcpy(r->search + at, word, length + 1);
		at += length;
	}
}

static int parse_line(struct resolvers *r, char *line)
{
	char *rest = NULL;
	const char *key = strtok_r(line, BLANKS, &rest);

	if (!key)
		return 0;
	if (str_eq(key, "nameserver"))
		return add_address(r, strtok_r(NULL, BLANKS, &rest));
	if (str_eq(key, "search") || str_eq(key, "domain"))
		set_search(r, &rest);
	return 0;
}

int resolvers_parse(const char *text, char ***ret_addresses, char **ret_search)
{
	_cleanup_(cleanup_resolvers) struct resolvers found = {0};
	_cleanup_free_ char *copy = strdup(text), *search = NULL;
	char **addresses, *rest = NULL;

	if (!copy)
		return -ENOMEM;
	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		int r = parse_line(&found, line);

		if (r < 0)
			return r;
	}
	search = strdup(found.search);
	addresses = malloc(sizeof(found.addresses));
	if (!search || !addresses) {
		free(addresses);
		return -ENOMEM;
	}
	memcpy(addresses, found.addresses, sizeof(found.addresses));
	found.count = 0;
	*ret_addresses = addresses;
	*ret_search = take_ptr(&search);
	return 0;
}

void resolvers_free(char **addresses)
{
	if (!addresses)
		return;
	for (size_t i = 0; addresses[i]; i++)
		free(addresses[i]);
	free(addresses);
}

int network_read_resolvers(char ***ret_addresses, char **ret_search)
{
	/* systemd-resolved's list of what stands behind its stub on the loopback, if it runs. */
	static const char *const files[] = {"/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"};
	_cleanup_free_ char *text = malloc(RESOLV_CONF_MAX);

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		ssize_t n = fd_read_file_at(AT_FDCWD, files[i], text, RESOLV_CONF_MAX);

		if (n == -ENOENT)
			continue;
		if (n < 0)
			return (int)n;
		return resolvers_parse(text, ret_addresses, ret_search);
	}
	return resolvers_parse("", ret_addresses, ret_search);
}
