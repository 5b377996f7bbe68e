/** What lies over the screen when there is nothing to read, or nothing may be seen: one heading, one sentence, one way on. */
import { el } from '../../ui/elements';

export interface CoverAction {
  readonly label: string;
  readonly run?: () => void;
  readonly href?: string;
  /** Open the link in a new tab. */
  readonly apart?: boolean;
  readonly primary?: boolean;
}

export interface CoverText {
  readonly title: string;
  readonly text: string;
  readonly actions?: readonly CoverAction[];
  readonly tone?: 'problem';
}

export class Cover {
  readonly element = el('div', { class: 'cover', role: 'region', 'aria-label': 'Message', hidden: true });
  private kind = '';

  /** `covered` hears whether everything below is out of reach; a case that is loading covers the image alone. */
  covered: (covered: boolean) => void = () => undefined;

  /** Everything below becomes unreachable; `kind` tells who may take the cover away again. */
  show(kind: string, { title, text, actions = [], tone }: CoverText): void {
    this.kind = kind;
    this.element.dataset['kind'] = kind;
    const box = el('div', { class: `cover-box ${tone ?? ''}` }, el('h2', { tabindex: -1 }, title), el('p', {}, text));
    const buttons = actions.map(actionElement);
    box.append(el('div', { class: 'cover-actions' }, ...buttons));
    this.element.replaceChildren(box);
    this.element.hidden = false;
    this.covered(kind !== 'loading');
    (buttons.find((button) => button.classList.contains('primary')) ?? box.querySelector('h2'))?.focus();
  }

  /** Take the cover away, if it is of this kind. */
  hide(kind: string): void {
    if (this.kind !== kind) return;
    this.kind = '';
    this.element.hidden = true;
    this.element.replaceChildren();
    this.covered(false);
  }

  get shown(): string {
    return this.kind;
  }
}

function actionElement({ label, run, href, apart, primary }: CoverAction): HTMLElement {
  const look = primary ? 'primary' : 'quiet';
  if (href !== undefined) {
    const target = apart ? { target: '_blank', rel: 'noopener' } : {};
    return el('a', { class: `button ${look}`, href, ...target }, label);
  }
  return el('button', { type: 'button', class: look, on: { click: () => run?.() } }, label);
}
