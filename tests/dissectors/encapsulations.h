/* SPDX-License-Identifier: MIT */
/*
 * encapsulations: every one that there is as a row: link type and the octets before the TCP header, in
 * hexadecimal.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MACS "020000000002" "020000000001"
/* Total length 45: 20 + 20 + 5 octets of payload.  10.0.0.1 to 10.0.0.2. */
#define V4 "4500002d00070000" "40060000" "0a000001" "0a000002"
#define V4_LENGTH(n) "4500" n "00070000" "40060000" "0a000001" "0a000002"
/* 24 octets of header, 49 in all. */
#define V4_OPTIONS "4600003100070000" "40060000" "0a000001" "0a000002" "01010100"
#define V6_ADDRESSES "fd000000000000000000000000000001" "fd000000000000000000000000000002"
#define V6(length, next) "60000000" length next "40" V6_ADDRESSES
#define TCP "c350075b" "01020304" "0a0b0c0d" "5018" "2000" "00000000"
#define PAYLOAD "68656c6c6f"

/* Outer headers; the inner packet has 45 octets over IPv4 and 65 over IPv6. */
#define OUTER_V4(length, protocol) "4500" length "00010000" "40" protocol "0000" "c0a80001" "c0a80002"
#define OUTER_V6(length, next) "60000000" length next "40" "fc000000000000000000000000000001" \
	"fc000000000000000000000000000002"
#define ETHERNET_V4 MACS "0800" V4 /* 59 octets */
#define UDP(length, port) "d000" port length "0000"
#define VXLAN "08000000" "00002a00"
#define RADIOTAP "00000c00" "0400000000" "000000"
#define WLAN_ADDRESSES "020000000001" "020000000002" "020000000003"
#define SNAP_V4 "aaaa03000000" "0800" V4

typedef struct Encapsulation {
	const char *name;
	uint16_t link_type;
	bool v6;
	const char *before; /* the TCP header */
} Encapsulation;

extern const Encapsulation encapsulations[];
extern const size_t n_encapsulations;

enum { FRAME_OCTETS = 256 };

typedef struct FrameOctets {
	uint8_t data[FRAME_OCTETS];
	size_t size;
} FrameOctets;

/* What the hexadecimal @before and @behind say; fails the test where that is too long. */
FrameOctets frame_octets(const char *before, const char *behind);
void frame_append(FrameOctets *octets, const char *hex);
