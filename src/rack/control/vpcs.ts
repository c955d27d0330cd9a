import { z } from "zod";
import { KestrelError } from "../../error/kestrel-error.ts";
import type { NexusClient } from "./nexus-client.ts";

const named = z.object({ name: z.string() });
const subnetItem = named.extend({ ipv4_block: z.string(), ipv6_block: z.string() });

/** A VPC and its subnets. */
export interface VpcView {
  readonly name: string;
  readonly subnets: readonly { readonly name: string; readonly ipv4: string; readonly ipv6: string }[];
}

/** The VPCs of a project. @throws KestrelError (input) when there is no such project */
export async function listVpcs(nexus: NexusClient, project: string): Promise<readonly VpcView[]> {
  const views: VpcView[] = [];
  for (const { name: vpc } of await nexus.list("/v1/vpcs", { project }, named)) {
    const subnets = await nexus.list("/v1/vpc-subnets", { project, vpc }, subnetItem);
    views.push({
      name: vpc,
      subnets: subnets.map(({ name, ipv4_block: ipv4, ipv6_block: ipv6 }) => ({ name, ipv4, ipv6 })),
    });
  }
  return views;
}

/** Delete a VPC that nothing is in, with its subnets. @throws KestrelError (input) for one that something is in: it stays as it is */
export async function deleteVpc(nexus: NexusClient, project: string, vpc: string): Promise<void> {
  await requireEmpty(nexus, project, vpc);
  const subnets = await nexus.list("/v1/vpc-subnets", { project, vpc }, named);
  for (const { name } of subnets) await nexus.send("DELETE", `/v1/vpc-subnets/${name}`, { project, vpc });
  await nexus.send("DELETE", `/v1/vpcs/${encodeURIComponent(vpc)}`, { project });
}

/** Delete a project without instances, with its VPCs. @throws KestrelError (input) for one that something is in: it stays as it is */
export async function deleteProject(nexus: NexusClient, project: string): Promise<void> {
  const instances = await nexus.list("/v1/instances", { project }, named);
  if (instances.length > 0) throw inUse("delete the project", project, instances);
  const vpcs = await nexus.list("/v1/vpcs", { project }, named);
  for (const { name } of vpcs) await requireEmpty(nexus, project, name);
  for (const { name } of vpcs) await deleteVpc(nexus, project, name);
  await nexus.send("DELETE", `/v1/projects/${encodeURIComponent(project)}`, {});
}

async function requireEmpty(nexus: NexusClient, project: string, vpc: string): Promise<void> {
  for (const { name } of await nexus.list("/v1/vpc-subnets", { project, vpc }, named)) {
    const nics = await nexus.list(`/v1/vpc-subnets/${name}/network-interfaces`, { project, vpc }, named);
    if (nics.length > 0) throw inUse("delete the VPC", `${project}/${vpc}`, nics);
  }
}

function inUse(step: string, subject: string, contents: readonly { readonly name: string }[]): KestrelError {
  const found = contents.map(({ name }) => name).join(", ");
  const hint = "kestrel rack instance ls; kestrel rack instance delete INSTANCE";
  return new KestrelError({ kind: "input", step, subject, expected: "nothing in it", found, hint });
}
