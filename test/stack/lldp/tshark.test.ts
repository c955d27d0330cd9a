import { expect, test } from "vitest";
import { lldpFrame } from "../../../src/stack/lldp/engine/information.ts";
import { hasTshark, tshark } from "../../packet/tshark.ts";

const columns = [
  ...["lldp.chassis.subtype", "lldp.chassis.id", "lldp.port.subtype", "lldp.port.id", "lldp.time_to_live"],
  ...[
    "lldp.tlv.system.name",
    "lldp.tlv.system.desc",
    "lldp.tlv.enable_system_cap.router",
    "_ws.malformed",
    "_ws.expert",
  ],
] as const;

test.skipIf(!hasTshark)("tshark reads what LLDP says here as it was meant, and finds no fault (needs tshark)", () => {
  const information = {
    systemName: "rack0-switch0",
    systemDescription: "Kestrel switch",
    capabilities: ["router"],
    interfaceName: "tfportrear0_0",
    mac: "a8:40:25:00:00:01",
  } as const;
  const [whole, shutdown] = tshark([lldpFrame(information, 120), lldpFrame(information, 0)], columns, "all");
  expect(Object.fromEntries(whole ?? [])).toMatchObject({
    "lldp.chassis.subtype": "1",
    "lldp.port.subtype": "5",
    "lldp.port.id": "tfportrear0_0",
    "lldp.time_to_live": "120",
    "lldp.tlv.system.name": "rack0-switch0",
    "lldp.tlv.system.desc": "Kestrel switch",
    "lldp.tlv.enable_system_cap.router": expect.stringMatching(/^(1|True)$/) as unknown,
    "_ws.malformed": "",
    "_ws.expert": "",
  });
  expect(Object.fromEntries(shutdown ?? [])).toMatchObject({ "lldp.time_to_live": "0", "_ws.malformed": "" });
});
