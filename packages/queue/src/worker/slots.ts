/** So many trials at a time, whichever queue they come from. */
export interface Slots {
  take(): boolean;
  give(): void;
  /** Calls once, when one is free. */
  whenFree(call: () => void): void;
  busy(): number;
}

export function slotsOf(count: number): Slots {
  let taken = 0;
  let waiting: (() => void)[] = [];
  return {
    take() {
      if (taken >= count) return false;
      taken++;
      return true;
    },
    give() {
      taken--;
      const calls = waiting;
      waiting = [];
      for (const call of calls) call();
    },
    whenFree: (call) => void waiting.push(call),
    busy: () => taken,
  };
}
