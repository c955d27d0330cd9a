/** Names of the reference's error codes, by what they are about (BMv2's IDL). */
export interface ControlErrorCodes {
  table:
    | "TABLE_FULL"
    | "INVALID_HANDLE"
    | "EXPIRED_HANDLE"
    | "COUNTERS_DISABLED"
    | "METERS_DISABLED"
    | "AGEING_DISABLED"
    | "INVALID_TABLE_NAME"
    | "INVALID_ACTION_NAME"
    | "WRONG_TABLE_TYPE"
    | "INVALID_MBR_HANDLE"
    | "MBR_STILL_USED"
    | "MBR_ALREADY_IN_GRP"
    | "MBR_NOT_IN_GRP"
    | "INVALID_GRP_HANDLE"
    | "GRP_STILL_USED"
    | "EMPTY_GRP"
    | "DUPLICATE_ENTRY"
    | "BAD_MATCH_KEY"
    | "DEFAULT_ACTION_IS_CONST"
    | "DEFAULT_ENTRY_IS_CONST"
    | "INVALID_ACTION_PROFILE_NAME"
    | "IMMUTABLE_TABLE_ENTRIES"
    | "BAD_ACTION_DATA"
    | "NO_TABLE_KEY"
    | "ERROR";
  counter: "INVALID_COUNTER_NAME" | "INVALID_INDEX" | "ERROR";
  register: "INVALID_REGISTER_NAME" | "INVALID_INDEX" | "ERROR";
  meter: "INVALID_METER_NAME" | "INVALID_INDEX" | "BAD_RATES_LIST" | "INVALID_INFO_RATE_VALUE" | "ERROR";
  multicast: "TABLE_FULL" | "INVALID_MGID" | "INVALID_MGRP_HANDLE" | "INVALID_L1_HANDLE" | "ERROR";
  learning: "INVALID_LIST_ID" | "INVALID_LIST_NAME" | "ERROR";
  swap: "CONFIG_SWAP_DISABLED" | "ONGOING_SWAP" | "NO_ONGOING_SWAP";
  calculation: "INVALID_CALCULATION_NAME" | "WRONG_TYPE_CALCULATION" | "INVALID_CONFIG" | "INVALID_KEY";
  valueSet: "INVALID_PARSE_VSET_NAME" | "ERROR";
  device: "ERROR";
  lookup: "INVALID_RESOURCE_TYPE" | "INVALID_RESOURCE_NAME";
  mirroring: "SESSION_NOT_FOUND";
}

/** What a refused control operation was about. */
export type ControlSubject = keyof ControlErrorCodes;

/** A control operation that was refused, and changed nothing. */
export class ControlError<Subject extends ControlSubject = ControlSubject> extends Error {
  readonly subject: Subject;
  readonly code: ControlErrorCodes[Subject];

  constructor(subject: Subject, code: ControlErrorCodes[Subject], detail?: string) {
    super(detail === undefined ? code : `${code}: ${detail}`);
    this.name = "ControlError";
    this.subject = subject;
    this.code = code;
  }
}

/** Whether something that was thrown is a refused control operation. */
export function isControlError(error: unknown): error is ControlError {
  return error instanceof ControlError;
}
