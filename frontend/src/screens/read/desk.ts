/** What lies on the reader's desk for one presentation: its answers, the times, the tools used; to draft and to read. */
import { fromWire, toWire } from '../../api/answers';
import type { Presentation, ReadBody, Reading } from '../../api/contract';
import { ReadClock } from '../../sync/clock';
import type { Snapshot } from '../../sync/drafts';
import { ToolLog } from '../../sync/tools';
import { Answering } from './answering';
import type { AnsweringEvents } from './answering';
import * as answers from './answers';
import { draftOf, takeUp } from './draft';
import type { NotAssessable } from './forms';
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
    const state = answers.fromSubmitted(this.begin(letters, true), fromWire(submitted?.answers));
    this.answering = this.with(state);
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
    return Object.keys(this.answering.state.values).length > 0;
  }

  snapshot(): Snapshot {
    const { timer, today, images } = this.parts;
    const now = timer.now();
    const times = this.clock.times(now);
    const content = draftOf(this.answering.state, times, this.tools.totals(now), images.where(), today());
    return { content, active_ms: times.active_ms };
  }

  /** The read as it is posted; `notAssessable` closes the case without answers. */
  read(notAssessable: NotAssessable | null, correction: boolean): ReadBody {
    const now = this.parts.timer.now();
    return {
      answers: notAssessable
        ? { not_assessable: notAssessable }
        : toWire(this.reading.instrument.questions, answers.toAnswers(this.answering.state)),
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
