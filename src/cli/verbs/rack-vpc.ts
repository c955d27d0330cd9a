import { deleteVpc as deleteWithSubnets, listVpcs, NexusClient } from "../../rack/index.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";
import { table } from "../table.ts";

/** Options of `kestrel rack vpc …`. */
export interface RackVpcOptions extends TestbedOption, JsonOption {
  readonly project: string;
}

/** Create a VPC, with a subnet `default` in it. */
export async function createVpc(session: Session, name: string, options: RackVpcOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const nexus = await NexusClient.of(testbed);
  const body = { name, description: "", dns_name: name };
  const vpc = await nexus.send("POST", "/v1/vpcs", { project: options.project }, body);
  if (options.json === true) session.terminal.printJson(vpc);
}

/** List the VPCs of a project with their subnets. */
export async function showVpcs(session: Session, options: RackVpcOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const vpcs = await listVpcs(await NexusClient.of(testbed), options.project);
  const { terminal } = session;
  if (options.json === true) {
    terminal.printJson({ vpcs });
    return;
  }
  const rows = vpcs.flatMap(({ name, subnets }) =>
    subnets.map(({ name: subnet, ipv4, ipv6 }) => [name, subnet, ipv4, ipv6]),
  );
  terminal.print(table(rows, ["VPC", "SUBNET", "IPV4", "IPV6"], terminal.colors));
}

/** Delete a VPC that nothing is in, with its subnets. */
export async function deleteVpc(session: Session, name: string, options: RackVpcOptions): Promise<void> {
  using testbed = await session.testbed(options);
  await deleteWithSubnets(await NexusClient.of(testbed), options.project, name);
  if (options.json === true) session.terminal.printJson({});
}
