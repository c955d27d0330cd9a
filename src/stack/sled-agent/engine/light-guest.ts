import type { SledState } from "../../nexus/sled-interface/sled-state.ts";

/** A network interface of a light guest. */
export interface GuestNic {
  /** What it is called in the guest: `net` and the number of its slot. */
  readonly name: string;
  readonly mac: string;
  readonly has4: boolean;
  readonly has6: boolean;
}

/** A network namespace with a root and an init of its own: a light instance, or a probe. */
export interface LightGuest {
  /** `ID.INCARNATION`: also the name of its network namespace. */
  readonly key: string;
  readonly hostname: string;
  readonly nics: readonly GuestNic[];
}

/** The key of the owner of ports: an instance that begins anew is another guest. */
export function guestKey(id: string, incarnation: number): string {
  return `${id}.${incarnation}`;
}

/** The identifier that a key was made of. */
export function ownerOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf("."));
}

/** The light guests that shall run, by key. */
export function lightGuests({ instances, ports }: SledState): ReadonlyMap<string, LightGuest> {
  const guests = new Map<string, LightGuest>();
  const add = (id: string, incarnation: number, hostname: string): void => {
    const own = ports.filter(({ owner }) => owner.id === id);
    const nics = own.map(({ slot, guest_mac: mac, ipv4, ipv6 }): GuestNic => ({
      name: `net${slot}`,
      mac,
      has4: ipv4 !== null,
      has6: ipv6 !== null,
    }));
    const key = guestKey(id, incarnation);
    guests.set(key, { key, hostname, nics });
  };
  for (const { id, kind, run, incarnation, hostname } of instances) {
    if (kind === "light" && run === "running") add(id, incarnation, hostname);
  }
  for (const { owner, name } of ports) {
    if (owner.kind === "probe" && !guests.has(guestKey(owner.id, 0))) add(owner.id, 0, name);
  }
  return guests;
}
