/** The thin line above the image: where the reader stands, whether the answers are safe, and the way out. */
import type { Presentation, Progress } from '../../api/contract';
import { el, icon, setText } from '../../ui/elements';

export interface BarEvents {
  instructions(): void;
  report(): void;
  correct(): void;
  pause(): void;
  help(): void;
  tooltip(text: string, key: string): string;
}

export type SavedTone = 'done' | 'busy' | 'attention' | 'problem';

const ICONS: Readonly<Record<SavedTone, string>> = {
  done: 'check',
  busy: 'check',
  attention: 'cloud-off',
  problem: 'circle-alert',
};

export class Bar {
  readonly element: HTMLElement;
  private readonly practice = el('strong', { class: 'practice', hidden: true });
  private readonly place = el('span', { class: 'place' });
  private readonly done = el('progress', { max: 1, value: 0, 'aria-label': 'Cases read' });
  private readonly minutes = el('span', { class: 'minutes', title: 'Time in this session' });
  private readonly savedIcon = icon('check');
  private readonly savedText = el('span', {});
  private readonly saved = el('span', { class: 'saved', role: 'status' }, this.savedIcon, this.savedText);
  private readonly correctButton: HTMLButtonElement;

  constructor(title: string, home: string, events: BarEvents) {
    const button = (name: string, label: string, key: string, run: () => void): HTMLButtonElement =>
      el(
        'button',
        { type: 'button', class: `quiet with-icon ${name}`, title: events.tooltip(label, key), on: { click: run } },
        icon(name),
        el('span', {}, label),
      );
    this.correctButton = button('undo-2', 'Correct previous', '', () => events.correct());
    this.element = el(
      'header',
      { class: 'bar' },
      el('a', { class: 'tool', href: home, title: 'Leave; everything is kept', 'aria-label': 'Leave the reading' }, icon('log-out')),
      el('h1', { class: 'study' }, title),
      this.practice,
      this.place,
      this.done,
      this.minutes,
      el('span', { class: 'spring' }),
      this.saved,
      this.correctButton,
      button('book-open', 'Instructions', '', () => events.instructions()),
      button('flag', 'Report to study team', '', () => events.report()),
      button('pause', 'Pause', 'pause', () => events.pause()),
      button('circle-question-mark', 'Keys', 'help', () => events.help()),
    );
  }

  show(presentation: Presentation, progress: Progress, correcting: boolean, canCorrect: boolean): void {
    const { practice, number, of } = presentation;
    this.practice.hidden = !practice && !correcting;
    setText(this.practice, correcting ? 'Correction of the previous case' : 'Practice, not analysed');
    setText(this.place, `${number} of ${of}`);
    const [done, planned] = practice
      ? [progress.practice_done, progress.practice_planned]
      : [progress.done, progress.planned];
    this.done.max = Math.max(1, planned);
    this.done.value = done;
    this.correctButton.hidden = !canCorrect;
  }

  time(minutes: number): void {
    setText(this.minutes, `${minutes} min`);
  }

  save(text: string, tone: SavedTone): void {
    this.saved.dataset['tone'] = tone;
    this.savedIcon.setAttribute('class', `icon icon-${ICONS[tone]}`);
    this.savedIcon.hidden = text === '' || tone === 'busy';
    setText(this.savedText, text);
  }
}
