import type { Session, TestbedOption } from "../session.ts";
import { sshSettings } from "../ssh-settings.ts";

/** Print an ssh_config(5) in which every node is a host. */
export async function sshConfig(session: Session, options: TestbedOption): Promise<void> {
  using testbed = await session.testbed(options);
  const status = await testbed.status();
  const hosts = status.nodes.map((node) => {
    const settings = Object.entries(sshSettings(testbed.name, status, node));
    return [`Host ${node.name}`, ...settings.map(([key, value]) => `  ${key} ${value}`)].join("\n");
  });
  session.terminal.print(hosts.join("\n\n"));
}
