/**
 * One sitting: opens presentations, keeps their answers safe, submits them, and goes on.
 *
 * It knows the rules (what may happen when) and leaves pixels to the `Face` and images to the `Images` it is given.
 */
import type {
  OpenedBody,
  Place,
  Presentation,
  ReadBody,
  Reading,
  ReadSaved,
  ReportBody,
  SavedDraft,
  Token,
} from '../../api/contract';
import type { Refused } from '../../api/problem';
import { isSessionEnd } from '../../api/problem';
import type { ReadingApi } from '../../api/reading';
import { ReadClock } from '../../sync/clock';
import { DraftSync, resume } from '../../sync/drafts';
import type { SaveState } from '../../sync/drafts';
import type { DraftRecord, Journal } from '../../sync/journal';
import { Outbox } from '../../sync/outbox';
import type { Delivery } from '../../sync/outbox';
import { ToolLog } from '../../sync/tools';
import type { Timer } from '../../sync/timer';
import type { Ahead } from './ahead';
import { Answering } from './answering';
import type { AnsweringEvents } from './answering';
import * as answers from './answers';
import { Breaks } from './breaks';
import type { DraftContent } from './draft';
import { draftOf, takeUp } from './draft';
import type { Flow, FlowEvent } from './flow';
import { START, after, allows, mayAnswer } from './flow';
import { beyond, isFinished } from './place';
import type { Prepared } from './prepare';

export type Trouble =
  | { readonly is: 'failed'; readonly why: string; readonly retry: () => void }
  | { readonly is: 'waiting'; readonly count: number; readonly retry: () => void }
  | { readonly is: 'ended' }
  | { readonly is: 'elsewhere' }
  | { readonly is: 'conflict'; readonly theirs: SavedDraft | null; readonly here: DraftRecord | null }
  | { readonly is: 'finished' };

export interface Face {
  trouble(trouble: Trouble): void;
  loading(number: number | null): void;
  opened(prepared: Prepared, correcting: boolean): void;
  changed(): void;
  saved(state: SaveState | null, waiting: number): void;
  note(text: string, tone: 'note' | 'attention' | 'problem'): void;
  breakDue(minutes: number): void;
}

export interface Images {
  show(prepared: Prepared): Promise<void>;
  ready(prepared: Prepared): Promise<void>;
  where(): DraftContent['place'];
  goTo(place: NonNullable<DraftContent['place']>): Promise<void>;
  display(): OpenedBody['display'];
}

export interface Parts {
  readonly api: ReadingApi;
  readonly base: string;
  readonly journal: Journal;
  readonly timer: Timer;
  readonly ahead: Ahead;
  readonly images: Images;
  readonly face: Face;
  readonly spoken: Pick<AnsweringEvents, 'say' | 'flash'>;
  /** Wall clock in ms. */
  readonly today: () => number;
  readonly version: string;
}

export class Session {
  flow: Flow = START;
  place: Place;
  current: Prepared | null = null;
  correcting = false;
  answering: Answering;
  tools = new ToolLog();
  clock: ReadClock;
  private readonly outbox: Outbox;
  private drafts: DraftSync | null = null;
  private saveState: SaveState | null = null;
  private readonly breaks: Breaks;
  private ticket = 0;
  private skippedSubmitted: Token | null = null;

  constructor(
    readonly reading: Reading,
    private readonly parts: Parts,
  ) {
    const { timer } = parts;
    this.place = reading;
    this.answering = this.fresh(answers.begin(reading.instrument, [], reading.policy.order));
    this.clock = new ReadClock(timer.now());
    this.breaks = new Breaks(reading.policy, timer.now());
    this.outbox = new Outbox(parts.base, parts.journal, parts.api, timer, {
      onWaiting: () => this.showSaved(),
      onDelivered: (record, answer) => void this.delivered(record.posting, answer),
      onRefused: (record, error) => void this.refusedLater(record.key, record.posting.kind, error),
      onEnded: () => this.ended(),
      onUnsafe: () => this.unsafe(),
    });
  }

