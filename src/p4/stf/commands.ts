import type { Program } from "../switch/format/program.ts";
import { crcParameters, indirectEntry, meterRates, optionalNumber, portList } from "./command-arguments.ts";
import type { Line } from "./line.ts";
import { named } from "./names.ts";
import { onControl, type Step } from "./step.ts";
import { number } from "./value.ts";

type Binder = (line: Line, program: Program) => Step;

/** What the words of a command mean, by its name. */
export const commands: Readonly<Record<string, Binder>> = {
  mirroring_add: (line) => mirroring(line, "port"),
  mirroring_add_mc: (line) => mirroring(line, "group"),
  mirroring_delete: (line) => {
    const session = line.number("a session");
    return onControl(({ mirroring }) => {
      mirroring.delete(session);
    });
  },
  mirroring_get: (line) => {
    const session = line.number("a session");
    return (bench) => {
      const { port, group } = bench.control.mirroring.get(session);
      bench.notes.push(`session ${session}: port ${port ?? "none"}, group ${group ?? "none"}`);
    };
  },
  mc_mgrp_create: (line) => {
    const group = line.number("a group");
    return onControl(({ multicast }) => multicast.createGroup(group));
  },
  mc_node_create: (line) => {
    const rid = line.number("a replication id");
    const { ports, lags } = portList(line);
    return onControl(({ multicast }) => multicast.createNode(rid, ports, lags));
  },
  mc_node_update: (line) => {
    const node = line.number("the handle of a node");
    const { ports, lags } = portList(line);
    return onControl(({ multicast }) => {
      multicast.updateNode(node, ports, lags);
    });
  },
  mc_node_associate: (line) => {
    const [group, node] = [line.number("a group"), line.number("the handle of a node")];
    return onControl(({ multicast }) => {
      multicast.associate(group, node);
    });
  },
  counter_read: (line, { counters }) => {
    const { name } = named(counters, line.take("a counter"), "counter", line);
    const index = line.number("an index");
    return (bench) => {
      const { packets, bytes } = bench.control.counter(name, index).read(index);
      bench.notes.push(`${name}[${index}]: ${packets} packets, ${bytes} bytes`);
    };
  },
  counter_write: (line, { counters }) => {
    const { name } = named(counters, line.take("a counter"), "counter", line);
    const index = line.number("an index");
    const value = { packets: line.bigNumber("packets"), bytes: line.bigNumber("bytes") };
    return onControl((control) => {
      control.counter(name, index).write(index, value);
    });
  },
  counter_reset: (line, { counters }) => {
    const { name } = named(counters, line.take("a counter"), "counter", line);
    return onControl((control) => {
      control.counter(name).clear();
    });
  },
  register_read: (line, { registers }) => {
    const { name, size } = named(registers, line.take("a register"), "register", line);
    const only = line.peek() === undefined ? undefined : line.number("an index");
    return (bench) => {
      const cells = bench.control.register(name, only);
      const values = only === undefined ? Array.from({ length: size }, (_, at) => cells.read(at)) : [cells.read(only)];
      bench.notes.push(`${name}${only === undefined ? "" : `[${only}]`}= ${values.join(", ")}`);
    };
  },
  register_write: (line, { registers }) => {
    const { name } = named(registers, line.take("a register"), "register", line);
    const [index, value] = [line.number("an index"), line.bigNumber("a value")];
    return onControl((control) => {
      control.register(name, index).write(index, value);
    });
  },
  register_reset: (line, { registers }) => {
    const { name } = named(registers, line.take("a register"), "register", line);
    return onControl((control) => {
      control.register(name).clear();
    });
  },
  meter_get_rates: (line, { meters }) => {
    const { name } = named(meters, line.take("a meter"), "meter", line);
    const index = line.number("an index");
    return (bench) => {
      const rates = bench.control.meter(name, index).rates(index);
      const text = rates.map(({ unitsPerMicrosecond, burst }) => `${unitsPerMicrosecond}:${burst}`).join(" ");
      bench.notes.push(`${name}[${index}]: ${text === "" ? "no rates" : text}`);
    };
  },
  meter_set_rates: (line, { meters }) => {
    const { name } = named(meters, line.take("a meter"), "meter", line);
    const index = line.number("an index");
    const rates = meterRates(line);
    return onControl((control) => {
      control.meter(name, index).setRates(index, rates, control.now);
    });
  },
  meter_array_set_rates: (line, { meters }) => {
    const { name } = named(meters, line.take("a meter"), "meter", line);
    const rates = meterRates(line);
    return onControl((control) => {
      control.setAllMeterRates(name, rates);
    });
  },
  pvs_add: (line, { valueSets }) => {
    const { name } = named(valueSets, line.take("a value set"), "value set", line);
    const value = line.bigNumber("a value");
    return onControl((control) => {
      control.valueSet(name).add(value);
    });
  },
  pvs_remove: (line, { valueSets }) => {
    const { name } = named(valueSets, line.take("a value set"), "value set", line);
    const value = line.bigNumber("a value");
    return onControl((control) => {
      control.valueSet(name).delete(value);
    });
  },
  pvs_clear: (line, { valueSets }) => {
    const { name } = named(valueSets, line.take("a value set"), "value set", line);
    return onControl((control) => {
      control.valueSet(name).clear();
    });
  },
  act_prof_create_member: (line, { profiles, actions }) => {
    const { name } = named(profiles, line.take("an action profile"), "action profile", line);
    const action = named(actions, line.take("an action"), "action", line);
    const data = action.parameters.map((parameter) => line.value(line.take(`the value of ${parameter.name}`), number));
    return onControl((control) => control.profile(name).addMember(action.name, data));
  },
  act_prof_create_group: (line, { profiles }) => {
    const { name } = named(profiles, line.take("an action profile"), "action profile", line);
    return onControl((control) => control.profile(name).createGroup());
  },
  act_prof_add_member_to_group: (line, { profiles }) => {
    const { name } = named(profiles, line.take("an action profile"), "action profile", line);
    const [member, group] = [line.number("a member"), line.number("a group")];
    return onControl((control) => {
      control.profile(name).addToGroup(member, group);
    });
  },
  table_indirect_add: (line, program) => indirectEntry(line, program, "member"),
  table_indirect_add_with_group: (line, program) => indirectEntry(line, program, "group"),
  table_indirect_set_default: (line, { tables }) => {
    const { name } = named(tables, line.take("a table"), "table", line);
    const member = line.number("a member");
    return onControl((control) => {
      control.table(name).setDefaultIndirect("member", member);
    });
  },
  set_queue_depth: (line) => {
    const [packets, port] = [line.number("packets"), optionalNumber(line, "a port")];
    return onControl((control) => {
      control.setQueueDepth(packets, port);
    });
  },
  set_queue_rate: (line) => {
    const [rate, port] = [line.number("packets per second"), optionalNumber(line, "a port")];
    return onControl((control) => {
      control.setQueueRate(rate, port);
    });
  },
  set_crc16_parameters: (line, program) => crcParameters(line, program, 16),
  set_crc32_parameters: (line, program) => crcParameters(line, program, 32),
};

function mirroring(line: Line, to: "port" | "group"): Step {
  const session = line.number("a session");
  const target = line.number(`a ${to}`);
  return onControl(({ mirroring: sessions }) => sessions.set(session, { [to]: target }));
}
