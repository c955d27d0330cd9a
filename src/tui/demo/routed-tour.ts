import type { Tour } from "../model/demo.ts";
import { worseLoss } from "../model/wire.ts";
import { carries, carriesNothing } from "./wire-facts.ts";

const near = "h1:net0--r1:net0";
const far = "r1:net1--h2:net0";

/** Two hosts and a router: traffic, a bad cable, a pulled cable, a router that stops; each seen to break and to heal. */
export const routedTour: Tour = {
  name: "routed",
  topology: "routed.yaml",
  title: "Two networks and a router",
  steps: [
    {
      title: "Three machines",
      caption:
        "h1 and h2 are on different networks, r1 routes between them. Each is a virtual machine with a kernel of its own, and each line is a cable that Kestrel owns.",
      view: "rack",
      selection: { kind: "node", name: "r1" },
      effects: [],
    },
    {
      title: "Traffic",
      caption: "h1 pings h2 twenty times a second. Every packet crosses both cables, and every cable counts.",
      view: "rack",
      selection: { kind: "wire", name: far },
      effects: [],
      background: [{ name: "ping", node: "h1", command: "exec ping -q -i 0.05 10.0.2.1" }],
      fact: carries(far, 20),
    },
    {
      title: "Every packet is seen",
      caption:
        "What the cable carries, decoded as it passes: requests one way, replies the other, one hop less to live.",
      view: "wire",
      selection: { kind: "wire", name: far },
      effects: [],
      fact: carries(far, 20),
    },
    {
      title: "A bad cable",
      caption: "The cable between h1 and r1 now loses a third of what it is given, drawn from a seed.",
      view: "rack",
      selection: { kind: "wire", name: near },
      effects: [{ type: "impair", wire: near, words: ["loss=33%"], direction: undefined }],
      fact: {
        text: `${near} loses frames`,
        holds: ({ wires }) => {
          const wire = wires.get(near);
          return wire !== undefined && (worseLoss(wire) ?? 0) > 0.05;
        },
      },
    },
    {
      title: "Mended",
      caption: "A clean cable again.",
      view: "rack",
      selection: { kind: "wire", name: near },
      effects: [{ type: "impair", wire: near, words: ["clean"], direction: undefined }],
      fact: {
        text: `${near} loses nothing`,
        holds: ({ wires }) => {
          const wire = wires.get(near);
          return wire !== undefined && worseLoss(wire) === 0;
        },
      },
    },
    {
      title: "A cable is pulled",
      caption:
        "The cable to h2 loses its carrier: both machines see their port go down, as if somebody had pulled the plug.",
      view: "rack",
      selection: { kind: "wire", name: far },
      effects: [{ type: "carrier", wire: far, up: false }],
      fact: carriesNothing(far),
    },
    {
      title: "Plugged in again",
      caption: "The carrier is back, the kernels find their neighbours again, and the replies arrive.",
      view: "rack",
      selection: { kind: "wire", name: far },
      effects: [{ type: "carrier", wire: far, up: true }],
      fact: carries(far, 20),
    },
    {
      title: "The router stops",
      caption:
        "r1 is frozen in the middle of whatever it was doing. h1 goes on sending; nothing comes out at the other side.",
      view: "rack",
      selection: { kind: "node", name: "r1" },
      effects: [{ type: "act", node: "r1", verb: "pause" }],
      fact: carriesNothing(far),
    },
    {
      title: "And goes on",
      caption: "r1 goes on where it was. What it did not read in time is lost, the rest flows.",
      view: "rack",
      selection: { kind: "node", name: "r1" },
      effects: [{ type: "act", node: "r1", verb: "resume" }],
      fact: carries(far, 20),
    },
    {
      title: "The end",
      caption: "The pings end. The testbed stays up: look around, break things, leave with q.",
      view: "rack",
      selection: { kind: "wire", name: far },
      effects: [],
      ends: ["ping"],
      fact: carriesNothing(far),
    },
  ],
};
