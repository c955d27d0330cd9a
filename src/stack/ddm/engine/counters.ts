/** What an interface counts from the start of the router (section 1.13); the last group is this implementation's own. */
export interface LinkCounters {
  solicitationsSent: number;
  solicitationsReceived: number;
  advertisementsSent: number;
  advertisementsReceived: number;
  peerExpirations: number;
  peerAddressChanges: number;
  peerEstablished: number;
  updatesSent: number;
  updatesReceived: number;
  updateSendFail: number;
  pullsSent: number;
  pullsReceived: number;
  pullFail: number;
  /** Vectors that had this router's id in their path. */
  loopsRefused: number;
  /** Vectors that do not belong where they came from, e.g. a bootstrap prefix of another rack. */
  filtered: number;
  malformedDiscovery: number;
  malformedBodies: number;
  /** Messages of routers that are not this link's peer, or that do not sign as they should. */
  strangersRefused: number;
  sendFail: number;
}

/** All zero. */
export function newCounters(): LinkCounters {
  return {
    solicitationsSent: 0,
    solicitationsReceived: 0,
    advertisementsSent: 0,
    advertisementsReceived: 0,
    peerExpirations: 0,
    peerAddressChanges: 0,
    peerEstablished: 0,
    updatesSent: 0,
    updatesReceived: 0,
    updateSendFail: 0,
    pullsSent: 0,
    pullsReceived: 0,
    pullFail: 0,
    loopsRefused: 0,
    filtered: 0,
    malformedDiscovery: 0,
    malformedBodies: 0,
    strangersRefused: 0,
    sendFail: 0,
  };
}
