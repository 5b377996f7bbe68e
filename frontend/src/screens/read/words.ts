/** The few words in which the bar says whether the answers are safe. */
import type { SaveState } from '../../sync/drafts';
import type { SavedTone } from './bar';

export interface Said {
  readonly text: string;
  readonly tone: SavedTone;
}

const reads = (count: number): string => (count === 1 ? '1 case to send' : `${count} cases to send`);

/** `waiting`: reads on this computer only; `keeps`: whether this computer can store anything. */
export function savedWords(state: SaveState | null, waiting: number, keeps: boolean, clock: (iso: string) => string): Said {
  const offline = keeps ? 'Offline, kept on this computer' : 'Offline, not kept: leave this tab open';
  if (state?.is === 'ended') return { text: 'Signed out, kept on this computer', tone: 'problem' };
  if (state?.is === 'conflict') return { text: 'Open in another window', tone: 'problem' };
  if (state?.is === 'refused') return { text: 'Not saved', tone: 'problem' };
  if (waiting > 0) return { text: `${offline} · ${reads(waiting)}`, tone: 'attention' };
  if (state?.is === 'offline') return { text: offline, tone: 'attention' };
  if (state?.is === 'saving') return { text: 'Saving', tone: 'busy' };
  if (state?.is === 'saved') return { text: state.at === null ? 'Saved' : `Saved ${clock(state.at)}`, tone: 'done' };
  return { text: '', tone: 'done' };
}
