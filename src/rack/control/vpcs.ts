import { z } from "zod";
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
