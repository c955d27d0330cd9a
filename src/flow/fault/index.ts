export { type CampaignKind, type CampaignOptions } from "./campaign-options.ts";
export { drawCampaign } from "./draw-campaign.ts";
export {
  clockStep,
  cut,
  type Daemon,
  daemonFrozen,
  daemonKilled,
  daemonStopped,
  down,
  type Fault,
  impaired,
  type Impairment,
  killed,
  paused,
  powerCycled,
} from "./fault.ts";
export { type FaultRun } from "./fault-run.ts";
export { during, type FaultSchedule, flapping, inTurn, repeated, together } from "./schedule.ts";
