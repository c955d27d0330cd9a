import type { Tour } from "../model/demo.ts";
import { allCarry, carries } from "./wire-facts.ts";

const toSwitch0 = "rack0-sled0:net0--rack0-switch0:rear0";
const toSwitch1 = "rack0-sled0:net1--rack0-switch1:rear0";
const bothCables = [toSwitch0, toSwitch1];
const between = "rack0-switch0:qsfp0--rack1-switch0:qsfp0";
/** The sled of the other rack. */
const far = "fd00:1122:3344:201::1";

/** Sixteen flows of five datagrams a second: so many that either switch gets some, whatever the kernel draws. */
const flows = `const { createSocket } = require("dgram");
for (let flow = 0; flow < 16; flow++) {
  const socket = createSocket("udp6");
  socket.bind(20000 + flow, () => setInterval(() => socket.send("kestrel", 9, "${far}"), 200));
}`;
/** More than half of what they send: what one cable carries when it carries all of it. */
const nearlyAll = 60;
/** More than the routers say to each other: some flow is there. */
const some = 9;

/** Two racks: traffic over both switches, a switch that dies, one that comes back, a cable that is cut. */
export const twoRacksTour: Tour = {
  name: "two-racks",
  topology: "two-racks.yaml",
  parameters: { sleds: 1 },
  title: "Two racks, and a network that routes around",
  steps: [
    {
      title: "Two racks",
      caption:
        "Each rack has a sled and two switches; every switch is wired to both switches of the other rack. Nobody configured a route: the routers found each other and told each other what they reach.",
      view: "rack",
      selection: { kind: "node", name: "rack0-switch0" },
      effects: [],
    },
    {
      title: "Traffic between racks",
      caption:
        "The sled of rack0 sends sixteen flows to that of rack1. Each flow keeps to one way, and together they use both switches: two cables leave the sled, and both are busy.",
      view: "rack",
      selection: { kind: "wire", name: toSwitch0 },
      effects: [],
      background: [{ name: "flows", node: "rack0-sled0", command: `exec node -e '${flows}'` }],
      fact: allCarry("both cables of the sled", bothCables, some),
      deadlineMs: 60_000,
    },
    {
      title: "From switch to switch",
      caption:
        "What a cable between the racks carries. The sled addressed its frames to its switch, the switch to one of the other rack, each by the link-local neighbour that it found; one hop less to live at each.",
      view: "wire",
      selection: { kind: "wire", name: between },
      effects: [],
    },
    {
      title: "A switch dies",
      caption:
        "The machine of rack0-switch0 is killed. The sled's cable loses its carrier, the routers of the other rack hear nothing any more; within seconds all flows go by the other switch.",
      view: "rack",
      selection: { kind: "node", name: "rack0-switch0" },
      effects: [{ type: "act", node: "rack0-switch0", verb: "kill" }],
      fact: carries(toSwitch1, nearlyAll),
      deadlineMs: 60_000,
    },
    {
      title: "And is replaced",
      caption:
        "The switch boots, from nothing but its disk. Its data plane is empty; it finds its neighbours, hears of the prefixes, programs its tables, and only then is it given traffic again.",
      view: "rack",
      selection: { kind: "node", name: "rack0-switch0" },
      effects: [{ type: "act", node: "rack0-switch0", verb: "power-cycle" }],
      fact: allCarry("both cables of the sled", bothCables, some),
      deadlineMs: 300_000,
    },
    {
      title: "A cable that lies",
      caption:
        "The cable to switch1 is cut in silence: its lights stay on, and nothing arrives. Nobody is told; the routers notice that their peer does not answer, and leave it.",
      view: "rack",
      selection: { kind: "wire", name: toSwitch1 },
      effects: [{ type: "silence", wire: toSwitch1, cut: true }],
      fact: carries(toSwitch0, nearlyAll),
      deadlineMs: 60_000,
    },
    {
      title: "Mended",
      caption: "The cable carries again, the peers find each other, and the flows are spread over both.",
      view: "rack",
      selection: { kind: "wire", name: toSwitch1 },
      effects: [{ type: "silence", wire: toSwitch1, cut: false }],
      fact: allCarry("both cables of the sled", bothCables, some),
      deadlineMs: 60_000,
    },
    {
      title: "The end",
      caption: "The flows end. Both racks stay up: look around, break things, leave with q.",
      view: "rack",
      selection: { kind: "node", name: "rack0-sled0" },
      effects: [],
      ends: ["flows"],
    },
  ],
};
