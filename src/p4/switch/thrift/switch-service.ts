import type { SwitchControl } from "../control/switch-control.ts";
import { type Method, method } from "./method.ts";
import { switchSignatures as signatures } from "./signatures.ts";

/** The service `simple_switch`, by method name. */
export function switchService(control: SwitchControl): ReadonlyMap<string, Method> {
  const { mirroring } = control;
  const done = (work: () => void): number => {
    work();
    return 0;
  };
  const methods: Record<string, Method> = {
    mirroring_session_add: method(signatures.mirroring_session_add, ({ session, config }) => {
      mirroring.set(session, config);
      return undefined;
    }),
    mirroring_session_delete: method(signatures.mirroring_session_delete, ({ session }) => {
      mirroring.delete(session);
      return undefined;
    }),
    mirroring_session_get: method(signatures.mirroring_session_get, ({ session }) => {
      const { port, group } = mirroring.get(session);
      return { port, group };
    }),
    mirroring_mapping_add: method(signatures.mirroring_mapping_add, ({ session, port }) =>
      mirroring.set(session, { port }) ? 1 : 0,
    ),
    mirroring_mapping_delete: method(signatures.mirroring_mapping_delete, ({ session }) => {
      if (mirroring.find(session) === undefined) return 0;
      mirroring.delete(session);
      return 1;
    }),
    mirroring_mapping_get_egress_port: method(
      signatures.mirroring_mapping_get_egress_port,
      ({ session }) => mirroring.find(session)?.port ?? -1,
    ),
    set_egress_priority_queue_depth: method(signatures.set_egress_priority_queue_depth, ({ port, priority, depth }) =>
      done(() => {
        control.setQueueDepth(depth, port, priority);
      }),
    ),
    set_egress_priority_queue_rate: method(signatures.set_egress_priority_queue_rate, ({ port, priority, rate }) =>
      done(() => {
        control.setQueueRate(Number(rate), port, priority);
      }),
    ),
    set_egress_queue_depth: method(signatures.set_egress_queue_depth, ({ port, depth }) =>
      done(() => {
        control.setQueueDepth(depth, port);
      }),
    ),
    set_egress_queue_rate: method(signatures.set_egress_queue_rate, ({ port, rate }) =>
      done(() => {
        control.setQueueRate(Number(rate), port);
      }),
    ),
    set_all_egress_queue_depths: method(signatures.set_all_egress_queue_depths, ({ depth }) =>
      done(() => {
        control.setQueueDepth(depth);
      }),
    ),
    set_all_egress_queue_rates: method(signatures.set_all_egress_queue_rates, ({ rate }) =>
      done(() => {
        control.setQueueRate(Number(rate));
      }),
    ),
    get_time_elapsed_us: method(signatures.get_time_elapsed_us, () => BigInt(Math.floor(control.now))),
    get_time_since_epoch_us: method(signatures.get_time_since_epoch_us, () => BigInt(Date.now()) * 1000n),
  };
  return new Map(Object.entries(methods));
}
