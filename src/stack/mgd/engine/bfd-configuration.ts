import type { SwitchState } from "../../nexus/sled-interface/switch-state.ts";
import type { ConfigurationLine } from "./frr-configuration.ts";

/** FRR's own values, which its configuration leaves out. */
const defaults = { multiplier: 3, intervalMs: 300 } as const;

/** What bfdd shall have. A session is asked for and told as often: FRR has milliseconds, nexus microseconds. */
export function bfdConfiguration({ bfd }: SwitchState): readonly ConfigurationLine[] {
  return bfd.flatMap(({ remote, local, mode, detection_threshold: multiplier, required_rx: requiredRx }) => {
    const intervalMs = Math.max(10, Math.round(requiredRx / 1000));
    const session = [
      `peer ${remote}`,
      ...(mode === "multi_hop" ? ["multihop"] : []),
      ...(local === null ? [] : [`local-address ${local}`]),
    ].join(" ");
    const context = ["bfd", session];
    return [
      context,
      ...(multiplier === defaults.multiplier ? [] : [[...context, `detect-multiplier ${multiplier}`]]),
      ...(intervalMs === defaults.intervalMs
        ? []
        : [
            [...context, `receive-interval ${intervalMs}`],
            [...context, `transmit-interval ${intervalMs}`],
          ]),
    ];
  });
}
