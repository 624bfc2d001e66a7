import { createRandom } from "@gradpool/core";

/** A shop's log with ids as shops have them: 30 customers, 40 toys, views and purchases. */
export function shopLog(): string {
  const random = createRandom(7, 1);
  const lines = ["customer,product,event"];
  for (let user = 1; user <= 30; user++) {
    for (let n = 0; n < 24; n++) {
      // Each customer likes one half of the shelf.
      const item = 1 + Math.floor(20 * random.uniform()) + 20 * (user % 2);
      lines.push(`anna-${user},toy ${item},view`);
      if (n % 2 === 0) lines.push(`anna-${user},toy ${item},buy`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Rows as they were shown, with two labels, a category and a number. */
export function clickLog(): string {
  const random = createRandom(8, 1);
  const lines = ["customer,product,clicked,bought,device,price"];
  for (let row = 0; row < 900; row++) {
    const user = 1 + Math.floor(30 * random.uniform());
    const item = 1 + Math.floor(40 * random.uniform());
    const clicked = random.uniform() < (user % 2 === item % 2 ? 0.7 : 0.2) ? 1 : 0;
    const bought = clicked === 1 && random.uniform() < 0.5 ? 1 : 0;
    const device = ["phone", "desk", "tv"][row % 3] as string;
    lines.push(
      `anna-${user},toy ${item},${clicked},${bought},${device},${[5, 12, 90][Math.floor(3 * random.uniform())]}`,
    );
  }
  return `${lines.join("\n")}\n`;
}
