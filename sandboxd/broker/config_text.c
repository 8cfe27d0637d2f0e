/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in the broker while it reads its config; pure functions of text. */
#include "broker/config_text.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "base/cleanup.h"
#include "base/str.h"

static const char letters_digits[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* False if TEXT does not fit. */
static bool text_copy(const char *text, char *buffer, size_t size)
{
	size_t length = strlen(text);

	if (length >= size)
		return false;
	memcpy(buffer, text, length + 1);
	return true;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* The only tables of paths: what stands there is ours, or would give the host away. */
struct path_rule {
	const char *path;
	bool below; /* what lies below it, too */
	const char *reason;
};

#define HOST_TREE "would cover a tree of the host's"
#define OWN_MOUNT "would cover a mount that every sandbox has"

static const struct path_rule target_rules[] = {
	{"/", false, OWN_MOUNT},
	{"/proc", true, OWN_MOUNT},
	{"/sys", true, OWN_MOUNT},
	{"/dev", true, OWN_MOUNT},
	{"/run", true, OWN_MOUNT},
	{"/tmp", true, OWN_MOUNT},
	{"/var/tmp", true, OWN_MOUNT},
	{"/var/run", true, OWN_MOUNT},
	{"/var/lock", true, OWN_MOUNT},
	{"/home", false, "would cover the user's home"},
	{"/var", false, HOST_TREE},
	{"/var/lib", true, HOST_TREE},
	{"/var/cache", true, HOST_TREE},
	{"/usr", true, HOST_TREE},
	{"/etc", true, HOST_TREE},
	{"/opt", true, HOST_TREE},
	{"/bin", true, HOST_TREE},
	{"/sbin", true, HOST_TREE},
	{"/lib", true, HOST_TREE},
	{"/lib32", true, HOST_TREE},
	{"/lib64", true, HOST_TREE},
	{"/libx32", true, HOST_TREE},
	{"/boot", true, HOST_TREE},
};

/* Sockets and handles of the host in there would be a way out. */
static const struct path_rule source_rules[] = {
	{"/", false, "is the whole host"},
	{"/proc", true, "shows the host's processes"},
	{"/sys", true, "shows the host's kernel"},
	{"/dev", true, "holds the host's devices (devices = ( ... ) is for single ones)"},
	{"/run", true, "holds the host's sockets"},
	{"/var/run", true, "holds the host's sockets"},
};

/* Every sandbox has these; the last three are the host's memory and ports. */
static const struct path_rule device_rules[] = {
	{"/dev/null", false, OWN_MOUNT},
	{"/dev/zero", false, OWN_MOUNT},
	{"/dev/full", false, OWN_MOUNT},
	{"/dev/random", false, OWN_MOUNT},
	{"/dev/urandom", false, OWN_MOUNT},
	{"/dev/tty", false, OWN_MOUNT},
	{"/dev/console", false, OWN_MOUNT},
	{"/dev/ptmx", false, OWN_MOUNT},
	{"/dev/pts", true, OWN_MOUNT},
	{"/dev/shm", true, OWN_MOUNT},
	{"/dev/mqueue", true, OWN_MOUNT},
	{"/dev/fd", true, OWN_MOUNT},
	{"/dev/stdin", false, OWN_MOUNT},
	{"/dev/stdout", false, OWN_MOUNT},
	{"/dev/stderr", false, OWN_MOUNT},
	{"/dev/log", false, OWN_MOUNT},
	{"/dev/mem", false, "is the host's memory"},
	{"/dev/kmem", false, "is the host's memory"},
	{"/dev/port", false, "is the host's hardware"},
};

bool text_path_is_within(const char *inner, const char *outer)
{
	size_t n = strlen(outer);

	if (str_eq(outer, "/"))
		return true;
	return strncmp(inner, outer, n) == 0 && (inner[n] == '\0' || inner[n] == '/');
}

static const char *check_rules(const char *text, const struct path_rule *rules, size_t count)
{
	const char *reason = text_check_path(text);

	for (size_t i = 0; !reason && i < count; i++)
		if (str_eq(text, rules[i].path) ||
			(rules[i].below && text_path_is_within(text, rules[i].path)))
			reason = rules[i].reason;
	return reason;
}

const char *text_check_path(const char *text)
{
	if (*text != '/')
		return "is not an absolute path";
	if (has_control(text))
		return "holds a control character";
	for (const char *part = text + 1; text[1]; part++) {
		size_t n = strcspn(part, "/");

		if (n == 0)
			return "has an empty part (a slash too many)";
		if (part[0] == '.' && (n == 1 || (n == 2 && part[1] == '.')))
			return "has a part \".\" or \"..\"";
		part += n;
		if (!*part)
			break;
	}
	return NULL;
}

const char *text_check_bind_source(const char *text)
{
	return check_rules(text, source_rules, ELEMENTS(source_rules));
}

const char *text_check_bind_target(const char *text)
{
	return check_rules(text, target_rules, ELEMENTS(target_rules));
}

const char *text_check_name(const char *text)
{
	if (!*text)
		return "is empty";
	if (has_control(text))
		return "holds a control character";
	if (strpbrk(text, ":,/"))
		return "holds one of : , /";
	if (*text == '-' || *text == ' ' || text[strlen(text) - 1] == ' ')
		return "begins with - or with a blank, or ends with a blank";
	if (str_eq(text, "*") || str_eq(text, ".") || str_eq(text, ".."))
		return "is not a name";
	return NULL;
}

const char *text_check_kept_group(const char *text)
{
	return str_eq(text, "*") ? NULL : text_check_name(text);
}

const char *text_check_variable(const char *text)
{
	size_t n = 0;

	if (isdigit((unsigned char)*text))
		return "begins with a digit";
	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	if (text[n] == '*')
		n++;
	return n > 0 && !text[n] ? NULL : "is not the name of a variable";
}

const char *text_check_hostname(const char *text)
{
	if (!*text)
		return "is empty";
	for (const char *p = text; *p; p++) {
		if (*p != '%') {
			if (!strchr(letters_digits, *p) && !strchr("-.", *p))
				return "holds a character that no host name has";
		} else if (!*++p || !strchr("uh%", *p)) {
			return "has a % with something else than u, h or % behind it";
		}
	}
	return NULL;
}

const char *text_check_device(const char *text)
{
	const char *reason = text_check_path(text);

	if (!reason && (!text_path_is_within(text, "/dev") || str_eq(text, "/dev")))
		return "is not below /dev/";
	return reason ? reason : check_rules(text, device_rules, ELEMENTS(device_rules));
}

const char *text_check_root(const char *text)
{
	if (str_eq(text, "host"))
		return NULL;
	return *text == '/' || str_starts(text, "image:") ? TEXT_ABSENT : "is not a root";
}

const char *text_check_service_name(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return n > 0 && !text[n] && islower((unsigned char)*text) ? NULL : "is not a name";
}

const char *text_check_controller(const char *text)
{
	/* Those of quotas that a later version has: a config may name them already. */
	static const char *const later[] = {"io", "cpuset"};

	for (size_t i = 0; i < QUOTA_COUNT; i++)
		if (quota_table[i].v2.controller && str_eq(text, quota_table[i].v2.controller))
			return NULL;
	for (size_t i = 0; i < ELEMENTS(later); i++)
		if (str_eq(text, later[i]))
			return NULL;
	return "is not a controller";
}

/* A range of addresses that is nobody's to talk to, or nobody's but the host's. */
static const struct address_rule {
	int family;
	unsigned length;
	uint8_t bytes[12]; /* enough for the longest prefix below */
	const char *reason;
} address_rules[] = {
	{AF_INET, 8, {0}, "is not an address of a host"},
	{AF_INET, 8, {127}, "is a loopback address"},
	{AF_INET, 16, {169, 254}, "is a link-local address"},
	{AF_INET, 4, {224}, "is a multicast address"},
	{AF_INET, 4, {240}, "is a reserved address"},
	{AF_INET6, 96, {0}, "is an unspecified, loopback or IPv4 address"},
	{AF_INET6, 96, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, "is an IPv4 address in IPv6"},
	{AF_INET6, 10, {0xfe, 0x80}, "is a link-local address"},
	{AF_INET6, 8, {0xff}, "is a multicast address"},
};

/* True if the first LENGTH bits of A and B are equal. */
static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned length)
{
	unsigned bytes = length / 8, rest = length % 8;

	return memcmp(a, b, bytes) == 0 && (!rest || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0);
}

/* What is wrong with a prefix that sandboxes shall live in, or with an address (all bits). */
static const char *check_address(int family, const struct in6_addr *address, unsigned length)
{
	for (size_t i = 0; i < ELEMENTS(address_rules); i++) {
		const struct address_rule *rule = &address_rules[i];

		if (rule->family == family &&
			bits_equal(address->s6_addr, rule->bytes,
				length < rule->length ? length : rule->length))
			return rule->reason;
	}
	return NULL;
}

const char *text_check_resolver(const char *text)
{
	struct in6_addr address = {0};

	if (inet_pton(AF_INET, text, &address) == 1)
		return check_address(AF_INET, &address, 32);
	if (inet_pton(AF_INET6, text, &address) == 1)
		return check_address(AF_INET6, &address, 128);
	return "is not an address";
}

const char *text_parse_allow(const char *text, struct policy_allow *ret)
{
	struct policy_allow allow = {.family = *text == '[' ? AF_INET6 : AF_INET};
	char buffer[INET6_ADDRSTRLEN + sizeof("[]:65535/udp")];
	char *address = buffer, *port, *protocol;
	const char *reason;
	uint64_t number;

	if (!text_copy(text, buffer, sizeof(buffer)))
		return "is too long";
	protocol = strchr(buffer, '/');
	port = strrchr(buffer, ':');
	if (!protocol || !port || port > protocol)
		return "is not ADDRESS:PORT/PROTOCOL";
	*protocol++ = '\0';
	if (str_eq(protocol, "tcp"))
		allow.protocol = IPPROTO_TCP;
	else if (str_eq(protocol, "udp"))
		allow.protocol = IPPROTO_UDP;
	else
		return "has another protocol than tcp and udp";
	*port++ = '\0';
	if (str_to_u64(port, UINT16_MAX, &number) < 0 || number == 0)
		return "has a port that is not 1 to 65535";
	allow.port = (uint16_t)number;
	if (allow.family == AF_INET6) {
		if (port[-2] != ']')
			return "has no ] before its port";
		port[-2] = '\0';
		address++;
	}
	if (inet_pton(allow.family, address, &allow.address) != 1)
		return allow.family == AF_INET6 ? "has no IPv6 address in its [ ]"
						: "has no IPv4 address (IPv6 stands in [ ])";
	reason = check_address(allow.family, &allow.address, allow.family == AF_INET ? 32 : 128);
	if (!reason)
		*ret = allow;
	return reason;
}

/* True if a bit behind the first LENGTH is set: the address of a host, not of a prefix. */
static bool has_host_bits(const struct ip_prefix *prefix)
{
	unsigned bits = prefix->family == AF_INET ? 32 : 128;

	for (unsigned i = prefix->length; i < bits; i++)
		if (prefix->address.s6_addr[i / 8] & (0x80 >> i % 8))
			return true;
	return false;
}

const char *text_parse_prefix(
	const char *text, int family, unsigned min, unsigned max, struct ip_prefix *ret)
{
	struct ip_prefix prefix = {.family = family};
	char buffer[INET6_ADDRSTRLEN + sizeof("/128")];
	const char *reason;
	uint64_t length;
	char *slash;

	if (!text_copy(text, buffer, sizeof(buffer)))
		return "is too long";
	slash = strchr(buffer, '/');
	if (!slash)
		return "has no /LENGTH";
	*slash++ = '\0';
	if (inet_pton(family, buffer, &prefix.address) != 1)
		return family == AF_INET ? "is not an IPv4 prefix" : "is not an IPv6 prefix";
	if (str_to_u64(slash, max, &length) < 0 || length < min)
		return "has a length out of range";
	prefix.length = (unsigned)length;
	if (has_host_bits(&prefix))
		return "has bits set behind its length";
	reason = check_address(family, &prefix.address, prefix.length);
	if (!reason)
		*ret = prefix;
	return reason;
}

const char *text_parse_ids(const char *text, uint64_t *ret_first, uint64_t *ret_count)
{
	enum { RANGE = 65536, LEAST = 4 }; /* the upper quarter must hold one range */
	const uint64_t end = UINT64_C(1) << 32;
	char buffer[sizeof("4294967295:4294967295")];
	uint64_t first, count;
	char *colon;

	if (!text_copy(text, buffer, sizeof(buffer)))
		return "is too long";
	colon = strchr(buffer, ':');
	if (!colon)
		return "is not FIRST:COUNT";
	*colon++ = '\0';
	if (str_to_u64(buffer, UINT32_MAX, &first) < 0 || str_to_u64(colon, UINT32_MAX, &count) < 0)
		return "is not two numbers below 4294967296";
	if (first % RANGE || count % RANGE)
		return "is not made of multiples of 65536";
	if (first < RANGE)
		return "overlaps the ids of the host's own accounts";
	if (count < LEAST * RANGE)
		return "has room for fewer than four users";
	if (first + count > end - RANGE)
		return "reaches 4294967295, which is no id";
	*ret_first = first;
	*ret_count = count;
	return NULL;
}
