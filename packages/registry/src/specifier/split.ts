/** Splits `ew,metabalance(relax=0.5,strategy=both),./mine.js` at the commas outside parentheses. */
export function splitPools(text: string): string[] {
  const pools: string[] = [];
  let depth = 0;
  let held = "";
  for (const char of text) {
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === "," && depth === 0) {
      pools.push(held.trim());
      held = "";
    } else {
      held += char;
    }
  }
  pools.push(held.trim());
  return pools.filter((pool) => pool !== "");
}
