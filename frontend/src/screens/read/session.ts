/**
 * One sitting: opens presentations, submits their reads, and goes on, whatever network and session do meanwhile.
 *
 * It knows what may happen when, and leaves pixels to the face and the images it is given.
 */
import type { Place, Reading, ReadSaved, ReportBody, Token } from '../../api/contract';
import type { Refused } from '../../api/problem';
import { isSessionEnd, worthRetrying } from '../../api/problem';
import type { SaveState } from '../../sync/drafts';
import type { Posting } from '../../sync/journal';
import type { Delivery } from '../../sync/outbox';
import * as answers from './answers';
import { Breaks } from './breaks';
import { Desk } from './desk';
import type { Flow, FlowEvent } from './flow';
import { START, after, allows, mayAnswer } from './flow';
import type { NotAssessable } from './forms';
import type { Parts } from './parts';
import { beyond, isFinished } from './place';
import type { Prepared } from './prepare';
import { Safekeeping } from './safekeeping';
import { Tabs } from './tabs';

const UNSAFE =
  'This computer cannot store answers (storage is full or denied); stay online until they are saved.';
const STALLED_RETRY_MS = 5_000;

export class Session {
  flow: Flow = START;
  place: Place;
  current: Prepared | null = null;
  correcting = false;
  readonly desk: Desk;
  readonly tabs: Tabs;
  private readonly keeping: Safekeeping;
  private readonly breaks: Breaks;
  private ticket = 0;
  private skipped: Token | null = null;
  private saveState: SaveState | null = null;

  constructor(
    readonly reading: Reading,
    private readonly parts: Parts,
  ) {
    const { base, api, journal, timer, face } = parts;
    this.place = reading;
    this.desk = new Desk(reading, parts, (kept) => this.answersChanged(kept));
    this.breaks = new Breaks(reading.policy, timer.now());
    this.keeping = new Safekeeping(base, api, journal, timer, {
      stateChanged: (state) => this.saveChanged(state),
      delivered: (posting, answer) => void this.delivered(posting, answer),
      refused: (posting, error) => this.refusedLater(posting, error),
      ended: () => this.ended(),
      unsafe: () => face.note(UNSAFE, 'problem'),
    });
    this.tabs = new Tabs({
      desk: this.desk,
      keeping: this.keeping,
      face,
      readOnly: (readOnly) => this.set({ readOnly }),
      save: () => this.save(),
      current: () => this.current,
      reopen: (deliver) => this.reopen(deliver),
    });
  }

  get token(): Token | null {
    return this.current?.presentation.token ?? null;
  }

