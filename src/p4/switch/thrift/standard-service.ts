import type { ResourceKind, SwitchControl } from "../control/switch-control.ts";
import { ControlError } from "../state/control-error.ts";
import { bytesToNumber, numberToBytes } from "../state/key.ts";
import type { ValueSetState } from "../state/value-set-state.ts";
import { cellMethods } from "./cell-methods.ts";
import type { PortCaptures } from "../port/port.ts";
import type { Device } from "./device.ts";
import { type Method, method } from "./method.ts";
import { profileMethods } from "./profile-methods.ts";
import { standardSignatures as signatures } from "./signatures.ts";
import { indirectMethods, tableMethods } from "./table-methods.ts";

const resourceKinds: readonly ResourceKind[] = ["table", "profile", "counter", "meter", "register", "learnList"];

/** The service `standard`, by method name. */
export function standardService(control: SwitchControl, device: Device): ReadonlyMap<string, Method> {
  return new Map(
    Object.entries({
      ...tableMethods(control),
      ...indirectMethods(control),
      ...profileMethods(control),
      ...cellMethods(control),
      ...otherMethods(control),
      ...deviceMethods(device),
    }),
  );
}

function otherMethods(control: SwitchControl): Record<string, Method> {
  const crc = (width: 16 | 32, { polynomial, initial, finalXor, reflectData, reflectRemainder }: CrcConfig) => ({
    width,
    polynomial: BigInt.asUintN(width, BigInt(polynomial)),
    initial: BigInt.asUintN(width, BigInt(initial)),
    finalXor: BigInt.asUintN(width, BigInt(finalXor)),
    reflectInput: reflectData,
    reflectOutput: reflectRemainder,
  });
  return {
    bm_learning_ack: method(signatures.bm_learning_ack, ({ list, buffer, samples }) => {
      control.learning.acknowledge(list, Number(buffer), samples);
      return undefined;
    }),
    bm_learning_ack_buffer: method(signatures.bm_learning_ack_buffer, ({ list, buffer }) => {
      control.learning.acknowledgeBuffer(list, Number(buffer));
      return undefined;
    }),
    bm_learning_set_timeout: method(signatures.bm_learning_set_timeout, ({ list, timeoutMs }) => {
      control.learning.setTimeout(list, timeoutMs);
      return undefined;
    }),
    bm_learning_set_buffer_size: method(signatures.bm_learning_set_buffer_size, ({ list, samples }) => {
      control.learning.setBufferSize(list, samples);
      return undefined;
    }),
    bm_parse_vset_add: method(signatures.bm_parse_vset_add, ({ name, value }) => {
      const set = control.valueSet(name);
      set.add(memberFromWire(set, value));
      return undefined;
    }),
    bm_parse_vset_remove: method(signatures.bm_parse_vset_remove, ({ name, value }) => {
      const set = control.valueSet(name);
      set.delete(memberFromWire(set, value));
      return undefined;
    }),
    bm_parse_vset_get: method(signatures.bm_parse_vset_get, ({ name }) => {
      const { set, members } = control.valueSet(name);
      return [...members].map((member) => numberToBytes(member, Math.ceil(set.width / 8)));
    }),
    bm_parse_vset_clear: method(signatures.bm_parse_vset_clear, ({ name }) => {
      control.valueSet(name).clear();
      return undefined;
    }),
    bm_set_crc16_custom_parameters: method(signatures.bm_set_crc16_custom_parameters, ({ name, config }) => {
      control.setCrc(name, "crc16_custom", crc(16, config));
      return undefined;
    }),
    bm_set_crc32_custom_parameters: method(signatures.bm_set_crc32_custom_parameters, ({ name, config }) => {
      control.setCrc(name, "crc32_custom", crc(32, config));
      return undefined;
    }),
    bm_set_toeplitz_hash_key: method(signatures.bm_set_toeplitz_hash_key, ({ name, key }) => {
      control.setToeplitzKey(name, key);
      return undefined;
    }),
    bm_get_id_from_name: method(signatures.bm_get_id_from_name, ({ type, name }) => {
      const kind = resourceKinds[type];
      if (kind === undefined) throw new ControlError("lookup", "INVALID_RESOURCE_TYPE");
      return control.idOf(kind, name);
    }),
    bm_load_new_config: method(signatures.bm_load_new_config, ({ text }) => {
      control.loadConfig(text);
      return undefined;
    }),
    bm_swap_configs: method(signatures.bm_swap_configs, () => {
      control.swapConfigs();
      return undefined;
    }),
    bm_reset_state: method(signatures.bm_reset_state, () => {
      control.reset();
      return undefined;
    }),
    bm_get_config: method(signatures.bm_get_config, () => control.config),
    bm_get_config_md5: method(signatures.bm_get_config_md5, () => control.configMd5),
    bm_serialize_state: method(signatures.bm_serialize_state, () => control.serialize()),
  };
}

interface CrcConfig {
  readonly polynomial: number;
  readonly initial: number;
  readonly finalXor: number;
  readonly reflectData: boolean;
  readonly reflectRemainder: boolean;
}

function deviceMethods(device: Device): Record<string, Method> {
  /** Whatever goes wrong with a port has one code. */
  const attempt = async (work: () => Promise<void>): Promise<undefined> => {
    try {
      await work();
    } catch (error) {
      throw new ControlError("device", "ERROR", error instanceof Error ? error.message : String(error));
    }
    return undefined;
  };
  return {
    bm_dev_mgr_add_port: method(signatures.bm_dev_mgr_add_port, ({ interface: name, port, pcap }) =>
      attempt(() => device.addPort(port, name, pcap)),
    ),
    bm_dev_mgr_remove_port: method(signatures.bm_dev_mgr_remove_port, ({ port }) =>
      attempt(() => device.removePort(port)),
    ),
    bm_dev_mgr_show_ports: method(signatures.bm_dev_mgr_show_ports, () =>
      device
        .ports()
        .toSorted((a, b) => a.port - b.port)
        .map(({ port, name, up, captures }) => ({ port, interface: name, up, extra: captureMap(captures) })),
    ),
    bm_mgmt_get_info: method(signatures.bm_mgmt_get_info, () => ({
      deviceId: BigInt(device.deviceId),
      thriftPort: device.thriftPort,
      notifications: device.notifications,
      eventLogger: undefined,
      debugger: undefined,
    })),
  };
}

/** Value of a parser value set; clients of the reference send one leading zero byte too many. */
function memberFromWire({ set }: ValueSetState, value: Uint8Array): bigint {
  const expected = Math.ceil(set.width / 8);
  const spare = value.length === expected + 1 && value[0] === 0;
  if (value.length !== expected && !spare) throw new ControlError("valueSet", "ERROR");
  return bytesToNumber(value);
}

function captureMap(captures: PortCaptures | undefined): ReadonlyMap<string, string> {
  if (captures === undefined) return new Map();
  return new Map([
    ["in_pcap", captures.received],
    ["out_pcap", captures.sent],
  ]);
}
