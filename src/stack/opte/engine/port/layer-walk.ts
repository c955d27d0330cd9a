import type { Action } from "../layer/action.ts";
import type { Descriptor } from "../layer/descriptor.ts";
import type { Layer } from "../layer/layer.ts";
import type { Rule } from "../layer/rule-set.ts";
import { applyTransform, samePort, type Transform, transformKey } from "../layer/transform.ts";
import type { Walk } from "../layer/walk.ts";
import { keyWords, mirrorKey } from "../parse/flow-key.ts";
import type { LayerFlow } from "../table/flow.ts";
import type { FlowStore } from "./flow-store.ts";
import type { ProbeListener } from "./probe.ts";

/** What a layer decided. */
export type LayerResult = "allow" | "deny" | "hairpin" | "error";

/** Takes packets through the layers of a port, the slow way. */
export class LayerWalk {
  readonly #layers: readonly Layer[];
  readonly #store: FlowStore;
  readonly #entering = new Int32Array(keyWords);
  readonly #mirrored = new Int32Array(keyWords);
  probe: ProbeListener | undefined = undefined;

  constructor(layers: readonly Layer[], store: FlowStore) {
    this.#layers = layers;
    this.#store = store;
  }

  /** All layers in the order of the direction; the frame is changed as far as it came. */
  run(walk: Walk): LayerResult {
    const count = this.#layers.length;
    for (let i = 0; i < count; i++) {
      const index = walk.isIn ? count - 1 - i : i;
      const layer = this.#layers[index];
      if (layer === undefined) continue;
      this.probe?.({ probe: "layer-process-entry", layer: layer.name, walk });
      const result = this.#layer(layer, index, walk);
      this.probe?.({ probe: "layer-process-return", layer: layer.name, walk, detail: result });
      if (result !== "allow") return result;
    }
    return "allow";
  }

  #layer(layer: Layer, index: number, walk: Walk): LayerResult {
    const stats = walk.isIn ? layer.stats.in : layer.stats.out;
    const known = this.#knownFlow(layer, index, walk);
    if (known !== undefined) {
      stats.lft_hit += 1;
      known.lastHit = walk.now;
      if (walk.isIn) known.inHits += 1;
      else known.outHits += 1;
      walk.parents.push(known);
      this.#applyDescriptor(known.descriptor, walk);
      return "allow";
    }
    stats.lft_miss += 1;
    const side = walk.isIn ? layer.in : layer.out;
    const rule = side.rules.match(walk);
    if (rule === undefined) {
      stats.rule_nomatch += 1;
      side.defaultHits += 1;
      this.probe?.({ probe: "rule-no-match", layer: layer.name, walk });
    } else {
      stats.rule_match += 1;
      rule.hits += 1;
      this.probe?.({ probe: "rule-match", layer: layer.name, rule: rule.id, walk });
    }
    const result = this.#act(layer, index, rule, rule?.action ?? side.defaultAction, walk);
    if (result === "deny") {
      stats.deny += 1;
      walk.dropLayer = layer.name;
      this.probe?.({ probe: "rule-deny", layer: layer.name, rule: rule?.id, walk, detail: walk.dropReason });
    }
    return result;
  }

  /** The layer's earlier decision for this flow, unless the rules changed so that it does not hold any more. */
  #knownFlow(layer: Layer, index: number, walk: Walk): LayerFlow | undefined {
    const tables = this.#store.layers[index];
    if (tables === undefined || tables.size === 0) return undefined;
    const flow = tables.get(walk.isIn, walk.packet.key);
    if (flow?.isDirty !== true) return flow;
    if (flow.descriptor?.isValid() ?? true) {
      flow.isDirty = false;
      return flow;
    }
    this.#store.removeLayerFlow(flow);
    this.probe?.({ probe: "ft-entry-invalidated", layer: layer.name, walk });
    return undefined;
  }

  #act(layer: Layer, index: number, rule: Rule | undefined, action: Action, walk: Walk): LayerResult {
    switch (action.kind) {
      case "allow":
        return "allow";
      case "deny":
        return deny(walk, rule === undefined ? "default" : "rule");
      case "stateful-allow":
        return this.#remember(layer, index, undefined, walk);
      case "meta":
        action.apply(walk);
        return "allow";
      case "static": {
        const transform = action.transform(walk);
        if (transform === undefined) return deny(walk, "action");
        this.#apply(transform, samePort, walk);
        return "allow";
      }
      case "stateful": {
        const described = action.describe(walk);
        if (described === undefined) return deny(walk, "action");
        if ("failure" in described) {
          walk.failure = described.failure;
          walk.dropLayer = layer.name;
          this.probe?.({ probe: "gen-desc-fail", layer: layer.name, rule: rule?.id, walk, detail: described.failure });
          return "error";
        }
        return this.#remember(layer, index, described, walk);
      }
      case "handle-packet":
        return action.handle(walk) ? "hairpin" : deny(walk, "handle-packet");
      case "hairpin":
        return action.reply(walk) ? "hairpin" : deny(walk, "action");
    }
  }

  /** Apply a decision and store it for both directions of the flow. */
  #remember(layer: Layer, index: number, descriptor: Descriptor | undefined, walk: Walk): LayerResult {
    const { key } = walk.packet;
    if (walk.packet.family === 0) return "allow";
    this.#entering.set(key);
    const transform = walk.isIn ? descriptor?.inbound : descriptor?.outbound;
    // The frame is not touched before it is clear that the table has room.
    if (transform !== undefined) transformKey(walk.packet, transform, walk.isIn, portOf(descriptor, walk.isIn));
    mirrorKey(key, this.#mirrored);
    const [inKey, outKey] = walk.isIn ? [this.#entering, this.#mirrored] : [this.#mirrored, this.#entering];
    const flow = this.#store.addLayerFlow(index, inKey, outKey, descriptor, walk.now);
    if (flow === undefined) {
      (walk.isIn ? layer.stats.in : layer.stats.out).lft_full += 1;
      descriptor?.release();
      walk.failure = `flow table of layer ${layer.name} is full`;
      walk.dropLayer = layer.name;
      return "error";
    }
    walk.parents.push(flow);
    this.#applyDescriptor(descriptor, walk);
    return "allow";
  }

  #applyDescriptor(descriptor: Descriptor | undefined, walk: Walk): void {
    if (descriptor === undefined) return;
    if (descriptor.appliesExternalIp) walk.externalIpApplied = true;
    const transform = walk.isIn ? descriptor.inbound : descriptor.outbound;
    if (transform !== undefined) this.#apply(transform, portOf(descriptor, walk.isIn), walk);
  }

  #apply(transform: Transform, port: number, walk: Walk): void {
    applyTransform(walk.frame, walk.packet, transform, walk.isIn, port, walk.hash);
    transformKey(walk.packet, transform, walk.isIn, port);
    walk.transform = walk.transform.then(transform);
    if (port >= 0) walk.port = port;
    this.probe?.({ probe: "ht-run", walk, detail: transform.name });
  }
}

function portOf(descriptor: Descriptor | undefined, isIn: boolean): number {
  if (descriptor === undefined) return samePort;
  return isIn ? descriptor.inboundPort : descriptor.outboundPort;
}

function deny(walk: Walk, reason: Walk["dropReason"]): "deny" {
  walk.dropReason = reason;
  return "deny";
}
