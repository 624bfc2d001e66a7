import type { GradientPool } from "@gradpool/core";
import { methods } from "gradpool:methods";
import { behindFront, paretoFront } from "./model/front.js";
import type { Landscape, Objective } from "./model/landscape.js";
import { landscapes } from "./model/landscapes/index.js";
import { toLink } from "./model/link.js";
import { type OptimizerName, optimizers } from "./model/optimizer.js";
import { type Choice, createPool, labelOf } from "./model/pools.js";
import { fresh, restore, type State } from "./model/state.js";
import { follow, messageOf, toRequest, type Trajectory } from "./model/trajectory.js";
import { choiceList, strokeSample } from "./view/choices.js";
import { byId, digits, element, save, table } from "./view/dom.js";
import { type Picture, picture } from "./view/pictures.js";

const first = landscapes[0] as Landscape;
const state: State = {
  ...fresh(first),
  optimizer: "adam",
  steps: 400,
  seed: 1,
  choices: ["ew", "pcgrad", "metabalance", "multibalance"].map((method) => ({ method, options: {} })),
};

const current = (): Landscape => landscapes.find(({ name }) => name === state.landscape) ?? first;

interface Run {
  readonly choice: Choice;
  readonly pool?: GradientPool;
  readonly trajectory: Trajectory;
}

let runs: Run[] = [];
let shown: Picture | undefined;
let position = Number.POSITIVE_INFINITY;
let playing = false;
let turn = 0;

/** Follows every chosen pool, one a task of the browser, so that the page stays alive; a newer request ends an older one. */
async function compute(): Promise<void> {
  const mine = ++turn;
  const landscape = current();
  const objective = landscape.create(state.sliders);
  const made: Run[] = [];
  for (const choice of state.choices) {
    made.push(runOf(landscape, objective, choice));
    await new Promise((resolve) => setTimeout(resolve));
    if (mine !== turn) return;
  }
  runs = made;
  const front =
    landscape.tasks.length === 2 && landscape.panels.length === 1
      ? paretoFront(objective, landscape.panels[0] as never)
      : undefined;
  shown = picture({
    landscape,
    objective,
    front,
    start: state.start,
    trajectories: runs.map(({ trajectory }) => trajectory),
    canvases: { plane: byId("plane"), losses: byId("losses"), front: byId("front") },
  });
  byId("front-box").hidden = front === undefined;
  const slider = byId<HTMLInputElement>("position");
  slider.max = String(longest());
  position = Math.min(position, longest());
  slider.value = String(position);
  byId("where").textContent = `step ${position} of ${longest()}`;
  shown.draw(position, selected());
  describe(landscape, front);
  document.documentElement.dataset["computed"] = String(mine);
  const { landscape: name, sliders, start, optimizer, learningRate, steps, seed, choices } = state;
  const link = await toLink({ landscape: name, sliders, start, optimizer, learningRate, steps, seed, choices });
  if (mine === turn) history.replaceState(null, "", `#${link}`);
}

function runOf(landscape: Landscape, objective: Objective, choice: Choice): Run {
  try {
    const pool = createPool(methods, choice);
    return { choice, pool, trajectory: follow(landscape, objective, pool, state) };
  } catch (error) {
    const { losses } = objective(state.start);
    return {
      choice,
      trajectory: { points: [state.start], losses: [losses], gradients: [], combined: [], error: messageOf(error) },
    };
  }
}

const longest = (): number => Math.max(0, ...runs.map(({ trajectory }) => trajectory.points.length - 1));
const selected = (): number => byId<HTMLSelectElement>("arrows").selectedIndex - 1;

/** The numbers of the pictures, for those who read rather than look. */
function describe(landscape: Landscape, front: readonly (readonly [number, number])[] | undefined): void {
  const behind = front === undefined ? [] : ["behind the front"];
  const head = ["pool", ...landscape.tasks.map((task) => `loss of ${task}`), "sum", ...behind, "steps"];
  const rows = runs.map(({ choice, trajectory }, k) => {
    const losses = trajectory.losses.at(-1) as readonly number[];
    const name = element("span", {}, strokeSample(k), labelOf(choice));
    const note = trajectory.error === undefined ? "" : ` (${trajectory.error})`;
    return [
      name,
      ...losses.map(digits),
      digits(losses.reduce((sum, loss) => sum + loss, 0)),
      ...(front === undefined ? [] : [digits(behindFront(losses, front))]),
      `${trajectory.combined.length}${note}`,
    ];
  });
  byId("ends").replaceChildren(table("Where each pool ends", head, rows));
  const arrows = byId<HTMLSelectElement>("arrows");
  const before = arrows.value;
  arrows.replaceChildren(
    element("option", { value: "" }, "none"),
    ...runs.map(({ choice }, k) => element("option", { value: String(k) }, labelOf(choice))),
  );
  arrows.value = before === "" || Number(before) >= runs.length ? (runs.length > 0 ? "0" : "") : before;
  shown?.draw(position, selected());
}

