# SPDX-License-Identifier: Apache-2.0
"""IP packets as bytes, honest and forged."""
import socket
import struct


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet4(source, target, protocol, payload, options=b"", fragment=0, ident=7):
    source, target = socket.inet_aton(source), socket.inet_aton(target)
    length = 20 + len(options)
    head = struct.pack("!BBHHHBBH", 0x40 | length // 4, 0, length + len(payload), ident, fragment, 64,
                       protocol, 0)
    head += source + target + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def both6(source, target):
    return socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, target)


def packet6(source, target, protocol, payload, hops=64):
    return struct.pack("!IHBB", 6 << 28, len(payload), protocol, hops) + both6(source, target) + payload


def datagram6(source, target, protocol, body, at):
    """BODY with its checksum at offset AT, over the pseudo header."""
    pseudo = both6(source, target) + struct.pack("!II", len(body), protocol)
    return body[:at] + struct.pack("!H", checksum(pseudo + body) or 0xffff) + body[at + 2:]


def udp_packet(source, target, port, text, **more):
    head = struct.pack("!HHHH", 4000, port, 8 + len(text), 0)
    if ":" in target:
        return packet6(source, target, 17, datagram6(source, target, 17, head + text, 6))
    return packet4(source, target, 17, head + text, **more)
