import { binary, bool, double, i16, i32, i64, list, optional, string, stringMap, struct } from "./codec.ts";

/** Structs of BMv2's services (simple_switch 1.15), by their names there without "Bm". Field names do not travel. */

export const matchType = { exact: 0, lpm: 1, ternary: 2, valid: 3, range: 4 } as const;
export const actionType = { none: 0, actionData: 1, member: 2, group: 3 } as const;

/** A tagged union by hand: the field that fits the type is there, the others are not. */
export const matchParam = struct({
  type: [1, i32],
  exact: [2, optional(struct({ key: [1, binary] }))],
  lpm: [3, optional(struct({ key: [1, binary], prefixLength: [2, i32] }))],
  ternary: [4, optional(struct({ key: [1, binary], mask: [2, binary] }))],
  valid: [5, optional(struct({ key: [1, bool] }))],
  range: [6, optional(struct({ start: [1, binary], end: [2, binary] }))],
});
export const matchParams = list(matchParam);
export const actionData = list(binary);
export const addEntryOptions = struct({ priority: [1, optional(i32)] });
export const counterValue = struct({ bytes: [1, i64], packets: [2, i64] });
export const meterRates = list(struct({ unitsPerMicros: [1, double], burst: [2, i32] }));

export const actionEntry = struct({
  type: [1, i32],
  name: [2, optional(string)],
  data: [3, optional(actionData)],
  member: [4, optional(i32)],
  group: [5, optional(i32)],
});
export const tableEntry = struct({
  key: [1, matchParams],
  options: [2, addEntryOptions],
  handle: [3, i32],
  action: [4, actionEntry],
  life: [5, optional(struct({ timeoutMs: [1, i32], sinceHitMs: [2, i32] }))],
});
export const profileMember = struct({ handle: [1, i32], action: [2, string], data: [3, actionData] });
export const profileGroup = struct({ handle: [1, i32], members: [2, list(i32)] });

export const switchInfo = struct({
  deviceId: [1, i64],
  thriftPort: [2, i32],
  notifications: [3, optional(string)],
  eventLogger: [4, optional(string)],
  debugger: [5, optional(string)],
});
export const portInfo = struct({ port: [1, i32], interface: [2, string], up: [3, bool], extra: [4, stringMap] });

export const crc16Config = struct({
  polynomial: [1, i16],
  initial: [2, i16],
  finalXor: [3, i16],
  reflectData: [4, bool],
  reflectRemainder: [5, bool],
});
export const crc32Config = struct({
  polynomial: [1, i32],
  initial: [2, i32],
  finalXor: [3, i32],
  reflectData: [4, bool],
  reflectRemainder: [5, bool],
});
export const mirroringSession = struct({ port: [1, optional(i32)], group: [2, optional(i32)] });

/** Every declared exception is a code. */
export const exception = struct({ code: [1, i32] });
