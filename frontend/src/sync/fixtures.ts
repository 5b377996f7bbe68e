/** A clock turned by hand, for the tests of this folder. */
import type { Timer } from './timer';

export class HandTimer implements Timer {
  private at = 0;
  private waiting: { readonly due: number; readonly run: () => void }[] = [];

  now(): number {
    return this.at;
  }

  random(): number {
    return 0.5;
  }

  after(ms: number, run: () => void): () => void {
    const entry = { due: this.at + ms, run };
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((each) => each !== entry);
    };
  }

  /** Let time pass, running what falls due and all promises it sets off. */
  async pass(ms: number): Promise<void> {
    const until = this.at + ms;
    for (;;) {
      await settle();
      const next = this.waiting.toSorted((a, b) => a.due - b.due)[0];
      if (!next || next.due > until) break;
      this.waiting = this.waiting.filter((each) => each !== next);
      this.at = next.due;
      next.run();
    }
    this.at = until;
    await settle();
  }
}

/** Let promises, and the fake database behind them, come to rest. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
