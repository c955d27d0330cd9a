import { type Command, Option } from "commander";
import { defineVerb, withJson, withTestbed, withTopology } from "./definition.ts";
import type { Session } from "./session.ts";
import type { DownOptions } from "./verbs/down.ts";
import type { EventsOptions } from "./verbs/events.ts";
import type { GcOptions } from "./verbs/gc.ts";
import type { ListOptions } from "./verbs/list.ts";
import type { StatusOptions } from "./verbs/status.ts";
import type { UpOptions } from "./launch/up.ts";

/** `up`, `down`, `ls`, `status`, `events`, `gc`. */
export function defineTestbedVerbs(program: Command, session: Session): void {
  withTopology(
    withJson(
      defineVerb(program, "up", {
        summary: "launch a topology and wait until every node is ready",
        details:
          "Builds what is missing (image, templates) on the way. Interrupted before all nodes are ready, it takes everything " +
          "down again; afterwards the testbed runs by itself until `kestrel down`. With --json: the events as NDJSON, and " +
          'as the last line {"type": "up", "status": …}.',
        examples: [
          ["kestrel up topologies/routed.yaml", "launch it under the topology's name"],
          ["kestrel up routed.yaml --name second", "a second one beside it"],
        ],
      }),
      "print the events as NDJSON, and the status at the end",
    ),
  )
    .option("--name <name>", "name of the testbed; the topology's name unless given")
    .option("--cold", "boot every machine instead of waking clones of a template")
    .addOption(
      new Option("--accelerator <accelerator>", "what runs the guests; auto tries KVM by doing")
        .choices(["auto", "kvm", "tcg"])
        .default("auto"),
    )
    .action(async (topology: string, options: UpOptions) => {
      const { up } = await import("./launch/up.ts");
      await up(session, topology, options);
    });

  withJson(
    withTestbed(
      defineVerb(program, "down", {
        summary: "end a testbed: its machines, wires, sockets and keys",
        details: "The logs stay until `kestrel gc`.",
        examples: [
          ["kestrel down", "end the only testbed"],
          ["kestrel down --all", "end all of them"],
        ],
      }),
    ),
  )
    .addOption(new Option("--all", "end all testbeds of this user").conflicts("testbed"))
    .action(async (options: DownOptions) => {
      const { down } = await import("./verbs/down.ts");
      await down(session, options);
    });

  withJson(
    defineVerb(program, "ls", {
      summary: "list the testbeds that run",
      examples: [["kestrel ls", "names, states, nodes"]],
    }),
  ).action(async (options: ListOptions) => {
    const { list } = await import("./verbs/list.ts");
    await list(session, options);
  });

  withJson(
    withTestbed(
      defineVerb(program, "status", {
        summary: "show the nodes of a testbed: states, processes, ports, wires",
        examples: [
          ["kestrel status", "of the only testbed"],
          ["kestrel status --json | jq .supervisor.pid", "for programs"],
        ],
      }),
    ),
  ).action(async (options: StatusOptions) => {
    const { status } = await import("./verbs/status.ts");
    await status(session, options);
  });

  withJson(
    withTestbed(
      defineVerb(program, "events", {
        summary: "print what happened in a testbed",
        details: "On a terminal as text; into a pipe or a file, and with --json, as NDJSON.",
        examples: [
          ["kestrel events -f", "and go on with what happens"],
          ["kestrel events --since 120 > events.ndjson", "those after event 120"],
        ],
      }),
    ),
    "print NDJSON on a terminal too",
  )
    .option("-f, --follow", "go on until interrupted or the testbed ends")
    .option("--since <sequence>", "only events after this sequence number")
    .action(async (options: EventsOptions) => {
      const { events } = await import("./verbs/events.ts");
      await events(session, options);
    });

  withJson(
    defineVerb(program, "gc", {
      summary: "remove what is not needed any more: old logs, templates, images, locks",
      details:
        "Logs of ended testbeds, templates that were not used for 30 days, images that no image file makes any more.",
      examples: [
        ["kestrel gc", "says what it removed, and how many bytes"],
        ["kestrel gc --all", "templates and images too that are still of use"],
      ],
    }),
  )
    .option("--all", "every template and image that no running testbed needs")
    .action(async (options: GcOptions) => {
      const { gc } = await import("./verbs/gc.ts");
      await gc(session, options);
    });
}
