import { Socket } from "node:net";
import { parseArgs } from "node:util";
import { Connection } from "../channel/index.ts";
import { PatchPanel } from "./patch-panel.ts";
import { panelMethods } from "./panel-methods.ts";

/*
 * The panel process: `panel-main --seed S --ring-bytes N`, started in the run directory, controlled over the socket that it
 * inherits as descriptor 3. It ends when that socket closes, so it never outlives its supervisor.
 */
const controlDescriptor = 3;

process.umask(0o077);
const { values } = parseArgs({
  options: { seed: { type: "string" }, "ring-bytes": { type: "string" } },
});
const panel = new PatchPanel({ seed: values.seed ?? "", ringBytes: Number(values["ring-bytes"]) });
const control = new Connection(
  new Socket({ fd: controlDescriptor, readable: true, writable: true }),
  panelMethods(panel),
  {
    peer: "the supervisor",
  },
);
await control.closed;
panel.close();
process.exit(0);
