/* SPDX-License-Identifier: Apache-2.0 */
/* resolv.conf(5), as far as a sandbox needs it. */
#pragma once

enum { RESOLVERS_MAX = 3, RESOLVERS_SEARCH_MAX = 256 };

/*
 * The name servers of TEXT that a sandbox can reach: addresses without those of loopback,
 * link-local or unspecified; a new NULL-terminated list of at most RESOLVERS_MAX. SEARCH (new, may
 * be "") is the value of the last search or domain line, words that could be a domain's name only.
 * -ENOMEM.
 */
int resolvers_parse(const char *text, char ***ret_addresses, char **ret_search);
void resolvers_free(char **addresses);
