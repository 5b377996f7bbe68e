/**
 * The two times of a read: wall time since it was first opened, and active time, which stands still while paused,
 * hidden, or without any input for a minute. Times come in as arguments (milliseconds of one monotonic clock).
 */

export const IDLE_MS = 60_000;

export interface Times {
  readonly active_ms: number;
  readonly wall_ms: number;
}

export class ReadClock {
  private active: number;
  private readonly wallBefore: number;
  private countedTo: number;
  private lastInput: number;
  private paused = false;
  private hidden = false;

  constructor(
    private readonly openedAt: number,
    before: Times = { active_ms: 0, wall_ms: 0 },
  ) {
    this.active = before.active_ms;
    this.wallBefore = before.wall_ms;
    this.countedTo = openedAt;
    this.lastInput = openedAt;
  }

  /** A key, a click, a wheel step, a pointer move. */
  input(at: number): void {
    this.count(at);
    this.lastInput = at;
  }

  pause(at: number): void {
    this.count(at);
    this.paused = true;
  }

  resume(at: number): void {
    this.count(at);
    this.paused = false;
    this.lastInput = at;
  }

  hide(at: number): void {
    this.count(at);
    this.hidden = true;
  }

  show(at: number): void {
    this.count(at);
    this.hidden = false;
    this.lastInput = at;
  }

  times(at: number): Times {
    this.count(at);
    return { active_ms: Math.round(this.active), wall_ms: Math.round(this.wallBefore + at - this.openedAt) };
  }

  private count(at: number): void {
    const until = Math.min(at, this.lastInput + IDLE_MS);
    if (!this.paused && !this.hidden && until > this.countedTo) this.active += until - this.countedTo;
    this.countedTo = Math.max(this.countedTo, at);
  }
}
