/** The states of the reading screen and what may happen in each, as a pure table; anything else changes nothing. */

export type Phase =
  | 'loading'
  | 'ready'
  | 'answering'
  | 'saving'
  | 'saved'
  /** Kept on this computer; the next case is not here yet. */
  | 'waiting'
  | 'failed'
  | 'finished';

export type FlowEvent =
  | 'loaded'
  | 'failed'
  | 'answered'
  | 'submitted'
  /** The server has the read, or it is kept on this computer for later. */
  | 'kept'
  | 'refused'
  | 'opening'
  | 'stalled'
  | 'finished';

const TABLE: Readonly<Record<Phase, Partial<Record<FlowEvent, Phase>>>> = {
  loading: { loaded: 'ready', failed: 'failed', finished: 'finished', stalled: 'waiting', opening: 'loading' },
  ready: { answered: 'answering', submitted: 'saving', opening: 'loading' },
  answering: { answered: 'answering', submitted: 'saving', opening: 'loading' },
  saving: { kept: 'saved', refused: 'answering' },
  saved: { opening: 'loading', stalled: 'waiting', finished: 'finished' },
  waiting: { opening: 'loading', finished: 'finished', failed: 'failed', stalled: 'waiting' },
  failed: { opening: 'loading', stalled: 'waiting', finished: 'finished', failed: 'failed' },
  finished: { opening: 'loading' },
};

export interface Flow {
  readonly phase: Phase;
  readonly paused: boolean;
  /** Only looking: another tab writes, or a person has to choose between two drafts. */
  readonly readOnly: boolean;
  readonly sessionEnded: boolean;
}

export const START: Flow = { phase: 'loading', paused: false, readOnly: false, sessionEnded: false };

/** The flow after `event`; the same object when the event does not belong to this phase. */
export function after(flow: Flow, event: FlowEvent): Flow {
  const phase = TABLE[flow.phase][event];
  return phase === undefined || phase === flow.phase ? flow : { ...flow, phase };
}

/** Whether `event` would change or keep the phase legally (a second submit would not). */
export const allows = (flow: Flow, event: FlowEvent): boolean => TABLE[flow.phase][event] !== undefined;

export const mayAnswer = (flow: Flow): boolean =>
  (flow.phase === 'ready' || flow.phase === 'answering') && !flow.paused && !flow.readOnly && !flow.sessionEnded;

/** Keys that only look still work while a person may not answer, except behind a cover. */
export const mayLook = (flow: Flow): boolean =>
  ['ready', 'answering', 'saving', 'saved'].includes(flow.phase) && !flow.paused;
