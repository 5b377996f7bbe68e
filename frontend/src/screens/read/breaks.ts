/** When to suggest a break: after so many minutes or cases since the last one, and only between cases. */
import type { Policy } from '../../api/contract';

export class Breaks {
  private cases = 0;

  constructor(
    private readonly policy: Policy,
    private since: number,
  ) {}

  /** A case was finished. */
  finished(): void {
    this.cases += 1;
  }

  /** Minutes read since the last break if one is due now, else null. Asking starts the count anew. */
  due(at: number): number | null {
    const minutes = Math.floor((at - this.since) / 60_000);
    const { break_minutes, break_cases } = this.policy;
    const long = break_minutes > 0 && minutes >= break_minutes;
    const many = break_cases > 0 && this.cases >= break_cases;
    if (!long && !many) return null;
    this.restart(at);
    return minutes;
  }

  /** The reader has paused. */
  restart(at: number): void {
    this.since = at;
    this.cases = 0;
  }
}
