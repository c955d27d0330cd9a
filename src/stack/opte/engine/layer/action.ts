import type { Descriptor } from "./descriptor.ts";
import type { Transform } from "./transform.ts";
import type { Walk } from "./walk.ts";

/** The failure of a NAT action that has no port to give. */
export const snatExhausted = "SNAT Pool (exhausted)";

/** A stateful action that could not decide: the packet is lost, and counted as a process error. */
export interface DescribeFailure {
  readonly failure: string;
}

/** What a rule does with the packets it matches (specification, section 1.3). */
export type Action =
  | { readonly kind: "allow" }
  /** Also accepts the answers, by an LFT pair that changes nothing. */
  | { readonly kind: "stateful-allow" }
  | { readonly kind: "deny" }
  /** Answers into `walk.reply`, or drops: false. */
  | { readonly kind: "handle-packet"; readonly handle: (walk: Walk) => boolean }
  /** Changes only what later layers are told. */
  | { readonly kind: "meta"; readonly text: string; readonly apply: (walk: Walk) => void }
  /** A transform computed from the packet alone; `undefined` refuses it. */
  | { readonly kind: "static"; readonly text: string; readonly transform: (walk: Walk) => Transform | undefined }
  /** Decides for the flow; `undefined` refuses the packet. */
  | {
      readonly kind: "stateful";
      readonly text: string;
      readonly describe: (walk: Walk) => Descriptor | DescribeFailure | undefined;
    }
  /** Consumes the packet and answers into `walk.reply`, or drops: false. */
  | { readonly kind: "hairpin"; readonly text: string; readonly reply: (walk: Walk) => boolean };

/** An action as dumps print it. */
export function actionText(action: Action): string {
  switch (action.kind) {
    case "allow":
      return "Allow";
    case "stateful-allow":
      return "Stateful Allow";
    case "deny":
      return "Deny";
    case "handle-packet":
      return "Handle Packet";
    case "meta":
      return `Meta: ${action.text}`;
    case "static":
      return `Static: ${action.text}`;
    case "stateful":
      return `Stateful: ${action.text}`;
    case "hairpin":
      return `Hairpin: ${action.text}`;
  }
}
