/** Says things to screen readers; fast sequences (scrolling) are heard as their last member only. */
import { el } from './elements';

const PAUSE_MS = 250;

export class Announcer {
  private readonly polite = el('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  private readonly urgent = el('div', { class: 'visually-hidden', role: 'alert', 'aria-live': 'assertive' });
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement) {
    host.append(this.polite, this.urgent);
  }

  say(text: string): void {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.polite.textContent = text;
    }, PAUSE_MS);
  }

  sayNow(text: string): void {
    this.urgent.textContent = text;
  }
}
