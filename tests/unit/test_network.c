/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/network.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "broker/addresses.h"
#include "broker/firewall.h"
#include "broker/resolvers.h"

static struct ip_prefix prefix(int family, const char *address, unsigned length)
{
	struct ip_prefix p = {.family = family, .length = length};

	ck_assert_int_eq(inet_pton(family, address, &p.address), 1);
	return p;
}

static const struct {
	const char *v4;
	unsigned length4;
	const char *v6; /* NULL: none */
	unsigned length6;
	uint32_t capacity;
} capacities[] = {
	{"10.213.0.0", 16, NULL, 0, 32768},
	{"10.213.0.0", 16, "fd73:616e:6462::", 48, 32768},
	{"10.0.0.0", 8, "fd73:616e:6462::", 120, 128},
	{"10.0.0.0", 30, NULL, 0, 2},
	{"10.0.0.0", 31, NULL, 0, 1},
	{"10.0.0.0", 32, NULL, 0, 0},
	{"10.0.0.0", 24, "fd00::1", 128, 0},
	{"0.0.0.0", 0, "::", 0, UINT32_C(1) << 31},
};

START_TEST(network_capacity_expected)
{
	struct service service = {
		.addresses = prefix(AF_INET, capacities[_i].v4, capacities[_i].length4),
		.has_addresses6 = capacities[_i].v6,
	};

	if (service.has_addresses6)
		service.addresses6 = prefix(AF_INET6, capacities[_i].v6, capacities[_i].length6);
	ck_assert_uint_eq(network_capacity(&service), capacities[_i].capacity);
}
END_TEST

static const struct {
	const char *v4;
	unsigned length4;
	const char *v6;
	unsigned length6;
	uint32_t index;
	const char *host, *inside, *host6, *inside6;
} pairs[] = {
	{"10.213.0.0", 16, "fd73:616e:6462::", 48, 1, "10.213.0.2", "10.213.0.3",
		"fd73:616e:6462::2", "fd73:616e:6462::3"},
	{"10.213.0.0", 16, "fd73:616e:6462::", 48, 32767, "10.213.255.254", "10.213.255.255",
		"fd73:616e:6462::fffe", "fd73:616e:6462::ffff"},
	{"10.213.0.0", 16, "fd73:616e:6462::", 48, 128, "10.213.1.0", "10.213.1.1",
		"fd73:616e:6462::100", "fd73:616e:6462::101"},
	/* Bits behind the length do not count. */
	{"10.213.7.9", 20, "fd00::ffff", 100, 1, "10.213.0.2", "10.213.0.3", "fd00::2", "fd00::3"},
	/* The carry goes through all of the address. */
	{"10.0.0.0", 8, "fd00::", 64, 0x7fffff, "10.255.255.254", "10.255.255.255", "fd00::ff:fffe",
		"fd00::ff:ffff"},
	{"0.0.0.0", 0, "fd00::", 64, 0x7fffffff, "255.255.255.254", "255.255.255.255",
		"fd00::ffff:fffe", "fd00::ffff:ffff"},
};

static void assert_address(int family, const void *address, const char *expected)
{
	char text[INET6_ADDRSTRLEN];

	ck_assert_str_eq(inet_ntop(family, address, text, sizeof(text)), expected);
}

START_TEST(addresses_pair_expected)
{
	struct service service = {
		.addresses = prefix(AF_INET, pairs[_i].v4, pairs[_i].length4),
		.has_addresses6 = true,
		.addresses6 = prefix(AF_INET6, pairs[_i].v6, pairs[_i].length6),
	};
	struct network_addresses got;

	addresses_pair(&service, true, pairs[_i].index, &got);
	ck_assert(got.has6);
	ck_assert_uint_eq(got.index, pairs[_i].index);
	assert_address(AF_INET, &got.host, pairs[_i].host);
	assert_address(AF_INET, &got.inside, pairs[_i].inside);
	assert_address(AF_INET6, &got.host6, pairs[_i].host6);
	assert_address(AF_INET6, &got.inside6, pairs[_i].inside6);
	addresses_pair(&service, false, pairs[_i].index, &got);
	ck_assert(!got.has6);
}
END_TEST

static const struct {
	const char *a;
	unsigned length_a;
	const char *b;
	unsigned length_b;
	bool overlap;
} overlaps[] = {
	{"10.213.0.0", 16, "10.213.128.0", 17, true},
	{"10.213.0.0", 16, "10.0.0.0", 8, true},
	{"10.213.0.0", 16, "10.214.0.0", 16, false},
	{"10.213.0.0", 16, "10.212.255.255", 32, false},
	{"10.213.0.0", 16, "10.213.255.255", 32, true},
	{"10.213.0.0", 16, "0.0.0.0", 0, true},
	{"fd73::", 48, "fd73::1", 128, true},
	{"fd73::", 48, "fd73:0:1::", 48, false},
	{"fd73::", 48, "fc00::", 7, true},
	{"fd73::", 47, "fd73:0:1::", 48, true},
};

