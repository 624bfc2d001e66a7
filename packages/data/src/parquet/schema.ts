import type { OutColumn } from "../columns/chunks.js";
import { binary, i32, list, struct, structType, type Thrift } from "./thrift.js";

type Type = OutColumn["type"];

/** Parquet's physical types. */
export const physical: Readonly<Record<Type, number>> = {
  BOOLEAN: 0,
  INTEGER: 1,
  FLOAT: 4,
  DOUBLE: 5,
  VARCHAR: 6,
  "FLOAT[]": 4,
};

const required = i32(0);
const optional = i32(1);
const repeated = i32(2);
const utf8 = { 6: i32(0), 10: struct({ 1: struct({}) }) };
const listOf = { 6: i32(3), 10: struct({ 3: struct({}) }) };

/** Whole numbers, flags and lists are always there. */
export const mayMiss = (type: Type): boolean => type === "VARCHAR" || type === "FLOAT" || type === "DOUBLE";

/** Where a column's values hang: those of lists below two groups. */
export const pathOf = ({ name, type }: OutColumn): readonly string[] =>
  type === "FLOAT[]" ? [name, "list", "element"] : [name];

export function schemaOf(columns: readonly OutColumn[]): Thrift {
  const root = struct({ 4: binary("table"), 5: i32(columns.length) });
  return list(structType, [root, ...columns.flatMap(elementsOf)]);
}

function elementsOf({ name, type }: OutColumn): Thrift[] {
  if (type === "FLOAT[]") {
    return [
      struct({ 3: required, 4: binary(name), 5: i32(1), ...listOf }),
      struct({ 3: repeated, 4: binary("list"), 5: i32(1) }),
      struct({ 1: i32(physical[type]), 3: required, 4: binary("element") }),
    ];
  }
  const repetition = mayMiss(type) ? optional : required;
  return [struct({ 1: i32(physical[type]), 3: repetition, 4: binary(name), ...(type === "VARCHAR" ? utf8 : {}) })];
}
