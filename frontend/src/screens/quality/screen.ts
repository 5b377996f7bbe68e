/** Quality control by key: look, decide, next. Each decision is on the server before the next case is shown as decided. */
import '../../ui/case-viewer.css';
import './screen.css';

import { Refused } from '../../api/problem';
import { Transport } from '../../api/transport';
import { csrfToken, islandData } from '../../ui/island';
import { CaseBrowser } from '../../viewer/browse';
import { loadStored } from '../../viewer/stored';
import type { StoredCase } from '../../viewer/stored';
import type { ViewerPresentation } from '../../viewer/port';
import { Face } from './face';
import { Round } from './round';
import type { Decision, QualityCase, Verdict } from './round';

interface Given {
  readonly cases: readonly QualityCase[];
  readonly reasons: readonly string[];
  readonly start: string;
}

interface Loaded {
  readonly stored: StoredCase;
  readonly presentation: ViewerPresentation;
}

class QualityControl {
  private readonly transport = new Transport(csrfToken());
  private readonly loading = new Map<string, Promise<Loaded>>();
  private readonly round: Round;
  private readonly face: Face;
  private browser: CaseBrowser | null = null;
  private saving = false;

  constructor(
    host: HTMLElement,
    private readonly given: Given,
  ) {
    this.round = new Round(given.cases, given.start);
    this.face = new Face(host, given.reasons, {
      decide: (verdict, reason) => void this.decide(verdict, reason),
      step: (step) => void this.go(this.round.neighbour(step)),
      undo: () => void this.undo(),
      filter: () => this.filter(),
    });
  }

  async begin(): Promise<void> {
    this.browser = await CaseBrowser.in(this.face.images, this.face.bar);
    this.browser.listen(() => this.face.isAsking);
    await this.go(this.round.current);
  }

  private filter(): void {
    this.round.onlyUndecided = !this.round.onlyUndecided;
    this.face.show(this.round);
  }

  private async go(to: QualityCase): Promise<void> {
    this.round.goTo(to.code);
    this.face.show(this.round);
    this.face.loading(true);
    try {
      const { stored, presentation } = await this.load(to);
      if (this.round.current.code !== to.code) return;
      await this.browser?.open(presentation, stored.masks);
      this.face.loading(false);
      this.ahead();
    } catch (error) {
      this.loading.delete(to.code);
      this.face.trouble(`The images could not be shown: ${sentence(error)}`, () => void this.go(to));
    }
  }

  /** The next case is fetched while one looks at this one; only three are kept. */
  private ahead(): void {
    const next = this.round.neighbour(1);
    if (next.code !== this.round.current.code) this.load(next).catch(() => this.loading.delete(next.code));
    const [oldest] = this.loading.keys();
    if (this.loading.size > 3 && oldest && oldest !== this.round.current.code) this.loading.delete(oldest);
  }

  private load(one: QualityCase): Promise<Loaded> {
    const known = this.loading.get(one.code);
    if (known) return known;
    const begun = this.transport.json<StoredCase>(one.data).then(async (stored) => ({
      stored,
      presentation: await loadStored(this.transport, stored),
    }));
    this.loading.set(one.code, begun);
    return begun;
  }

  private async decide(verdict: Verdict, reason: string): Promise<void> {
    const { current } = this.round;
    const stored = await this.store(current, { verdict, reason });
    if (!stored) return;
    this.round.decided(current.code, stored);
    this.face.saved(current, stored);
    const next = this.round.neighbour(1);
    if (next.code === current.code) this.face.show(this.round);
    else await this.go(next);
  }

  private async undo(): Promise<void> {
    const { last } = this.round;
    const one = this.given.cases.find(({ code }) => code === last?.code);
    if (!last || !one) return;
    const stored = await this.store(one, { verdict: last.verdict, reason: last.reason });
    if (!stored) return;
    this.round.takenBack();
    this.face.saved(one, stored);
    await this.go(one);
  }

  /** What the server has stored; null when it was not, and the page says why. */
  private async store(one: QualityCase, decision: Decision): Promise<Decision | null> {
    if (this.saving) return null;
    this.saving = true;
    this.face.saving(one);
    try {
      return await post(one.decide, decision);
    } catch (error) {
      this.face.trouble(`Not saved: ${sentence(error)}`, () => void this.decide(decision.verdict, decision.reason));
      return null;
    } finally {
      this.saving = false;
    }
  }
}

async function post(url: string, { verdict, reason }: Decision): Promise<Decision> {
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams({ verdict, reason }),
    headers: { Accept: 'application/json', 'X-CSRFToken': csrfToken() },
    credentials: 'same-origin',
    redirect: 'error',
  });
  const body = (await response.json().catch(() => ({}))) as { verdict?: Verdict; reason?: string; detail?: string };
  if (!response.ok) throw new Refused(response.status, body.detail === undefined ? {} : { detail: body.detail });
  return { verdict: body.verdict ?? '', reason: body.reason ?? '' };
}

const sentence = (error: unknown): string =>
  error instanceof Refused ? error.message : 'the server cannot be reached; try again.';

const host = document.querySelector<HTMLElement>('[data-quality]');
if (host) void new QualityControl(host, islandData<Given>('quality-data')).begin();