START_TEST(addresses_overlap_expected)
{
	int family = strchr(overlaps[_i].a, ':') ? AF_INET6 : AF_INET;
	struct ip_prefix a = prefix(family, overlaps[_i].a, overlaps[_i].length_a);
	struct ip_prefix b = prefix(family, overlaps[_i].b, overlaps[_i].length_b);

	ck_assert_int_eq(addresses_overlap(&a, &b), overlaps[_i].overlap);
	ck_assert_int_eq(addresses_overlap(&b, &a), overlaps[_i].overlap);
}
END_TEST

START_TEST(addresses_prefix_format_clears_the_host_bits)
{
	struct ip_prefix v4 = prefix(AF_INET, "10.213.7.9", 20);
	struct ip_prefix v6 = prefix(AF_INET6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 121);
	char text[PREFIX_TEXT_MAX];

	ck_assert_str_eq(addresses_prefix_format(&v4, text), "10.213.0.0/20");
	ck_assert_str_eq(
		addresses_prefix_format(&v6, text), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff80/121");
}
END_TEST

static const struct {
	const char *text;
	const char *addresses[RESOLVERS_MAX + 1];
	const char *search;
} files[] = {
	{"", {NULL}, ""},
	{"nameserver 192.0.2.1\n", {"192.0.2.1"}, ""},
	{"nameserver\t192.0.2.1 # near\n  nameserver 2001:db8::1\r\n", {"192.0.2.1", "2001:db8::1"},
		""},
	{"nameserver 127.0.0.53\nnameserver ::1\nnameserver 127.1.2.3\n", {NULL}, ""},
	{"nameserver fe80::1%eth0\nnameserver fe80::1\nnameserver 169.254.169.254\n",
		{"169.254.169.254"}, ""},
	{"nameserver 0.0.0.0\nnameserver ::\nnameserver ::ffff:127.0.0.1\n", {NULL}, ""},
	{"nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4\n",
		{"1.1.1.1", "2.2.2.2", "3.3.3.3"}, ""},
	{"#nameserver 1.1.1.1\n;nameserver 1.1.1.1\nnameserver\nnameserver x\nnameservers "
	 "1.1.1.1\n",
		{NULL}, ""},
	{"nameserver 1.1.1.1 }; flush ruleset\n", {"1.1.1.1"}, ""},
	{"nameserver 1.1.1.1};\nnameserver 01.1.1.1\nnameserver 1.1.1\n", {NULL}, ""},
	{"search example.org lab.example.org\n", {NULL}, "example.org lab.example.org"},
	{"domain example.org\nsearch a.example b.example", {NULL}, "a.example b.example"},
	{"search example.org\nsearch .\n", {NULL}, ""},
	{"search ok $(x) a/b c\x01 fine_1\n", {NULL}, "ok fine_1"},
	{"options ndots:2\nsortlist 1.2.3.4\n", {NULL}, ""},
};

START_TEST(resolvers_parse_expected)
{
	char **addresses, *search;
	size_t i;

	ck_assert_int_eq(resolvers_parse(files[_i].text, &addresses, &search), 0);
	for (i = 0; files[_i].addresses[i]; i++) {
		ck_assert_ptr_nonnull(addresses[i]);
		ck_assert_str_eq(addresses[i], files[_i].addresses[i]);
	}
	ck_assert_ptr_null(addresses[i]);
	ck_assert_str_eq(search, files[_i].search);
	resolvers_free(addresses);
	free(search);
}
END_TEST

START_TEST(resolvers_parse_bounds_the_search_line)
{
	char text[4096] = "search", **addresses, *search;

	for (int at = 6; at < 3000; at += 10)
		snprintf(text + at, sizeof(text) - (size_t)at, " wordwordw");
	ck_assert_int_eq(resolvers_parse(text, &addresses, &search), 0);
	ck_assert_uint_le(strlen(search), RESOLVERS_SEARCH_MAX - 1);
	ck_assert(str_starts(search, "wordwordw wordwordw"));
	ck_assert_str_eq(search + strlen(search) - 9, "wordwordw");
	resolvers_free(addresses);
	free(search);
}
END_TEST

static const struct {
	const char *name;
	bool good;
} names[] = {
	{"sandboxd", true},
	{"lab-2_x", true},
	{"", false},
	{"2lab", false},
	{"-x", false},
	{"a b", false},
	{"a;flush", false},
	{"a}", false},
	{"a\n", false},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
};

START_TEST(firewall_is_name_expected)
{
	ck_assert_int_eq(firewall_is_name(names[_i].name), names[_i].good);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("network");
	TCase *tests = tcase_create("network");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, network_capacity_expected, 0, (int)ELEMENTS(capacities));
	tcase_add_loop_test(tests, addresses_pair_expected, 0, (int)ELEMENTS(pairs));
	tcase_add_loop_test(tests, addresses_overlap_expected, 0, (int)ELEMENTS(overlaps));
	tcase_add_test(tests, addresses_prefix_format_clears_the_host_bits);
	tcase_add_loop_test(tests, resolvers_parse_expected, 0, (int)ELEMENTS(files));
	tcase_add_test(tests, resolvers_parse_bounds_the_search_line);
	tcase_add_loop_test(tests, firewall_is_name_expected, 0, (int)ELEMENTS(names));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
