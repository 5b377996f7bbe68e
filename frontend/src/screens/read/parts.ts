/** What a sitting is given (images, server, storage, clock) and what it tells its screen. */
import type { OpenedBody, SavedDraft } from '../../api/contract';
import type { ReadingApi } from '../../api/reading';
import type { SaveState } from '../../sync/drafts';
import type { Journal } from '../../sync/journal';
import type { Timer } from '../../sync/timer';
import type { Ahead } from './ahead';
import type { AnsweringEvents } from './answering';
import type { DraftContent } from './draft';
import type { Prepared } from './prepare';

export type Trouble =
  | { readonly is: 'failed'; readonly why: string; readonly retry: () => void }
  | { readonly is: 'waiting'; readonly count: number; readonly retry: () => void }
  | { readonly is: 'ended' }
  | { readonly is: 'elsewhere' }
  | { readonly is: 'conflict'; readonly theirs: SavedDraft }
  | { readonly is: 'finished' };

export interface Face {
  trouble(trouble: Trouble): void;
  loading(): void;
  opened(prepared: Prepared, correcting: boolean): void;
  changed(): void;
  saved(state: SaveState | null, waiting: number): void;
  note(text: string, tone: 'note' | 'attention' | 'problem'): void;
  breakDue(minutes: number): void;
}

export interface Images {
  show(prepared: Prepared): Promise<void>;
  ready(prepared: Prepared): Promise<void>;
  where(): DraftContent['place'];
  goTo(place: NonNullable<DraftContent['place']>): Promise<void>;
  display(): OpenedBody['display'];
}

export interface Parts {
  readonly api: ReadingApi;
  readonly base: string;
  readonly journal: Journal;
  readonly timer: Timer;
  readonly ahead: Ahead;
  readonly images: Images;
  readonly face: Face;
  readonly spoken: Pick<AnsweringEvents, 'say' | 'flash'>;
  /** Wall clock in ms. */
  readonly today: () => number;
  readonly version: string;
}
