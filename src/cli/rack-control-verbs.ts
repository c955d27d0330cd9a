import { type Command, Option } from "commander";
import { defineVerb, withJson, withTestbed } from "./definition.ts";
import type { Session } from "./session.ts";
import type {
  CreateInstanceOptions,
  ListInstancesOptions,
  MoveInstanceOptions,
  RackInstanceOptions,
} from "./verbs/rack-instance.ts";
import type { RackProjectOptions } from "./verbs/rack-project.ts";
import type { RackVpcOptions } from "./verbs/rack-vpc.ts";

/** `rack project …`, `rack vpc …`, `rack instance …`: what nexus of a testbed is told. */
export function defineRackControlVerbs(rack: Command, session: Session): void {
  defineProjectVerbs(rack, session);
  defineVpcVerbs(rack, session);
  defineInstanceVerbs(rack, session);
}

/** A verb on one resource of nexus, or on all of a kind. */
function control(parent: Command, usage: string, summary: string, example: string): Command {
  return withJson(withTestbed(defineVerb(parent, usage, { summary, examples: [[example, summary]] })));
}

const project = ["--project <project>", "name of the project"] as const;

function defineProjectVerbs(rack: Command, session: Session): void {
  const verbs = defineVerb(rack, "project", {
    summary: "projects: what VPCs and instances belong to",
    examples: [["kestrel rack project create p", "a project with a VPC default"]],
  });
  control(verbs, "create", "create a project, with a VPC default", "kestrel rack project create p")
    .argument("<name>", "name of the project")
    .action(async (name: string, options: RackProjectOptions) => {
      const { createProject } = await import("./verbs/rack-project.ts");
      await createProject(session, name, options);
    });
  control(verbs, "ls", "list the projects", "kestrel rack project ls").action(async (options: RackProjectOptions) => {
    const { listProjects } = await import("./verbs/rack-project.ts");
    await listProjects(session, options);
  });
  control(verbs, "delete", "delete a project without instances, with its VPCs", "kestrel rack project delete p")
    .argument("<name>", "name of the project")
    .action(async (name: string, options: RackProjectOptions) => {
      const { deleteProject } = await import("./verbs/rack-project.ts");
      await deleteProject(session, name, options);
    });
}

function defineVpcVerbs(rack: Command, session: Session): void {
  const verbs = defineVerb(rack, "vpc", {
    summary: "VPCs: networks of their own that instances are in",
    examples: [["kestrel rack vpc ls --project p", "the VPCs of a project with their subnets"]],
  });
  control(verbs, "create", "create a VPC, with a subnet default", "kestrel rack vpc create blue --project p")
    .argument("<name>", "name of the VPC")
    .requiredOption(...project)
    .action(async (name: string, options: RackVpcOptions) => {
      const { createVpc } = await import("./verbs/rack-vpc.ts");
      await createVpc(session, name, options);
    });
  control(verbs, "ls", "list the VPCs of a project with their subnets", "kestrel rack vpc ls --project p")
    .requiredOption(...project)
    .action(async (options: RackVpcOptions) => {
      const { showVpcs } = await import("./verbs/rack-vpc.ts");
      await showVpcs(session, options);
    });
  control(
    verbs,
    "delete",
    "delete a VPC that nothing is in, with its subnets",
    "kestrel rack vpc delete blue --project p",
  )
    .argument("<name>", "name of the VPC")
    .requiredOption(...project)
    .action(async (name: string, options: RackVpcOptions) => {
      const { deleteVpc } = await import("./verbs/rack-vpc.ts");
      await deleteVpc(session, name, options);
    });
}

function defineInstanceVerbs(rack: Command, session: Session): void {
  const verbs = defineVerb(rack, "instance", {
    summary: "instances: what runs on sleds, each with addresses in a VPC",
    examples: [["kestrel rack instance create web --project p", "one that runs, in the VPC default"]],
  });
  control(
    verbs,
    "create",
    "create an instance in the VPC default, and wait until it runs",
    "kestrel rack instance create web --project p",
  )
    .argument("<name>", "name of the instance, and its hostname")
    .requiredOption(...project)
    .addOption(
      new Option("--kind <kind>", "a network namespace of its sled, or a machine")
        .choices(["light", "vm"])
        .default("light"),
    )
    .option("--cpus <number>", "CPUs that count where it is placed", "1")
    .option("--memory <MiB>", "memory that counts where it is placed", "1024")
    .option("--stopped", "do not start it")
    .action(async (name: string, options: CreateInstanceOptions) => {
      const { createInstance } = await import("./verbs/rack-instance.ts");
      await createInstance(session, name, options);
    });
  control(verbs, "ls", "list instances, where they are, and their addresses", "kestrel rack instance ls")
    .option("--project <project>", "of one project; of all unless given")
    .action(async (options: ListInstancesOptions) => {
      const { showInstances } = await import("./verbs/rack-instance.ts");
      await showInstances(session, options);
    });
  for (const [verb, summary] of [
    ["start", "start an instance, and wait until it runs"],
    ["stop", "stop an instance, and wait until it has stopped"],
  ] as const) {
    control(verbs, verb, summary, `kestrel rack instance ${verb} web`)
      .argument("<instance>", "NAME or PROJECT/NAME")
      .action(async (name: string, options: RackInstanceOptions) => {
        const { runInstance } = await import("./verbs/rack-instance.ts");
        await runInstance(session, name, verb, options);
      });
  }
  control(
    verbs,
    "move",
    "have a running instance go on at another sled, with its addresses, and wait until it runs there",
    "kestrel rack instance move web --to s2",
  )
    .argument("<instance>", "NAME or PROJECT/NAME")
    .option("--to <sled>", "node of the sled; nexus chooses one unless given")
    .action(async (name: string, options: MoveInstanceOptions) => {
      const { moveInstance } = await import("./verbs/rack-instance.ts");
      await moveInstance(session, name, options);
    });
  control(verbs, "delete", "stop an instance and delete it", "kestrel rack instance delete web")
    .argument("<instance>", "NAME or PROJECT/NAME")
    .action(async (name: string, options: RackInstanceOptions) => {
      const { deleteInstance } = await import("./verbs/rack-instance.ts");
      await deleteInstance(session, name, options);
    });
}
