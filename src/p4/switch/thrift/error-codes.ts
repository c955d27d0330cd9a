import type { ControlErrorCodes, ControlSubject } from "../state/control-error.ts";

/** Numbers of the reference's error codes on the wire. */
const codes: { readonly [Subject in ControlSubject]: Readonly<Record<ControlErrorCodes[Subject], number>> } = {
  table: {
    TABLE_FULL: 1,
    INVALID_HANDLE: 2,
    EXPIRED_HANDLE: 3,
    COUNTERS_DISABLED: 4,
    METERS_DISABLED: 5,
    AGEING_DISABLED: 6,
    INVALID_TABLE_NAME: 7,
    INVALID_ACTION_NAME: 8,
    WRONG_TABLE_TYPE: 9,
    INVALID_MBR_HANDLE: 10,
    MBR_STILL_USED: 11,
    MBR_ALREADY_IN_GRP: 12,
    MBR_NOT_IN_GRP: 13,
    INVALID_GRP_HANDLE: 14,
    GRP_STILL_USED: 15,
    EMPTY_GRP: 16,
    DUPLICATE_ENTRY: 17,
    BAD_MATCH_KEY: 18,
    DEFAULT_ACTION_IS_CONST: 20,
    DEFAULT_ENTRY_IS_CONST: 21,
    INVALID_ACTION_PROFILE_NAME: 23,
    IMMUTABLE_TABLE_ENTRIES: 25,
    BAD_ACTION_DATA: 26,
    NO_TABLE_KEY: 27,
    ERROR: 100,
  },
  counter: { INVALID_COUNTER_NAME: 1, INVALID_INDEX: 2, ERROR: 3 },
  register: { INVALID_REGISTER_NAME: 1, INVALID_INDEX: 2, ERROR: 3 },
  meter: { INVALID_METER_NAME: 1, INVALID_INDEX: 2, BAD_RATES_LIST: 3, INVALID_INFO_RATE_VALUE: 4, ERROR: 6 },
  multicast: { TABLE_FULL: 1, INVALID_MGID: 2, INVALID_MGRP_HANDLE: 3, INVALID_L1_HANDLE: 4, ERROR: 5 },
  learning: { INVALID_LIST_ID: 1, INVALID_LIST_NAME: 2, ERROR: 3 },
  swap: { CONFIG_SWAP_DISABLED: 1, ONGOING_SWAP: 2, NO_ONGOING_SWAP: 3 },
  calculation: { INVALID_CALCULATION_NAME: 1, WRONG_TYPE_CALCULATION: 2, INVALID_CONFIG: 3, INVALID_KEY: 3 },
  valueSet: { INVALID_PARSE_VSET_NAME: 1, ERROR: 2 },
  device: { ERROR: 1 },
  lookup: { INVALID_RESOURCE_TYPE: 0, INVALID_RESOURCE_NAME: 1 },
  mirroring: { SESSION_NOT_FOUND: 1 },
};

/** The number of an error code. */
export function errorNumber(subject: ControlSubject, code: string): number {
  const numbers: Readonly<Record<string, number>> = codes[subject];
  return numbers[code] ?? 0;
}

/** The name of an error code, for clients. */
export function errorName(subject: ControlSubject, number: number): string {
  return Object.entries(codes[subject]).find(([, value]) => value === number)?.[0] ?? `ERROR ${number}`;
}
