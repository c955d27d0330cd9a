import type { Command } from "commander";
import { collect, defineVerb, withJson, withTestbed } from "./definition.ts";
import type { Session, TestbedOption } from "./session.ts";
import type { CopyOptions } from "./verbs/copy.ts";
import type { ExecOptions } from "./verbs/exec.ts";
import type { ForwardOptions } from "./verbs/forward.ts";
import type { LogsOptions } from "./verbs/logs.ts";
import type { ActOptions } from "./verbs/act.ts";
import type { PushOptions } from "./verbs/push.ts";
import type { NodeVerb } from "../testbed/protocol.ts";

/** `exec`, `cp`, `ssh`, `ssh-config`, `forward`, `logs`, `console`, `push`, the verbs on machines, the hidden `ssh-proxy`. */
export function defineNodeVerbs(program: Command, session: Session): void {
  defineExec(program, session);
  defineReaching(program, session);
  defineWatching(program, session);
  for (const { verb, summary, meaning } of machineVerbs) {
    withJson(withTestbed(defineVerb(program, verb, { summary, examples: [[`kestrel ${verb} h1`, meaning]] })))
      .argument("<node...>", "names of nodes")
      .action(async (nodes: readonly string[], options: ActOptions) => {
        const { act } = await import("./verbs/act.ts");
        await act(session, verb, nodes, options);
      });
  }
}

const machineVerbs: readonly { readonly verb: NodeVerb; readonly summary: string; readonly meaning: string }[] = [
  { verb: "pause", summary: "stop the clock of nodes", meaning: "it neither runs nor answers" },
  { verb: "resume", summary: "let paused nodes go on", meaning: "where it was paused" },
  { verb: "reboot", summary: "have nodes reboot in order", meaning: "same identity, same data disk" },
  { verb: "power-cycle", summary: "cut the power of nodes and give it back", meaning: "same identity, same data disk" },
  { verb: "kill", summary: "cut the power of nodes", meaning: "kestrel start h1 brings it back" },
  { verb: "start", summary: "start nodes that are stopped or failed", meaning: "after a kill" },
];

function defineExec(program: Command, session: Session): void {
  withJson(
    withTestbed(
      defineVerb(program, "exec", {
        summary: "run a command in a node or instance, or in many at once",
        details:
          "Ends with the exit code of the command: 128 and the signal's number when a signal ended it, 124 at the time-out, " +
          "125 when Kestrel itself failed. On several nodes: that of the first node whose command failed. Standard output " +
          "and standard error stay separate; SIGINT and SIGTERM are passed on. One word after -- is a command of the " +
          "shell, several are a program and its arguments. Where there is a rack, instances are reached by NAME or " +
          "PROJECT/NAME.",
        examples: [
          ["kestrel exec h1 -- ip -6 route", "a program and its arguments"],
          ["kestrel exec h1 -- 'ip link | wc -l'", "a command of the shell"],
          ["kestrel exec h1,h2 -- uname -r", "in two nodes at once; --all for all of them"],
          ["tar c . | kestrel exec h1 -w /tmp -- tar x", "standard input reaches it"],
        ],
      }),
    ),
    "print {node, exitCode, signal, stdout, stderr}; of several nodes {results}",
  )
    .usage("<node>[,<node>...] [options] -- <command...>")
    .argument("[node]", "the node or instance, or several with commas")
    .argument("[command...]", "the command and its arguments, after --")
    .option("--all", "in all nodes")
    .option("-e, --env <key=value>", "set an environment variable; may be repeated", collect)
    .option("-w, --workdir <directory>", "working directory in the node")
    .option("-i, --interactive", "pass standard input on even when it is a terminal")
    .option("-t, --tty", "give the command a terminal")
    .option("--timeout <seconds>", "end the command after so many seconds")
    .action(async (node: string | undefined, command: readonly string[], options: ExecOptions) => {
      const { exec } = await import("./verbs/exec.ts");
      await exec(session, node, command, options);
    });
}

