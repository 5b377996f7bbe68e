/** What the reader sees and may choose when reading cannot simply go on; each sentence names the way out. */
import type { CoverText } from './cover';
import type { Trouble } from './parts';
import type { Session } from './session';

export interface WaysOut {
  readonly session: Session;
  /** Page of the study. */
  readonly home: string;
  /** Sign in and come back here. */
  readonly signIn: string;
  renewed(): Promise<void>;
  takeOver(): Promise<void>;
  hide(kind: string): void;
}

export function coverFor(trouble: Trouble, out: WaysOut): CoverText {
  if (trouble.is === 'ended') return ended(out);
  if (trouble.is === 'elsewhere') return elsewhere(out);
  if (trouble.is === 'conflict') return conflict(trouble, out);
  if (trouble.is === 'finished') return finished(out);
  if (trouble.is === 'waiting') return waiting(trouble);
  return failed(trouble, out);
}

const ended = (out: WaysOut): CoverText => ({
  title: 'You have been signed out',
  text: 'Your answers are kept on this computer. Sign in again in the new tab, then come back here and continue.',
  actions: [
    { label: 'Sign in (new tab)', href: out.signIn, apart: true },
    { label: 'Continue', primary: true, run: () => void out.renewed() },
  ],
});

const elsewhere = (out: WaysOut): CoverText => ({
  title: 'This study is open in another tab',
  text: 'Answers are taken in one tab at a time. Go on in the other tab, or read here; everything given so far comes along.',
  actions: [
    { label: 'Only look', run: () => look(out, 'elsewhere') },
    { label: 'Read here', primary: true, run: () => void out.takeOver() },
  ],
});

function look(out: WaysOut, kind: string): void {
  out.session.tabs.lookOnly();
  out.hide(kind);
}

function conflict({ theirs }: Extract<Trouble, { is: 'conflict' }>, out: WaysOut): CoverText {
  const then = (run: () => void) => (): void => {
    out.hide('conflict');
    run();
  };
  return {
    title: 'There are newer answers to this case',
    text: 'They were saved in another window or on another computer. Choose which answers to go on with.',
    actions: [
      { label: 'Only look', run: () => look(out, 'conflict') },
      { label: 'Keep the answers given here', run: then(() => out.session.tabs.keepMine(theirs)) },
      { label: 'Use the newer answers', primary: true, run: then(() => void out.session.tabs.takeTheirs(theirs)) },
    ],
  };
}

const finished = (out: WaysOut): CoverText => ({
  title: 'Thank you. All cases are read.',
  text: 'Everything is saved. Nothing remains to be done here.',
  actions: [{ label: 'To my work', primary: true, href: out.home }],
});

function waiting({ count, retry }: Extract<Trouble, { is: 'waiting' }>): CoverText {
  const kept = count === 1 ? '1 case is' : `${count} cases are`;
  const sent = count === 0 ? '' : `${kept} kept on this computer and sent as soon as it can be. `;
  return {
    title: 'The server cannot be reached',
    text: `${sent}The next case opens by itself when the network is back; you may also close this tab and come back later.`,
    actions: [{ label: 'Try now', primary: true, run: retry }],
  };
}

const failed = ({ why, retry }: Extract<Trouble, { is: 'failed' }>, out: WaysOut): CoverText => ({
  title: 'This case cannot be shown',
  text: `${why} Your earlier answers are safe.`,
  tone: 'problem',
  actions: [
    { label: 'To my work', href: out.home },
    { label: 'Try again', primary: true, run: retry },
  ],
});
