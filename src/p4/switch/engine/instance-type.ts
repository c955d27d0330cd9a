/** Values of standard_metadata.instance_type. */
export const instanceType = {
  normal: 0,
  ingressClone: 1,
  egressClone: 2,
  recirculated: 4,
  replicated: 5,
  resubmitted: 6,
} as const;