  /** Deliver what an earlier visit left, then open where the reader stopped. */
  async start(): Promise<void> {
    await this.outbox.start();
    if (this.outbox.waiting.length === 0) return this.refresh();
    return this.proceed();
  }

  /** Ask the server where the reader stands, and open that. */
  async refresh(): Promise<void> {
    const ticket = (this.ticket += 1);
    try {
      const place = await this.parts.api.reading();
      if (ticket !== this.ticket) return;
      this.place = place;
      this.parts.ahead.keepOnly(place.upcoming);
      await this.proceed();
    } catch (error) {
      this.fail(error, () => void this.refresh());
    }
  }

  // Opening

  private async proceed(): Promise<void> {
    const waiting = this.waitingTokens();
    const place = beyond(this.place, waiting);
    if (place.current !== null) return this.open(place.current, false);
    if (isFinished(this.place, waiting)) return this.finish();
    this.stall();
  }

  private finish(): void {
    this.turn('finished');
    this.current = null;
    this.parts.face.trouble({ is: 'finished' });
  }

  private stall(): void {
    this.turn('stalled');
    const retry = (): void => this.wake();
    this.parts.face.trouble({ is: 'waiting', count: this.waitingTokens().size, retry });
  }

  /** Open a presentation; a correction is fetched anew and is not drafted. */
  async open(token: Token, correcting: boolean): Promise<void> {
    const { ahead, face, images } = this.parts;
    const ticket = (this.ticket += 1);
    await this.leave();
    this.turn('opening');
    if (!ahead.ready(token)) face.loading(null);
    try {
      if (correcting) ahead.forget(token);
      const prepared = await ahead.get(token);
      if (ticket !== this.ticket) return;
      if (prepared.presentation.submitted && !correcting) return await this.alreadySubmitted(token);
      await images.show(prepared);
      if (ticket !== this.ticket) return;
      await this.begin(prepared, correcting);
      void this.lookAhead();
    } catch (error) {
      if (ticket !== this.ticket) return;
      ahead.forget(token);
      if (navigator.onLine || this.outbox.waiting.length === 0) this.fail(error, () => void this.open(token, correcting));
      else this.stall();
    }
  }

  /** Another tab or device was faster; ask where to go on, but never in a circle. */
  private async alreadySubmitted(token: Token): Promise<void> {
    this.parts.ahead.forget(token);
    if (this.skippedSubmitted === token) throw new Error('This case is already submitted. Report it to the study team.');
    this.skippedSubmitted = token;
    await this.refresh();
  }

  private async begin(prepared: Prepared, correcting: boolean): Promise<void> {
    const { presentation } = prepared;
    const { instrument, policy } = this.reading;
    this.current = prepared;
    this.correcting = correcting;
    const letters = presentation.slots.map((slot) => slot.letter);
    const state = answers.begin(instrument, letters, policy.order, { correction: correcting });
    if (correcting) this.beginCorrection(state, presentation);
    else await this.takeUpDraft(state, presentation);
    this.turn('loaded');
    this.parts.face.opened(prepared, correcting);
    this.parts.face.changed();
    this.showSaved();
    if (!correcting) void this.outbox.post({ kind: 'opened', token: presentation.token, body: { display: this.parts.images.display() } });
  }

  private beginCorrection(state: answers.AnswerState, { submitted }: Presentation): void {
    this.answering = this.fresh(answers.fromSubmitted(state, submitted?.answers ?? [], submitted?.comment ?? ''));
    this.clock = new ReadClock(this.parts.timer.now());
    this.tools = new ToolLog();
  }

