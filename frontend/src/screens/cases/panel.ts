/** What one sees while a folder is on its way: the whole, the files being sent now, and what failed. */
import { el } from '../../ui/elements';
import type { FileProgress, Progress } from './queue';
import { left, size } from './pace';

export interface PanelActions {
  pause(): void;
  resume(): void;
  retry(): void;
  cancel(): void;
  /** Make the dry run with the files that arrived. */
  goOn(): void;
}

const HEADINGS: Readonly<Record<Progress['state'], string>> = {
  sending: 'Sending',
  paused: 'Paused',
  unreachable: 'Waiting for the server',
  'signed-out': 'Signed out',
  settled: 'Sent',
};

const NOTES: Readonly<Record<Progress['state'], string>> = {
  sending: 'Keep this page open until the files have arrived. If it closes, drop the same folder again and only the rest is sent.',
  paused: 'What has arrived stays. Go on whenever you like.',
  unreachable: 'The server cannot be reached; sending goes on by itself as soon as it answers.',
  'signed-out': 'Your session has ended. Sign in again in another tab, then go on; nothing is lost.',
  settled: 'Every file is read now: the dry run begins.',
};

export class Panel {
  private readonly heading = el('h2');
  private readonly note = el('p', { class: 'dim' });
  private readonly bar = el('progress', { class: 'bar', 'aria-label': 'All files' });
  private readonly label = el('p', { class: 'bar-label' });
  private readonly files = el('ul', { class: 'sending-files' });
  private readonly failures = el('div', { class: 'sending-failed', role: 'alert' });
  private readonly buttons = el('p', { class: 'actions' });
  private shownButtons = '';

  constructor(
    private readonly host: HTMLElement,
    private readonly actions: PanelActions,
  ) {
    host.replaceChildren(this.heading, this.note, this.bar, this.label, this.files, this.failures, this.buttons);
    host.hidden = false;
  }

  show(progress: Progress, rate: number | null): void {
    const counted = progress.state === 'sending' || progress.state === 'settled';
    const files = ` ${progress.files} ${progress.files === 1 ? 'file' : 'files'}`;
    this.heading.textContent = HEADINGS[progress.state] + (counted ? files : '');
    const stuck = progress.state === 'settled' && progress.failed.length > 0;
    this.note.textContent = stuck ? 'Some files could not be sent. Try them again, or go on without them.' : NOTES[progress.state];
    this.bar.max = Math.max(1, progress.bytes);
    this.bar.value = progress.bytes === 0 ? 1 : progress.bytesSent;
    this.label.replaceChildren(el('span', {}, amounts(progress)), el('span', { class: 'figure' }, this.remaining(progress, rate)));
    this.files.replaceChildren(...progress.current.map((file) => fileLine(file, share(rate, progress))));
    this.showFailures(progress.failed);
    this.showButtons(progress);
  }

  /** Something beyond the files went wrong, in a sentence. */
  problem(sentence: string): void {
    this.heading.textContent = 'This did not work';
    this.note.textContent = sentence;
    this.files.replaceChildren();
    this.buttons.replaceChildren(this.button('Try again', 'primary', this.actions.goOn), this.button('Throw away', 'quiet', this.actions.cancel));
    this.shownButtons = '';
  }

  private remaining(progress: Progress, rate: number | null): string {
    return progress.state === 'sending' ? left(progress.bytes - progress.bytesSent, rate) : '';
  }

  private showFailures(failed: readonly FileProgress[]): void {
    if (this.failures.childElementCount === failed.length) return;
    this.failures.replaceChildren(...failed.map((file) => el('p', {}, el('strong', {}, file.path), ` ${file.why}`)));
  }

  /** Built again only when they change, so that the focus stays. */
  private showButtons({ state, failed, filesSent }: Progress): void {
    const kind = `${state} ${failed.length > 0} ${filesSent > 0}`;
    if (kind === this.shownButtons) return;
    this.shownButtons = kind;
    const held = state === 'paused' || state === 'unreachable' || state === 'signed-out';
    const { pause, resume, retry, cancel, goOn } = this.actions;
    const buttons = [
      state === 'sending' && this.button('Pause', '', pause),
      held && this.button('Go on', 'primary', resume),
      state === 'settled' && failed.length > 0 && this.button('Try these again', 'primary', retry),
      state === 'settled' && failed.length > 0 && filesSent > 0 && this.button('Go on without them', '', goOn),
      (state !== 'settled' || failed.length > 0) && this.button('Cancel', 'quiet', cancel),
    ];
    this.buttons.replaceChildren(...buttons.filter((button) => button !== false));
    this.host.dataset['state'] = state;
  }

  private button(text: string, kind: string, click: () => void): HTMLElement {
    return el('button', { type: 'button', class: `button small ${kind}`, on: { click } }, text);
  }
}

const amounts = ({ bytesSent, bytes, filesSent, files }: Progress): string =>
  `${size(bytesSent)} of ${size(bytes)} · ${filesSent} of ${files} files`;

const share = (rate: number | null, { current }: Progress): number | null =>
  rate === null || current.length === 0 ? null : rate / current.length;

function fileLine(file: FileProgress, rate: number | null): HTMLElement {
  return el(
    'li',
    {},
    el('span', { class: 'file-name', title: file.path }, file.path),
    el('progress', { class: 'bar', max: Math.max(1, file.size), value: file.sent, 'aria-label': file.path }),
    el('span', { class: 'figure dim' }, left(file.size - file.sent, rate) || size(file.size)),
  );
}
