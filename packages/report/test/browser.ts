import { existsSync } from "node:fs";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const browser = "/usr/bin/chromium";
export const absent: boolean = !existsSync(browser);
export const needsIt: string = absent ? ` (needs chromium at ${browser})` : "";

/** A browser of its own with a profile in `folder`. */
export const launch = (folder: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(folder, {
    executablePath: browser,
    headless: true,
    acceptDownloads: true,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/** What a page asks for and says, from now on. Nothing leaves the machine: other requests than for files are refused. */
export async function watch(page: Page): Promise<{ readonly requests: string[]; readonly complaints: string[] }> {
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.route("**", (route) => {
    const url = route.request().url();
    requests.push(url);
    return /^(file|data|blob):/.test(url) ? route.continue() : route.abort();
  });
  return { requests, complaints };
}
