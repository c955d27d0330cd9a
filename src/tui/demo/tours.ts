import type { Tour } from "../model/demo.ts";
import { routedTour } from "./routed-tour.ts";

/** All tours by name. */
export const tours: Readonly<Record<string, Tour>> = { routed: routedTour };
