import { type CliCommand, type Commands, done } from "./command.ts";

function showTime(method: "get_time_elapsed_us" | "get_time_since_epoch_us", summary: string): CliCommand {
  return {
    usage: "",
    summary,
    async run(words, { client }) {
      words.end();
      const microseconds = await client.call(method, {});
      return { text: String(microseconds), value: { microseconds: Number(microseconds) } };
    },
  };
}

/** Ports, queues, and what the switch says of itself. */
export const deviceCommands: Commands = {
  port_add: {
    usage: "INTERFACE PORT [PCAP]",
    summary: "add a port",
    async run(words, { client }) {
      const name = words.take("an interface");
      const port = words.decimal("a port number");
      const pcap = words.left > 0 ? words.take("a capture file") : "";
      words.end();
      await client.call("bm_dev_mgr_add_port", { interface: name, port, pcap });
      return done;
    },
  },
  port_remove: {
    usage: "PORT",
    summary: "remove a port",
    async run(words, { client }) {
      const port = words.decimal("a port number");
      words.end();
      await client.call("bm_dev_mgr_remove_port", { port });
      return done;
    },
  },
  show_ports: {
    usage: "",
    summary: "the ports",
    async run(words, { client }) {
      words.end();
      const ports = await client.call("bm_dev_mgr_show_ports", {});
      const lines = ports.map(({ port, interface: name, up, extra }) => {
        const more = [...extra].map(([key, value]) => `${key}=${value}`).join(" ");
        return `${String(port).padStart(8)}  ${name.padEnd(20)}  ${up ? "UP" : "DOWN"}  ${more}`.trimEnd();
      });
      const value = ports.map(({ port, interface: name, up, extra }) => ({
        port,
        interface: name,
        up,
        extra: Object.fromEntries(extra),
      }));
      return { text: [`${"port #".padStart(8)}  ${"iface name".padEnd(20)}  status`, ...lines].join("\n"), value };
    },
  },
  switch_info: {
    usage: "",
    summary: "device id, Thrift port, where notifications are published",
    async run(words, { client }) {
      words.end();
      const info = await client.call("bm_mgmt_get_info", {});
      const value = {
        device_id: Number(info.deviceId),
        thrift_port: info.thriftPort,
        notifications_socket: info.notifications ?? null,
        elogger_socket: info.eventLogger ?? null,
        debugger_socket: info.debugger ?? null,
      };
      const lines = Object.entries(value).map(([key, found]) => `${key.padEnd(25)}: ${found ?? "None"}`);
      return { text: lines.join("\n"), value };
    },
  },
  set_queue_depth: {
    usage: "PACKETS [PORT [PRIORITY]]",
    summary: "the depth of queues: of all ports, of one, or of one priority of it",
    async run(words, { client }) {
      const depth = words.decimal("a number of packets");
      const port = words.optionalDecimal("a port");
      const priority = words.optionalDecimal("a priority");
      words.end();
      if (port === undefined) await client.call("set_all_egress_queue_depths", { depth });
      else if (priority === undefined) await client.call("set_egress_queue_depth", { port, depth });
      else await client.call("set_egress_priority_queue_depth", { port, priority, depth });
      return done;
    },
  },
  set_queue_rate: {
    usage: "PACKETS_PER_SECOND [PORT [PRIORITY]]",
    summary: "the rate of queues: of all ports, of one, or of one priority of it",
    async run(words, { client }) {
      const rate = BigInt(words.decimal("packets per second"));
      const port = words.optionalDecimal("a port");
      const priority = words.optionalDecimal("a priority");
      words.end();
      if (port === undefined) await client.call("set_all_egress_queue_rates", { rate });
      else if (priority === undefined) await client.call("set_egress_queue_rate", { port, rate });
      else await client.call("set_egress_priority_queue_rate", { port, priority, rate });
      return done;
    },
  },
  get_time_elapsed: showTime("get_time_elapsed_us", "microseconds since the switch started"),
  get_time_since_epoch: showTime("get_time_since_epoch_us", "microseconds since 1970"),
};
