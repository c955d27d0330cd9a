/** What vitest loads before each flow file where files share testbeds: the line to the process of the run. */
import { afterAll, afterEach, beforeEach } from "vitest";
import { onStep, stepsUnderWay } from "../timeline.ts";
import { closeLeaseClient, leaseClient } from "./lease-client.ts";
import { presentFlow, referenceTo } from "./worker-flow.ts";

const client = await leaseClient();
let beganAt = 0;

const stopListening = onStep((step) => client?.tellStep(presentFlow(), step));

beforeEach(({ task }) => {
  beganAt = Date.now();
  client?.flowBegins(referenceTo(task));
});

afterEach(async ({ task }) => {
  const failed = task.result?.state === "fail";
  const underWay = failed ? stepsUnderWay(beganAt) : [];
  await client?.flowEnds({ flow: referenceTo(task), failed, underWay });
});

afterAll(async () => {
  stopListening();
  await closeLeaseClient();
});
