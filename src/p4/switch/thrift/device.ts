import type { PortCaptures } from "../port/port.ts";

/** What the services say of the switch as a device, and what they may do to its ports. */
export interface Device {
  readonly deviceId: number;
  readonly thriftPort: number;
  /** Address of the notifications, empty if there are none. */
  readonly notifications: string;
  /** `pcap`: a file for what comes and goes, empty for none. Rejects with anything where a port cannot be added or removed. */
  addPort(port: number, name: string, pcap: string): Promise<void>;
  removePort(port: number): Promise<void>;
  ports(): readonly DevicePort[];
}

/** A port of the device. */
export interface DevicePort {
  readonly port: number;
  readonly name: string;
  readonly up: boolean;
  readonly captures: PortCaptures | undefined;
}
