/* DHCP client (RFC 2131) of one interface: its one address, its routes (RFC 3442) and its name servers. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nic.h"

enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6 };
enum { OPTIONS_AT = 240, SMALLEST = 300 };

struct lease {
  int type;
  struct in_addr address, mask, server, router;
  uint32_t seconds;
  const uint8_t *routes, *dns, *domain;
  int routes_length, dns_length, domain_length;
};

static uint8_t *put_option(uint8_t *at, uint8_t code, const void *data, uint8_t length) {
  *at++ = code;
  *at++ = length;
  memcpy(at, data, length);
  return at + length;
}

static void send_message(struct nic *nic, uint8_t type, const struct in_addr *held) {
  uint8_t message[SMALLEST] = {1, 1, 6};
  memcpy(message + 4, &nic->v4.exchange, 4);
  message[10] = 0x80; /* answer by broadcast: there is no address yet */
  if (held != NULL) memcpy(message + 12, held, 4);
  memcpy(message + 28, nic->mac, 6);
  memcpy(message + 236, "\x63\x82\x53\x63", 4);
  uint8_t *at = put_option(message + OPTIONS_AT, 53, &type, 1);
  if (type == REQUEST && held == NULL) {
    at = put_option(at, 50, &nic->offered, 4);
    at = put_option(at, 54, &nic->server, 4);
  }
  static const uint8_t asked[] = {1, 3, 6, 12, 15, 51, 54, 119, 121};
  at = put_option(at, 55, asked, sizeof asked);
  *at = 255;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(67), .sin_addr.s_addr = INADDR_BROADCAST};
  /* What cannot be sent is sent again. */
  (void)sendto(nic->v4.socket, message, sizeof message, 0, (struct sockaddr *)&to, sizeof to);
}

static void discover(struct nic *nic) {
  nic->state = DISCOVERING;
  nic->v4.exchange += 1;
  send_message(nic, DISCOVER, NULL);
  client_waits(&nic->v4);
}

void dhcpv4_start(struct nic *nic) {
  nic->v4.socket = client_socket(AF_INET, nic->name, 68);
  if (nic->v4.socket < 0) return;
  memcpy(&nic->v4.exchange, nic->mac + 2, 4);
  nic->v4.wait = 0;
  discover(nic);
}

static bool read_lease(const uint8_t *message, size_t length, const struct nic *nic, struct lease *lease) {
  *lease = (struct lease){0};
  if (length < OPTIONS_AT || message[0] != 2 || memcmp(message + 4, &nic->v4.exchange, 4) != 0) return false;
  if (memcmp(message + 28, nic->mac, 6) != 0 || memcmp(message + 236, "\x63\x82\x53\x63", 4) != 0) return false;
  memcpy(&lease->address, message + 16, 4);
  for (size_t at = OPTIONS_AT; at < length && message[at] != 255;) {
    if (message[at] == 0) {
      at += 1;
      continue;
    }
    if (at + 2 > length || at + 2 + message[at + 1] > length) return false;
    const uint8_t *data = message + at + 2;
    uint8_t size = message[at + 1];
    switch (message[at]) {
      case 53:
        if (size == 1) lease->type = data[0];
        break;
      case 1:
        if (size == 4) memcpy(&lease->mask, data, 4);
        break;
      case 3:
        if (size >= 4) memcpy(&lease->router, data, 4);
        break;
      case 51:
        if (size == 4) lease->seconds = (uint32_t)data[0] << 24 | data[1] << 16 | data[2] << 8 | data[3];
        break;
      case 54:
        if (size == 4) memcpy(&lease->server, data, 4);
        break;
      case 6: lease->dns = data, lease->dns_length = size; break;
      case 15: lease->domain = data, lease->domain_length = size; break;
      case 121: lease->routes = data, lease->routes_length = size; break;
    }
    at += 2 + size;
  }
  return true;
}

static void set_address(int fd, const struct nic *nic, unsigned long request, struct in_addr address) {
  struct ifreq change = {0};
  memcpy(change.ifr_name, nic->name, IFNAMSIZ);
  struct sockaddr_in *to = (struct sockaddr_in *)&change.ifr_addr;
  to->sin_family = AF_INET;
  to->sin_addr = address;
  if (ioctl(fd, request, &change) < 0) perror("instance-init: cannot set an address");
}

