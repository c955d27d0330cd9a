/**
 * What a cached way depends on: when the mapping is changed or taken away, `isStale` becomes true and every cached way
 * that used it is looked up anew.
 */
export interface Mapping {
  isStale: boolean;
}
