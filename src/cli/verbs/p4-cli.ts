import { converse } from "../../p4/switch/cli/converse.ts";
import { portNumber } from "../option-values.ts";
import type { JsonOption, Session } from "../session.ts";

/** Options of `kestrel p4 cli`. */
export interface P4CliOptions extends JsonOption {
  readonly command?: readonly string[];
  readonly thriftPort: string;
  readonly thriftIp: string;
}

/**
 * Program a running switch. The exit code is 1 when a command failed.
 *
 * @throws KestrelError (host) where no switch answers
 */
export async function p4Cli(session: Session, options: P4CliOptions): Promise<void> {
  const failures = await converse(session.terminal, {
    port: portNumber(options.thriftPort, "--thrift-port"),
    host: options.thriftIp,
    commands: options.command ?? [],
    json: options.json ?? false,
  });
  session.exitCode = failures === 0 ? 0 : 1;
}
