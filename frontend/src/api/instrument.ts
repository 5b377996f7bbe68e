/**
 * Brings an instrument's plain form into the one shape the screen works with.
 *
 * The sealed protocol stores questions by `code` with `minimum`, `labels` and so on; the contract names `id`, `min`
 * and `options`. Both are read here, once. A forced choice with a confidence becomes two questions, stored under the
 * two codes that its ratings have (`x` and `x_confidence`).
 */
import type { Instrument, Option, Question, QuestionBlock, QuestionKind, Reason } from './contract';

type Plain = Readonly<Record<string, unknown>>;

/** What the code of a forced choice is followed by in the code of its confidence. */
export const CONFIDENCE = '_confidence';
/** The two sides of a forced choice, left then right, whatever order the stored keys have. */
const SIDES = ['human_label', 'ai_label'] as const;

export function instrumentFrom(plain: Plain): Instrument {
  return {
    id: text(plain['id'] ?? plain['code']),
    version: text(plain['version']),
    questions: list(plain['questions']).flatMap(questionsFrom),
    not_assessable_reasons: list(plain['not_assessable_reasons']).map(reasonFrom),
  };
}

function questionsFrom(plain: Plain): Question[] {
  const question = questionFrom(plain);
  const steps = plain['confidence_steps'];
  if (question.kind !== 'origin2' || typeof steps !== 'number') return [question];
  const confidence: Question = {
    ...question,
    id: `${question.id}${CONFIDENCE}`,
    kind: 'likert',
    wording: text(plain['confidence_wording'] ?? ''),
    options: null,
    min: 1,
    max: steps,
  };
  return [question, confidence];
}

function questionFrom(plain: Plain): Question {
  return {
    id: text(plain['id'] ?? plain['code']),
    kind: text(plain['kind']) as QuestionKind,
    scope: plain['scope'] === 'case' ? 'case' : 'candidate',
    block: (plain['block'] ?? 'scores') as QuestionBlock,
    wording: text(plain['wording']),
    hint: text(plain['hint'] ?? ''),
    required: plain['required'] !== false,
    min: number(plain['min'] ?? plain['minimum']),
    max: number(plain['max'] ?? plain['maximum']),
    anchors: (plain['anchors'] ?? null) as Question['anchors'],
    acceptable_at: number(plain['acceptable_at']),
    options: optionsFrom(plain),
    max_length: number(plain['max_length']),
  };
}

function optionsFrom(plain: Plain): readonly Option[] | null {
  if (Array.isArray(plain['options'])) return list(plain['options']).map(optionFrom);
  if (Array.isArray(plain['labels']))
    return plain['labels'].map((label, at) => ({ value: at + 1, label: text(label) }));
  const named = SIDES.filter((key) => key in plain);
  if (named.length === 0) return null;
  return named.map((key) => ({ value: key.slice(0, -'_label'.length), label: text(plain[key]) }));
}

const optionFrom = (plain: Plain): Option => ({
  value: (plain['value'] ?? plain['code']) as Option['value'],
  label: text(plain['label']),
});

const reasonFrom = (plain: Plain): Reason => ({ code: text(plain['code']), label: text(plain['label']) });
const list = (value: unknown): readonly Plain[] => (Array.isArray(value) ? (value as Plain[]) : []);
const text = (value: unknown): string => String(value ?? '');
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
