/**
 * The answers to one presentation as a pure state: which fields the instrument asks, what has been answered, what is
 * locked, and what comes next. Every change returns a new state or a refusal with a code; nothing here touches a page.
 *
 * Order `scores_then_origin`: the second block opens only when every required score is given, and opening it locks
 * the scores, so that a guess cannot colour a score. A correction after submitting locks nothing (it is flagged).
 */
import type { Answer, AnswerValue, Instrument, Policy, Question, QuestionBlock } from '../../api/contract';

export interface Field {
  /** `A/score`, or `/comment` for the case. */
  readonly id: string;
  readonly slot: string | null;
  readonly question: Question;
}

interface Step {
  readonly field: string;
  readonly before: AnswerValue | null;
}

export interface AnswerState {
  readonly fields: readonly Field[];
  readonly values: Readonly<Record<string, AnswerValue>>;
  /** Whether the order of blocks is enforced for this instrument and presentation. */
  readonly ordered: boolean;
  /** The second block is open (and with `ordered` the scores are locked). */
  readonly opened: boolean;
  /** The field that keys answer. */
  readonly cursor: string | null;
  readonly history: readonly Step[];
}

export type Refusal = 'locked' | 'not_open' | 'out_of_range' | 'unknown' | 'nothing_to_undo' | 'scores_missing';

export type Outcome =
  | { readonly state: AnswerState; readonly refused: null; readonly field: Field | null }
  | { readonly state: AnswerState; readonly refused: Refusal; readonly field: Field | null };

const BLOCKS: readonly QuestionBlock[] = ['scores', 'origin', 'case'];

export function begin(
  instrument: Instrument,
  letters: readonly string[],
  order: Policy['order'],
  { correction = false }: { readonly correction?: boolean } = {},
): AnswerState {
  const fields = BLOCKS.flatMap((block) => fieldsOf(instrument, letters, block));
  const has = (block: QuestionBlock): boolean => fields.some((field) => field.question.block === block);
  const ordered = order === 'scores_then_origin' && has('scores') && has('origin') && !correction;
  const state = { fields, values: {}, ordered, opened: !ordered, cursor: null, history: [] };
  return { ...state, cursor: nextUnanswered(state)?.id ?? fields[0]?.id ?? null };
}

function fieldsOf(instrument: Instrument, letters: readonly string[], block: QuestionBlock): Field[] {
  const asked = instrument.questions.filter((question) => question.block === block);
  const perSlot = asked.filter((question) => question.scope === 'candidate');
  const perCase = asked.filter((question) => question.scope === 'case');
  return [
    ...letters.flatMap((slot) => perSlot.map((question) => ({ id: fieldId(slot, question.id), slot, question }))),
    ...perCase.map((question) => ({ id: fieldId(null, question.id), slot: null, question })),
  ];
}

export const fieldId = (slot: string | null, question: string): string => `${slot ?? ''}/${question}`;

export const fieldOf = (state: AnswerState, id: string | null): Field | null =>
  state.fields.find((field) => field.id === id) ?? null;

export const valueOf = (state: AnswerState, id: string): AnswerValue | null => state.values[id] ?? null;

/** Why this field cannot be answered now, or null. */
export function closedBecause(state: AnswerState, field: Field): 'locked' | 'not_open' | null {
  if (!state.ordered || field.question.kind === 'text') return null;
  if (field.question.block === 'scores' && state.opened) return 'locked';
  return field.question.block === 'origin' && !state.opened ? 'not_open' : null;
}

/** Give an answer; `advance` moves the cursor to the next field of the block that still lacks one. */
export function answer(state: AnswerState, id: string, value: AnswerValue, advance = true): Outcome {
  const field = fieldOf(state, id);
  if (!field) return { state, refused: 'unknown', field };
  const closed = closedBecause(state, field);
  if (closed) return { state, refused: closed, field };
  if (!isAllowed(field.question, value)) return { state, refused: 'out_of_range', field };
  const given = give(state, field, value);
  // Remarks are typed; the mark stays where keys answer.
  if (field.question.kind === 'text') return { state: given, refused: null, field };
  const next = advance ? nextUnanswered(given, id, field.question.block) : null;
  return { state: { ...given, cursor: next?.id ?? id }, refused: null, field };
}

