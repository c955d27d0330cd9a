/** Sections by the type of operand that names something in them. */
export const sections: Readonly<Record<string, string>> = {
  header_stack: "header_stacks",
  header_union: "header_unions",
  header_union_stack: "header_union_stacks",
  calculation: "calculations",
  counter_array: "counter_arrays",
  meter_array: "meter_arrays",
  register_array: "register_arrays",
};

/** Operators of expressions. */
export const operators: ReadonlySet<string> = new Set(
  (
    "+ - * / % << >> == != > >= < <= & | ^ ~ and or not valid valid_union ? d2b b2d two_comp_mod sat_cast usat_cast " +
    "dereference_header_stack last_stack_index size_stack access_field access_union_header"
  ).split(" "),
);

/** Primitives with the number of their parameters. */
export const primitives: ReadonlyMap<string, number> = new Map([
  ["assign", 2],
  ["assign_VL", 2],
  ["assign_header", 2],
  ["assign_union", 2],
  ["assign_header_stack", 2],
  ["assign_union_stack", 2],
  ["add_header", 1],
  ["remove_header", 1],
  ["push", 2],
  ["pop", 2],
  ["mark_to_drop", 1],
  ["clone_ingress_pkt_to_egress", 2],
  ["clone_egress_pkt_to_egress", 2],
  ["resubmit", 1],
  ["recirculate", 1],
  ["generate_digest", 2],
  ["modify_field_with_hash_based_offset", 4],
  ["modify_field_rng_uniform", 3],
  ["register_read", 3],
  ["register_write", 3],
  ["count", 2],
  ["execute_meter", 3],
  ["truncate", 1],
  ["exit", 0],
  ["_jump", 1],
  ["_jump_if_zero", 2],
  ["assert", 1],
  ["assume", 1],
  ["log_msg", 2],
]);
