/* SPDX-License-Identifier: Apache-2.0 */
/* Address arithmetic of a sandbox's network: pairs within a prefix, prefixes as text. Pure
 * functions. */
#pragma once

#include <stdbool.h>

#include "broker/network.h"

enum { PREFIX_TEXT_MAX = INET6_ADDRSTRLEN + 4 };

/* As network_addresses_get(), with or without v6 as WITH6 says. */
void addresses_pair(
	const struct service *service, bool with6, uint32_t index, struct network_addresses *ret);

/* True if the two prefixes (of one family) have an address in common. */
bool addresses_overlap(const struct ip_prefix *a, const struct ip_prefix *b);

/* "10.213.0.0/16", with the bits behind the length cleared. BUFFER holds PREFIX_TEXT_MAX bytes. */
const char *addresses_prefix_format(const struct ip_prefix *prefix, char *buffer);
