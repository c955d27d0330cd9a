import { Command } from "commander";
import { defineFaultVerb } from "./fault-verb.ts";
import { defineFlowVerbs } from "./flow-verbs.ts";
import { defineHostVerbs } from "./host-verbs.ts";
import { defineNodeVerbs } from "./node-verbs.ts";
import { defineP4Verbs } from "./p4-verbs.ts";
import { defineRackVerbs } from "./rack-verbs.ts";
import { defineTestbedVerbs } from "./testbed-verbs.ts";
import { defineTopologyVerbs } from "./topology-verbs.ts";
import { defineTraceVerb } from "./trace-verb.ts";
import { defineTuiVerbs } from "./tui-verbs.ts";
import { defineWireVerbs } from "./wire-verbs.ts";
import type { Session } from "./session.ts";
import { kestrelVersion } from "./version.ts";

/** Verbs that answer about Kestrel itself and must not say anything else. */
const quietVerbs: ReadonlySet<string> = new Set(["complete", "completion", "version", "ssh-proxy"]);

/**
 * All verbs with their arguments, options and help. What they do is imported when one runs: the start-up time of a verb
 * is its own.
 */
export function buildProgram(session: Session): Command {
  const { terminal } = session;
  const program = new Command("kestrel")
    .description("Launches topologies of real virtual machines and shows what happens to every packet on every wire.")
    .version(kestrelVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "explain the command")
    .helpCommand(false)
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // Told once, by the one place where verbs end.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(terminal.stdout.columns ?? 100, 120),
      getErrHelpWidth: () => Math.min(terminal.stderr.columns ?? 100, 120),
      getOutHasColors: () => terminal.colors.isColorSupported,
      getErrHasColors: () => terminal.errorColors.isColorSupported,
    })
    .hook("preAction", async (_program, verb) => {
      if (!quietVerbs.has(verb.name())) await session.sweep();
    });
  program.commandsGroup("User interface:");
  defineTuiVerbs(program, session);
  program.commandsGroup("Testbeds:");
  defineTestbedVerbs(program, session);
  program.commandsGroup("Nodes:");
  defineNodeVerbs(program, session);
  program.commandsGroup("Wires:");
  defineWireVerbs(program, session);
  defineTraceVerb(program, session);
  program.commandsGroup("Faults:");
  defineFaultVerb(program, session);
  program.commandsGroup("Flows:");
  defineFlowVerbs(program, session);
  program.commandsGroup("Topologies:");
  defineTopologyVerbs(program, session);
  program.commandsGroup("Racks:");
  defineRackVerbs(program, session);
  program.commandsGroup("P4:");
  defineP4Verbs(program, session);
  program.commandsGroup("This host:");
  defineHostVerbs(program, session);
  return program.addHelpText(
    "after",
    `
Exit codes: 0 done, 1 the tested thing failed, 2 the input is wrong, 3 this host cannot, 4 a fault of Kestrel's.
exec ends with the exit code of the command in the node; 124 is its time-out, 125 Kestrel's own failure.`,
  );
}