function give(state: AnswerState, field: Field, value: AnswerValue): AnswerState {
  const before = valueOf(state, field.id);
  const typed = field.question.kind === 'text';
  const history = typed || before === value ? state.history : [...state.history, { field: field.id, before }];
  if (!typed || value !== '') return { ...state, values: { ...state.values, [field.id]: value }, history };
  return { ...state, values: without(state.values, field.id), history };
}

const without = <T>(record: Readonly<Record<string, T>>, id: string): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== id));

/** Whether `value` lies on the question's scale. */
export function isAllowed(question: Question, value: AnswerValue): boolean {
  if (question.kind === 'text') return typeof value === 'string' && value.length <= (question.max_length ?? 2000);
  if (question.kind === 'likert') return Number.isInteger(value) && scale(question).includes(value as number);
  return choices(question).some((option) => option.value === value);
}

/** The steps of a scale, lowest first. */
export function scale(question: Question): readonly number[] {
  const [low, high] = [question.min ?? 1, question.max ?? 10];
  return Array.from({ length: Math.max(0, high - low + 1) }, (_, step) => low + step);
}

/** What can be chosen, in order; yes/no without options of its own is yes, then no. */
export function choices(question: Question): readonly { readonly value: AnswerValue; readonly label: string }[] {
  if (question.options?.length) return question.options;
  if (question.kind !== 'yes_no') return [];
  return [
    { value: true, label: 'Yes' },
    { value: false, label: 'No' },
  ];
}

/**
 * The value one press further to the `first` or `last` end of a two-sided scale: the first press takes the least
 * certain step of that side, each further press one more certain; at the end it stays.
 */
export function towards(question: Question, current: AnswerValue | null, side: 'first' | 'last'): AnswerValue | null {
  const values = choices(question).map((option) => option.value);
  const half = Math.floor(values.length / 2);
  const at = current === null ? -1 : values.indexOf(current);
  if (side === 'first') return values[at >= 0 && at < half ? Math.max(0, at - 1) : half - 1] ?? null;
  const onSide = at >= values.length - half;
  return values[onSide ? Math.min(values.length - 1, at + 1) : values.length - half] ?? null;
}

/** Take back the last answer; the cursor returns to it. */
export function undo(state: AnswerState): Outcome {
  const step = state.history.at(-1);
  const field = fieldOf(state, step?.field ?? null);
  if (!step || !field) return { state, refused: 'nothing_to_undo', field: null };
  const closed = closedBecause(state, field);
  if (closed) return { state, refused: closed, field };
  const rest = without(state.values, field.id);
  const values = step.before === null ? rest : { ...rest, [field.id]: step.before };
  return { state: { ...state, values, history: state.history.slice(0, -1), cursor: field.id }, refused: null, field };
}

/** Open the second block; refused while a required score is missing. */
export function openSecond(state: AnswerState): Outcome {
  if (state.opened) return { state, refused: null, field: null };
  const [missing] = missingIn(state, 'scores');
  if (missing) return { state: { ...state, cursor: missing.id }, refused: 'scores_missing', field: missing };
  const opened = { ...state, opened: true };
  return { state: { ...opened, cursor: nextUnanswered(opened)?.id ?? state.cursor }, refused: null, field: null };
}

/** Mark the first open, unanswered field of this slot (or its first open field); keys then answer it. */
export function activate(state: AnswerState, slot: string): AnswerState {
  const open = state.fields.filter(
    (field) => field.slot === slot && field.question.kind !== 'text' && closedBecause(state, field) === null,
  );
  const target = open.find((field) => !(field.id in state.values)) ?? open.at(-1);
  return target ? { ...state, cursor: target.id } : state;
}

