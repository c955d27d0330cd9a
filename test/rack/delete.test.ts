import { connect } from "node:net";
import { expect, test } from "vitest";
import { deleteProject, deleteVpc, NexusClient } from "../../src/rack/index.ts";
import { instanceBody, ok, startNexus } from "../stack/nexus/nexus-fixture.ts";

test("a VPC and a project are deleted with what they came with, and stay as they are while something is in them", async () => {
  await using tested = await startNexus({ sleds: 1, switches: 0 });
  const { api, nexus: running, settled } = tested;
  // As the node that nexus is on connects to it.
  const nexus = new NexusClient({ connect: () => Promise.resolve(connect(running.port, "127.0.0.1")) }, "s1");
  const query = { project: "p" };
  await ok(api.projectCreate({ body: { name: "p", description: "" } }));
  await ok(api.vpcCreate({ query, body: { name: "blue", description: "", dnsName: "blue" } }));
  await ok(api.instanceCreate({ query, body: instanceBody("a") }));
  await settled();
  const before = running.store.dump();
  await expect(deleteVpc(nexus, "p", "default")).rejects.toThrow("net0");
  await expect(deleteProject(nexus, "p")).rejects.toThrow("a");
  expect(running.store.dump()).toBe(before);
  await deleteVpc(nexus, "p", "blue");
  expect((await ok(api.vpcList({ query }))).items.map(({ name }) => name)).toEqual(["default"]);
  await ok(api.instanceStop({ path: { instance: "a" }, query }));
  await settled();
  await ok(api.instanceDelete({ path: { instance: "a" }, query }));
  await deleteProject(nexus, "p");
  expect((await ok(api.projectList({}))).items).toEqual([]);
  for (const table of [running.store.tables.vpcs, running.store.tables.subnets, running.store.tables.routers]) {
    expect(table.count({})).toBe(0);
  }
});
