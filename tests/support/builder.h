/* SPDX-License-Identifier: MIT */
/*
 * Builds captures of TCP connections for tests: what the two ends send is noted first, and turned
 * into frames
 * at the end, so that the same story can be told over another link layer, cut elsewhere, reordered
 * or with a
 * frame missing. Times are nanoseconds since 1970; the files have microseconds.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "tests/support/wrap.h"

typedef struct Builder Builder;
typedef struct BuilderConnection BuilderConnection;

typedef struct {
	guint8 address[16]; /* an IPv4 address stands in the first four */
	bool ipv6;
	guint16 port;
	/* how its TCP answers; 0: as everybody's */
	guint8 hops;
	guint8 window_scale;
	guint16 mss;
	gint64 clock; /* when its timestamp clock began, in the time of the story; 0: it has none */
} BuilderEnd;

typedef enum {
	BUILDER_ETHERNET, /* also IPv6 where the ends are */
	BUILDER_VLAN,     /* one 802.1Q tag */
	BUILDER_SLL2,
	BUILDER_IPV6, /* Ethernet; IPv4 addresses become fd00::a.b.c.d */
	/* these are of tunnel.h */
	BUILDER_PPPOE,
	BUILDER_MPLS,
	BUILDER_GRE,
	BUILDER_GRETAP,
	BUILDER_ERSPAN,
	BUILDER_ERSPAN3,
	BUILDER_IPIP,
	BUILDER_6IN4,
	BUILDER_VXLAN,
	BUILDER_VXLAN_ANYWHERE, /* on a port of nobody */
	BUILDER_GENEVE,
	BUILDER_GTP,
	BUILDER_WLAN, /* radiotap, QoS data */
	BUILDER_NFLOG,
	BUILDER_FRAGMENTS,
	BUILDER_FRAGMENTS6,
	BUILDER_VXLAN_FRAGMENTS, /* of the outer packet */
	BUILDER_HOOKS, /* each packet three times: bare, with a tag, and in VXLAN */
	BUILDER_NAT,   /* each packet twice: before and after the clients' addresses are translated */
} BuilderLink;

typedef struct {
	BuilderLink link;
	guint cut_every;  /* bytes in a segment at most; 0: one segment for each write */
	guint drop_frame; /* 1-based; 0: none */
	bool reorder;     /* the two halves of each write change places */
	bool duplicate;   /* each data segment comes twice */
} BuilderOptions;

typedef struct {
	gint64 time;
	GByteArray *bytes;
} BuilderFrame;

Builder *builder_new(void);
void builder_free(Builder *builder);

/* What carries the octets of all connections from now on. */
void builder_wrap(Builder *builder, WrapKind kind);
/* The secrets of their TLS, as a key log. */
const GString *builder_keylog(const Builder *builder);

/* The connection belongs to the builder. Sends nothing yet. */
BuilderConnection *builder_connection(Builder *builder, BuilderEnd client, BuilderEnd server);
/* The handshake; its last frame is at `time`. */
void builder_open(BuilderConnection *connection, gint64 time);
/* A SYN that is answered by RST, or by nothing. */
void builder_refuse(BuilderConnection *connection, gint64 time, bool silent);
/* One write; the other end acknowledges it, unless it has vanished. `connection` must be open. */
void builder_send(BuilderConnection *connection, bool from_client, gint64 time,
                  const GByteArray *data);
/* The same bytes as in the last write of this end once more. */
void builder_resend(BuilderConnection *connection, bool from_client, gint64 time);
/* The whole close, or only this end's part where the other one has vanished. */
void builder_close(BuilderConnection *connection, bool from_client, gint64 time);
void builder_reset(BuilderConnection *connection, bool from_client, gint64 time);
/* From now on this end sends nothing, not even acknowledgements. */
void builder_vanish(BuilderConnection *connection, bool is_client);
bool builder_has_vanished(const BuilderConnection *connection, bool is_client);

/* Frames of from <= time < until are made but not captured. */
void builder_hide(Builder *builder, gint64 from, gint64 until);

/* In order of time; elements are BuilderFrame. Free with g_ptr_array_unref. */
GPtrArray *builder_frames(const Builder *builder, const BuilderOptions *options);
/* Writes a classic pcap file, little-endian. */
bool builder_write(const Builder *builder, const BuilderOptions *options, const char *path,
                   GError **error);
