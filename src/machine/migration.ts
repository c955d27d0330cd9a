import type { QmpClient, QmpEvent } from "./qmp.ts";

/** Leave memory that is a shared file out of the state, and tell of its course (QEMU QMP Reference Manual, "Migration"). */
export async function prepareMigration(qmp: QmpClient): Promise<void> {
  await qmp.execute("migrate-set-capabilities", {
    capabilities: [
      { capability: "x-ignore-shared", state: true },
      { capability: "events", state: true },
    ],
  });
}

/** Resolves with whether the state went over completely. Ask before the migration is started, or its end may be missed. */
export async function migrationCompletes(qmp: QmpClient): Promise<boolean> {
  const { data } = await qmp.waitForEvent(isEndOfMigration);
  return data["status"] === "completed";
}

function isEndOfMigration({ event, data }: QmpEvent): boolean {
  return event === "MIGRATION" && (data["status"] === "completed" || data["status"] === "failed");
}