  private async takeUpDraft(state: answers.AnswerState, { token, draft }: Presentation): Promise<void> {
    const found = resume(await this.parts.journal.draft(token).catch(() => null), draft);
    if (found.from === 'conflict') {
      this.use(state, found.here.content);
      this.startDrafts(token, found.here.base);
      this.conflict(found.theirs, found.here);
      return;
    }
    this.use(state, found.from === 'nothing' ? null : found.content);
    this.startDrafts(token, found.base);
    if (found.from === 'here') this.save();
  }

  /** Go on from stored content (or afresh), times and place in the image included. */
  private use(state: answers.AnswerState, content: unknown): void {
    const { timer, today, images } = this.parts;
    const taken = takeUp(state, content, today());
    this.answering = this.fresh(taken.state);
    this.clock = new ReadClock(timer.now(), taken.times);
    this.tools = new ToolLog(taken.tools);
    if (taken.place) void images.goTo(taken.place);
  }

  private startDrafts(token: Token, base: number): void {
    const { journal, api, timer } = this.parts;
    this.saveState = null;
    this.drafts = new DraftSync(token, base, journal, api, timer, (state) => this.saveChanged(state));
  }

  private fresh(state: answers.AnswerState): Answering {
    const events: AnsweringEvents = { ...this.parts.spoken, changed: (kept) => this.answersChanged(kept) };
    return new Answering(state, events, () => this.parts.timer.now());
  }

  private async lookAhead(): Promise<void> {
    const { ahead, images } = this.parts;
    const next = beyond(this.place, this.waitingTokens()).upcoming.filter((token) => token !== this.token);
    ahead.keepOnly([...(this.token ? [this.token] : []), ...next]);
    const ticket = this.ticket;
    for (const [at, token] of next.slice(0, 3).entries()) {
      const prepared = await ahead.get(token).catch(() => null);
      if (ticket !== this.ticket) return;
      if (prepared && at === 0) await images.ready(prepared).catch(() => undefined);
    }
  }

  get token(): Token | null {
    return this.current?.presentation.token ?? null;
  }

  // Answering

  private answersChanged(kept: boolean): void {
    if (kept) {
      this.turn('answered');
      this.save();
    }
    this.parts.face.changed();
  }

  private save(): void {
    if (!this.drafts || this.correcting) return;
    const { content, active_ms } = this.snapshot();
    this.drafts.change({ content, active_ms }).catch(() => {
      this.unsafe();
      this.drafts?.flush();
    });
  }

  private snapshot(): { content: DraftContent; active_ms: number } {
    const { timer, today, images } = this.parts;
    const now = timer.now();
    const times = this.clock.times(now);
    const content = draftOf(this.answering.state, times, this.tools.totals(now), images.where(), today());
    return { content, active_ms: times.active_ms };
  }

  /** The tab is being hidden or closed: times and place too must be safe. */
  hide(): void {
    this.clock.hide(this.parts.timer.now());
    if (!mayAnswer(this.flow) || !this.hasAnswers()) return;
    this.save();
    this.drafts?.flush(true);
  }

  show(): void {
    this.clock.show(this.parts.timer.now());
  }

  private hasAnswers(): boolean {
    const { values, comment } = this.answering.state;
    return Object.keys(values).length > 0 || comment !== '';
  }

  pause(): void {
    this.clock.pause(this.parts.timer.now());
    this.breaks.restart(this.parts.timer.now());
    this.save();
    this.set({ paused: true });
  }

  goOn(): void {
    this.clock.resume(this.parts.timer.now());
    this.breaks.restart(this.parts.timer.now());
    this.set({ paused: false });
  }

  // Submitting

  /** The one bright button: open the second block, then submit. */
  async next(): Promise<void> {
    if (!mayAnswer(this.flow)) return;
    if (answers.nextStep(this.answering.state) === 'open_second') {
      this.answering.openSecond();
      return;
    }
    if (this.answering.complete()) await this.submit('', this.answering.state.comment);
  }

