import type { LayerFlow } from "../table/flow.ts";
import { Frame } from "../parse/frame.ts";
import type { Packet } from "../parse/packet.ts";
import type { RouterTarget } from "./router-target.ts";
import { identityTransform, samePort, type Transform } from "./transform.ts";

/** Longest reply that a hairpin makes: an echo of the longest frame. */
const longestReply = 65_550;

/**
 * One packet on its way through the layers: what was read of it, what the layers told each other about it (action
 * metadata), and what they decided so far. One object is used again for every packet.
 */
export class Walk {
  frame: Frame = new Frame(0);
  readonly packet: Packet;
  isIn = false;
  now = 0;
  /** Where hairpins write what goes back. */
  readonly reply = new Frame(longestReply);

  /** Action metadata `router-target` and `router-target-class`. */
  routerTarget: RouterTarget | undefined = undefined;
  /** Action metadata `vni`, -1 without. */
  vni = -1;
  /** Action metadata `external-ip-applied`. */
  externalIpApplied = false;
  /** Action metadata `opte:internal-target`: 1 or 0, -1 without. */
  internalTarget = -1;

  /** Everything that the layers changed so far. */
  transform: Transform = identityTransform;
  /** What NAT makes of the guest's port or echo id, -1: nothing. */
  port = samePort;
  /** Hash of the flow as it is encapsulated. */
  hash = 0;
  /** The stateful decisions that were used. */
  readonly parents: LayerFlow[] = [];
  /** Where the packet was dropped, and why: the layer's name, then which of its parts. */
  dropLayer = "";
  dropReason: "" | "action" | "default" | "rule" | "handle-packet" | "bandwidth" | "agent-queue" = "";
  /** What failed, where processing did. */
  failure = "";

  constructor(packet: Packet) {
    this.packet = packet;
  }

  begin(frame: Frame, isIn: boolean, now: number): void {
    this.frame = frame;
    this.isIn = isIn;
    this.now = now;
    this.routerTarget = undefined;
    this.vni = -1;
    this.externalIpApplied = false;
    this.internalTarget = -1;
    this.transform = identityTransform;
    this.port = samePort;
    this.hash = 0;
    this.parents.length = 0;
    this.dropLayer = "";
    this.dropReason = "";
    this.failure = "";
  }

  /** Action metadata as the predicates of rules read it. */
  metadata(key: string): string | undefined {
    switch (key) {
      case "router-target":
        return this.routerTarget?.text;
      case "router-target-class":
        return this.routerTarget?.class;
      case "vni":
        return this.vni < 0 ? undefined : String(this.vni);
      case "external-ip-applied":
        return this.externalIpApplied ? "" : undefined;
      case "opte:internal-target":
        return this.internalTarget < 0 ? undefined : String(this.internalTarget);
      default:
        return undefined;
    }
  }
}
