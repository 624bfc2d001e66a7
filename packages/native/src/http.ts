import { setTimeout as sleep } from "node:timers/promises";
import { failure, reason } from "./error.js";

/** The address without user name and password, for messages. */
export function publicUrl(url: string): string {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  return shown.href;
}

/** `user:password@` in an index address becomes a header: `fetch` refuses such addresses. */
function request(url: string, headers: Record<string, string>): { url: string; headers: Record<string, string> } {
  const parsed = new URL(url);
  if (parsed.username === "") return { url, headers };
  const credentials = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  return {
    url: publicUrl(url),
    headers: { ...headers, authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
  };
}

/** GET with three tries on network failures and 5xx answers; other statuses than 2xx and `allowed` throw. */
export async function fetchOk(
  url: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
  allowed: readonly number[] = [],
): Promise<Response> {
  const asked = request(url, headers);
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    let problem: string;
    try {
      const response = await fetch(asked.url, { headers: asked.headers, ...(signal === undefined ? {} : { signal }) });
      if (response.ok || allowed.includes(response.status)) return response;
      problem = `HTTP ${response.status}`;
      await response.body?.cancel();
      if (response.status < 500) attempt = 3;
    } catch (error) {
      signal?.throwIfAborted();
      problem = reason(error);
    }
    if (attempt >= 3)
      throw failure(
        "failed",
        problem,
        publicUrl(url),
        "check the network and the index settings (PIP_INDEX_URL, pip.conf)",
      );
    await sleep(500 * attempt, undefined, signal === undefined ? {} : { signal });
  }
}
