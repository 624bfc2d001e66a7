/** Every method of the packages that the registry depends on, put together by the site's build. */
declare module "gradpool:methods" {
  import type { Method } from "@gradpool/core";
  export const methods: readonly Method[];
}