function defineReaching(program: Command, session: Session): void {
  withJson(
    withTestbed(
      defineVerb(program, "cp", {
        summary: "copy files to or from a node",
        details:
          "One side is NODE:PATH. A directory is copied as DESTINATION, or into it when it is there, as cp -r does.",
        examples: [
          ["kestrel cp daemon.conf h1:/etc/daemon.conf", "into a node"],
          ["kestrel cp -r r1:/var/log/kestrel ./logs", "a tree out of a node"],
        ],
      }),
    ),
  )
    .argument("<source>", "PATH or NODE:PATH")
    .argument("<destination>", "PATH or NODE:PATH")
    .option("-r, --recursive", "copy directories")
    .action(async (source: string, destination: string, options: CopyOptions) => {
      const { copy } = await import("./verbs/copy.ts");
      await copy(session, source, destination, options);
    });

  withTestbed(
    defineVerb(program, "ssh", {
      summary: "open an SSH session in a node",
      examples: [
        ["kestrel ssh h1", "a shell"],
        ["kestrel ssh h1 -- -L 8080:localhost:80 -N", "arguments after -- are ssh's"],
      ],
    }),
  )
    .argument("<node>", "the node")
    .argument("[arguments...]", "arguments of ssh, after --")
    .action(async (node: string, sshArguments: readonly string[], options: TestbedOption) => {
      const { ssh } = await import("./verbs/ssh.ts");
      await ssh(session, node, sshArguments, options);
    });

  withTestbed(program.command("ssh-proxy", { hidden: true }).argument("<node>")).action(
    async (node: string, options: TestbedOption) => {
      const { sshProxy } = await import("./verbs/ssh.ts");
      await sshProxy(session, node, options);
    },
  );

  withTestbed(
    defineVerb(program, "ssh-config", {
      summary: "print an SSH configuration for tools of your own",
      examples: [["kestrel ssh-config > c && rsync -e 'ssh -F c' f h1:/tmp/", "hosts are called as the nodes"]],
    }),
  ).action(async (options: TestbedOption) => {
    const { sshConfig } = await import("./verbs/ssh-config.ts");
    await sshConfig(session, options);
  });

  withJson(
    withTestbed(
      defineVerb(program, "forward", {
        summary: "make a TCP port of a node reachable on this host",
        details: "Listens on 127.0.0.1 only, until interrupted.",
        examples: [
          ["kestrel forward h1 80", "on a free port, which it prints"],
          ["kestrel forward h1 80 --local 8080", "on 127.0.0.1:8080"],
        ],
      }),
    ),
  )
    .argument("<node>", "the node")
    .argument("<port>", "the TCP port in the node")
    .option("--local <port>", "the port on 127.0.0.1; a free one unless given")
    .action(async (node: string, port: string, options: ForwardOptions) => {
      const { forward } = await import("./verbs/forward.ts");
      await forward(session, node, port, options);
    });
}

function defineWatching(program: Command, session: Session): void {
  withTestbed(
    defineVerb(program, "logs", {
      summary: "print the logs of a node's services",
      examples: [
        ["kestrel logs r1", "of all services"],
        ["kestrel logs r1 ddmd -f", "of one, and go on"],
      ],
    }),
  )
    .argument("<node>", "the node")
    .argument("[service]", "one service; all of them unless given")
    .option("-f, --follow", "go on until interrupted")
    .action(async (node: string, service: string | undefined, options: LogsOptions) => {
      const { logs } = await import("./verbs/logs.ts");
      await logs(session, node, service, options);
    });

  withTestbed(
    defineVerb(program, "console", {
      summary: "attach to the serial console of a node",
      details:
        "Ctrl-] leaves, and the node runs on. Without a terminal, standard input is typed as it comes and the console is " +
        "printed until interrupted.",
      examples: [
        ["kestrel console r1", "Ctrl-] leaves"],
        ["timeout 5 kestrel console r1 < /dev/null", "look on for five seconds"],
      ],
    }),
  )
    .argument("<node>", "the node")
    .action(async (node: string, options: TestbedOption) => {
      const { attachConsole } = await import("./verbs/console.ts");
      await attachConsole(session, node, options);
    });

  withJson(
    withTestbed(
      defineVerb(program, "push", {
        summary: "bring changed stack code into running nodes",
        details: "Builds the code that runs in guests again, swaps it in and restarts the services that use it.",
        examples: [["kestrel push", "into all nodes; kestrel push r1 into one"]],
      }),
    ),
  )
    .argument("[node...]", "names of nodes; all of our own kinds unless given")
    .action(async (nodes: readonly string[], options: PushOptions) => {
      const { push } = await import("./verbs/push.ts");
      await push(session, nodes, options);
    });
}
