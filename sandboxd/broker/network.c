/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of all sandboxes' networks: may the prefix be used here, is forwarding on, is the
 * table in place. Runs in the broker at its start and at an orderly stop, as root in the host's
 * network namespace, through the host's /proc.
 *
 * Forwarding: where the host did not forward, the broker turns it on and the table drops what would
 * pass between two links that are not ours: the host does not become a router by having sandboxes.
 * That the broker did it is remembered in run_dir/forwarding (until the next boot, as the setting
 * itself), so that a later broker keeps the rule and an orderly stop turns it off again.
 */
#include "broker/network.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "broker/addresses.h"
#include "broker/firewall.h"
#include "broker/netlink.h"

#define CONF4 "/proc/sys/net/ipv4/ip_forward"
#define CONF6 "/proc/sys/net/ipv6/conf"

enum { SETTING_MAX = 64 };

static const char forwarding_file[] = "forwarding";

/* The first character of the small file PATH below DIRFD, or -errno. */
static int read_flag(int dirfd, const char *path)
{
	char text[SETTING_MAX];
	ssize_t n = fd_read_file_at(dirfd, path, text, sizeof(text));

	if (n < 0)
		return (int)n;
	return n == 0 ? -ENODATA : (unsigned char)text[0];
}

/* Whether links of this host have IPv6 at all (no ipv6.disable=1, no disable_ipv6 for new links).
 */
static bool has_ipv6(void)
{
	return read_flag(AT_FDCWD, CONF6 "/default/disable_ipv6") == '0';
}

void network_addresses_get(
	const struct service *service, uint32_t index, struct network_addresses *ret)
{
	addresses_pair(service, has_ipv6(), index, ret);
}

/* True for the host's end of a sandbox's pair: sb, 8 hex digits, h. */
static bool is_ours(const char *link)
{
	return str_starts(link, "sb") && strspn(link + 2, "0123456789abcdef") == 8 &&
	       str_eq(link + 10, "h");
}

static void cleanup_links(struct if_nameindex **links)
{
	if (*links)
		if_freenameindex(*links);
}

/* The rules know a sandbox's link by "sb*": a link of the host's own must not be taken for one. */
static int check_links(char **ret_message)
{
	_cleanup_(cleanup_links) struct if_nameindex *links = if_nameindex();

	if (!links) {
		*ret_message = str_format("the host's links cannot be listed: %s", strerror(errno));
		return -errno;
	}
	for (const struct if_nameindex *link = links; link->if_name; link++) {
		if (!str_starts(link->if_name, "sb") || is_ours(link->if_name))
			continue;
		*ret_message = str_format(
			"the link %s is named like one of a sandbox (sb...): give it another name",
			link->if_name);
		return -EEXIST;
	}
	return 0;
}

/* The search for a route that overlaps PREFIX. */
struct overlap {
	const struct ip_prefix *prefix;
	struct ip_prefix route;
	char link[IF_NAMESIZE];
};

/*
 * Positive: it does. Default routes (and their halves, as VPNs set them) overlap with all and mean
 * nothing; unreachable and blackhole routes send nothing anywhere that we could take away.
 */
static int visit_route(struct nlmsghdr *answer, void *data)
{
	struct overlap *overlap = data;
	const struct rtmsg *header = nlmsg_data(answer);
	struct nlattr *attributes[RTA_MAX + 1];
	struct ip_prefix route = {.family = overlap->prefix->family};
	char link[IF_NAMESIZE] = "several links";

	if (nlmsg_parse(answer, sizeof(*header), attributes, RTA_MAX, NULL) < 0)
		return -EBADMSG;
	if (header->rtm_family != route.family || header->rtm_dst_len <= 1 ||
		!attributes[RTA_DST] ||
		(header->rtm_type != RTN_UNICAST && header->rtm_type != RTN_LOCAL))
		return 0;
	route.length = header->rtm_dst_len;
	nla_memcpy(&route.address, attributes[RTA_DST], sizeof(route.address));
	if (!addresses_overlap(&route, overlap->prefix))
		return 0;
	if (attributes[RTA_OIF] && !if_indextoname(nla_get_u32(attributes[RTA_OIF]), link))
		return 0; /* the link has just gone, and the route with it */
	if (is_ours(link))
		return 0;
	overlap->route = route;
	memcpy(overlap->link, link, sizeof(link));
	return -EEXIST;
}

static int check_routes(const struct ip_prefix *prefix, const char *key, char **ret_message)
{
	char ours[PREFIX_TEXT_MAX], theirs[PREFIX_TEXT_MAX];
	struct rtmsg header = {.rtm_family = (uint8_t)prefix->family};
	struct overlap overlap = {.prefix = prefix};
	_cleanup_close_ int fd = netlink_open(NETLINK_ROUTE);
	int r;

	r = fd < 0 ? fd
		   : netlink_query(fd,
			     netlink_message(RTM_GETROUTE, NLM_F_DUMP, &header, sizeof(header)),
			     visit_route, &overlap);
	if (r == -EEXIST)
		*ret_message = str_format(
			"service.%s %s overlaps with this host's route to %s by %s: choose"
			" a prefix that nothing here uses",
			key, addresses_prefix_format(prefix, ours),
			addresses_prefix_format(&overlap.route, theirs), overlap.link);
	else if (r < 0)
		*ret_message = str_format("the host's routes cannot be read: %s", strerror(-r));
	return r;
}

