import { readMethods } from "../sync/methods.mjs";

/** What a method that has no default for everything is measured with: names of options as functions of the number of tasks. */
const needed = {
  constant: (tasks) => ({ weights: Array.from({ length: tasks }, () => 1) }),
  cosmos: () => ({ lambda: 1 }),
  sdmgrad: () => ({}),
};

const written = (value) => (Array.isArray(value) ? `[${value.join(",")}]` : String(value));

/** Every method by the name that it is shown under: how to make it, and its specifier, for so many tasks. */
export async function specifiers() {
  const packages = await readMethods();
  const all = packages.flatMap(({ methods }) =>
    methods.map((method) => [method.name, entryOf(method, needed[method.name] ?? (() => ({})))]),
  );
  const sdmgrad = packages.flatMap(({ methods }) => methods).find(({ name }) => name === "sdmgrad");
  // The paper's three batches cost something else than the default's one.
  all.push(["sdmgrad(sampling=double)", entryOf(sdmgrad, () => ({ sampling: "double" }))]);
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function entryOf(method, options) {
  return {
    /** Whether it balances rows of tables; else it acts where there are none beside it: the representation. */
    tables: method.tables === undefined,
    create: (tasks) => method.create(options(tasks)),
    specifier(tasks) {
      const own = Object.entries(options(tasks)).map(([name, value]) => `${name}=${written(value)}`);
      return own.length === 0 ? method.name : `${method.name}(${own.join(",")})`;
    },
  };
}
