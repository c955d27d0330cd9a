import { Argument, type Command } from "commander";
import type { Shell } from "./completion/completion-script.ts";
import { defineVerb, withJson } from "./definition.ts";
import type { JsonOption, Session } from "./session.ts";
import type { BenchOptions } from "./verbs/bench.ts";
import type { DoctorOptions } from "./doctor/doctor.ts";
import type { ImageBuildOptions, ImageGcOptions } from "./verbs/image.ts";
import { kestrelVersion } from "./version.ts";

/** `image …`, `doctor`, `bench`, `completion`, `version`, and the hidden `complete`. */
export function defineHostVerbs(program: Command, session: Session): void {
  defineImageVerbs(program, session);

  withJson(
    defineVerb(program, "doctor", {
      summary: "check what this host can do, and say how to fix what it cannot",
      details: "Ends with exit code 3 when something prevents testbeds from running.",
      examples: [
        ["kestrel doctor", "all checks"],
        ["kestrel doctor --fresh", "try KVM again, instead of what was found earlier"],
      ],
    }),
  )
    .option("--fresh", "forget earlier verdicts about accelerators")
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import("./doctor/doctor.ts");
      await doctor(session, options);
    });

  withJson(
    defineVerb(program, "bench", {
      summary: "measure how fast Kestrel is on this host",
      details: "Without a name: list the benchmarks. Figures of a quiet machine are in docs/performance.md.",
      examples: [
        ["kestrel bench", "which ones there are"],
        ["kestrel bench clones --nodes 16 --json", "cold boots against clones"],
      ],
    }),
  )
    .argument("[benchmark]", "name of a benchmark")
    .option("--nodes <count>", "how many nodes, where the benchmark has nodes")
    .action(async (benchmark: string | undefined, options: BenchOptions) => {
      const { bench } = await import("./verbs/bench.ts");
      await bench(session, benchmark, options);
    });

  defineVerb(program, "completion", {
    summary: "print the completion script of a shell",
    examples: [
      ['eval "$(kestrel completion bash)"', "in ~/.bashrc"],
      ["kestrel completion zsh > ~/.zfunc/_kestrel", "in a directory of zsh's fpath"],
      ["kestrel completion fish > ~/.config/fish/completions/kestrel.fish", "fish finds it by itself"],
    ],
  })
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell: Shell) => {
      const { printCompletionScript } = await import("./completion/completion-script.ts");
      printCompletionScript(session.terminal, shell);
    });

  program
    .command("complete", { hidden: true })
    .argument("[words...]", "the command line so far")
    .action(async (words: readonly string[]) => {
      const { complete } = await import("./completion/complete.ts");
      await complete(session, words);
    });

  withJson(
    defineVerb(program, "version", {
      summary: "print the version",
      examples: [["kestrel version", "of Kestrel and Node.js"]],
    }),
  ).action(({ json }: JsonOption) => {
    const version = { kestrel: kestrelVersion(), node: process.versions.node };
    if (json === true) session.terminal.printJson(version);
    else session.terminal.print(`kestrel ${version.kestrel} (Node.js ${version.node})`);
  });
}

function defineImageVerbs(program: Command, session: Session): void {
  const image = defineVerb(program, "image", {
    summary: "build, list and remove the images that nodes boot from",
    examples: [["kestrel image build", "what `kestrel up` would do on its way"]],
  });
  withJson(
    defineVerb(image, "build", {
      summary: "build an image, unless it is there",
      examples: [
        ["kestrel image build", "the base image"],
        ["kestrel image build ./images/mine.yaml", "one of your own"],
      ],
    }),
    "print progress as NDJSON, and the image at the end",
  )
    .argument("[image]", "name of a file in images/, or a path", "base")
    .action(async (name: string, options: ImageBuildOptions) => {
      const { imageBuildVerb } = await import("./verbs/image.ts");
      await imageBuildVerb(session, name, options);
    });
  withJson(
    defineVerb(image, "ls", {
      summary: "list the images in the cache",
      examples: [["kestrel image ls", "names, digests, sizes"]],
    }),
  ).action(async (options: JsonOption) => {
    const { imageListVerb } = await import("./verbs/image.ts");
    await imageListVerb(session, options);
  });
  withJson(
    defineVerb(image, "gc", {
      summary: "remove images that are not needed any more",
      examples: [["kestrel image gc", "never those that a running testbed uses"]],
    }),
  )
    .option("--all", "the newest build of each image too")
    .action(async (options: ImageGcOptions) => {
      const { imageGcVerb } = await import("./verbs/image.ts");
      await imageGcVerb(session, options);
    });
}
