/** Ctrl+Enter (or Cmd+Enter) sends the form in which one types, with its first primary button. */

/** Listen for Ctrl+Enter on the page. */
export function submitWithControlEnter(root: Document): void {
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    const form = event.target instanceof Element ? event.target.closest('form') : null;
    if (!form || form.method === 'dialog') return;
    event.preventDefault();
    form.requestSubmit(form.querySelector<HTMLButtonElement>('button.primary:not([disabled])'));
  });
}
