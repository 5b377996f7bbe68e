/** One question as native controls: a scale or choices as radio buttons, a text as a text field. */
import type { AnswerValue } from '../../api/contract';
import { el } from '../../ui/elements';
import type { Field } from './answers';
import { choices, scale } from './answers';

export interface FieldView {
  readonly element: HTMLElement;
  update(value: AnswerValue | null, closed: 'locked' | 'not_open' | null, marked: boolean, faulty: boolean): void;
  focus(): void;
}

export interface FieldEvents {
  answer(field: Field, value: AnswerValue): void;
  mark(field: Field): void;
}

export function fieldView(field: Field, events: FieldEvents): FieldView {
  if (field.question.kind === 'text') return textView(field, events);
  const wide = field.question.kind === 'likert' && scale(field.question).length > MOST_STEPS;
  return wide ? numberView(field, events) : radioView(field, events);
}

/** A scale with more steps (0 to 100) is typed, not clicked. */
const MOST_STEPS = 11;

interface Step {
  readonly value: AnswerValue;
  readonly text: string;
  readonly name: string;
}

function stepsOf({ question }: Field): readonly Step[] {
  if (question.kind !== 'likert')
    return choices(question).map(({ value, label }) => ({ value, text: label, name: label }));
  return scale(question).map((value) => {
    const anchor = question.anchors?.[String(value)];
    return { value, text: String(value), name: anchor ? `${value}, ${anchor}` : String(value) };
  });
}

function radioView(field: Field, events: FieldEvents): FieldView {
  const inputs = new Map<AnswerValue, HTMLInputElement>();
  const steps = stepsOf(field).map((step) => {
    const input = radio(field, step, () => events.answer(field, step.value));
    inputs.set(step.value, input);
    return el('label', { class: stepClass(field, step.value), title: step.name }, input, el('span', {}, step.text));
  });
  const where = field.slot === null ? '' : `Candidate ${field.slot}: `;
  const state = el('span', { class: 'field-state' });
  const element = el(
    'fieldset',
    { class: `field ${field.question.kind === 'likert' ? 'scale' : 'options'}`, 'data-field': field.id },
    el('legend', { class: 'visually-hidden' }, `${where}${field.question.wording}`),
    ...steps,
    state,
  );
  return {
    element,
    update: (value, closed, marked, faulty) => {
      element.disabled = closed !== null;
      element.dataset['state'] = closed ?? (value === null ? 'open' : 'given');
      element.classList.toggle('marked', marked && closed === null);
      element.classList.toggle('faulty', faulty);
      for (const [each, input] of inputs) input.checked = each === value;
      showState(state, closed);
    },
    focus: () => ([...inputs.values()].find((input) => input.checked) ?? [...inputs.values()][0])?.focus(),
  };
}

function radio(field: Field, step: Step, change: () => void): HTMLInputElement {
  const name = `field${field.id}`;
  return el('input', { type: 'radio', name, value: step.value, 'aria-label': step.name, on: { change } });
}

function stepClass({ question }: Field, value: AnswerValue): string {
  const threshold = question.kind === 'likert' && question.acceptable_at === value;
  return threshold ? 'step threshold' : 'step';
}

function showState(state: HTMLElement, closed: 'locked' | 'not_open' | null): void {
  const wanted = closed ?? '';
  if (state.dataset['is'] === wanted) return;
  state.dataset['is'] = wanted;
  const said = closed === 'locked' ? 'Locked' : closed === 'not_open' ? 'Opens when all candidates are scored' : '';
  state.replaceChildren(el('span', { class: 'visually-hidden' }, said));
}

function numberView(field: Field, events: FieldEvents): FieldView {
  const steps = scale(field.question);
  const [low, high] = [steps[0] ?? 0, steps.at(-1) ?? 0];
  const label = `${field.slot === null ? '' : `Candidate ${field.slot}: `}${field.question.wording}`;
  const input: HTMLInputElement = el('input', {
    type: 'number',
    min: low,
    max: high,
    step: 1,
    placeholder: `${low} to ${high}`,
    'aria-label': label,
    on: { change: () => input.value !== '' && events.answer(field, Number(input.value)) },
  });
  const element = el('div', { class: 'field number', 'data-field': field.id }, input);
  return {
    element,
    update: (value, closed, marked, faulty) => {
      input.disabled = closed !== null;
      element.dataset['state'] = closed ?? (value === null ? 'open' : 'given');
      element.classList.toggle('marked', marked && closed === null);
      element.classList.toggle('faulty', faulty);
      if (document.activeElement !== input) input.value = value === null ? '' : String(value);
    },
    focus: () => input.focus(),
  };
}

function textView(field: Field, events: FieldEvents): FieldView {
  const { wording, max_length } = field.question;
  const label = field.slot === null ? wording : `Candidate ${field.slot}: ${wording}`;
  const input = el('textarea', {
    rows: 1,
    maxlength: max_length ?? 2000,
    placeholder: wording,
    'aria-label': label,
    on: {
      input: () => events.answer(field, input.value),
      focus: () => events.mark(field),
    },
  });
  const element = el('div', { class: 'field text', 'data-field': field.id }, input);
  return {
    element,
    update: (value, _closed, _marked, faulty) => {
      const shown = typeof value === 'string' ? value : '';
      if (input.value !== shown) input.value = shown;
      element.classList.toggle('faulty', faulty);
    },
    focus: () => input.focus(),
  };
}

