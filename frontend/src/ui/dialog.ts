/** One modal dialog: the browser traps focus in it; closing gives the focus back and removes it. */

/** Open a dialog with a title, some content and its buttons; Esc closes it. */
export function openDialog(title: string, content: Node[], actions: HTMLElement[]): HTMLDialogElement {
  const dialog = document.createElement('dialog');
  const form = document.createElement('form');
  form.method = 'dialog';
  form.className = 'dialog-body';
  const heading = document.createElement('h2');
  heading.id = `dialog-${crypto.randomUUID()}`;
  heading.textContent = title;
  const row = document.createElement('p');
  row.className = 'actions';
  row.append(...actions);
  form.append(heading, ...content, row);
  dialog.append(form);
  dialog.setAttribute('aria-labelledby', heading.id);
  const before = document.activeElement;
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
