/** The card of one candidate: its letter, colour and line style, how it is shown, and its questions. */
import type { Slot } from '../../api/contract';
import { el, icon, kbd, svg } from '../../ui/elements';
import type { SlotState } from '../../viewer/port';
import type { AnswerState, Field } from './answers';
import { closedBecause, valueOf } from './answers';
import type { FieldEvents, FieldView } from './fields';
import { fieldView } from './fields';

export interface CardEvents extends FieldEvents {
  activate(slot: number): void;
  toggle(slot: number): void;
  solo(slot: number): void;
  ink(slot: number): void;
  opacity(slot: number, percent: number): void;
  tooltip(text: string, key: string): string;
  keyText(key: string): string;
  allowed(command: string): boolean;
}

export interface Shown {
  readonly slot: SlotState;
  readonly soloed: boolean;
  readonly dimmed: boolean;
}

const FLASH_MS = 900;
const DASHES = { solid: '', 'long-dash': '9 4', 'short-dash': '3 3' } as const;

export class Card {
  readonly element: HTMLElement;
  private readonly fields: readonly { readonly field: Field; readonly view: FieldView }[];
  private readonly eye: HTMLButtonElement;
  private readonly alone: HTMLButtonElement;
  private readonly ink: HTMLButtonElement;
  private readonly strength: HTMLInputElement;
  private readonly flashed = el('output', { class: 'flash', 'aria-hidden': true });
  private fading: ReturnType<typeof setTimeout> | undefined;

  constructor(slot: Slot, at: number, empty: boolean, fields: readonly Field[], events: CardEvents) {
    const { letter } = slot;
    const button = (inside: HTMLElement, label: string, key: string, run: () => void): HTMLButtonElement =>
      lookButton(inside, label, events.tooltip(label, key), run);
    this.eye = button(icon('eye'), `Show ${letter}`, `toggle.${at}`, () => events.toggle(at));
    this.eye.append(kbd(events.keyText(`toggle.${at}`)));
    this.alone = button(icon('focus'), `Only ${letter}`, `solo.${at}`, () => events.solo(at));
    const ink = el('span', { class: 'ink', 'aria-hidden': true });
    this.ink = button(ink, `Outline and fill of ${letter}`, 'outline', () => events.ink(at));
    this.strength = strengthSlider(letter, (percent) => events.opacity(at, percent));
    // Remarks come last, below what has to be answered.
    const ordered = [...fields.filter(({ question }) => question.kind !== 'text'), ...fields.filter(({ question }) => question.kind === 'text')];
    this.eye.hidden = !events.allowed('toggle');
    this.alone.hidden = !events.allowed('solo');
    this.ink.hidden = !events.allowed('outline');
    this.strength.hidden = !events.allowed('opacity');
    this.fields = ordered.map((field) => ({ field, view: fieldView(field, events) }));
    const head = el(
      'header',
      { class: 'card-head' },
      badge(letter, events.tooltip(`Mark candidate ${letter}`, `active.${at}`), () => events.activate(at)),
      lineSample(slot),
      empty && el('span', { class: 'empty-note' }, 'No segmentation drawn'),
      el('span', { class: 'spring' }),
      !empty && el('span', { class: 'looks' }, this.eye, this.alone, this.ink, this.strength),
    );
    this.element = el('section', { class: 'card', 'data-slot': letter, 'aria-label': `Candidate ${letter}` }, head);
    this.element.append(...this.fields.map(({ view }) => view.element), this.flashed);
    this.element.style.setProperty('--slot', `rgb(${slot.colour.join(' ')})`);
  }

  /** Show the answers; `faulty` fields are those the reader still has to give, or the server refused. */
  update(state: AnswerState, active: boolean, faulty: ReadonlySet<string>): void {
    this.element.classList.toggle('active', active);
    for (const { field, view } of this.fields)
      view.update(
        valueOf(state, field.id),
        closedBecause(state, field),
        state.cursor === field.id,
        faulty.has(field.id),
      );
  }

  look({ slot, soloed, dimmed }: Shown): void {
    this.eye.setAttribute('aria-pressed', String(slot.visible));
    this.eye.firstElementChild?.setAttribute('class', `icon icon-${slot.visible ? 'eye' : 'eye-off'}`);
    this.alone.setAttribute('aria-pressed', String(soloed));
    this.ink.dataset['ink'] = slot.outline && slot.fill ? 'both' : slot.outline ? 'outline' : 'fill';
    this.element.classList.toggle('unseen', dimmed || !slot.visible);
    const percent = String(Math.round(slot.opacity * 100));
    if (this.strength.value !== percent) this.strength.value = percent;
  }

  /** The answer just given, large for a moment. */
  flash(text: string): void {
    clearTimeout(this.fading);
    this.flashed.textContent = text;
    this.flashed.classList.add('on');
    this.flashed.classList.toggle('words', text.length > 2);
    this.fading = setTimeout(() => this.flashed.classList.remove('on'), FLASH_MS);
  }

  focusField(id: string): boolean {
    const found = this.fields.find(({ field }) => field.id === id);
    found?.view.focus();
    return found !== undefined;
  }
}

const lookButton = (inside: HTMLElement, label: string, title: string, click: () => void): HTMLButtonElement =>
  el('button', { type: 'button', class: 'tool small', title, 'aria-label': label, on: { click } }, inside);

const badge = (letter: string, title: string, click: () => void): HTMLButtonElement =>
  el('button', { type: 'button', class: 'badge', title, 'aria-label': `Mark candidate ${letter}`, on: { click } }, letter);

function lineSample({ line_style }: Slot): SVGElement {
  const line = svg('line', { x1: 1, y1: 6, x2: 35, y2: 6, 'stroke-width': 3, 'stroke-dasharray': DASHES[line_style] });
  return svg('svg', { class: 'line-sample', width: 36, height: 12, 'aria-hidden': 'true' }, line);
}

function strengthSlider(letter: string, change: (percent: number) => void): HTMLInputElement {
  const input: HTMLInputElement = el('input', {
    type: 'range',
    min: 0,
    max: 100,
    step: 10,
    value: 100,
    title: 'Strength of the overlay ([ and ])',
    'aria-label': `Strength of the overlay of ${letter}, per cent`,
    on: { input: () => change(Number(input.value)) },
  });
  return input;
}
