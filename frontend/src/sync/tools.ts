/** How often each tool of the screen was used in this read, and for how long where it is held or switched on. */
import type { ToolUse } from '../api/contract';

export type ToolCounts = Readonly<Record<string, ToolUse>>;

export class ToolLog {
  private readonly uses = new Map<string, { count: number; ms: number }>();
  private readonly running = new Map<string, number>();

  constructor(before: ToolCounts = {}) {
    for (const [tool, use] of Object.entries(before)) this.uses.set(tool, { count: use.count, ms: use.ms });
  }

  count(tool: string): void {
    this.of(tool).count += 1;
  }

  /** Starting what already runs changes nothing. */
  start(tool: string, at: number): void {
    if (this.running.has(tool)) return;
    this.running.set(tool, at);
    this.count(tool);
  }

  stop(tool: string, at: number): void {
    const since = this.running.get(tool);
    if (since === undefined) return;
    this.running.delete(tool);
    this.of(tool).ms += Math.max(0, at - since);
  }

  set(tool: string, on: boolean, at: number): void {
    if (on) this.start(tool, at);
    else this.stop(tool, at);
  }

  /** Counts so far, with running tools up to `at`. */
  totals(at: number): ToolCounts {
    const entries = [...this.uses].map(([tool, use]) => {
      const since = this.running.get(tool);
      const ms = use.ms + (since === undefined ? 0 : Math.max(0, at - since));
      return [tool, { count: use.count, ms: Math.round(ms) }] as const;
    });
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  private of(tool: string): { count: number; ms: number } {
    const known = this.uses.get(tool);
    if (known) return known;
    const fresh = { count: 0, ms: 0 };
    this.uses.set(tool, fresh);
    return fresh;
  }
}
