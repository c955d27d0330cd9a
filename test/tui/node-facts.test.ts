import xterm from "@xterm/headless";
import { expect, test } from "vitest";
import { pictureOf } from "../../src/tui/effects/console-terminal.ts";
import { jiffiesOf, memoryOf, routesOf, peersTable } from "../../src/tui/effects/node-facts.ts";
import { aboutOf } from "../../src/tui/effects/topologies.ts";
import { lineText } from "../../src/tui/line/line.ts";

test("busy jiffies are those neither idle nor waiting for a disk", () => {
  expect(jiffiesOf("cpu  10 1 4 80 5 0 0 0 0 0")).toEqual({ all: 100, busy: 15 });
  expect(jiffiesOf("")).toBeUndefined();
});

test("memory in use is what is not available", () => {
  expect(memoryOf("MemTotal:  200 kB\nMemFree: 1 kB\nMemAvailable:  150 kB\n")).toEqual({ totalKiB: 200, usedKiB: 50 });
  expect(memoryOf("nonsense")).toBeUndefined();
});

test("routes are written as people write them, several ways included", () => {
  const ipv4 = '[{"dst":"10.0.2.0/24","gateway":"10.0.1.254","dev":"net0","protocol":"static"}]';
  const ipv6 =
    '[{"dst":"fd00::/48","nexthops":[{"gateway":"fe80::1","dev":"net0"},{"gateway":"fe80::2","dev":"net1"}],"protocol":"223"}]';
  expect(routesOf(ipv4, ipv6)).toEqual([
    "10.0.2.0/24 via 10.0.1.254 dev net0 (static)",
    "fd00::/48 via fe80::1 dev net0 | via fe80::2 dev net1 (223)",
  ]);
  expect(routesOf("", "")).toBeUndefined();
});

test("peers as ddmd tells them; nothing where there is no ddmd", () => {
  expect(peersTable("")).toBeUndefined();
  const status = { type: "Exchange", duration: { secs: 1, nanos: 0 } };
  const peer = { addr: "fe80::2", host: "t1", kind: 1, status, interface: "net0" };
  expect(peersTable(JSON.stringify({ 2: peer }))?.rows).toEqual([
    { interface: "net0", host: "t1", address: "fe80::2", kind: "transit", status: "Exchange" },
  ]);
});

test("a console is shown as its terminal has it, colours and cursor included", async () => {
  const terminal = new xterm.Terminal({ cols: 20, rows: 4, allowProposedApi: true });
  await new Promise<void>((resolve) => {
    terminal.write("plain \u001b[1;31mred\u001b[0m\r\n\u001b[48;5;200mx\u001b[0m y", resolve);
  });
  const { lines, cursor } = pictureOf(terminal);
  expect(lines.map(lineText)).toEqual(["plain red", "x y", "", ""]);
  expect(lines[0]).toEqual([{ text: "plain " }, { text: "red", sgr: "1;31" }]);
  expect(lines[1]?.[0]).toEqual({ text: "x", sgr: "48;5;200" });
  expect(cursor).toEqual({ x: 3, y: 1 });
});

test("the comment at the beginning of a topology says what it is", () => {
  expect(aboutOf("# Two hosts,\n# one wire.\nnodes:\n  # not this\n")).toBe("Two hosts, one wire.");
  expect(aboutOf("nodes: {}\n")).toBe("");
});
