/** What lies on the reader's desk for one presentation: its answers, the times, the tools used; to draft and to read. */
import type { Answer, Presentation, ReadBody, Reading } from '../../api/contract';
import { ReadClock } from '../../sync/clock';
import type { Snapshot } from '../../sync/drafts';
import { ToolLog } from '../../sync/tools';
import { Answering } from './answering';
import type { AnsweringEvents } from './answering';
import * as answers from './answers';
import { draftOf, takeUp } from './draft';
import type { Parts } from './parts';

export class Desk {
  answering: Answering;
  tools = new ToolLog();
  clock: ReadClock;

  constructor(
    private readonly reading: Reading,
    private readonly parts: Parts,
    private readonly changed: (kept: boolean) => void,
  ) {
    this.answering = this.with(this.begin([], false));
    this.clock = new ReadClock(parts.timer.now());
  }

  /** Go on from a draft's content (or afresh, null): answers, times, tools and the place in the image. */
  takeUp({ slots }: Presentation, content: unknown): void {
    const { timer, today, images } = this.parts;
    const letters = slots.map((slot) => slot.letter);
    const taken = takeUp(this.begin(letters, false), content, today());
    this.answering = this.with(taken.state);
    this.clock = new ReadClock(timer.now(), taken.times);
    this.tools = new ToolLog(taken.tools);
    if (taken.place) void images.goTo(taken.place);
  }

  /** Lay out a submitted read for correction. */
  layOut({ slots, submitted }: Presentation): void {
    const letters = slots.map((slot) => slot.letter);
    const given: readonly Answer[] = submitted?.answers ?? [];
    this.answering = this.with(answers.fromSubmitted(this.begin(letters, true), given, submitted?.comment ?? ''));
    this.clock = new ReadClock(this.parts.timer.now());
    this.tools = new ToolLog();
  }

  pause(): void {
    this.clock.pause(this.parts.timer.now());
  }

  goOn(): void {
    this.clock.resume(this.parts.timer.now());
  }

  hide(): void {
    this.clock.hide(this.parts.timer.now());
  }

  show(): void {
    this.clock.show(this.parts.timer.now());
  }

  /** The person did something. */
  input(): void {
    this.clock.input(this.parts.timer.now());
  }

  get hasAnswers(): boolean {
    const { values, comment } = this.answering.state;
    return Object.keys(values).length > 0 || comment !== '';
  }

  snapshot(): Snapshot {
    const { timer, today, images } = this.parts;
    const now = timer.now();
    const times = this.clock.times(now);
    const content = draftOf(this.answering.state, times, this.tools.totals(now), images.where(), today());
    return { content, active_ms: times.active_ms };
  }

  read(notAssessable: string, comment: string, correction: boolean): ReadBody {
    const now = this.parts.timer.now();
    return {
      answers: notAssessable ? [] : answers.toAnswers(this.answering.state),
      not_assessable: notAssessable,
      comment,
      ...this.clock.times(now),
      tool_use: this.tools.totals(now),
      viewer_version: this.parts.version,
      correction,
    };
  }

  private begin(letters: readonly string[], correction: boolean): answers.AnswerState {
    return answers.begin(this.reading.instrument, letters, this.reading.policy.order, { correction });
  }

  private with(state: answers.AnswerState): Answering {
    const events: AnsweringEvents = { ...this.parts.spoken, changed: this.changed };
    return new Answering(state, events, () => this.parts.timer.now());
  }
}