  async submit(notAssessable: string, comment: string): Promise<void> {
    const { token } = this;
    if (!token || !mayAnswer(this.flow) || !allows(this.flow, 'submitted')) return;
    this.turn('submitted');
    this.parts.face.changed();
    const body = this.body(notAssessable, comment);
    await this.drafts?.close();
    this.outcome(token, await this.outbox.post({ kind: 'read', token, body }));
  }

  private body(notAssessable: string, comment: string): ReadBody {
    const now = this.parts.timer.now();
    return {
      answers: notAssessable ? [] : answers.toAnswers(this.answering.state),
      not_assessable: notAssessable,
      comment,
      ...this.clock.times(now),
      tool_use: this.tools.totals(now),
      viewer_version: this.parts.version,
      correction: this.correcting,
    };
  }

  private outcome(token: Token, delivery: Delivery): void {
    // Delivered answers arrive through `delivered`, which also serves those that were sent later.
    if (delivery.is === 'refused') return this.refusedNow(token, delivery.key, delivery.error);
    if (delivery.is !== 'delivered' && this.flow.phase === 'saving') void this.nextWhileAway();
  }

  /** The server cannot be reached: go on with what was fetched ahead. */
  private async nextWhileAway(): Promise<void> {
    this.turn('kept');
    this.breaks.finished();
    const next = beyond(this.place, this.waitingTokens()).current;
    if (next !== null && this.parts.ahead.ready(next)) return this.open(next, false);
    this.stall();
  }

  private async delivered(posting: { readonly kind: string; readonly token: Token }, answer: unknown): Promise<void> {
    if (posting.kind === 'report') this.parts.face.note('The note has reached the study team.', 'note');
    if (posting.kind !== 'read') return;
    await this.parts.journal.removeDraft(posting.token).catch(() => undefined);
    this.place = answer as ReadSaved;
    this.showSaved();
    if (this.flow.phase === 'waiting') return this.proceed();
    if (posting.token !== this.token || this.flow.phase !== 'saving') return this.parts.face.changed();
    this.turn('kept');
    this.saveState = { is: 'saved', at: (answer as ReadSaved).submitted_at };
    this.showSaved();
    this.breaks.finished();
    await this.proceed();
    const minutes = this.breaks.due(this.parts.timer.now());
    if (minutes !== null && this.current !== null) this.parts.face.breakDue(minutes);
  }

  private refusedNow(token: Token, key: string, error: Refused): void {
    void this.outbox.drop(key);
    if (error.code === 'presentation.submitted' || error.code === 'presentation.not_open') {
      this.parts.face.note(error.message, 'attention');
      void this.refresh();
      return;
    }
    this.turn('refused');
    if (!this.correcting) this.startDrafts(token, this.drafts?.revision ?? 0);
    this.answering.point(this.refusedFields(error));
    this.parts.face.note(error.message, 'problem');
    this.parts.face.changed();
  }

  private refusedFields(error: Refused): readonly answers.Field[] {
    const ids = error.fields.map(({ pointer }) => pointer.split('/').slice(-2).join('/'));
    return this.answering.state.fields.filter(({ id, question }) => ids.includes(id) || ids.includes(`case/${question.id}`));
  }

  private async refusedLater(key: string, kind: string, error: Refused): Promise<void> {
    await this.outbox.drop(key);
    if (kind === 'opened') {
      if (error.code.startsWith('presentation.')) return this.refresh();
      return;
    }
    this.parts.face.note(`An earlier case was not accepted: ${error.message} Report it to the study team.`, 'problem');
  }

  // Correcting, reporting

  async correctPrevious(): Promise<void> {
    const { previous } = this.place;
    if (previous && mayAnswer(this.flow) && !this.correcting) await this.open(previous, true);
  }

  async backFromCorrection(): Promise<void> {
    if (this.correcting && this.place.current) await this.open(this.place.current, false);
  }

