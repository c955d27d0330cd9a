import type { VpcFirewallRuleUpdate } from "@oxide/api";
import { describe, expect, test } from "vitest";
import { type Document, type Operation, RequestMaker } from "./bad-requests.ts";
import { instanceBody, ok, refused, startNexus, type TestedNexus } from "./nexus-fixture.ts";

const uuid = "00000000-0000-4000-8000-000000000000";

describe("requests that are wrong in one place, made from the OpenAPI document", () => {
  test("are refused with the name of what is wrong, and change nothing", { timeout: 300_000 }, async () => {
    await using tested = await startNexus({ sleds: 1, switches: 0 });
    await ok(tested.api.projectCreate({ body: { name: "p1", description: "" } }));
    await ok(tested.api.instanceCreate({ query: { project: "p1" }, body: { ...instanceBody("i1"), start: false } }));
    await tested.settled();
    const document = (await (await fetch(`${tested.url}/openapi.json`)).json()) as Document;
    const maker = new RequestMaker(document);
    const faults: string[] = [];
    const before = tested.nexus.store.dump();
    let count = 0;
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        for (const { what, field, target, body } of badRequests(maker, path, operation)) {
          count += 1;
          const request = body === undefined ? { method } : { method, body: JSON.stringify(body) };
          const answer = await fetch(`${tested.url}${target}`, { ...request, method: method.toUpperCase() });
          const text = await answer.text();
          if (answer.status !== 400 || !(JSON.parse(text) as { message: string }).message.includes(field)) {
            faults.push(`${operation.operationId}: ${what}: ${answer.status} ${text.slice(0, 200)}`);
          }
        }
      }
    }
    expect(faults).toEqual([]);
    expect(tested.nexus.store.dump()).toBe(before);
    expect(count).toBeGreaterThan(1500);
  });

  test("bodies that are no JSON, or too long", async () => {
    await using tested = await startNexus({ sleds: 0, switches: 0 });
    const before = tested.nexus.store.dump();
    const post = async (body: string): Promise<string> => {
      const answer = await fetch(`${tested.url}/v1/projects`, { method: "POST", body });
      return `${answer.status} ${((await answer.json()) as { message: string }).message}`;
    };
    expect(await post("{")).toMatch(/^400 body: /);
    expect(await post("")).toMatch(/^400 body: /);
    expect(await post("[]")).toMatch(/^400 body: .*expected object/);
    expect(await post('{"__proto__": {}, "name": "p2", "description": ""}')).toBe("400 __proto__: unknown field");
    expect(await post(" ".repeat(2_000_000))).toBe("413 body longer than 1048576 bytes");
    expect(tested.nexus.store.dump()).toBe(before);
  });
});

interface BadRequest {
  readonly what: string;
  readonly field: string;
  readonly target: string;
  readonly body: unknown;
}

