/* SPDX-License-Identifier: MIT */
/*
 * The floor under every measurement: libpcap reads each packet and nobody looks at it.
 */
#include <pcap/pcap.h>
#include <stdio.h>

static void count(u_char *counter, const struct pcap_pkthdr *header, const u_char *octets)
{
	(void)octets;
	unsigned long long *counts = (unsigned long long *)(void *)counter;
	counts[0]++;
	counts[1] += header->caplen;
}

int main(int argc, char **argv)
{
	char reason[PCAP_ERRBUF_SIZE] = "name one capture file";
	pcap_t *capture = argc == 2 ? pcap_open_offline(argv[1], reason) : NULL;
	if (capture == NULL) {
		fprintf(stderr, "floor: %s\n", reason);
		return 2;
	}
	unsigned long long counts[2] = {0, 0};
	int end = pcap_loop(capture, -1, count, (u_char *)counts);
	pcap_close(capture);
	printf("%llu packets, %llu octets\n", counts[0], counts[1]);
	return end == 0 ? 0 : 2;
}
