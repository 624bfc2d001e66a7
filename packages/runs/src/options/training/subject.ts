/** What is trained, on what. A part of the table of training options. */
export const subjectOptions = {
  data: {
    type: "text",
    default: "shop",
    hint: "DIR",
    fixed: true,
    description: "a prepared set's folder, or shop(users=…,…): the embedded generator",
  },
  model: {
    type: "text",
    default: "mf",
    hint: "MODEL",
    description: "a model with its options, such as mf(dim=64); or one of yours, ./my-model.js",
  },
  pool: { type: "text", default: "ew", hint: "SPEC", fixed: true, description: "a pool specifier" },
  tasks: {
    type: "list",
    default: [],
    hint: "A,B",
    open: "all that the model takes",
    fixed: true,
    description: "tasks, the target first; target, side (all side tasks) and * stand for what the set offers",
  },
  features: {
    type: "list",
    default: null,
    hint: "A,B",
    open: "all",
    fixed: true,
    description: "features that the model reads, user and item (the ids) among them",
  },
  drop: {
    type: "list",
    default: null,
    hint: "A,B",
    open: "none",
    fixed: true,
    description: "features that the model does not read",
  },
} as const;
