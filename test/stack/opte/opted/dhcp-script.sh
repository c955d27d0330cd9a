#!/bin/sh
# What DHCP clients run (udhcpc for IPv4, dhclient for IPv6): gives the interface what the server said, and says it.
if [ "$reason" = BOUND6 ]; then
  ip -6 address add "$new_ip6_address/$new_ip6_prefixlen" dev "$interface"
  echo "address=$new_ip6_address servers=$new_dhcp6_name_servers fqdn=$new_fqdn_fqdn life=$new_max_life"
fi
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface"
echo "hostname=$hostname lease=$lease dns=$dns routes=$staticroutes"
# shellcheck disable=SC2086 # words
set -- $staticroutes
while [ $# -ge 2 ]; do
  if [ "$2" = 0.0.0.0 ]; then ip route add "$1" dev "$interface"; else ip route add "$1" via "$2" dev "$interface"; fi
  shift 2
done
