/** What a draft holds, so that a reload brings back the answers, the times and the place in the image. */
import type { Vec3 } from '../../kernel/types';
import type { Times } from '../../sync/clock';
import type { ToolCounts } from '../../sync/tools';
import type { AnswerState, StoredAnswers } from './answers';
import { restore, toStored } from './answers';

export interface DraftContent {
  readonly format: 1;
  readonly answers: StoredAnswers;
  readonly times: Times;
  readonly tools: ToolCounts;
  readonly place: { readonly sequence: number; readonly mm: Vec3 } | null;
  /** Wall clock of this computer, in ms; only for the time that passed while the screen was closed. */
  readonly at: number;
}

export const draftOf = (
  state: AnswerState,
  times: Times,
  tools: ToolCounts,
  place: DraftContent['place'],
  at: number,
): DraftContent => ({ format: 1, answers: toStored(state), times, tools, place, at });

export interface Taken {
  readonly state: AnswerState;
  readonly times: Times;
  readonly tools: ToolCounts;
  readonly place: DraftContent['place'];
}

const LONGEST_ABSENCE_MS = 90 * 24 * 3600 * 1000;

/** Read a draft back; anything unknown in it is left out rather than guessed. */
export function takeUp(fresh: AnswerState, content: unknown, now: number): Taken {
  const none: Taken = { state: fresh, times: { active_ms: 0, wall_ms: 0 }, tools: {}, place: null };
  if (!isDraft(content)) return none;
  const away = now - content.at;
  const absence = away > 0 && away < LONGEST_ABSENCE_MS ? away : 0;
  return {
    state: restore(fresh, content.answers),
    times: { active_ms: content.times.active_ms, wall_ms: content.times.wall_ms + absence },
    tools: content.tools,
    place: content.place,
  };
}

const isDraft = (content: unknown): content is DraftContent =>
  typeof content === 'object' && content !== null && (content as Partial<DraftContent>).format === 1;
