import type { Tour } from "../model/demo.ts";
import { routedTour } from "./routed-tour.ts";
import { twoRacksTour } from "./two-racks-tour.ts";

/** All tours by name. */
export const tours: Readonly<Record<string, Tour>> = {
  "two-racks": twoRacksTour,
  routed: routedTour,
};
