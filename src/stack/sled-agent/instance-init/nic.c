/* The instance's interfaces: found by their hardware addresses, named, raised, and given to the DHCP clients. */
#include "nic.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>

struct nic nics[MOST_NICS];
int nic_count;

int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void client_waits(struct client *client) {
  client->wait = client->wait == 0 ? FIRST_WAIT_MS : client->wait * 2;
  if (client->wait > LONGEST_WAIT_MS) client->wait = LONGEST_WAIT_MS;
  client->due = now_ms() + client->wait;
}

void client_ends(struct client *client) {
  if (client->socket >= 0) close(client->socket);
  client->socket = -1;
  client->due = INT64_MAX;
  client->wait = 0;
}

int client_socket(int family, const char *device, uint16_t port) {
  int on = 1, fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
  const struct sockaddr *address = family == AF_INET6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
  socklen_t size = family == AF_INET6 ? sizeof v6 : sizeof v4;
  bool made = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
              setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device) + 1) == 0 &&
              (family == AF_INET ? setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on)
                                 : setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on)) == 0 &&
              bind(fd, address, size) == 0;
  if (made) return fd;
  perror("instance-init: cannot listen for DHCP");
  close(fd);
  return -1;
}

bool nic_add(const char *text) {
  struct nic *nic = &nics[nic_count];
  char families[3] = "";
  unsigned mac[6];
  if (nic_count == MOST_NICS) return false;
  if (sscanf(text, "%15[^,],%2x:%2x:%2x:%2x:%2x:%2x,%2[46]", nic->name, &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
             &mac[5], families) < 7)
    return false;
  for (int i = 0; i < 6; i += 1) nic->mac[i] = (uint8_t)mac[i];
  nic->v4 = (struct client){.wanted = strchr(families, '4') != NULL, .socket = -1, .due = INT64_MAX};
  nic->v6 = (struct client){.wanted = strchr(families, '6') != NULL, .socket = -1, .due = INT64_MAX};
  nic_count += 1;
  return true;
}

static void set_parameter(const char *family, const char *name, const char *parameter, const char *value) {
  char path[128];
  snprintf(path, sizeof path, "/proc/sys/net/%s/conf/%s/%s", family, name, parameter);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, value, strlen(value)) < 0) fprintf(stderr, "instance-init: cannot set %s\n", path);
  if (fd >= 0) close(fd);
}

/* OPTE is the only one on the link: no address is another's. An answer to the broadcast comes before there is a route back. */
static void prepare(const char *name) {
  set_parameter("ipv6", name, "accept_dad", "0");
  set_parameter("ipv6", name, "accept_ra", "1");
  set_parameter("ipv6", name, "router_solicitation_delay", "0");
  set_parameter("ipv4", "all", "rp_filter", "0");
  set_parameter("ipv4", name, "rp_filter", "0");
}

static void raise_link(int fd, struct ifreq *request) {
  request->ifr_flags |= IFF_UP;
  if (ioctl(fd, SIOCSIFFLAGS, request) < 0) perror("instance-init: cannot raise an interface");
}

static void take(int fd, struct nic *nic, const char *found, int index) {
  struct ifreq request = {0};
  strncpy(request.ifr_name, found, IFNAMSIZ - 1);
  if (strcmp(found, nic->name) != 0) {
    memcpy(request.ifr_newname, nic->name, IFNAMSIZ);
    if (ioctl(fd, SIOCSIFNAME, &request) < 0) perror("instance-init: cannot name an interface");
    else memcpy(request.ifr_name, nic->name, IFNAMSIZ);
  }
  prepare(request.ifr_name);
  nic->index = index;
  if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) raise_link(fd, &request);
}

void nics_scan(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct if_nameindex *all = if_nameindex();
  for (struct nic *nic = nics; nic < nics + nic_count; nic += 1) {
    bool present = false, carries = false;
    for (struct if_nameindex *each = all; each != NULL && each->if_index != 0; each += 1) {
      struct ifreq request = {0};
      strncpy(request.ifr_name, each->if_name, IFNAMSIZ - 1);
      if (ioctl(fd, SIOCGIFHWADDR, &request) < 0 || memcmp(request.ifr_hwaddr.sa_data, nic->mac, 6) != 0) continue;
      present = true;
      if (nic->index != (int)each->if_index) {
        client_ends(&nic->v4);
        client_ends(&nic->v6);
        take(fd, nic, each->if_name, (int)each->if_index);
      }
      memcpy(request.ifr_name, nic->name, IFNAMSIZ);
      carries = ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_RUNNING) != 0;
    }
    if (!present) {
      nic->index = 0;
      client_ends(&nic->v4);
      client_ends(&nic->v6);
    }
    if (carries && nic->v4.wanted && nic->v4.socket < 0) dhcpv4_start(nic);
    if (carries && nic->v6.wanted && nic->v6.socket < 0) dhcpv6_start(nic);
  }
  if_freenameindex(all);
  close(fd);
}

void write_resolver(void) {
  FILE *file = fopen("/etc/resolv.conf.new", "w");
  if (file == NULL) return;
  char text[INET6_ADDRSTRLEN];
  for (struct nic *nic = nics; nic < nics + nic_count; nic += 1) {
    if (nic->domain[0] != 0) fprintf(file, "search %s\n", nic->domain);
    for (int i = 0; i < 3 && nic->dns4[i] != 0; i += 1)
      fprintf(file, "nameserver %s\n", inet_ntop(AF_INET, &nic->dns4[i], text, sizeof text));
    for (int i = 0; i < nic->dns6_count; i += 1)
      fprintf(file, "nameserver %s\n", inet_ntop(AF_INET6, &nic->dns6[i], text, sizeof text));
  }
  fclose(file);
  rename("/etc/resolv.conf.new", "/etc/resolv.conf");
}
