import { type Command, Option } from "commander";
import { defineVerb, withJson } from "./definition.ts";
import type { Session } from "./session.ts";
import type { BundleShowOptions } from "./verbs/bundle-show.ts";
import type { FlowReplayOptions } from "./verbs/flow-replay.ts";
import type { FlowRunOptions } from "./verbs/flow-run.ts";

/** `flow …`, `bundle …`. */
export function defineFlowVerbs(program: Command, session: Session): void {
  const flow = defineVerb(program, "flow", {
    summary: "run flows: scripted tests of what happens to every packet",
    examples: [["kestrel flow run", "all flows of the project"]],
  });

  withOutput(
    defineVerb(flow, "run", {
      summary: "run flows, and write one bundle with everything needed to understand and repeat the run",
      details:
        "Without files: all *.flow.ts below flows/. Flows with the same topology share one testbed, one at a time, which is " +
        "healed and compared with its beginning after each; a flow may ask for a fresh one. " +
        "Ends with 0 when all flows passed, 1 when one failed, 2 when the input is wrong (a file that is not there, a syntax " +
        "error), 3 when this host cannot run testbeds, 4 for a fault of Kestrel's.",
      examples: [
        ["kestrel flow run", "all flows of the project"],
        ["kestrel flow run flows/routed.flow.ts --repeat 20", "how reliable is it?"],
        ["kestrel flow run --until-fail --freeze-on-fail", "until one fails, and stop the world there"],
        ["kestrel flow run --shard 1/3 --junit flows.xml", "a third of them, for CI"],
      ],
    }),
  )
    .argument("[files...]", "flow files, or directories with flow files")
    .option("--json [file]", "print the record of the run as JSON instead of text, or write it into a file")
    .option("--repeat <rounds>", "run everything so many times, and tell how often each flow failed")
    .option("--until-fail", "run again and again until a flow fails (at most --repeat times)")
    .option("--seed <seed>", "root of everything random; drawn and printed unless given")
    .option("--shard <i/n>", "only the i-th of n parts of the flow files")
    .option("-t, --name <pattern>", "only flows whose name matches the regular expression")
    .option("--timeout <seconds>", "time for a flow that does not give one itself", "240")
    .action(async (files: readonly string[], options: FlowRunOptions) => {
      const { flowRun } = await import("./verbs/flow-run.ts");
      await flowRun(session, files, options);
    });

  withOutput(
    withJson(
      defineVerb(flow, "replay", {
        summary: "run the flows of a bundle again, with the same plans, seed and faults",
        details:
          "Names every input that is not the same any more: commit, flow files, images, QEMU, host; and what came out " +
          "differently. Ends with the exit code that `kestrel flow run` would have.",
        examples: [["kestrel flow replay .kestrel/runs/2026-11-27T19-04-04-938374a2", "did it fail for a reason?"]],
      }),
      "print the record of the run and the differences as JSON",
    ),
  )
    .argument("<bundle>", "directory of a run")
    .action(async (bundle: string, options: FlowReplayOptions) => {
      const { flowReplay } = await import("./verbs/flow-replay.ts");
      await flowReplay(session, bundle, options);
    });

  const bundle = defineVerb(program, "bundle", {
    summary: "look at what a run of flows left",
    examples: [["kestrel bundle show .kestrel/runs/2026-11-27T19-04-04-938374a2", "what failed, where and when"]],
  });
  withJson(
    defineVerb(bundle, "show", {
      summary: "print the flows of a run, its failures and what happened",
      details: "The same is in report.html of the bundle, with every frame.",
      examples: [
        ["kestrel bundle show BUNDLE", "flows and failures"],
        ["kestrel bundle show BUNDLE --timeline", "and everything that happened, in order"],
      ],
    }),
  )
    .argument("<bundle>", "directory of a run")
    .option("--timeline", "the timeline of the whole run, too")
    .action(async (directory: string, options: BundleShowOptions) => {
      const { bundleShow } = await import("./verbs/bundle-show.ts");
      await bundleShow(session, directory, options);
    });
}

/** Add where the results of a run go, and what becomes of failed testbeds. */
function withOutput(command: Command): Command {
  return command
    .option("--bundle <directory>", "where the bundle goes; .kestrel/runs/TIME-SEED unless given")
    .option("--junit <file>", "write the results as JUnit XML, too")
    .option("--keep-on-fail", "end with the first flow that fails, and leave its testbeds running")
    .addOption(
      new Option("--freeze-on-fail", "the same, with every machine paused where it stands").conflicts("keepOnFail"),
    );
}