  report(body: ReportBody): void {
    if (!this.token) return;
    void this.outbox.post({ kind: 'report', token: this.token, body }).then((delivery) => {
      if (delivery.is === 'waiting') this.parts.face.note('The note is kept on this computer and will be sent.', 'attention');
      if (delivery.is === 'refused') this.parts.face.note(delivery.error.message, 'problem');
    });
  }

  // Trouble

  /** The network is back, or the person wants to try now. */
  wake(): void {
    this.outbox.wake();
    if (this.saveState?.is === 'offline') this.drafts?.flush();
    if (this.flow.phase === 'waiting' && this.outbox.waiting.length === 0) void this.refresh();
  }

  /** The person has signed in again. */
  signedIn(): void {
    this.set({ sessionEnded: false });
    this.outbox.wake();
    this.drafts?.flush();
    if (this.flow.phase === 'failed' || this.flow.phase === 'loading') void this.refresh();
  }

  /** Another tab has taken over. */
  async lost(): Promise<void> {
    this.set({ readOnly: true });
    await this.drafts?.close();
    this.drafts = null;
    this.parts.face.trouble({ is: 'elsewhere' });
  }

  /** Write here again, from what the journal and the server now hold. */
  async takeOver(): Promise<void> {
    this.set({ readOnly: false });
    if (this.token) this.parts.ahead.forget(this.token);
    await this.refresh();
  }

  lookOnly(): void {
    this.set({ readOnly: true });
  }

  keepMine(theirs: SavedDraft): void {
    this.set({ readOnly: false });
    this.save();
    this.drafts?.overrule(theirs);
  }

  /** Go on with the draft of the other tab. */
  takeTheirs(theirs: SavedDraft): void {
    const { token } = this;
    if (!token || !this.current) return;
    this.set({ readOnly: false });
    const letters = this.current.presentation.slots.map((slot) => slot.letter);
    void this.drafts?.close();
    this.use(answers.begin(this.reading.instrument, letters, this.reading.policy.order), theirs.content);
    this.startDrafts(token, theirs.revision);
    this.save();
    this.parts.face.changed();
  }

  private conflict(theirs: SavedDraft, here: DraftRecord | null): void {
    this.set({ readOnly: true });
    this.parts.face.trouble({ is: 'conflict', theirs, here });
  }

  private ended(): void {
    this.set({ sessionEnded: true });
    this.parts.face.trouble({ is: 'ended' });
  }

  private unsafe(): void {
    this.parts.face.note('This computer cannot store answers (storage is full or denied); stay online until they are saved.', 'problem');
  }

  private fail(error: unknown, retry: () => void): void {
    this.turn('failed');
    if (isSessionEnd(error)) return this.ended();
    const why = error instanceof Error ? error.message : String(error);
    this.parts.face.trouble({ is: 'failed', why, retry });
  }

  private saveChanged(state: SaveState): void {
    this.saveState = state;
    if (state.is === 'ended') this.ended();
    if (state.is === 'conflict') this.conflict(state.theirs, null);
    if (state.is === 'refused') {
      this.parts.face.note(state.why, 'attention');
      void this.refresh();
    }
    this.showSaved();
  }

  private showSaved(): void {
    this.parts.face.saved(this.saveState, this.waitingTokens().size);
  }

  private async leave(): Promise<void> {
    const { drafts } = this;
    this.drafts = null;
    if (!drafts) return;
    drafts.flush(true);
    await drafts.close();
  }

  private waitingTokens(): ReadonlySet<Token> {
    const reads = this.outbox.waiting.filter((record) => record.posting.kind === 'read');
    return new Set(reads.map((record) => record.posting.token));
  }

  private turn(event: FlowEvent): void {
    this.flow = after(this.flow, event);
  }

  private set(flags: Partial<Omit<Flow, 'phase'>>): void {
    this.flow = { ...this.flow, ...flags };
    this.parts.face.changed();
  }
}
