import type { DirectionSettings } from "../topology/direction-settings.ts";
import type {
  DirectionName,
  EndIndex,
  PanelConfiguration,
  PortStatus,
  Statistics,
  WireEnd,
  WireStatus,
} from "./protocol.ts";

/** Stream of the `capture` call that carries the pcapng bytes. */
export const captureStream = 1;

/** The calls of the panel that have one answer: name to parameters and result. Client and process are typed by it. */
export interface PanelCalls {
  readonly configure: { readonly params: PanelConfiguration; readonly result: readonly PortStatus[] };
  readonly removeWire: { readonly params: { readonly wire: string }; readonly result: undefined };
  readonly removePort: {
    readonly params: { readonly node: string; readonly port: string };
    readonly result: undefined;
  };
  readonly attach: {
    readonly params: { readonly wire: string; readonly end: EndIndex; readonly target: NonNullable<WireEnd> };
    readonly result: undefined;
  };
  readonly detach: { readonly params: { readonly wire: string; readonly end: EndIndex }; readonly result: undefined };
  readonly set: {
    readonly params: {
      readonly wire: string;
      readonly settings: Partial<DirectionSettings>;
      readonly direction?: DirectionName;
    };
    readonly result: undefined;
  };
  readonly setUp: { readonly params: { readonly wire: string; readonly up: boolean }; readonly result: undefined };
  readonly list: {
    readonly params: undefined;
    readonly result: { readonly ports: readonly PortStatus[]; readonly wires: readonly WireStatus[] };
  };
  readonly statistics: { readonly params: undefined; readonly result: Statistics };
  readonly cursor: { readonly params: undefined; readonly result: number };
  readonly inject: {
    readonly params: {
      readonly wire: string;
      readonly direction: DirectionName;
      /** Base64. */
      readonly frame: string;
      readonly comment?: string;
    };
    readonly result: number;
  };
}
