import { expect, test } from "vitest";
import { instanceBody, ok, startNexus } from "./nexus-fixture.ts";

const rivals = Array.from({ length: 16 }, (_, at) => at);

test("of several that want the same address at once one gets it", async () => {
  await using tested = await startNexus({ sleds: 2, switches: 0 });
  const { api, settled } = tested;
  await ok(api.projectCreate({ body: { name: "p", description: "" } }));
  const answers = await Promise.all(
    rivals.map((at) =>
      api.instanceCreate({
        query: { project: "p" },
        body: {
          ...instanceBody(`i${at}`),
          networkInterfaces: {
            type: "create",
            params: [
              {
                ...{ name: "net0", description: "", vpcName: "default", subnetName: "default" },
                ipConfig: { type: "v4", value: { ip: { type: "explicit", value: "172.30.0.77" } } },
              },
            ],
          },
        },
      }),
    ),
  );
  expect(answers.filter(({ type }) => type === "success")).toHaveLength(1);
  await settled();
  const guests = tested.sleds.flatMap(({ state }) => state?.mappings ?? []).flatMap(({ guests: all }) => all);
  expect(new Set(guests.map(({ ip, mac }) => `${ip} ${mac}`)).size).toBe(1);
});

test("a stop and a start that cross leave what one of them wanted", async () => {
  await using tested = await startNexus({ sleds: 1, switches: 0 });
  const { api, settled } = tested;
  await ok(api.projectCreate({ body: { name: "p", description: "" } }));
  const query = { project: "p" };
  await ok(api.instanceCreate({ query, body: instanceBody("a") }));
  await settled();
  const path = { instance: "a" };
  await Promise.all(rivals.map((at) => (at % 2 === 0 ? api.instanceStop : api.instanceStart)({ path, query })));
  await settled();
  const { runState } = await ok(api.instanceView({ path, query }));
  const [instance] = tested.sleds[0]?.state?.instances ?? [];
  expect(["running", "stopped"]).toContain(runState);
  expect(instance?.run ?? "stopped").toBe(runState);
});
