/** The files of an empty repository whose owner has just installed Kestrel: a topology and a flow of their own. */
export const projectFiles: Readonly<Record<string, string>> = {
  "network.yaml": `# A topology of a repository that uses Kestrel as a package.
nodes:
  left: { ports: { net0: [10.7.0.1/24, fd00:7::1/64] } }
  right: { ports: { net0: [10.7.0.2/24, fd00:7::2/64] } }
wires:
  - [left:net0, right:net0]
`,
  "flows/network.flow.ts": `import { ethernet, ipv6, packet, payload, testbed, udp } from "kestrel";
import { expect, test } from "vitest";

test("what left sends arrives at right as it was", async () => {
  await using bed = await testbed("./network.yaml");
  const [left, right] = [bed.port("left:net0"), bed.port("right:net0")];
  await left.send(
    packet(
      ethernet({ src: left.mac, dst: right.mac }),
      ipv6({ src: left.ipv6, dst: right.ipv6, hopLimit: 7 }),
      udp({ srcPort: 4000, dstPort: 9 }),
      payload("hello"),
    ),
  );
  await expect(bed.wire("left:net0--right:net0")).toCarry({
    from: "left:net0",
    ethernet: { dst: right.mac },
    ipv6: { hopLimit: 7 },
  });
  const { stdout } = await bed.node("right").exec(["hostname"]);
  expect(stdout.trim()).toBe("right");
});
`,
  "vitest.config.js": `import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["flows/**/*.flow.ts"], testTimeout: 240_000 } });
`,
  "tsconfig.json": `{
  "compilerOptions": {
    "target": "es2024",
    "lib": ["es2024", "esnext.disposable"],
    "module": "nodenext",
    "strict": true,
    "noEmit": true
  },
  "include": ["flows"]
}
`,
  "package.json": JSON.stringify({ name: "own", private: true, type: "module" }),
};
