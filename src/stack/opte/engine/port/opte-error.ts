import { type FaultKind, KestrelError } from "../../../../error/kestrel-error.ts";

/** What can go wrong with a command, and the errno that stands for it (specification, section 3). */
export const opteErrnos = {
  BadLayerPos: "EINVAL",
  BadName: "EINVAL",
  BadState: "EINVAL",
  InvalidIpCfg: "EINVAL",
  InvalidRouterEntry: "EINVAL",
  InvalidUnderlayMulticast: "EINVAL",
  PortCreate: "EINVAL",
  MacExists: "EEXIST",
  PortExists: "EEXIST",
  LayerNotFound: "ENOENT",
  PortNotFound: "ENOENT",
  RuleNotFound: "ENOENT",
  NotFound: "ENOENT",
  MaxCapacity: "ENFILE",
  UnderlayNotInitialized: "EINVAL",
  UnderlayExists: "EEXIST",
  UnderlayBusy: "EBUSY",
  UnderlayMissing: "ENOENT",
} as const;

export type OpteErrorCode = keyof typeof opteErrnos;

/** A command that the engine refuses; it has changed nothing. */
export class OpteError extends KestrelError {
  readonly code: OpteErrorCode;

  constructor(code: OpteErrorCode, step: string, subject: string, expected: string | undefined, found: string) {
    const kind: FaultKind = "input";
    super({ kind, step, subject, expected, found });
    this.name = "OpteError";
    this.code = code;
  }

  get errno(): string {
    return opteErrnos[this.code];
  }
}