static void add_route(int fd, const struct nic *nic, struct in_addr to, struct in_addr mask, struct in_addr via) {
  struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = (char *)nic->name};
  ((struct sockaddr_in *)&route.rt_dst)->sin_family = AF_INET;
  ((struct sockaddr_in *)&route.rt_dst)->sin_addr = to;
  ((struct sockaddr_in *)&route.rt_genmask)->sin_family = AF_INET;
  ((struct sockaddr_in *)&route.rt_genmask)->sin_addr = mask;
  if (via.s_addr != 0) {
    route.rt_flags |= RTF_GATEWAY;
    ((struct sockaddr_in *)&route.rt_gateway)->sin_family = AF_INET;
    ((struct sockaddr_in *)&route.rt_gateway)->sin_addr = via;
  }
  if (ioctl(fd, SIOCADDRT, &route) < 0 && errno != EEXIST) perror("instance-init: cannot add a route");
}

/* Each route: length of its prefix, the bytes of that which count, its router. */
static void add_routes(int fd, const struct nic *nic, const struct lease *lease) {
  struct in_addr any = {0};
  if (lease->routes == NULL && lease->router.s_addr != 0) add_route(fd, nic, any, any, lease->router);
  for (int at = 0; at < lease->routes_length;) {
    int bits = lease->routes[at], bytes = (bits + 7) / 8;
    if (bits > 32 || at + 1 + bytes + 4 > lease->routes_length) return;
    struct in_addr to = {0}, mask = {bits == 0 ? 0 : htonl(UINT32_MAX << (32 - bits))}, via;
    memcpy(&to, lease->routes + at + 1, (size_t)bytes);
    memcpy(&via, lease->routes + at + 1 + bytes, 4);
    to.s_addr &= mask.s_addr;
    add_route(fd, nic, to, mask, via);
    at += 1 + bytes + 4;
  }
}

static void take_lease(struct nic *nic, const struct lease *lease) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  set_address(fd, nic, SIOCSIFADDR, lease->address);
  set_address(fd, nic, SIOCSIFNETMASK, lease->mask);
  add_routes(fd, nic, lease);
  close(fd);
  memset(nic->dns4, 0, sizeof nic->dns4);
  for (int i = 0; i < 3 && (i + 1) * 4 <= lease->dns_length; i += 1) memcpy(&nic->dns4[i], lease->dns + i * 4, 4);
  if (lease->domain_length > 0 && (size_t)lease->domain_length < sizeof nic->domain)
    snprintf(nic->domain, sizeof nic->domain, "%.*s", lease->domain_length, (const char *)lease->domain);
  write_resolver();
}

static void bind_lease(struct nic *nic, const struct lease *lease) {
  bool is_new = nic->state != BOUND;
  nic->state = BOUND;
  nic->offered = lease->address;
  if (is_new) take_lease(nic, lease);
  nic->v4.wait = 0;
  bool for_ever = lease->seconds == UINT32_MAX || lease->seconds == 0;
  nic->expires = for_ever ? INT64_MAX : now_ms() + lease->seconds * 1000LL;
  nic->v4.due = for_ever ? INT64_MAX : now_ms() + lease->seconds * 500LL;
}

void dhcpv4_answer(struct nic *nic) {
  uint8_t message[1500];
  for (ssize_t length; (length = recv(nic->v4.socket, message, sizeof message, 0)) > 0;) {
    struct lease lease;
    if (!read_lease(message, (size_t)length, nic, &lease)) continue;
    if (nic->state == DISCOVERING && lease.type == OFFER) {
      nic->state = REQUESTING;
      nic->offered = lease.address;
      nic->server = lease.server;
      nic->v4.wait = 0;
      send_message(nic, REQUEST, NULL);
      client_waits(&nic->v4);
    } else if (nic->state != DISCOVERING && lease.type == ACK) bind_lease(nic, &lease);
    else if (nic->state != DISCOVERING && lease.type == NAK) discover(nic);
  }
}

/* The lease is renewed at half its time, and asked for until it has run out (RFC 2131 section 4.4.5, by broadcast). */
void dhcpv4_tick(struct nic *nic) {
  if (nic->state != BOUND || now_ms() >= nic->expires) {
    discover(nic);
    return;
  }
  send_message(nic, REQUEST, &nic->offered);
  client_waits(&nic->v4);
}
