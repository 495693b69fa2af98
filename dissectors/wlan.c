/* SPDX-License-Identifier: MIT */
/* wlan: data frames of IEEE 802.11, behind radiotap or PPI or bare; and what netfilter logs. */
#include "dissectors/peel_layers.h"

enum {
	LINK_TYPE_RAW = 101,
	LINK_TYPE_802_11 = 105,
	RADIOTAP_SIZE = 8,
	RADIOTAP_WORDS = 16,
	PPI_SIZE = 8,
	WLAN_SIZE = 24,
	ADDRESS_SIZE = 6,
	QOS_SIZE = 2,
	HT_SIZE = 4,
	NFLOG_SIZE = 4,
	NFLOG_PARTS = 64,
	NFLOG_PAYLOAD = 9,
};

/* Of the two octets of Frame Control, read as a big-endian number (IEEE 802.11-2020 9.2.4.1). */
enum WlanControl {
	WLAN_TYPE = 0x0c00,
	WLAN_DATA = 0x0800,
	WLAN_NO_DATA = 0x4000, /* Null and CF frames */
	WLAN_QOS = 0x8000,
	WLAN_BOTH_DS = 0x0003, /* to and from: four addresses */
	WLAN_MORE_FRAGMENTS = 0x0004,
	WLAN_PROTECTED = 0x0040,
	WLAN_ORDER = 0x0080, /* with QoS: HT Control follows */
};

static uint16_t little_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

/* The radiotap field Flags stands first but for the 8 octets of TSFT; 0x20 in it tells that the
 * header is padded to 4 octets. */
static bool radiotap_pads(const uint8_t *at, uint32_t size)
{
	enum { HAS_TSFT = 0x01, HAS_FLAGS = 0x02, MORE_WORDS = 0x80 };
	uint32_t field = RADIOTAP_SIZE;
	for (unsigned n = 1; at[field - 1] & MORE_WORDS; n++) {
		field += 4;
		if (field > size || n == RADIOTAP_WORDS)
			return false;
	}
	if (at[4] & HAS_TSFT)
		field = (field + 7) / 8 * 8 + 8;
	return (at[4] & HAS_FLAGS) && field < size && (at[field] & 0x20);
}

static PeelStatus peel_wlan_frame(Peel *peel, bool padded)
{
	if (peel->captured < WLAN_SIZE)
		return peel->captured >= 2 && (peel->data[0] & 0x0c) != 0x08
		               ? peel_halt(peel, PEEL_HALT_WLAN_OTHER)
		               : peel_lacks(peel, WLAN_SIZE);
	unsigned control = peel_u16(peel->data);
	if ((control & WLAN_TYPE) != WLAN_DATA || (control & WLAN_NO_DATA))
		return peel_halt(peel, PEEL_HALT_WLAN_OTHER);
	if (control & WLAN_PROTECTED)
		return peel_halt(peel, PEEL_HALT_WLAN_PROTECTED);
	if ((control & WLAN_MORE_FRAGMENTS) || (peel->data[22] & 15) != 0)
		return peel_halt(peel, PEEL_HALT_WLAN_FRAGMENT);
	uint32_t size = WLAN_SIZE + ((control & WLAN_BOTH_DS) == WLAN_BOTH_DS ? ADDRESS_SIZE : 0);
	if (control & WLAN_QOS) {
		if (peel->captured < size + QOS_SIZE)
			return peel_lacks(peel, size + QOS_SIZE);
		if (peel->data[size] & 0x80)
			return peel_halt(peel, PEEL_HALT_WLAN_AGGREGATE);
		size += control & WLAN_ORDER ? QOS_SIZE + HT_SIZE : QOS_SIZE;
	}
	if (padded)
		size = (size + 3) / 4 * 4;
	if (peel->captured < size)
		return peel_lacks(peel, size);
	return peel_on(peel, size, PEEL_ETHERTYPE, ETHERTYPE_802_2);
}

PeelStatus peel_wlan(Peel *peel)
{
	return peel_wlan_frame(peel, false);
}

/* radiotap.org: little-endian in all. */
PeelStatus peel_radiotap(Peel *peel)
{
	if (peel->captured < RADIOTAP_SIZE)
		return peel_lacks(peel, RADIOTAP_SIZE);
	uint32_t size = little_u16(peel->data + 2);
	if (peel->data[0] != 0 || size < RADIOTAP_SIZE)
		return PEEL_MALFORMED;
	if (peel->captured < size)
		return peel_lacks(peel, size);
	bool padded = radiotap_pads(peel->data, size);
	peel_on(peel, size, PEEL_LINK_TYPE, LINK_TYPE_802_11);
	return peel_wlan_frame(peel, padded);
}

/* Per-Packet Information: its length, and the link type of what follows it. */
PeelStatus peel_ppi(Peel *peel)
{
	if (peel->captured < PPI_SIZE)
		return peel_lacks(peel, PPI_SIZE);
	uint32_t size = little_u16(peel->data + 2);
	if (peel->data[0] != 0 || size < PPI_SIZE || peel->data[6] != 0 || peel->data[7] != 0)
		return PEEL_MALFORMED;
	uint16_t link_type = little_u16(peel->data + 4);
	if (peel->captured < size)
		return peel_lacks(peel, size);
	return peel_on(peel, size, PEEL_LINK_TYPE, link_type);
}

/* --- NFLOG -------------------------------------------------------------------------------- */

/* The numbers of its parts have the byte order of the capturing host: that in which the first part
 * is possible. */
static bool nflog_is_little(const Peel *peel)
{
	uint16_t size = little_u16(peel->data), type = little_u16(peel->data + 2);
	return size >= NFLOG_SIZE && size <= peel->on_wire && (type & 0x3fff) < 256;
}

/* libnetfilter_log: a header, then parts of length, type and value, padded to 4 octets. */
PeelStatus peel_nflog(Peel *peel)
{
	if (peel->captured < 2 * NFLOG_SIZE)
		return peel_lacks(peel, 2 * NFLOG_SIZE);
	if (peel->data[1] != 0)
		return PEEL_MALFORMED;
	peel_on(peel, NFLOG_SIZE, PEEL_LINK_TYPE, LINK_TYPE_RAW);
	bool little = nflog_is_little(peel);
	for (unsigned n = 0; n < NFLOG_PARTS; n++) {
		if (peel->captured < NFLOG_SIZE)
			return peel_lacks(peel, NFLOG_SIZE);
		uint32_t size = little ? little_u16(peel->data) : peel_u16(peel->data);
		unsigned type = (little ? little_u16(peel->data + 2) : peel_u16(peel->data + 2)) & 0x3fff;
		if (size < NFLOG_SIZE)
			return PEEL_MALFORMED;
		if (type == NFLOG_PAYLOAD) {
			peel_set_size(peel, size);
			return peel_on(peel, NFLOG_SIZE, PEEL_LINK_TYPE, LINK_TYPE_RAW);
		}
		size = (size + 3) / 4 * 4;
		if (peel->captured < size)
			return peel_lacks(peel, size);
		peel_on(peel, size, PEEL_LINK_TYPE, LINK_TYPE_RAW);
	}
	return peel_halt(peel, PEEL_HALT_TOO_DEEP);
}
