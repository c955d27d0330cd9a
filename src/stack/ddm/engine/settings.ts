import type { RandomSource } from "../../daemon/random.ts";
import type { PolicySettings } from "./policy.ts";
import type { MessageAuthenticator } from "./authentication.ts";

/** Periods and limits in milliseconds (section 1.3). */
export interface EngineTimers {
  /** Between two solicitations on an interface. */
  readonly solicitInterval: number;
  /** A neighbour that has not advertised for longer is lost. */
  readonly expireThreshold: number;
  /** How long a push or a pull may take. */
  readonly exchangeTimeout: number;
  /** Between two pulls from a peer that does not look at the answers to its pushes. */
  readonly resyncInterval: number;
  /** Between two pulls from a peer of this implementation, which repeats what was refused. */
  readonly verifiedResyncInterval: number;
  /** How long after its start a router keeps what an earlier run left in the forwarding table, at most. */
  readonly restartGrace: number;
}

/** The reference's periods. */
export const defaultTimers: EngineTimers = {
  solicitInterval: 2000,
  expireThreshold: 5000,
  exchangeTimeout: 3000,
  resyncInterval: 10_000,
  verifiedResyncInterval: 120_000,
  restartGrace: 20_000,
};

/** What an engine is made with. */
export interface EngineSettings extends PolicySettings {
  /** Unique in the site; what stands in paths. */
  readonly routerId: string;
  /** What neighbours are told as the name. */
  readonly hostname: string;
  readonly timers: EngineTimers;
  /** Larger at each start of the router, below 2^48: tells a restarted router from one that was merely not heard. */
  readonly instance: number;
  /** For the spread of repetitions. */
  readonly random: RandomSource;
  /** Signed mode: only peers that sign with the right key are spoken with. */
  readonly authenticator?: MessageAuthenticator | undefined;
}

/** Longest body of a push that this implementation takes, bytes. */
export const ownBodyLimit = 1024 * 1024;

/** Longest body that a reference peer takes (Q3): its framework refuses from 1024 bytes. */
export const referenceBodyLimit = 1023;

/** Longest push that is made even if the peer takes more: a receiver is not to be busy with one for long. */
export const pushBodyLimit = 128 * 1024;