  /** Deliver what an earlier visit left, then open where the reader stopped. */
  async start(): Promise<void> {
    await this.keeping.deliverOld();
    if (this.keeping.idle) await this.refresh();
    else await this.proceed();
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
      if (ticket === this.ticket) this.fail(error, () => void this.refresh());
    }
  }

  private async reopen(deliver: boolean): Promise<void> {
    if (this.token) this.parts.ahead.forget(this.token);
    await (deliver ? this.start() : this.refresh());
  }

  // Opening

  private async proceed(): Promise<void> {
    const place = beyond(this.place, this.keeping.waiting);
    if (place.current !== null) return this.open(place.current, false);
    if (isFinished(this.place, this.keeping.waiting)) return this.finish();
    this.stall();
  }

  private finish(): void {
    this.turn('finished');
    this.current = null;
    this.parts.face.trouble({ is: 'finished' });
  }

  /** Wait for the network; tries again by itself. */
  private stall(): void {
    this.turn('stalled');
    const count = this.keeping.waiting.size;
    this.parts.face.trouble({ is: 'waiting', count, retry: () => this.wake() });
    this.parts.timer.after(STALLED_RETRY_MS, () => {
      if (this.flow.phase === 'waiting') this.wake();
    });
  }

  /** Open a presentation; a correction is fetched anew and is not drafted. */
  async open(token: Token, correcting: boolean): Promise<void> {
    const { ahead, face, images } = this.parts;
    const ticket = (this.ticket += 1);
    await this.keeping.closeDrafts(true);
    this.keeping.endDrafts();
    this.turn('opening');
    if (correcting) ahead.forget(token);
    if (!ahead.ready(token)) face.loading();
    try {
      const prepared = await ahead.get(token);
      if (ticket !== this.ticket) return;
      if (prepared.presentation.submitted && !correcting) return await this.alreadySubmitted(token);
      await images.show(prepared);
      if (ticket === this.ticket) await this.begin(prepared, correcting);
    } catch (error) {
      ahead.forget(token);
      if (ticket === this.ticket) this.fail(error, () => void this.open(token, correcting));
    }
  }

  /** Another tab or device was faster; ask where to go on, but never in a circle. */
  private async alreadySubmitted(token: Token): Promise<void> {
    this.parts.ahead.forget(token);
    if (this.skipped === token) throw new Error('This case is already submitted. Report it to the study team.');
    this.skipped = token;
    await this.refresh();
  }

  private async begin(prepared: Prepared, correcting: boolean): Promise<void> {
    const { presentation } = prepared;
    this.current = prepared;
    this.correcting = correcting;
    if (correcting) this.desk.layOut(presentation);
    else await this.takeUpDraft(prepared);
    this.turn('loaded');
    this.parts.face.opened(prepared, correcting);
    this.parts.face.changed();
    if (!correcting) this.keeping.opened(presentation.token, { display: this.parts.images.display() });
    this.lookAhead();
  }

  private async takeUpDraft({ presentation }: Prepared): Promise<void> {
    const { token, draft } = presentation;
    const found = await this.keeping.found(token, draft);
    const conflict = found.from === 'conflict';
    const content = conflict ? found.here.content : found.from === 'nothing' ? null : found.content;
    this.desk.takeUp(presentation, content);
    this.keeping.startDrafts(token, conflict ? found.here.base : found.base);
    if (conflict) this.tabs.conflict(found.theirs);
    else if (found.from === 'here') this.save();
    this.showSaved();
  }

  private lookAhead(): void {
    const { ahead, images } = this.parts;
    const { current, upcoming } = beyond(this.place, this.keeping.waiting);
    const next = [...(current === null || current === this.token ? [] : [current]), ...upcoming];
    void ahead.follow(this.token, next, (prepared) => images.ready(prepared));
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
    if (!this.correcting && !this.flow.readOnly) this.keeping.save(this.desk.snapshot());
  }

  /** The tab is being hidden or closed: times and place too must be safe. */
  hide(): void {
    this.desk.hide();
    if (!mayAnswer(this.flow) || !this.desk.hasAnswers) return;
    this.save();
    this.keeping.flush(true);
  }

  /** Something is not on the server yet. */
  get unsaved(): boolean {
    return this.keeping.waiting.size > 0 || ['saving', 'offline', 'ended'].includes(this.keeping.state?.is ?? '');
  }

  pause(): void {
    this.desk.pause();
    this.breaks.restart(this.parts.timer.now());
    if (this.desk.hasAnswers) this.save();
    this.set({ paused: true });
  }

  goOn(): void {
    this.desk.goOn();
    this.breaks.restart(this.parts.timer.now());
    this.set({ paused: false });
  }

  // Submitting

  /** The one bright button: open the second block, then submit. */
  async next(): Promise<void> {
    if (!mayAnswer(this.flow)) return;
    const { answering } = this.desk;
    if (answers.nextStep(answering.state) === 'open_second') answering.openSecond();
    else if (answering.complete()) await this.submit(null);
  }

  async submit(notAssessable: NotAssessable | null): Promise<void> {
    const { token } = this;
    if (!token || !mayAnswer(this.flow) || !allows(this.flow, 'submitted')) return;
    this.turn('submitted');
    this.parts.face.changed();
    const body = this.desk.read(notAssessable, this.correcting);
    await this.keeping.closeDrafts(false);
    this.outcome(token, await this.keeping.post({ kind: 'read', token, body }));
  }

  /** Delivered reads arrive through `delivered`, which also serves those that were sent later. */
  private outcome(token: Token, delivery: Delivery): void {
    if (delivery.is === 'refused') this.refusedNow(token, delivery.error);
    else if (delivery.is !== 'delivered' && this.flow.phase === 'saving') void this.nextWhileAway();
  }

  /** The server cannot be reached: go on with what was fetched ahead. */
  private async nextWhileAway(): Promise<void> {
    this.turn('kept');
    this.breaks.finished();
    const next = beyond(this.place, this.keeping.waiting).current;
    if (next !== null && this.parts.ahead.ready(next)) await this.open(next, false);
    else this.stall();
  }

  private async delivered(posting: Posting, answer: unknown): Promise<void> {
    if (posting.kind === 'report') this.parts.face.note('The note has reached the study team.', 'note');
    if (posting.kind !== 'read') return;
    this.place = answer as ReadSaved;
    const own = posting.token === this.token && this.flow.phase === 'saving';
    if (own) this.turn('kept');
    await this.keeping.settled(posting.token, (answer as ReadSaved).submitted_at);
    if (this.flow.readOnly) return;
    if (own) await this.nextAfterSaving();
    else if (this.flow.phase === 'waiting') await this.proceed();
    else this.parts.face.changed();
  }

  private async nextAfterSaving(): Promise<void> {
    this.breaks.finished();
    await this.proceed();
    const minutes = this.breaks.due(this.parts.timer.now());
    if (minutes !== null && this.current !== null) this.parts.face.breakDue(minutes);
  }

  private refusedNow(token: Token, error: Refused): void {
    const gone = error.code === 'presentation.submitted' || error.code === 'presentation.not_open';
    this.parts.face.note(error.message, gone ? 'attention' : 'problem');
    if (gone) return void this.refresh();
    this.turn('refused');
    if (!this.correcting) this.keeping.startDrafts(token, this.keeping.revision);
    this.desk.answering.point(answers.fieldsAt(this.desk.answering.state, error.fields.map(({ pointer }) => pointer)));
    this.parts.face.changed();
  }

  private refusedLater(posting: Posting, error: Refused): void {
    if (posting.kind !== 'opened') {
      const text = `An earlier case was not accepted: ${error.message} Report it to the study team.`;
      this.parts.face.note(text, 'problem');
    } else if (error.code.startsWith('presentation.') && posting.token === this.token) {
      void this.alreadySubmitted(posting.token).catch((circle: unknown) => this.fail(circle, () => void this.refresh()));
    }
  }

  // Correcting, reporting

  async correctPrevious(): Promise<void> {
    const { previous } = this.place;
    if (previous && mayAnswer(this.flow) && !this.correcting) await this.open(previous, true);
  }

  async backFromCorrection(): Promise<void> {
    if (this.correcting && this.place.current) await this.open(this.place.current, false);
  }

  async report(body: ReportBody): Promise<void> {
    if (!this.token) return;
    const delivery = await this.keeping.post({ kind: 'report', token: this.token, body });
    const { face } = this.parts;
    if (delivery.is === 'waiting') face.note('The note is kept on this computer and will be sent.', 'attention');
    if (delivery.is === 'refused') face.note(delivery.error.message, 'problem');
  }

  // Trouble

  /** The network is back, or the person wants to try now. */
  wake(): void {
    this.keeping.wake();
    if (this.flow.phase === 'waiting' && this.keeping.idle) void this.refresh();
  }

  /** The person has signed in again. */
  signedIn(): void {
    this.set({ sessionEnded: false });
    this.keeping.signedIn();
    if (this.flow.phase === 'failed' || this.flow.phase === 'loading') void this.refresh();
    else if (this.flow.phase === 'waiting') this.wake();
  }

  private ended(): void {
    this.set({ sessionEnded: true });
    this.parts.face.trouble({ is: 'ended' });
  }

  private fail(error: unknown, retry: () => void): void {
    if (isSessionEnd(error)) {
      this.turn('failed');
      return this.ended();
    }
    if (worthRetrying(error)) return this.stall();
    this.turn('failed');
    const why = error instanceof Error ? error.message : String(error);
    this.parts.face.trouble({ is: 'failed', why, retry });
  }

  private saveChanged(state: SaveState | null): void {
    this.showSaved();
    if (state === this.saveState) return;
    this.saveState = state;
    if (state?.is === 'conflict') this.tabs.conflict(state.theirs);
    if (state?.is === 'ended') this.ended();
    if (state?.is !== 'refused') return;
    this.parts.face.note(state.why, 'attention');
    void this.refresh();
  }

  private showSaved(): void {
    this.parts.face.saved(this.keeping.state, this.keeping.waiting.size);
  }

  private turn(event: FlowEvent): void {
    this.flow = after(this.flow, event);
  }

  private set(flags: Partial<Omit<Flow, 'phase'>>): void {
    this.flow = { ...this.flow, ...flags };
    this.parts.face.changed();
  }
}
