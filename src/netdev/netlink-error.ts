import { describeRefusal, type Refusal } from "./netlink-message.ts";

/** A request that the kernel refused. */
export class NetlinkError extends Error {
  /** Name of the errno: `EEXIST`, `ENODEV`, … */
  readonly code: string;
  /** The kernel's own words (extended acknowledgement), where it has any. */
  readonly explanation: string | undefined;

  /** `step` is what was asked for: "RTM_NEWROUTE". */
  constructor(step: string, refusal: Refusal) {
    super(`${step}: ${describeRefusal(refusal)}`);
    this.name = "NetlinkError";
    this.code = refusal.code;
    this.explanation = refusal.explanation;
  }
}
