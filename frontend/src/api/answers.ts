/** Answers as they travel: by slot and question code; a forced choice and its confidence travel as one object. */
import type { Answer, AnswerValue, Question, WireAnswers } from './contract';
import { CONFIDENCE } from './instrument';

type Values = Readonly<Record<string, unknown>>;

/** What is posted for these answers. */
export function toWire(questions: readonly Question[], answers: readonly Answer[]): WireAnswers {
  const slots = [...new Set(answers.flatMap(({ slot }) => (slot === null ? [] : [slot])))];
  const of = (slot: string | null): Values => valuesOf(questions, answers.filter((answer) => answer.slot === slot));
  return { candidates: Object.fromEntries(slots.map((slot) => [slot, of(slot)])), case: of(null) };
}

function valuesOf(questions: readonly Question[], answers: readonly Answer[]): Values {
  const given = new Map(answers.map(({ question, value }) => [question, value]));
  const paired = (id: string): boolean => questions.some((question) => question.id === `${id}${CONFIDENCE}`);
  const entries = answers
    .filter(({ question }) => !(question.endsWith(CONFIDENCE) && given.has(question.slice(0, -CONFIDENCE.length))))
    .map(({ question, value }): readonly [string, unknown] => {
      if (!paired(question)) return [question, value];
      return [question, { origin: value, confidence: given.get(`${question}${CONFIDENCE}`) }];
    });
  return Object.fromEntries(entries);
}

/** The answers of a posted read; none when it was not assessable. */
export function fromWire(wire: WireAnswers | null | undefined): readonly Answer[] {
  if (!wire || !('candidates' in wire)) return [];
  const perSlot = Object.entries(wire.candidates).flatMap(([slot, values]) => answersOf(slot, values));
  return [...perSlot, ...answersOf(null, wire.case ?? {})];
}

function answersOf(slot: string | null, values: Values): Answer[] {
  return Object.entries(values).flatMap(([question, value]): Answer[] => {
    if (typeof value !== 'object' || value === null) return [{ slot, question, value: value as AnswerValue }];
    const { origin, confidence } = value as { origin: AnswerValue; confidence: AnswerValue };
    return [
      { slot, question, value: origin },
      { slot, question: `${question}${CONFIDENCE}`, value: confidence },
    ];
  });
}
