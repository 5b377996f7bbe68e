/** Short notes at the edge: they never take the focus, never cover an answer, and leave by themselves or on a button. */
import { el } from './elements';

export interface ToastOptions {
  /** Milliseconds; without it the note stays until it is closed. */
  readonly lasts?: number;
  readonly tone?: 'note' | 'attention' | 'problem';
  readonly actions?: readonly { readonly label: string; run(): void }[];
}

/** Show a note; the returned function removes it. */
export function toast(host: HTMLElement, text: string, options: ToastOptions = {}): () => void {
  const tone = options.tone ?? 'note';
  const note = el('div', { class: `toast ${tone}`, role: tone === 'problem' ? 'alert' : 'status' }, el('p', {}, text));
  const remove = (): void => note.remove();
  const actions = options.actions ?? (options.lasts ? [] : [{ label: 'Close', run: () => undefined }]);
  for (const action of actions) {
    const run = (): void => {
      remove();
      action.run();
    };
    note.append(el('button', { type: 'button', class: 'quiet', on: { click: run } }, action.label));
  }
  host.append(note);
  if (options.lasts) setTimeout(remove, options.lasts);
  return remove;
}
