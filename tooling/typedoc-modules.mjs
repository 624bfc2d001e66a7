/** Names typedoc's modules as they are imported: `packages/core/src` is `@gradpool/core`. */
import { Converter, ReflectionKind } from "typedoc";

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const [, name, entry] = /([^/]+)\/src(?:\/([^/]+))?$/.exec(module.name.replace(/\/index$/, "")) ?? [];
      const own = name === "cli" ? "gradpool" : `@gradpool/${name}`;
      module.name = entry === undefined ? own : `${own}/${entry}`;
    }
  });
}