export const moveTo = (state: AnswerState, id: string): AnswerState => {
  const field = fieldOf(state, id);
  return field && closedBecause(state, field) === null ? { ...state, cursor: id } : state;
};

/** The next field without an answer after `from` (wrapping), of open blocks; required ones first. */
export function nextUnanswered(state: AnswerState, from: string | null = null, block?: QuestionBlock): Field | null {
  const start = state.fields.findIndex((field) => field.id === from) + 1;
  const around = [...state.fields.slice(start), ...state.fields.slice(0, start)];
  const open = around.filter(
    (field) =>
      field.question.kind !== 'text' &&
      !(field.id in state.values) &&
      closedBecause(state, field) === null &&
      (block === undefined || field.question.block === block),
  );
  return open.find((field) => field.question.required) ?? open[0] ?? null;
}

export function missingIn(state: AnswerState, block?: QuestionBlock): readonly Field[] {
  return state.fields.filter(
    (field) =>
      field.question.required &&
      !(field.id in state.values) &&
      (block === undefined || field.question.block === block),
  );
}

/** The fields that JSON pointers of the server name, such as `/candidates/A/score` or `/case/remark`. */
export function fieldsAt(state: AnswerState, pointers: readonly string[]): readonly Field[] {
  const ids = pointers.map((pointer) => {
    const [, place, ...rest] = pointer.split('/');
    const [slot, question, part] = place === 'candidates' ? rest : [null, ...rest];
    return fieldId(slot ?? null, part === 'confidence' ? `${question}_confidence` : (question ?? ''));
  });
  return state.fields.filter(({ id }) => ids.includes(id));
}

export const isComplete = (state: AnswerState): boolean => missingIn(state).length === 0;

/** What the one bright button does now. */
export type NextStep = 'open_second' | 'submit';
export const nextStep = (state: AnswerState): NextStep => (state.opened ? 'submit' : 'open_second');

export const activeSlot = (state: AnswerState): string | null => fieldOf(state, state.cursor)?.slot ?? null;

export const toAnswers = (state: AnswerState): readonly Answer[] =>
  state.fields.flatMap((field) => {
    const value = valueOf(state, field.id);
    return value === null ? [] : [{ slot: field.slot, question: field.question.id, value }];
  });

/** Read a stored state back into the instrument's fields; what no longer fits a scale is left out. */
export function restore(state: AnswerState, stored: Partial<StoredAnswers>): AnswerState {
  const known = (id: string): boolean => fieldOf(state, id) !== null;
  const values = Object.fromEntries(
    Object.entries(stored.values ?? {}).filter(([id, value]) => {
      const field = fieldOf(state, id);
      return field !== null && isAllowed(field.question, value);
    }),
  );
  const restored: AnswerState = {
    ...state,
    values,
    opened: state.opened || stored.opened === true,
    history: (stored.history ?? []).filter((step) => known(step.field)),
  };
  const cursor = nextUnanswered(restored)?.id ?? (known(stored.cursor ?? '') ? stored.cursor : null);
  return { ...restored, cursor: cursor ?? state.cursor };
}

export interface StoredAnswers {
  readonly values: Readonly<Record<string, AnswerValue>>;
  readonly opened: boolean;
  readonly cursor: string | null;
  readonly history: readonly Step[];
}

export const toStored = ({ values, opened, cursor, history }: AnswerState): StoredAnswers => ({
  values,
  opened,
  cursor,
  history,
});

/** The state of a submitted read, for a correction. */
export const fromSubmitted = (state: AnswerState, answers: readonly Answer[]): AnswerState =>
  restore(state, {
    values: Object.fromEntries(answers.map((given) => [fieldId(given.slot, given.question), given.value])),
    opened: true,
  });
