import { ownFailureInExec, isClosedPipe, reportFailure } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { Session } from "./session.ts";
import { canDraw, type Terminal } from "./terminal.ts";

/** Verbs whose exit code is that of a command in a guest. */
const mirroringVerbs: ReadonlySet<string> = new Set(["exec"]);

/**
 * Run one command line. Never throws: whatever happens is told on the terminal.
 *
 * @param words - the arguments, without the program's name
 * @returns the exit code: 0 done, 1 the tested thing failed, 2 wrong input, 3 this host cannot, 4 a fault of ours, 130
 *   interrupted; `exec` mirrors the guest's, and 125 is Kestrel's own failure there
 */
export async function runCommandLine(words: readonly string[], terminal: Terminal): Promise<number> {
  const own = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  const style = { json: own.includes("--json"), mirrorsGuest: mirroringVerbs.has(own[0] ?? "") };
  const session = new Session(terminal);
  const closedPipe = new Promise<number>((resolve) => {
    // The reader of our output has left (`| head`): there is nobody to tell anything.
    terminal.stdout.on("error", (error) => {
      resolve(isClosedPipe(error) ? 0 : style.mirrorsGuest ? ownFailureInExec : 4);
    });
  });
  const run = async (): Promise<number> => {
    try {
      if (own.length === 0 && words.length === 0) {
        if (!canDraw(terminal)) {
          terminal.print(buildProgram(session).helpInformation().trimEnd());
          return 2;
        }
        await buildProgram(session).parseAsync(["tui"], { from: "user" });
        return session.exitCode;
      }
      await buildProgram(session).parseAsync(words, { from: "user" });
      return session.exitCode;
    } catch (error) {
      return reportFailure(error, terminal, style);
    }
  };
  return Promise.race([run(), closedPipe]);
}
