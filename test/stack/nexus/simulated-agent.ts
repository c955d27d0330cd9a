import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type SledState, sledState } from "../../../src/stack/nexus/sled-interface/sled-state.ts";
import { type SwitchState, switchState } from "../../../src/stack/nexus/sled-interface/switch-state.ts";

type Instance = SledState["instances"][number];

/** An agent in this process: it takes a desired state if that is not older than the one it has, and tells what it has. */
abstract class SimulatedAgent<State extends { readonly generation: number }> implements AsyncDisposable {
  /** Every state that it took, in order. */
  readonly taken: State[] = [];
  /** How many requests it was sent, of all kinds. */
  requests = 0;
  #server: Server | undefined;
  #port = 0;

  protected abstract read(value: unknown): State;
  protected abstract report(): object;

  get state(): State | undefined {
    return this.taken.at(-1);
  }

  get port(): number {
    return this.#port;
  }

  /** Listen; again at the same port after {@link SimulatedAgent.end}. */
  async begin(): Promise<void> {
    const server = createServer((request, response) => {
      this.requests += 1;
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    server.listen(this.#port, "127.0.0.1", () => {
      resolve(undefined);
    });
    await promise;
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async end(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#server?.close(resolve);
    this.#server?.closeAllConnections();
    await promise;
    this.#server = undefined;
  }

  /** Lose everything, or all from a state on. */
  forget(keep = 0): void {
    this.taken.splice(keep);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server !== undefined) await this.end();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const send = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.method === "PUT" && request.url === "/v1/desired-state") {
      const state = this.read(JSON.parse(text));
      if (state.generation < (this.state?.generation ?? 0)) {
        send(409, { message: `has generation ${this.state?.generation ?? 0}` });
        return;
      }
      if (state.generation !== this.state?.generation) this.taken.push(state);
    }
    send(200, this.report());
  }
}

/** A sled's agent. Instances are in effect at once, unless {@link SimulatedSled.instanceState} says otherwise. */
export class SimulatedSled extends SimulatedAgent<SledState> {
  /** What it tells of an instance. */
  instanceState: (instance: Instance) => "starting" | "running" | "stopping" | "stopped" | "failed" = ({ run }) => run;

  protected read(value: unknown): SledState {
    return sledState.parse(value);
  }

  protected report(): object {
    const instances = (this.state?.instances ?? []).map((instance) => ({
      id: instance.id,
      incarnation: instance.incarnation,
      state: this.instanceState(instance),
    }));
    return { generation: this.state?.generation ?? 0, instances, faults: [] };
  }
}

/** A switch's agent. */
export class SimulatedSwitch extends SimulatedAgent<SwitchState> {
  /** What else it reports. */
  more: object = {};

  protected read(value: unknown): SwitchState {
    return switchState.parse(value);
  }

  protected report(): object {
    return { generation: this.state?.generation ?? 0, ...this.more };
  }
}
