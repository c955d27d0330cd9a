import { z } from "zod";
import { parsePrefix } from "./addresses.ts";
import { nodeKindNames } from "./kinds.ts";
import {
  address,
  checked,
  count,
  duration,
  gateway,
  mtu,
  nodeName,
  wholeNumber,
  portName,
  size,
  text,
} from "./schema-scalars.ts";

const addresses = z
  .array(
    z.union([
      address,
      z.strictObject({
        address,
        anycast: z.boolean().optional().describe("Other nodes have this address too, on purpose."),
      }),
    ]),
  )
  .describe("IPv4 and IPv6 addresses with prefix length. A link-local IPv6 address is always there besides.");

const uplink = z
  .union([
    z.literal("user"),
    z.strictObject({
      type: z.literal("user"),
      restricted: z.boolean().optional().describe("false lets the node reach what the host reaches."),
    }),
  ])
  .describe("Plug the port into QEMU's user network. It reaches nothing beyond itself unless `restricted: false`.")
  .meta({ id: "uplink" });

export const portSchema = z
  .strictObject({
    addresses: addresses.optional(),
    mtu: mtu.optional().describe("Largest payload of a frame in bytes; 1500 unless given, 9000 in a rack."),
    mac: text(/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/, "a MAC such as 02:00:00:00:00:01")
      .optional()
      .describe("Instead of the one derived from the names of topology, node and port."),
    uplink: uplink.optional(),
    count: count.optional(),
  })
  .meta({ id: "port" });
const portEntry = z
  .union([portSchema, addresses, z.null()], { error: "expected a mapping, or a list of addresses" })
  .describe("A mapping, or just the list of its addresses.");

const routeSchema = z
  .strictObject({
    to: checked(
      (value) => value === "default" || parsePrefix(value) !== undefined,
      "a prefix such as 10.0.2.0/24, or default",
    ).describe("Destination prefix, or `default` (of the family of `via`)."),
    via: gateway.describe("The next hop."),
    port: portName.optional().describe("The port it leaves by; needed only when `via` is link-local."),
  })
  .meta({ id: "route" });

const timeout = duration.optional().describe("How long it is waited for; 30 s unless given.");
const tcpPort = wholeNumber(1, 65_535, "a TCP port from 1 to 65535");
const readySchema = z
  .union(
    [
      z.strictObject({ command: z.string().min(1).describe("A shell command that exits 0."), timeout }),
      z.strictObject({ file: z.string().min(1).describe("A file that exists."), timeout }),
      z.strictObject({
        tcp: tcpPort.describe("A TCP port that accepts."),
        address: gateway.optional().describe("The node's address to try; localhost unless given."),
        timeout,
      }),
      z.strictObject({
        http: tcpPort.describe("The TCP port of an HTTP server that answers a GET with status 200."),
        address: gateway.optional().describe("The node's address to ask; localhost unless given."),
        path: text(/^\//, "a path such as /peers").optional().describe("What is asked for; / unless given."),
        json: z
          .json()
          .meta({ title: "any value" })
          .optional()
          .describe("What its answer must have in it: lists and mappings may have more."),
        timeout,
      }),
    ],
    { error: "expected a mapping with one of command, file, tcp, http" },
  )
  .meta({ id: "condition" });

const afterSchema = z
  .union([
    nodeName,
    z.strictObject({
      node: nodeName,
      ready: z.boolean().optional().describe("Wait until it is ready, not only until it answers."),
    }),
  ])
  .meta({ id: "after" });

const mode = text(/^0?[0-7]{3,4}$/, 'a file mode in quotes such as "0644"')
  .optional()
  .describe('"0644" unless given.');
const fileSchema = z
  .union(
    [
      z.string(),
      z.strictObject({ content: z.string(), mode }),
      z.strictObject({ from: z.string().min(1).describe("A file of the host, relative to the topology."), mode }),
    ],
    { error: "expected text, or a mapping with one of content, from" },
  )
  .describe("The text, or where it is taken from.")
  .meta({ id: "file" });

const cloudConfig = z
  .union([z.string(), z.record(z.string(), z.json())], { error: "expected text or a mapping" })
  .meta({ title: "text, or a mapping" });
const cloudInitSchema = z
  .strictObject({
    userData: cloudConfig.optional().describe("Text as it is, or a mapping that becomes #cloud-config."),
    metaData: cloudConfig.optional(),
    networkConfig: cloudConfig.optional(),
  })
  .meta({ id: "cloudInit" });

const settingValue = z.union([z.string(), z.number(), z.boolean()]).meta({ title: "text, a number, or true or false" });

export const nodeSchema = z
  .strictObject({
    kind: z.enum(nodeKindNames).optional().describe("What the node is; host unless given."),
    extends: z.string().optional().describe("Name of a definition, or of a node, whose entries this one starts from."),
    count: count.optional(),
    image: text(/^[a-z0-9][a-z0-9._-]*$/, 'an image name of lower-case letters, digits, ".", "_" and "-"')
      .optional()
      .describe("Name of a file in images/; base unless given."),
    disk: z
      .string()
      .min(1)
      .optional()
      .describe("Kind vm: a disk image (qcow2 or raw), relative to the topology. It is never written to."),
    cloudInit: cloudInitSchema.optional().describe("Kind vm: the NoCloud seed."),
    memory: size.optional().describe("Unless given, that of the kind."),
    cpus: wholeNumber(1, 256, "a whole number from 1 to 256").optional().describe("1 unless given."),
    dataDisk: size
      .optional()
      .describe(
        "Size of the disk mounted at /data, which outlives a power cycle; 1 GiB unless given, none for a vm. It takes room as it is written to.",
      ),
    ports: z.record(portName, portEntry).optional().describe("NICs by name, at most 15 characters each."),
    routes: z.array(routeSchema).optional().describe("Static routes."),
    sysctls: z.record(z.string(), settingValue).optional().describe("Kernel parameters."),
    env: z.record(z.string(), settingValue).optional().describe("Environment of every command run in the node."),
    files: z
      .record(text(/^\/./, "an absolute path"), fileSchema)
      .optional()
      .describe("Files by path, written before the commands."),
    commands: z.array(z.string().min(1)).optional().describe("Shell commands run once at start, in order."),
    after: z.array(afterSchema).optional().describe("Nodes, or instances, which this one waits for."),
    ready: z.array(readySchema).optional().describe("What must hold for the node to be ready."),
  })
  .meta({ id: "node" });
export const nodeEntry = z.union([nodeSchema, z.null()], { error: "expected a mapping" });
