import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type ChangeSignal, heldAnswers } from "../daemon/held-answer.ts";
import { type MachineList, machineList, machineOffer, type MachineOffer } from "./machine-interface.ts";

/** What the provider of machines speaks to. */
export interface MachineSubject {
  /** Tells when the list may be another. */
  readonly changes: ChangeSignal;
  machines(): MachineList;
  /** Resolves when it is on the disk. */
  offerMachine(key: string, offer: MachineOffer): Promise<void>;
  /** As {@link MachineSubject.offerMachine}. */
  releaseMachine(key: string): Promise<void>;
}

/**
 * Add to an agent's API what the provider of machines asks: `GET /v1/machines`, held for who knows the answer already; `PUT` and `DELETE` of
 * one. Every answer is the whole list.
 */
export function serveMachines(api: OpenAPIHono, subject: MachineSubject): void {
  const answers = {
    200: { description: "all machines", content: { "application/json": { schema: machineList } } },
  };
  const params = z.object({ key: z.string() });
  const get = createRoute({
    method: "get",
    path: "/v1/machines",
    middleware: heldAnswers(subject.changes, () => subject.machines()),
    responses: { ...answers, 304: { description: "nothing else than is known already" } },
  });
  api.openapi(get, (c) => c.json(subject.machines(), 200));
  const put = createRoute({
    method: "put",
    path: "/v1/machines/{key}",
    request: { params, body: { required: true, content: { "application/json": { schema: machineOffer } } } },
    responses: answers,
  });
  api.openapi(put, async (c) => {
    await subject.offerMachine(c.req.valid("param").key, c.req.valid("json"));
    return c.json(subject.machines(), 200);
  });
  const remove = createRoute({ method: "delete", path: "/v1/machines/{key}", request: { params }, responses: answers });
  api.openapi(remove, async (c) => {
    await subject.releaseMachine(c.req.valid("param").key);
    return c.json(subject.machines(), 200);
  });
}
