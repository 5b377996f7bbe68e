/** What one sees and presses: the images, the case's facts, three verdicts with their keys, and what was saved. */
import { el, kbd } from '../../ui/elements';
import { addKeys, isTyping } from '../../ui/page-keys';
import type { Counts, Decision, QualityCase, Round, Verdict } from './round';

export interface FaceActions {
  decide(verdict: Verdict, reason: string): void;
  step(step: 1 | -1): void;
  undo(): void;
  filter(): void;
}

const WORDS: Readonly<Record<Verdict, string>> = {
  include: 'included',
  exclude: 'excluded',
  query: 'queried',
  '': 'undecided',
};

export class Face {
  readonly bar = el('div', { class: 'viewer-bar' });
  readonly images = el('div', { class: 'viewer-host' });
  private readonly title = el('h1');
  private readonly facts = el('p', { class: 'dim' });
  private readonly verdict = el('p', { class: 'quality-verdict' });
  private readonly warnings = el('ul', { class: 'sentences attention' });
  private readonly counts = el('dl', { class: 'quality-counts' });
  private readonly progress = el('progress', { class: 'bar', 'aria-label': 'Cases decided' });
  private readonly note = el('p', { class: 'quality-note', role: 'status' });
  private readonly wait = el('p', { class: 'viewer-state', role: 'status' });
  private readonly filter: HTMLButtonElement;
  private readonly undo: HTMLButtonElement;
  private readonly chooser = el('form', { class: 'quality-reasons', hidden: true });
  private asked: Verdict = '';

  constructor(
    host: HTMLElement,
    private readonly reasons: readonly string[],
    private readonly actions: FaceActions,
  ) {
    this.filter = tool('Undecided only', 'U', actions.filter);
    this.undo = tool('Undo', 'Z', actions.undo);
    host.append(
      el('section', { class: 'quality-images', 'aria-label': 'Images' }, this.bar, this.images, this.wait),
      el(
        'aside',
        { class: 'quality-side', 'aria-label': 'Decision' },
        this.title,
        this.facts,
        this.verdict,
        this.warnings,
        el(
          'div',
          { class: 'quality-buttons' },
          tool('Include', 'I', () => actions.decide('include', '')),
          tool('Exclude', 'X', () => this.ask('exclude')),
          tool('Query the site', 'Q', () => this.ask('query')),
        ),
        this.chooser,
        this.note,
        el('div', { class: 'quality-steps' }, tool('Before', '←', () => actions.step(-1)), tool('Next', '→', () => actions.step(1)), this.filter, this.undo),
        el('div', { class: 'quality-progress' }, this.progress, this.counts),
      ),
    );
    host.hidden = false;
    this.listen();
  }

  get isAsking(): boolean {
    return !this.chooser.hidden || document.querySelector('dialog[open]') !== null;
  }

  show(round: Round): void {
    const { current } = round;
    this.title.textContent = current.name;
    const place = [`${round.number} of ${round.cases.length}`, `subject ${current.subject}`, current.site, current.role];
    this.facts.textContent = place.filter(Boolean).join(' · ');
    this.warnings.replaceChildren(...current.warnings.map((warning) => el('li', {}, warning)));
    const decision = round.decisionOf(current.code);
    this.verdict.className = `quality-verdict ${decision.verdict || 'undecided'}`;
    this.verdict.textContent = told(decision);
    this.filter.setAttribute('aria-pressed', String(round.onlyUndecided));
    this.undo.disabled = !round.canUndo;
    this.closeChooser();
    this.showCounts(round.counts);
  }

  loading(on: boolean): void {
    this.wait.textContent = on ? 'Loading images and masks …' : '';
    this.images.toggleAttribute('data-loading', on);
  }

  saving(one: QualityCase): void {
    this.note.textContent = `Saving ${one.name} …`;
  }

  saved(one: QualityCase, decision: Decision): void {
    const at = new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    this.note.textContent = `Saved ${at}: ${one.name} ${told(decision)}`;
    this.note.classList.remove('problem');
  }

  trouble(sentence: string, again: () => void): void {
    this.note.replaceChildren(sentence, ' ', el('button', { type: 'button', class: 'tool', on: { click: again } }, 'Try again'));
    this.note.classList.add('problem');
    this.wait.textContent = '';
  }

  private showCounts({ cases, assessed, include, exclude, query }: Counts): void {
    this.progress.max = Math.max(1, cases);
    this.progress.value = assessed;
    const pairs: [string, string][] = [
      ['assessed', `${assessed} of ${cases}`],
      ['included', String(include)],
      ['excluded', String(exclude)],
      ['queried', String(query)],
    ];
    this.counts.replaceChildren(...pairs.map(([word, value]) => el('div', {}, el('dt', {}, word), el('dd', { class: 'figure' }, value))));
  }

  /** Ask for the reason: a number takes a common one, anything else is typed. */
  private ask(verdict: Verdict): void {
    this.asked = verdict;
    const other = el('input', { type: 'text', maxlength: 300, placeholder: 'or another reason, then Enter', 'aria-label': 'Another reason', autocomplete: 'off' });
    this.chooser.replaceChildren(
      el('p', { class: 'label' }, verdict === 'exclude' ? 'Exclude because' : 'Ask the site about'),
      ...this.reasons.map((reason, at) => tool(reason, String(at + 1), () => this.choose(reason))),
      other,
      el('div', { class: 'quality-steps' }, el('button', { class: 'tool' }, 'Use this reason'), tool('Back', 'Esc', () => this.closeChooser())),
    );
    this.chooser.onsubmit = (event) => {
      event.preventDefault();
      if (other.value.trim()) this.choose(other.value.trim());
      else other.focus();
    };
    this.chooser.hidden = false;
    this.chooser.querySelector('button')?.focus();
  }

  private choose(reason: string): void {
    const verdict = this.asked;
    this.closeChooser();
    this.actions.decide(verdict, reason);
  }

  private closeChooser(): void {
    if (this.chooser.contains(document.activeElement)) (document.activeElement as HTMLElement).blur();
    this.chooser.hidden = true;
  }

  private listen(): void {
    addKeys(
      { keys: 'I', says: 'Include this case' },
      { keys: 'X', says: 'Exclude it; a number gives the reason' },
      { keys: 'Q', says: 'Query to the site' },
      { keys: '← →', says: 'Case before, next case' },
      { keys: 'U', says: 'Undecided cases only' },
      { keys: 'Z', says: 'Undo the last decision' },
    );
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') return this.closeChooser();
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      if (this.press(event.key)) event.preventDefault();
    });
  }

  private press(key: string): boolean {
    const reason = this.chooser.hidden ? undefined : this.reasons[Number(key) - 1];
    if (reason !== undefined) {
      this.choose(reason);
      return true;
    }
    const keys: Readonly<Record<string, () => void>> = {
      i: () => this.actions.decide('include', ''),
      x: () => this.ask('exclude'),
      q: () => this.ask('query'),
      u: () => this.actions.filter(),
      z: () => this.actions.undo(),
      ArrowLeft: () => this.actions.step(-1),
      ArrowRight: () => this.actions.step(1),
    };
    const action = keys[key];
    action?.();
    return action !== undefined;
  }
}

const told = ({ verdict, reason }: Decision): string => (reason ? `${WORDS[verdict]}: ${reason}` : WORDS[verdict]);

const tool = (words: string, key: string, click: () => void): HTMLButtonElement =>
  el('button', { type: 'button', class: 'tool', on: { click } }, words, kbd(key));