/** The controls of a landscape: sliders and the coordinates of the start. */
function landscapeControls(): void {
  const landscape = current();
  byId("about").textContent = landscape.about;
  byId("sliders").replaceChildren(
    ...landscape.sliders.map(({ name, label, min, max, step }) => {
      const value = element("output", {}, digits(state.sliders[name]));
      const input = element("input", {
        id: `slider-${name}`,
        type: "range",
        min: String(min),
        max: String(max),
        step: String(step),
        value: String(state.sliders[name]),
        on: {
          input: () => {
            state.sliders[name] = Number(input.value);
            value.textContent = digits(state.sliders[name]);
            void compute();
          },
        },
      });
      return element("div", {}, element("label", { htmlFor: input.id }, `${label}: `, value), input);
    }),
  );
  byId("starts").replaceChildren(
    ...landscape.starts.map((start, k) =>
      element(
        "button",
        { type: "button", className: "quiet", on: { click: () => setStart([...start]) } },
        `start ${k + 1}`,
      ),
    ),
    ...state.start.map((value, k) => {
      const input = element("input", {
        type: "number",
        step: "0.1",
        value: String(Number(value.toFixed(3))),
        attributes: { "aria-label": `start, coordinate ${k + 1}` },
        on: {
          change: () => {
            if (!Number.isFinite(input.valueAsNumber)) return;
            state.start[k] = input.valueAsNumber;
            void compute();
          },
        },
      });
      return input;
    }),
  );
}

function setStart(start: number[]): void {
  state.start = start;
  landscapeControls();
  void compute();
}

function numberControl(id: string, set: (value: number) => void, valid: (value: number) => boolean): void {
  const input = byId<HTMLInputElement>(id);
  input.addEventListener("change", () => {
    const value = input.valueAsNumber;
    input.setCustomValidity(valid(value) ? "" : `from ${input.min} to ${input.max}`);
    if (!input.reportValidity()) return;
    set(value);
    void compute();
  });
}

function controls(): void {
  const landscape = byId<HTMLSelectElement>("landscape");
  landscape.replaceChildren(...landscapes.map(({ name, title }) => element("option", { value: name }, title)));
  landscape.value = state.landscape;
  landscape.addEventListener("change", () => {
    Object.assign(state, fresh(landscapes.find(({ name }) => name === landscape.value) as Landscape));
    byId<HTMLInputElement>("learning-rate").value = String(state.learningRate);
    landscapeControls();
    void compute();
  });
  const optimizer = byId<HTMLSelectElement>("optimizer");
  optimizer.replaceChildren(...optimizers.map((name) => element("option", { value: name }, name)));
  optimizer.value = state.optimizer;
  optimizer.addEventListener("change", () => {
    state.optimizer = optimizer.value as OptimizerName;
    void compute();
  });
  byId<HTMLInputElement>("learning-rate").value = String(state.learningRate);
  byId<HTMLInputElement>("steps").value = String(state.steps);
  byId<HTMLInputElement>("seed").value = String(state.seed);
  numberControl(
    "learning-rate",
    (value) => (state.learningRate = value),
    (value) => value > 0 && value <= 10,
  );
  numberControl(
    "steps",
    (value) => (state.steps = value),
    (value) => Number.isInteger(value) && value > 0 && value <= 5000,
  );
  numberControl("seed", (value) => (state.seed = value), Number.isInteger);
  byId("pools").replaceChildren(
    choiceList(methods, state.choices, (choices) => {
      state.choices = choices;
      void compute();
    }),
  );
  byId("arrows").addEventListener("change", () => shown?.draw(position, selected()));
  byId("position").addEventListener("input", () => move(byId<HTMLInputElement>("position").valueAsNumber));
  byId("play").addEventListener("click", () => (playing ? stop() : void play()));
  byId("save").addEventListener("click", saveRequests);
  byId("plane").addEventListener("click", (event) => {
    const start = shown?.pointAt(event as MouseEvent);
    if (start !== undefined) setStart([...start]);
  });
  const redraw = (): void => shown?.redraw(position, selected());
  window.addEventListener("resize", redraw);
  document.addEventListener("theme", redraw);
}

function move(to: number): void {
  position = to;
  byId("where").textContent = `step ${position} of ${longest()}`;
  shown?.draw(position, selected());
}

function stop(): void {
  playing = false;
  byId("play").textContent = "Play";
}

/** Draws the way from the first step, a share of it each frame; how long frames took is left on the page for whoever measures. */
async function play(): Promise<void> {
  playing = true;
  byId("play").textContent = "Pause";
  if (position >= longest()) position = 0;
  const stride = Math.max(1, Math.round(longest() / 300));
  const frames: number[] = [];
  let before = performance.now();
  while (playing && position < longest()) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    move(Math.min(longest(), position + stride));
    byId<HTMLInputElement>("position").value = String(position);
    const now = performance.now();
    frames.push(now - before);
    before = now;
  }
  document.documentElement.dataset["frames"] = JSON.stringify(frames);
  stop();
}

/** What each pool was shown, as requests for `gradpool pool`: one a line. */
function saveRequests(): void {
  const lines = runs.flatMap(({ pool, trajectory }) =>
    pool === undefined ? [] : [JSON.stringify(toRequest(current(), pool, trajectory, state.seed))],
  );
  const answers = runs.flatMap(({ pool, trajectory }) =>
    pool === undefined ? [] : [JSON.stringify(trajectory.combined)],
  );
  document.documentElement.dataset["answers"] = `[${answers.join(",")}]`;
  save("requests.jsonl", `${lines.join("\n")}\n`);
}

await restore(state, location.hash.slice(1), methods);
controls();
landscapeControls();
await compute();
