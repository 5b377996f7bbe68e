/** Turns keys and clicks into answers: which field is meant, what is said aloud, what is refused and why. */
import type { AnswerValue } from '../../api/contract';
import type { AnswerState, Field, Outcome, Refusal } from './answers';
import * as answers from './answers';

export interface AnsweringEvents {
  /** The answers changed (or only the mark moved, `kept` false). */
  changed(kept: boolean): void;
  say(text: string): void;
  flash(slot: string | null, text: string): void;
}

const SECOND_PRESS_MS = 2_000;

export class Answering {
  /** Fields to point at: missing at submit, or refused by the server. */
  faulty: ReadonlySet<string> = new Set();
  private zeroAt = Number.NEGATIVE_INFINITY;

  constructor(
    public state: AnswerState,
    private readonly events: AnsweringEvents,
    private readonly now: () => number,
  ) {}

  answer(field: Field, value: AnswerValue, advance = true): void {
    const outcome = answers.answer(this.state, field.id, value, advance);
    if (outcome.refused) return this.refuse(outcome.refused, field);
    this.accept(outcome);
    if (field.question.kind === 'text') return;
    this.events.flash(field.slot, shortText(field, value));
    this.events.say(this.spoken(field, value));
  }

  /** A digit answers the marked question: the step of a scale, or the option at that place. */
  digit(digit: number): void {
    const field = answers.fieldOf(this.state, this.state.cursor);
    if (!field || field.question.block === 'origin') return this.events.say('Digits answer scores; see the keys beside the question.');
    if (field.question.kind === 'likert') return this.answer(field, digit);
    const option = answers.choices(field.question)[digit - 1];
    if (option) return this.answer(field, option.value);
    this.refuse('out_of_range', field);
  }

  /** 0 stands for 10, but only when pressed twice: it lies beside 9. */
  zero(): void {
    const now = this.now();
    const again = now - this.zeroAt <= SECOND_PRESS_MS;
    this.zeroAt = again ? Number.NEGATIVE_INFINITY : now;
    if (again) return this.digit(10);
    this.events.say('Press 0 again for 10, or T.');
    this.events.flash(answers.activeSlot(this.state), '0 again: 10');
  }

  side(side: 'first' | 'last'): void {
    const field = this.secondField(['origin6', 'origin2']);
    if (!field) return;
    const value = answers.towards(field.question, answers.valueOf(this.state, field.id), side);
    if (value !== null) this.answer(field, value, field.question.kind === 'origin2');
  }

  /** The confidence scale beside a forced choice. */
  step(by: 1 | -1): void {
    const field = this.secondField(['likert']);
    if (!field) return;
    const steps = answers.scale(field.question);
    const at = steps.indexOf(Number(answers.valueOf(this.state, field.id) ?? Number.NaN));
    const middle = Math.floor(steps.length / 2);
    const next = at < 0 ? middle : Math.min(steps.length - 1, Math.max(0, at + by));
    const value = steps[next];
    if (value !== undefined) this.answer(field, value, false);
  }

  yesNo(yes: boolean): void {
    const field = answers.fieldOf(this.state, this.state.cursor);
    if (field?.question.kind !== 'yes_no') return this.events.say('The marked question is not a yes or no question.');
    const option = answers.choices(field.question)[yes ? 0 : 1];
    if (option) this.answer(field, option.value);
  }

  undo(): void {
    const outcome = answers.undo(this.state);
    if (outcome.refused) return this.refuse(outcome.refused, outcome.field);
    this.accept(outcome);
    this.events.say(`Undone: ${place(outcome.field)}`);
  }

  jump(): void {
    const next = answers.nextUnanswered(this.state, this.state.cursor);
    if (!next) return this.events.say('Everything is answered.');
    this.mark(next);
    this.events.say(place(next));
  }

  /** Mark this field; a remark marks its candidate. */
  mark(field: Field): void {
    const remark = field.question.kind === 'text';
    if (!remark) this.state = answers.moveTo(this.state, field.id);
    else if (field.slot !== null) this.state = answers.activate(this.state, field.slot);
    this.events.changed(false);
  }

  activate(slot: string): void {
    this.state = answers.activate(this.state, slot);
    this.events.changed(false);
    this.events.say(`Candidate ${slot}`);
  }

  /** Open the second block; false when a score is missing. */
  openSecond(): boolean {
    const outcome = answers.openSecond(this.state);
    if (outcome.refused) this.point(answers.missingIn(this.state, 'scores'));
    else {
      this.accept(outcome);
      this.events.say('Scores are locked. Second question.');
    }
    return outcome.refused === null;
  }

  /** Whether everything required is answered; otherwise point at what is not. */
  complete(): boolean {
    const missing = answers.missingIn(this.state);
    if (missing.length > 0) this.point(missing);
    return missing.length === 0;
  }

  point(fields: readonly Field[]): void {
    this.faulty = new Set(fields.map((field) => field.id));
    const [first] = fields;
    if (first) this.state = answers.moveTo(this.state, first.id);
    this.events.changed(false);
    if (first) this.events.say(`Not answered yet: ${fields.map(place).join(', ')}`);
  }

  private accept({ state, field }: Outcome): void {
    this.state = state;
    if (field) this.faulty = new Set([...this.faulty].filter((id) => id !== field.id));
    this.events.changed(true);
  }

  /** The field of the second block that a key means: of the marked candidate, else the first without an answer. */
  private secondField(kinds: readonly string[]): Field | null {
    if (answers.nextStep(this.state) === 'open_second' && !this.openSecond()) return null;
    const meant = (field: Field): boolean =>
      field.question.block === 'origin' && kinds.includes(field.question.kind);
    const slot = answers.activeSlot(this.state);
    const found =
      this.state.fields.find((field) => meant(field) && field.slot === slot) ?? this.state.fields.find(meant);
    if (!found) this.events.say('This study does not ask that.');
    return found ?? null;
  }

  private refuse(refusal: Refusal, field: Field | null): void {
    this.events.say(REFUSALS[refusal](field));
  }

  private spoken(field: Field, value: AnswerValue): string {
    const next = answers.fieldOf(this.state, this.state.cursor);
    const then = next && next.id !== field.id ? `. Next: ${place(next)}` : '';
    return `${place(field)}: ${fullText(field, value)}${then}`;
  }
}

const place = (field: Field | null): string =>
  field === null ? 'answer' : field.slot === null ? field.question.wording : `candidate ${field.slot}`;

const fullText = ({ question }: Field, value: AnswerValue): string => {
  const chosen = answers.choices(question).find((option) => option.value === value)?.label;
  const anchor = question.anchors?.[String(value)];
  return chosen ?? (anchor ? `${String(value)}, ${anchor}` : String(value));
};

const shortText = (field: Field, value: AnswerValue): string =>
  field.question.kind === 'likert' ? String(value) : fullText(field, value);

const range = (field: Field | null): string => {
  const steps = field?.question.kind === 'likert' ? answers.scale(field.question) : [];
  return steps.length > 0 ? `The scale runs from ${steps[0]} to ${steps.at(-1)}.` : 'There is no such option.';
};

const REFUSALS: Readonly<Record<Refusal, (field: Field | null) => string>> = {
  locked: () => 'The scores are locked.',
  not_open: () => 'Score all candidates first.',
  out_of_range: range,
  unknown: () => 'This study does not ask that.',
  nothing_to_undo: () => 'Nothing to undo in this case.',
  scores_missing: () => 'Score all candidates first.',
};
