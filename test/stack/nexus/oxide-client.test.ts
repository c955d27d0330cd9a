import { Api } from "@oxide/api";
import { afterEach, describe, expect, test, vi } from "vitest";
import { startNexus } from "./nexus-fixture.ts";

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

/** What is not of Oxide's API. */
const ours = new Set(["instance_move", "reconciliation_status"]);

/** Oxide's operations on networking that nexus does not have: docs/nexus.md says why. */
const absent = new Set([
  "instanceAffinityGroupList",
  "instanceAntiAffinityGroupList",
  "instanceDiskAttach",
  "instanceDiskDetach",
  "instanceDiskList",
  "instanceMulticastGroupJoin",
  "instanceMulticastGroupLeave",
  "instanceMulticastGroupList",
  "instanceSerialConsole",
  "instanceSshPublicKeyList",
  "multicastGroupList",
  "multicastGroupMemberList",
  "multicastGroupView",
  "networkingBgpMessageHistory",
  "networkingSwitchPortLldpNeighbors",
  "networkingSwitchPortStatus",
  "projectPolicyUpdate",
  "projectPolicyView",
  "rackMembershipAbort",
  "rackMembershipAddSleds",
  "rackMembershipStatus",
  "sledListUninitialized",
  "sledPhysicalDiskList",
]);

const networking =
  /^(project|vpc|instance|internetGateway|floatingIp|externalSubnet|(system|silo)?(ip|subnet)Pool|(system|silo)(Ip|Subnet)Pool|multicast|probe|networking|systemNetworking|sled|rack|switch)/;

describe("the API and Oxide's client", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test("have the same operations, at the same paths", async () => {
    await using tested = await startNexus({ sleds: 0, switches: 0 });
    const document = (await (await fetch(`${tested.url}/openapi.json`)).json()) as Document;
    const asked: string[] = [];
    vi.stubGlobal("fetch", (url: string, { method = "" }: RequestInit) => {
      asked.push(`${method} ${url.split("?")[0] ?? ""}`);
      return Promise.resolve(new Response("{}"));
    });
    const methods = new Api({ host: "" }).methods as unknown as Record<string, (request: object) => Promise<unknown>>;
    // Parameters go by position: the client writes each as its own name.
    const path = new Proxy({}, { get: (_, name) => `{${String(name)}}` });
    const found = new Map<string, string>();
    for (const [name, method] of Object.entries(methods)) {
      if (!networking.test(name) || absent.has(name)) continue;
      await method({ path, query: {}, body: {} });
      found.set(name, (asked.at(-1) ?? "").replaceAll(/\{\w+\}/g, "{}"));
    }
    const served = new Map<string, string>();
    for (const [at, operations] of Object.entries(document.paths)) {
      for (const [method, { operationId }] of Object.entries(operations)) {
        if (ours.has(operationId)) continue;
        const name = operationId.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
        served.set(name, `${method.toUpperCase()} ${at.replaceAll(/\{\w+\}/g, "{}")}`);
      }
    }
    expect(served.size).toBeGreaterThan(130);
    expect(Object.fromEntries(served)).toEqual(Object.fromEntries(found));
    for (const name of absent) expect(methods).toHaveProperty(name);
  });
});