function* badRequests(maker: RequestMaker, path: string, operation: Operation): Generator<BadRequest> {
  const parameters = operation.parameters ?? [];
  const schema = operation.requestBody?.content["application/json"].schema;
  const good = schema === undefined ? undefined : maker.sample(schema);
  const sample = ({ name, schema: each }: (typeof parameters)[number]): string => String(maker.sample(each, name));
  const queries = parameters.filter((parameter) => parameter.in === "query");
  const needed = queries.filter(({ required }) => required).map((each) => [each.name, sample(each)] as const);
  const target = (
    query: readonly (readonly [string, string])[],
    wrong: Readonly<Record<string, string>> = {},
  ): string => {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const parameter = parameters.find((each) => each.name === name);
      return encodeURIComponent(wrong[name] ?? (parameter === undefined ? "" : sample(parameter)));
    });
    return `${filled}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
  };
  yield { what: "unknown parameter", field: "surprise", target: target([...needed, ["surprise", "1"]]), body: good };
  for (const [name] of needed) {
    const rest = needed.filter(([other]) => other !== name);
    yield { what: `without ${name}`, field: name, target: target(rest), body: good };
    yield { what: `${name} twice`, field: name, target: target([...needed, [name, uuid]]), body: good };
  }
  for (const { name } of queries) {
    const rest = needed.filter(([other]) => other !== name);
    const tooLong = "-".repeat(2000);
    yield { what: `${name} too long`, field: name, target: target([...rest, [name, tooLong]]), body: good };
  }
  for (const { name } of parameters.filter((parameter) => parameter.in === "path")) {
    yield { what: `${name} ill-formed`, field: name, target: target(needed, { [name]: "-Bad-" }), body: good };
  }
  if (schema === undefined) return;
  for (const { what, field, value } of maker.mutations(schema, "body")) {
    yield { what, field, target: target(needed), body: value };
  }
}

describe("requests that conflict with what there is", () => {
  const conflicts: readonly (readonly [string, (tested: TestedNexus) => Promise<string>, string])[] = [
    [
      "a name that is taken",
      ({ api }) => refused(api.projectCreate({ body: { name: "p1", description: "again" } })),
      '400 name: already exists: project "p1"',
    ],
    [
      "a VPC of a name that is taken",
      ({ api }) =>
        refused(api.vpcCreate({ query: { project: "p1" }, body: { name: "default", description: "", dnsName: "x" } })),
      '400 name: already exists: vpc "default"',
    ],
    [
      "a subnet that overlaps another",
      ({ api }) =>
        refused(
          api.vpcSubnetCreate({
            query: { project: "p1", vpc: "default" },
            body: { name: "s2", description: "", ipv4Block: "172.30.2.0/24" },
          }),
        ),
      '400 ipv4_block: 172.30.2.0/24 overlaps 172.30.0.0/22 of subnet "default"',
    ],
    [
      "a project that is not empty",
      ({ api }) => refused(api.projectDelete({ path: { project: "p1" } })),
      '400 project: "p1" cannot be deleted while it has 1 VPC',
    ],
    [
      "a subnet with interfaces",
      ({ api }) =>
        refused(api.vpcSubnetDelete({ path: { subnet: "default" }, query: { project: "p1", vpc: "default" } })),
      '400 subnet: "default" cannot be deleted while it has 1 network interfaces',
    ],
    [
      "an id together with a parent",
      ({ api }) => refused(api.vpcView({ path: { vpc: uuid }, query: { project: "p1" } })),
      "400 project: when providing vpc as an ID, project should not be specified",
    ],
    [
      "a name without a parent",
      ({ api }) => refused(api.vpcView({ path: { vpc: "default" } })),
      "400 project: must be specified when vpc is given by name",
    ],
    [
      "an address that is in use",
      ({ api }) =>
        refused(
          api.instanceCreate({
            query: { project: "p1" },
            body: {
              ...instanceBody("i2"),
              networkInterfaces: {
                type: "create",
                params: [
                  {
                    name: "n",
                    description: "",
                    vpcName: "default",
                    subnetName: "default",
                    ipConfig: { type: "v4", value: { ip: { type: "explicit", value: "172.30.0.5" } } },
                  },
                ],
              },
            },
          }),
        ),
      "400 network_interfaces.params.0.ip_config.value.ip: 172.30.0.5 is in use",
    ],
    [
      "a rule of a name that another has",
      ({ api }) => {
        const rule: VpcFirewallRuleUpdate = {
          name: "r",
          description: "",
          action: "allow",
          direction: "inbound",
          filters: {},
          priority: 1,
          status: "enabled",
          targets: [],
        };
        const query = { project: "p1", vpc: "default" };
        return refused(api.vpcFirewallRulesUpdate({ query, body: { rules: [rule, rule] } }));
      },
      '400 rules.1.name: "r" is the name of rules.0 too',
    ],
    [
      "a route between families",
      async ({ api }) => {
        const query = { project: "p1", vpc: "default", router: "r1" };
        const target = { type: "ip", value: "fd00::1" } as const;
        const destination = { type: "ip_net", value: "10.0.0.0/8" } as const;
        return refused(api.vpcRouterRouteCreate({ query, body: { name: "x", description: "", destination, target } }));
      },
      "400 target.value: fd00::1 is of another family than 10.0.0.0/8",
    ],
  ];

  test.each(conflicts)("%s", async (_, ask, message) => {
    await using tested = await startNexus({ sleds: 1, switches: 0 });
    const { api } = tested;
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    await ok(api.instanceCreate({ query: { project: "p1" }, body: { ...instanceBody("i1"), start: false } }));
    const query = { project: "p1", vpc: "default" };
    await ok(api.vpcRouterCreate({ query, body: { name: "r1", description: "" } }));
    await tested.settled();
    const before = tested.nexus.store.dump();
    expect(await ask(tested)).toBe(message);
    expect(tested.nexus.store.dump()).toBe(before);
  });

  test("of writes that are made at once, one wins", async () => {
    await using tested = await startNexus({ sleds: 0, switches: 0 });
    const { api, nexus } = tested;
    const bodies = Array.from({ length: 20 }, (_, at) => ({ name: "p1", description: `attempt ${at}` }));
    const answers = await Promise.all(bodies.map((body) => api.projectCreate({ body })));
    const won = answers.filter(({ type }) => type === "success");
    expect(won).toHaveLength(1);
    expect(nexus.store.tables.projects.list()).toHaveLength(1);
    expect(nexus.store.tables.vpcs.list()).toHaveLength(1);
    const blocks = Array.from({ length: 20 }, (_, at) => `10.0.${at % 2}.0/23`);
    const query = { project: "p1", vpc: "default" };
    const subnets = await Promise.all(
      blocks.map((ipv4Block, at) =>
        api.vpcSubnetCreate({ query, body: { name: `s${at}`, description: "", ipv4Block } }),
      ),
    );
    expect(subnets.filter(({ type }) => type === "success")).toHaveLength(1);
  });
});
