/** The right side: what is asked, one card per candidate, the case itself, and the one bright button. */
import type { Instrument, Question } from '../../api/contract';
import { el, icon, kbd, setText } from '../../ui/elements';
import type { SlotState } from '../../viewer/port';
import type { AnswerState, Field } from './answers';
import { activeSlot, choices, closedBecause, missingIn, nextStep, scale, valueOf } from './answers';
import type { CardEvents } from './card';
import { Card } from './card';
import type { LookState } from './compare';
import type { FieldView } from './fields';
import { fieldView } from './fields';
import type { Prepared } from './prepare';

export interface PanelEvents extends CardEvents {
  next(): void;
  undo(): void;
  notAssessable(): void;
}

export class Panel {
  readonly element = el('aside', { class: 'panel', 'aria-label': 'Questions' });
  private readonly asked = el('div', { class: 'asked' });
  private readonly cards = el('div', { class: 'cards' });
  private readonly caseCard = el('section', { class: 'card case', 'aria-label': 'The whole case' });
  private readonly nextButton: HTMLButtonElement;
  private readonly missing = el('span', { class: 'missing' });
  private shown: readonly Card[] = [];
  private caseFields: readonly { readonly field: Field; readonly view: FieldView }[] = [];
  private letters: readonly string[] = [];

  constructor(
    private readonly instrument: Instrument,
    private readonly events: PanelEvents,
  ) {
    this.nextButton = el('button', { type: 'button', class: 'primary next', on: { click: () => events.next() } });
    this.element.append(this.asked, this.cards, this.caseCard, this.footer());
  }

  private footer(): HTMLElement {
    const { events } = this;
    const small = (name: string, label: string, key: string, run: () => void): HTMLButtonElement =>
      el(
        'button',
        { type: 'button', class: 'tool', title: events.tooltip(label, key), 'aria-label': label, on: { click: run } },
        icon(name),
      );
    const offered = this.instrument.not_assessable_reasons.length > 0;
    return el(
      'footer',
      { class: 'panel-foot' },
      small('undo-2', 'Undo the last answer', 'undo', () => events.undo()),
      offered &&
        el('button', { type: 'button', class: 'quiet', on: { click: () => events.notAssessable() } }, 'Not assessable…'),
      this.missing,
      this.nextButton,
    );
  }

  /** Build the cards of a presentation. */
  open({ presentation, empty }: Prepared, state: AnswerState): void {
    this.letters = presentation.slots.map((slot) => slot.letter);
    const of = (letter: string | null): Field[] => state.fields.filter((field) => field.slot === letter);
    this.shown = presentation.slots.map(
      (slot, at) => new Card(slot, at, empty[at] ?? false, of(slot.letter), this.events),
    );
    this.cards.replaceChildren(...this.shown.map((card) => card.element));
    this.caseFields = of(null).map((field) => ({ field, view: fieldView(field, this.events) }));
    const worded = this.caseFields.map(({ field, view }) =>
      el('div', { class: 'case-field' }, field.question.kind !== 'text' && el('p', { class: 'wording' }, field.question.wording), view.element),
    );
    this.caseCard.replaceChildren(...worded);
    this.caseCard.hidden = worded.length === 0;
    this.element.dataset['slots'] = String(presentation.slots.length);
  }

  update(state: AnswerState, usable: boolean, faulty: ReadonlySet<string>): void {
    const active = activeSlot(state);
    this.shown.forEach((card, at) => card.update(state, this.letters[at] === active, faulty));
    for (const { field, view } of this.caseFields)
      view.update(
        valueOf(state, field.id),
        closedBecause(state, field),
        state.cursor === field.id,
        faulty.has(field.id),
      );
    this.element.inert = !usable;
    this.asked.replaceChildren(...this.questions(state));
    this.showNext(state);
  }

  look(slotState: (slot: number) => SlotState, look: LookState): void {
    this.shown.forEach((card, at) =>
      card.look({
        slot: slotState(at),
        soloed: look.solo === at,
        dimmed: look.hidden || (look.solo !== null && look.solo !== at),
      }),
    );
  }

  flash(letter: string | null, text: string): void {
    this.shown[this.letters.indexOf(letter ?? '')]?.flash(text);
  }

  focusField(id: string): void {
    if (this.shown.some((card) => card.focusField(id))) return;
    this.caseFields.find(({ field }) => field.id === id)?.view.focus();
  }

  focusComment(state: AnswerState): void {
    const slot = activeSlot(state);
    const texts = state.fields.filter((field) => field.question.kind === 'text');
    const found = texts.find((field) => field.slot === slot) ?? texts.find((field) => field.slot === null) ?? texts[0];
    if (found) this.focusField(found.id);
  }

  /** The questions asked of every candidate, once, with the open one bright. */
  private questions(state: AnswerState): HTMLElement[] {
    const asked = this.instrument.questions.filter(({ scope, kind }) => scope === 'candidate' && kind !== 'text');
    return asked.map((question, at) => {
      const field = state.fields.find((each) => each.question.id === question.id);
      const closed = field ? closedBecause(state, field) : null;
      return el(
        'div',
        { class: 'question', 'data-state': closed ?? 'open' },
        asked.length > 1 && el('span', { class: 'question-number' }, String(at + 1)),
        el('p', { class: 'wording' }, question.wording),
        el('span', { class: 'keys-hint' }, ...this.hint(question, closed)),
        anchors(question),
      );
    });
  }

  private hint(question: Question, closed: 'locked' | 'not_open' | null): (HTMLElement | string)[] {
    if (closed === 'locked') return [icon('lock'), 'Locked'];
    if (closed === 'not_open') return ['after 1'];
    const key = (id: string): HTMLElement => kbd(this.events.keyText(id));
    if (question.kind === 'origin6' || question.kind === 'origin2') return [key('side.first'), key('side.last')];
    if (question.kind === 'yes_no') return [key('answer.yes'), key('answer.no')];
    if (question.block === 'origin') return [key('step.lower'), key('step.higher')];
    const last = question.kind === 'likert' ? (scale(question).at(-1) ?? 9) : choices(question).length;
    return last > 9 ? [kbd('1 – 9'), key('score.10')] : [kbd(`1 – ${last}`)];
  }

  private showNext(state: AnswerState): void {
    const second = nextStep(state) === 'open_second';
    const missing = missingIn(state, second ? 'scores' : undefined).length;
    const text = second ? 'Lock scores, go on' : 'Submit and next';
    setText(this.nextButton, text);
    this.nextButton.title = this.events.tooltip(text, 'next');
    this.nextButton.setAttribute('aria-disabled', String(missing > 0));
    setText(this.missing, missing === 0 ? '' : `${missing} to answer`);
  }
}

function anchors(question: Question): HTMLElement | null {
  const texts = question.anchors;
  if (question.kind !== 'likert' || !texts) return null;
  const named = scale(question).filter((value) => texts[String(value)]);
  if (named.length === 0) return null;
  const items = named.map((value) => el('li', {}, el('b', {}, String(value)), ` ${texts[String(value)] ?? ''}`));
  return el('ul', { class: 'anchors' }, ...items);
}
