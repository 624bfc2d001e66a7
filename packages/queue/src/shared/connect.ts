import { GradpoolError } from "@gradpool/core";
import { Redis } from "ioredis";
import { plain } from "./plain.js";

/** A queue's address without its password, to be shown. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = readUrl(url);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}

/** Error `usage` for what is no address of a Redis: `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://` with TLS. */
function readUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isRedis = parsed?.protocol === "redis:" || parsed?.protocol === "rediss:";
  if (parsed !== null && isRedis && parsed.host !== "" && /^(\/\d*)?$/.test(parsed.pathname)) return parsed;
  // It may hold a password: it is not shown.
  throw new GradpoolError({
    code: "usage",
    what: "the address is none of a Redis",
    where: "queue",
    remedy: "write redis://HOST:6379, redis://USER:PASSWORD@HOST:6379/0, or rediss://… with TLS",
  });
}

/** The password, where the address has none: addresses are seen by everybody on the machine. */
const passwordVariable = "GRADPOOL_QUEUE_PASSWORD";

/**
 * Connects to a Redis. Once it was there, its absence is waited out until `over`, however long it takes, by the connections made from
 * this one too. Errors: `usage` for what is no address, `failed`, with why, where nothing answers, it does not let us in, or it is too
 * old.
 */
export async function connect(url: string, over?: AbortSignal): Promise<Redis> {
  const { password } = readUrl(url);
  const given = process.env[passwordVariable];
  const options = password === "" && given !== undefined ? { password: given } : {};
  await probe(url, options);
  const redis = new Redis(url, {
    ...options,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (over?.aborted === true ? null : Math.min(100 * times, 2000)),
  });
  // Each lost connection is made again; what waits for it waits.
  redis.on("error", () => undefined);
  return redis;
}

async function probe(url: string, options: { readonly password?: string }): Promise<void> {
  const first = new Redis(url, { ...options, lazyConnect: true, retryStrategy: () => null, connectTimeout: 10_000 });
  let failure: Error | undefined;
  first.on("error", (error) => (failure ??= error));
  try {
    await first.connect();
    await first.ping();
  } catch (cause) {
    throw refusal(url, failure ?? (cause as Error));
  } finally {
    first.disconnect();
  }
}

function refusal(url: string, cause: Error): GradpoolError {
  const code = (cause as { readonly code?: string }).code ?? "";
  const said = plain(cause.message === "" ? code : cause.message);
  const { host } = readUrl(url);
  const remedy = /WRONGPASS|NOAUTH|invalid password/i.test(said)
    ? `give user and password in the address, or the password in ${passwordVariable}`
    : /certificate|CERT|SSL|TLS/i.test(`${code} ${said}`)
      ? "name the authority of its certificate in NODE_EXTRA_CA_CERTS, and use rediss:// for TLS alone"
      : "start it, and see that this machine reaches it; rediss:// is for TLS, redis:// for none";
  return new GradpoolError({ code: "failed", what: `the queue does not answer: ${said}`, where: host, remedy, cause });
}