/* run_dir/forwarding holds "4", "6" or "46". */
static int forwarding_load(int run_dir, struct forwarding *ret)
{
	char text[SETTING_MAX];
	ssize_t n = fd_read_file_at(run_dir, forwarding_file, text, sizeof(text));

	if (n < 0 && n != -ENOENT)
		return (int)n;
	ret->v4 = n > 0 && strchr(text, '4');
	ret->v6 = n > 0 && strchr(text, '6');
	return 0;
}

static int forwarding_save(int run_dir, const struct forwarding *f)
{
	const char *text = f->v4 && f->v6 ? "46" : f->v4 ? "4" : "6";

	return fd_replace_file_at(run_dir, forwarding_file, text, strlen(text), 0600);
}

/*
 * A link that learns its default route from router advertisements (accept_ra 1) stops when the host
 * forwards, and loses the route that it has; 2 means "although it forwards".
 */
static int keep_router_advertisements(void)
{
	_cleanup_closedir_ DIR *links = opendir(CONF6);
	struct dirent *entry;

	if (!links)
		return -errno;
	while ((entry = readdir(links))) {
		_cleanup_free_ char *path = NULL;
		int r;

		if (entry->d_name[0] == '.' || str_eq(entry->d_name, "all") ||
			str_eq(entry->d_name, "default") || str_eq(entry->d_name, "lo"))
			continue;
		path = str_format("%s/accept_ra", entry->d_name);
		if (!path)
			return -ENOMEM;
		r = read_flag(dirfd(links), path) == '1' ? fd_write_file_at(dirfd(links), path, "2")
							 : 0;
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

static int forwarding_turn(const struct forwarding *f, bool on)
{
	const char *value = on ? "1" : "0";
	int r = 0;

	if (f->v6 && on)
		r = keep_router_advertisements();
	if (r == 0 && f->v6)
		r = fd_write_file_at(AT_FDCWD, CONF6 "/all/forwarding", value);
	if (r == 0 && f->v4)
		r = fd_write_file_at(AT_FDCWD, CONF4, value);
	return r;
}

/* What is to be turned on: what an earlier broker did since boot, and what is off now. */
static int forwarding_plan(const struct service *service, int run_dir, struct forwarding *ret)
{
	int r = forwarding_load(run_dir, ret);

	if (r < 0)
		return r;
	if (read_flag(AT_FDCWD, CONF4) == '0')
		ret->v4 = true;
	if (service->has_addresses6 && has_ipv6() &&
		read_flag(AT_FDCWD, CONF6 "/all/forwarding") == '0')
		ret->v6 = true;
	return ret->v4 || ret->v6 ? forwarding_save(run_dir, ret) : 0;
}

static int put_table(const struct service *service, const char *const *resolvers,
	const struct forwarding *forwarding, char **ret_message)
{
	_cleanup_free_ char *words = NULL;
	int r = firewall_put(service, resolvers, forwarding, &words);

	if (r < 0)
		*ret_message = str_format(
			"nftables refuses the table inet %s: %s (is nf_tables in this kernel, with"
			" nft_fib, nft_ct, nft_reject and nft_masq?)",
			service->name, words ? words : strerror(-r));
	return r;
}

int network_start(const struct service *service, const char *const *resolvers, char **ret_message)
{
	_cleanup_close_ int run_dir = -EBADF;
	struct forwarding forwarding = {0};
	int r;

	if (!firewall_is_name(service->name)) {
		*ret_message = str_format(
			"service.name \"%s\" cannot name a table of nftables: use a letter, then"
			" letters, digits, - and _",
			service->name);
		return -EINVAL;
	}
	r = check_links(ret_message);
	if (r == 0)
		r = check_routes(&service->addresses, "addresses", ret_message);
	if (r == 0 && service->has_addresses6)
		r = check_routes(&service->addresses6, "addresses6", ret_message);
	if (r < 0)
		return r;
	run_dir = open(service->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = run_dir < 0 ? -errno : forwarding_plan(service, run_dir, &forwarding);
	if (r < 0) {
		*ret_message =
			str_format("%s/%s: %s", service->run_dir, forwarding_file, strerror(-r));
		return r;
	}
	/* The rules first: at no time does the host forward for others. */
	r = put_table(service, resolvers, &forwarding, ret_message);
	if (r < 0)
		return r;
	r = forwarding_turn(&forwarding, true);
	if (r < 0)
		*ret_message = str_format("forwarding cannot be turned on (%s, %s): %s", CONF4,
			CONF6 "/all/forwarding", strerror(-r));
	return r;
}

void network_stop(const struct service *service)
{
	_cleanup_close_ int run_dir = open(service->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct forwarding forwarding = {0};
	int r = run_dir < 0 ? -errno : forwarding_load(run_dir, &forwarding);

	/* The other way around: as long as the host forwards because of us, the rules stay. */
	if (r == 0)
		r = forwarding_turn(&forwarding, false);
	if (r == 0)
		r = firewall_delete(service);
	if (r == 0 && unlinkat(run_dir, forwarding_file, 0) < 0 && errno != ENOENT)
		r = -errno;
	if (r < 0)
		log_warning(
			"the network of %s cannot be taken down: %s", service->name, strerror(-r));
}
