/** Going through the cases: where one is, what was decided, what the filter leaves, and what can be taken back. */

export type Verdict = 'include' | 'exclude' | 'query' | '';

export interface QualityCase {
  readonly code: string;
  readonly name: string;
  readonly subject: string;
  readonly site: string;
  readonly role: string;
  readonly sequences: readonly string[];
  readonly warnings: readonly string[];
  readonly verdict: Verdict;
  readonly reason: string;
  readonly data: string;
  readonly decide: string;
  readonly page: string;
}

export interface Decision {
  readonly verdict: Verdict;
  readonly reason: string;
}

export interface Undone extends Decision {
  readonly code: string;
}

export interface Counts {
  readonly cases: number;
  readonly assessed: number;
  readonly include: number;
  readonly exclude: number;
  readonly query: number;
}

export class Round {
  private readonly decisions: Map<string, Decision>;
  private readonly past: Undone[] = [];
  private at: number;
  onlyUndecided = false;

  constructor(
    readonly cases: readonly QualityCase[],
    start = '',
  ) {
    this.decisions = new Map(cases.map(({ code, verdict, reason }) => [code, { verdict, reason }]));
    const named = cases.findIndex(({ code }) => code === start);
    const open = cases.findIndex(({ verdict }) => verdict === '');
    this.at = named >= 0 ? named : Math.max(0, open);
  }

  get current(): QualityCase {
    const found = this.cases[this.at];
    if (!found) throw new Error('there is no case');
    return found;
  }

  get number(): number {
    return this.at + 1;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  decisionOf(code: string): Decision {
    return this.decisions.get(code) ?? { verdict: '', reason: '' };
  }

  get counts(): Counts {
    const verdicts = [...this.decisions.values()].map(({ verdict }) => verdict);
    const of = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
    return {
      cases: verdicts.length,
      assessed: verdicts.length - of(''),
      include: of('include'),
      exclude: of('exclude'),
      query: of('query'),
    };
  }

  /** The case that a step leads to; the current one at either end. With the filter, only undecided cases count. */
  neighbour(step: 1 | -1): QualityCase {
    for (let at = this.at + step; at >= 0 && at < this.cases.length; at += step) {
      const found = this.cases[at];
      if (found && (!this.onlyUndecided || this.decisionOf(found.code).verdict === '')) return found;
    }
    return this.current;
  }

  goTo(code: string): void {
    const at = this.cases.findIndex((one) => one.code === code);
    if (at >= 0) this.at = at;
  }

  /** Note what the server has stored. */
  decided(code: string, decision: Decision): void {
    this.past.push({ code, ...this.decisionOf(code) });
    this.decisions.set(code, decision);
  }

  /** What the last decision replaced; it stays until `takenBack`. */
  get last(): Undone | null {
    return this.past.at(-1) ?? null;
  }

  takenBack(): void {
    const undone = this.past.pop();
    if (!undone) return;
    this.decisions.set(undone.code, { verdict: undone.verdict, reason: undone.reason });
    this.goTo(undone.code);
  }
}
