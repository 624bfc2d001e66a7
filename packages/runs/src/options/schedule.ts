import type { Schedule } from "@gradpool/trainer";
import { parseCall } from "./call.js";
import { optionError } from "./errors.js";
import { checkValue, type OptionSpecs, requireKnown } from "./spec.js";

const min = { type: "number", min: 0, max: 1, default: 0, description: "share of the rate that it ends at" } as const;
const by = {
  type: "number",
  min: 0,
  max: 1,
  exclusiveMin: true,
  exclusiveMax: true,
  default: 0.1,
  description: "what the rate is multiplied by",
} as const;
const length = { type: "number", integer: true, min: 1, default: null, description: "epochs that it takes" } as const;
const every = { type: "number", integer: true, min: 1, default: 10, description: "epochs between two steps" } as const;
const patience = {
  type: "number",
  integer: true,
  min: 1,
  default: 3,
  description: "evaluations without gain",
} as const;

/** How the learning rate may move, with what each way takes. */
export const schedules: Readonly<Record<Schedule["kind"], OptionSpecs>> = {
  constant: {},
  cosine: { min, epochs: length },
  linear: { min, epochs: length },
  step: { every, by },
  plateau: { patience, by, min },
};

/** Reads `cosine(min=0.1)`, `step(every=10,by=0.5)`, … Errors `invalid-option` and `unknown-option` name what there is. */
export function readSchedule(text: string): Schedule {
  const { name, options } = parseCall(text, "schedule");
  if (!Object.hasOwn(schedules, name)) {
    throw optionError(`no schedule ${name}`, "schedule", `give ${Object.keys(schedules).join(", ")}`);
  }
  const specs = schedules[name as Schedule["kind"]];
  requireKnown(Object.keys(options), Object.keys(specs), `schedule ${name}`);
  const values = Object.entries(specs).flatMap(([key, spec]) => {
    const value = options[key] ?? spec.default;
    return value === null ? [] : [[key, checkValue(spec, value, key, `schedule ${name}`)] as const];
  });
  return { kind: name, ...Object.fromEntries(values) } as Schedule;
}

/** Whether a run of more epochs has the same learning rates up to where this one ended. */
export function isOpenEnded(text: string): boolean {
  const schedule = readSchedule(text);
  return !(schedule.kind === "cosine" || schedule.kind === "linear") || schedule.epochs !== undefined;
}
