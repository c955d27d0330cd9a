import type { BgpPeer, SwitchPortSettingsCreate } from "@oxide/api";
import { ok, type TestedNexus } from "./nexus-fixture.ts";

/** A BGP peer as it mostly is. */
export const peer: Omit<BgpPeer, "addr" | "bgpConfig"> = {
  allowedExport: { type: "no_filtering" },
  allowedImport: { type: "no_filtering" },
  communities: [],
  connectRetry: 3,
  delayOpen: 0,
  enforceFirstAs: false,
  holdTime: 6,
  idleHoldTime: 3,
  keepalive: 2,
};

/** Settings of a port with an address and a default route. */
export function uplinkSettings(name: string, address: string): SwitchPortSettingsCreate {
  return {
    name,
    description: "",
    portConfig: { geometry: "qsfp28x1" },
    links: [{ linkName: "phy0", mtu: 9000, speed: "speed100_g", autoneg: false, lldp: { enabled: true } }],
    addresses: [{ linkName: "phy0", addresses: [{ address, addressLot: "uplinks" }] }],
    routes: [{ linkName: "phy0", routes: [{ dst: "0.0.0.0/0", gw: "203.0.113.254" }] }],
  };
}

/** Give each switch's first port an address of the lot "uplinks" and a default route. Returns the rack's id. */
export async function withUplinks({ api }: TestedNexus): Promise<string> {
  const { items } = await ok(api.rackList({}));
  const rackId = items[0]?.id ?? "";
  const blocks = [{ firstAddress: "203.0.113.0", lastAddress: "203.0.113.255" }];
  await ok(api.networkingAddressLotCreate({ body: { name: "uplinks", description: "", kind: "infra", blocks } }));
  for (const [at, switchSlot] of (["switch0", "switch1"] as const).entries()) {
    const body = uplinkSettings(`uplink${at}`, `203.0.113.${at + 1}/24`);
    await ok(api.networkingSwitchPortSettingsCreate({ body }));
    await ok(
      api.networkingSwitchPortApplySettings({
        path: { port: "qsfp0" },
        query: { rackId, switchSlot },
        body: { portSettings: body.name },
      }),
    );
  }
  return rackId;
}
