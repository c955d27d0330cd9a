import { nexusConfigurationSchema } from "../stack/nexus/configuration.ts";
import { DesiredStateKeeper } from "../stack/nexus/control/desired-state-keeper.ts";
import { recordInventory } from "../stack/nexus/control/inventory.ts";
import { replaceFirewallRules } from "../stack/nexus/resources/firewall.ts";
import { createInstance } from "../stack/nexus/resources/instances.ts";
import { createProject } from "../stack/nexus/resources/projects.ts";
import { Store } from "../stack/nexus/store/store.ts";

/** A rack's control plane without a rack: the database, and what follows from it. */
export class NexusRack implements Disposable {
  readonly store: Store;
  readonly keeper: DesiredStateKeeper;

  /** `instances` in all, spread over the sleds and over projects of `perProject` each. */
  constructor(sleds: number, instances: number, perProject: number) {
    this.store = new Store({ file: ":memory:", seed: "bench", timeText: () => "2026-01-01T00:00:00.000Z" });
    recordInventory(
      this.store,
      nexusConfigurationSchema.parse({
        listen: { port: 0 },
        seed: "bench",
        racks: [
          {
            name: "rack0",
            sleds: Array.from({ length: sleds }, (_, at) => ({
              name: `sled${at}`,
              underlay: `fd00:1122:3344:${(0x101 + at).toString(16)}::1`,
            })),
            switches: [],
          },
        ],
      }),
    );
    this.store.transaction(() => {
      this.#fill(instances, perProject);
    });
    this.keeper = new DesiredStateKeeper(this.store);
    this.keeper.refresh();
  }

  #fill(instances: number, perProject: number): void {
    for (let at = 0; at < instances; at++) {
      if (at % perProject === 0) createProject(this.store, { name: `p${at / perProject}`, description: "" });
      const project = this.store.tables.projects.find({ name: `p${Math.floor(at / perProject)}` });
      if (project === undefined) throw new Error("no project");
      createInstance(this.store, project, {
        name: `i${at}`,
        description: "",
        hostname: `i${at}`,
        ncpus: 1,
        memory: 2 ** 30,
        kind: "light",
        auto_restart_policy: null,
        enable_jumbo_frames: false,
        start: true,
        network_interfaces: { type: "default_dual_stack" },
        external_ips: [],
      });
    }
  }

  /** Take the firewall rules of a project's VPC away; returns the sleds that have instances of it. */
  changeFirewall(project: string): ReadonlySet<string> {
    const { projects, vpcs, instances } = this.store.tables;
    const id = projects.find({ name: project })?.id ?? "";
    const vpc = vpcs.find({ project_id: id });
    if (vpc === undefined) throw new Error("no VPC");
    this.store.transaction(() => replaceFirewallRules(this.store, vpc, []));
    return new Set(instances.list({ project_id: id }).map(({ sled_id }) => `sled:${sled_id ?? ""}`));
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}
