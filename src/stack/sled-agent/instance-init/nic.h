#pragma once
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* A DHCP client of one family: what it waits for, and when it asks again. */
struct client {
  bool wanted;
  int socket;       /* -1 while it does not run */
  uint32_t exchange; /* number of the transaction */
  int64_t due;      /* ms of the monotonic clock; INT64_MAX for never */
  int64_t wait;     /* the last wait for an answer, ms */
};

enum dhcpv4_state { DISCOVERING, REQUESTING, BOUND };

/* A network interface of the instance, known by its hardware address: it may come later. */
struct nic {
  uint8_t mac[6];
  char name[IFNAMSIZ]; /* what it is called here */
  int index;           /* 0 while it is not there */
  struct client v4, v6;
  enum dhcpv4_state state;
  struct in_addr offered, server;
  int64_t expires;       /* of the lease, ms */
  uint32_t dns4[3];      /* network byte order; 0 for none */
  struct in6_addr dns6[3];
  int dns6_count;
  char domain[254];
};

enum { MOST_NICS = 8 };
extern struct nic nics[MOST_NICS];
extern int nic_count;

int64_t now_ms(void);

/* The first answer is waited for so long, then twice as long each time. */
enum { FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 64000 };

/* Ask again later, twice as long after the last time. */
void client_waits(struct client *client);
void client_ends(struct client *client);
/* A UDP socket on the interface and port; -1 where there is none. */
int client_socket(int family, const char *device, uint16_t port);

/* "NAME,MAC,FAMILIES": net0,a8:40:25:f0:00:01,46. False if it is none. */
bool nic_add(const char *text);
/* Look at what interfaces there are: name, raise and configure those of the instance. */
void nics_scan(void);
/* Everything that was learnt of name servers, to /etc/resolv.conf. */
void write_resolver(void);

void dhcpv4_start(struct nic *nic);
void dhcpv4_answer(struct nic *nic);
void dhcpv4_tick(struct nic *nic);
void dhcpv6_start(struct nic *nic);
void dhcpv6_answer(struct nic *nic);
void dhcpv6_tick(struct nic *nic);
