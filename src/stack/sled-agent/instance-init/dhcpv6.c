/* DHCPv6 client (RFC 8415) of one interface, with Rapid Commit: an address that lasts, and name servers. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nic.h"

enum { SOLICIT = 1, REPLY = 7 };
enum {
  CLIENT_ID = 1,
  SERVER_ID = 2,
  IA_NA = 3,
  IA_ADDRESS = 5,
  OPTION_REQUEST = 6,
  ELAPSED_TIME = 8,
  RAPID_COMMIT = 14,
  DNS_SERVERS = 23,
  DOMAIN_LIST = 24
};

/* As of <linux/ipv6.h>, which does not go together with the C library's headers. */
struct address_request {
  struct in6_addr address;
  uint32_t prefix_length;
  int index;
};

static uint8_t *put_option(uint8_t *at, uint16_t code, const void *data, uint16_t length) {
  *at++ = (uint8_t)(code >> 8), *at++ = (uint8_t)code;
  *at++ = (uint8_t)(length >> 8), *at++ = (uint8_t)length;
  if (length > 0) memcpy(at, data, length);
  return at + length;
}

/* DUID-LL: of the link-layer address (RFC 8415 section 11.4). */
static void client_id(const struct nic *nic, uint8_t id[10]) {
  memcpy(id, "\0\3\0\1", 4);
  memcpy(id + 4, nic->mac, 6);
}

static void solicit(struct nic *nic) {
  uint8_t message[128] = {SOLICIT, (uint8_t)(nic->v6.exchange >> 16), (uint8_t)(nic->v6.exchange >> 8),
                          (uint8_t)nic->v6.exchange};
  uint8_t id[10], association[12] = {0}, elapsed[2] = {0};
  client_id(nic, id);
  memcpy(association, nic->mac + 2, 4);
  static const uint8_t asked[] = {0, DNS_SERVERS, 0, DOMAIN_LIST};
  uint8_t *at = put_option(message + 4, CLIENT_ID, id, sizeof id);
  at = put_option(at, ELAPSED_TIME, elapsed, sizeof elapsed);
  at = put_option(at, RAPID_COMMIT, NULL, 0);
  at = put_option(at, OPTION_REQUEST, asked, sizeof asked);
  at = put_option(at, IA_NA, association, sizeof association);
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(547), .sin6_scope_id = (uint32_t)nic->index};
  inet_pton(AF_INET6, "ff02::1:2", &to.sin6_addr);
  /* What cannot be sent, for want of a link-local address perhaps, is sent again. */
  (void)sendto(nic->v6.socket, message, (size_t)(at - message), 0, (struct sockaddr *)&to, sizeof to);
  client_waits(&nic->v6);
}

void dhcpv6_start(struct nic *nic) {
  nic->v6.socket = client_socket(AF_INET6, nic->name, 546);
  if (nic->v6.socket < 0) return;
  nic->v6.exchange = (uint32_t)(nic->mac[3] << 16 | nic->mac[4] << 8 | nic->mac[5]);
  nic->v6.wait = 0;
  solicit(nic);
}

/* The first option of that code from `at` on, and its length; NULL if there is none or they do not add up. */
static const uint8_t *find(const uint8_t *at, const uint8_t *end, uint16_t code, uint16_t *length) {
  while (end - at >= 4) {
    *length = (uint16_t)(at[2] << 8 | at[3]);
    if (end - at - 4 < *length) return NULL;
    if ((at[0] << 8 | at[1]) == code) return at + 4;
    at += 4 + *length;
  }
  return NULL;
}

static void add_address(const struct nic *nic, const uint8_t *address) {
  struct address_request request = {.prefix_length = 128, .index = nic->index};
  memcpy(&request.address, address, 16);
  int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (ioctl(fd, SIOCSIFADDR, &request) < 0 && errno != EEXIST) perror("instance-init: cannot set an IPv6 address");
  close(fd);
}

static bool take_reply(struct nic *nic, const uint8_t *message, size_t size) {
  uint8_t id[10];
  uint16_t length;
  uint32_t exchange = nic->v6.exchange;
  if (size < 4 || message[0] != REPLY) return false;
  if ((uint32_t)(message[1] << 16 | message[2] << 8 | message[3]) != exchange) return false;
  const uint8_t *options = message + 4, *end = message + size;
  client_id(nic, id);
  const uint8_t *ours = find(options, end, CLIENT_ID, &length);
  if (ours == NULL || length != sizeof id || memcmp(ours, id, sizeof id) != 0) return false;
  const uint8_t *association = find(options, end, IA_NA, &length);
  if (association == NULL || length < 12) return false;
  const uint8_t *address = find(association + 12, association + length, IA_ADDRESS, &length);
  if (address == NULL || length < 24) return false;
  add_address(nic, address);
  const uint8_t *servers = find(options, end, DNS_SERVERS, &length);
  nic->dns6_count = 0;
  for (; servers != NULL && length >= 16 && nic->dns6_count < 3; servers += 16, length = (uint16_t)(length - 16))
    memcpy(&nic->dns6[nic->dns6_count++], servers, 16);
  write_resolver();
  return true;
}

void dhcpv6_answer(struct nic *nic) {
  uint8_t message[1500];
  for (ssize_t size; (size = recv(nic->v6.socket, message, sizeof message, 0)) > 0;)
    /* OPTE's addresses last for ever: there is nothing to renew. */
    if (take_reply(nic, message, (size_t)size)) nic->v6.due = INT64_MAX;
}

void dhcpv6_tick(struct nic *nic) { solicit(nic); }
