/** The little of jsdom that is used; its own types would bring the browser's global types into every file. */
declare module "jsdom" {
  export const JSDOM: new (html: string) => { readonly window: { readonly document: object } };
}
