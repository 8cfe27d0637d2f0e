/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends what is not its own (row I20): spoof KIND INTERFACE SOURCE DESTINATION. KIND udp4 and udp6:
 * a UDP datagram to port 9 with that source address, as a whole frame to the interface's router
 * (broadcast MAC); arp: a reply that says SOURCE is here; ra: a router advertisement. Prints "open
 * OUTCOME" and "sent OUTCOME". A login cannot open the socket; tests run it as root of the
 * sandbox's network.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe.h"

struct packet {
	uint16_t protocol; /* ETHERTYPE_* */
	size_t size;
	unsigned char data[256];
};

static uint16_t checksum(const void *data, size_t size, uint32_t sum)
{
	const unsigned char *p = data;

	for (size_t i = 0; i + 1 < size; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static bool make_udp4(struct packet *packet, const char *source, const char *destination)
{
	struct ip ip = {.ip_v = 4, .ip_hl = 5, .ip_ttl = 64, .ip_p = IPPROTO_UDP};
	struct udphdr udp = {
		.source = htons(4444), .dest = htons(9), .len = htons(sizeof(udp) + 4)};

	if (inet_pton(AF_INET, source, &ip.ip_src) != 1 ||
		inet_pton(AF_INET, destination, &ip.ip_dst) != 1)
		return false;
	ip.ip_len = htons(sizeof(ip) + sizeof(udp) + 4);
	ip.ip_sum = checksum(&ip, sizeof(ip), 0);
	packet->protocol = ETHERTYPE_IP;
	memcpy(packet->data, &ip, sizeof(ip));
	memcpy(packet->data + sizeof(ip), &udp, sizeof(udp)); /* no checksum: allowed in v4 */
	memcpy(packet->data + sizeof(ip) + sizeof(udp), "spof", 4);
	packet->size = sizeof(ip) + sizeof(udp) + 4;
	return true;
}

/* The header, and the payload with its checksum at OFFSET. */
static bool make_ip6(struct packet *packet, const char *source, const char *destination,
	uint8_t next, const void *payload, size_t size, size_t offset)
{
	struct ip6_hdr ip = {.ip6_flow = htonl(6U << 28), .ip6_nxt = next, .ip6_hlim = 255};
	struct {
		struct in6_addr source, destination;
		uint32_t length, next;
	} pseudo = {.length = htonl((uint32_t)size), .next = htonl(next)};
	unsigned char all[sizeof(pseudo) + 128];
	uint16_t sum;

	if (inet_pton(AF_INET6, source, &ip.ip6_src) != 1 ||
		inet_pton(AF_INET6, destination, &ip.ip6_dst) != 1 || size > 128)
		return false;
	ip.ip6_plen = htons((uint16_t)size);
	pseudo.source = ip.ip6_src;
	pseudo.destination = ip.ip6_dst;
	memcpy(all, &pseudo, sizeof(pseudo));
	memcpy(all + sizeof(pseudo), payload, size);
	sum = checksum(all, sizeof(pseudo) + size, 0);
	packet->protocol = ETHERTYPE_IPV6;
	memcpy(packet->data, &ip, sizeof(ip));
	memcpy(packet->data + sizeof(ip), payload, size);
	memcpy(packet->data + sizeof(ip) + offset, &sum, sizeof(sum));
	packet->size = sizeof(ip) + size;
	return true;
}

static bool make_udp6(struct packet *packet, const char *source, const char *destination)
{
	struct {
		struct udphdr udp;
		char text[4];
	} datagram = {
		{.source = htons(4444), .dest = htons(9), .len = htons(sizeof(datagram))}, "spo"};

	return make_ip6(packet, source, destination, IPPROTO_UDP, &datagram, sizeof(datagram),
		offsetof(struct udphdr, check));
}

static bool make_ra(struct packet *packet, const char *source, const char *destination)
{
	struct nd_router_advert advert = {.nd_ra_hdr.icmp6_type = ND_ROUTER_ADVERT};

	advert.nd_ra_router_lifetime = htons(1800);
	return make_ip6(packet, source, destination, IPPROTO_ICMPV6, &advert, sizeof(advert),
		offsetof(struct icmp6_hdr, icmp6_cksum));
}

static bool make_arp(struct packet *packet, const char *source, const char *destination)
{
	struct ether_arp arp = {
		.ea_hdr = {htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), 6, 4, htons(ARPOP_REPLY)},
		.arp_sha = {2, 0, 0, 0, 0, 66},
	};

	if (inet_pton(AF_INET, source, arp.arp_spa) != 1 ||
		inet_pton(AF_INET, destination, arp.arp_tpa) != 1)
		return false;
	packet->protocol = ETHERTYPE_ARP;
	memcpy(packet->data, &arp, sizeof(arp));
	packet->size = sizeof(arp);
	return true;
}

static const struct {
	const char *name;
	bool (*make)(struct packet *packet, const char *source, const char *destination);
} kinds[] = {{"udp4", make_udp4}, {"udp6", make_udp6}, {"arp", make_arp}, {"ra", make_ra}};

int main(int argc, char **argv)
{
	struct packet packet = {0};
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_halen = 6};
	int fd;

	for (size_t i = 0; argc == 5 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(argv[1], kinds[i].name) == 0 &&
			!kinds[i].make(&packet, argv[3], argv[4]))
			return 2;
	if (!packet.size)
		return 2;
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	printf("open %s\n", probe_outcome(fd));
	if (fd < 0)
		return 1;
	memset(to.sll_addr, 0xff, 6);
	to.sll_protocol = htons(packet.protocol);
	to.sll_ifindex = (int)if_nametoindex(argv[2]);
	printf("sent %s\n", probe_outcome(sendto(fd, packet.data, packet.size, 0,
				    (struct sockaddr *)&to, sizeof(to))));
	return 0;
}
