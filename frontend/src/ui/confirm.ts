/** Forms that ask first: `<form data-confirm="Close the reading?">`, with the name to type in `data-confirm-name`. */
import { openDialog } from './dialog';

/** Ask before a form with `data-confirm` is sent; only the person's yes sends it. */
export function askBeforeSubmitting(root: Document): void {
  root.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset['confirm'] || 'confirmed' in form.dataset) return;
    event.preventDefault();
    ask(form, event.submitter);
  });
}

function ask(form: HTMLFormElement, submitter: HTMLElement | null): void {
  const name = form.dataset['confirmName'] ?? '';
  const yes = button(submitter?.textContent?.trim() || 'Yes', 'button primary');
  const typed = name ? nameField(name, yes) : [];
  const dialog = openDialog(form.dataset['confirm'] ?? '', typed, [button('Cancel', 'button quiet', 'cancel'), yes]);
  yes.addEventListener('click', () => {
    dialog.close();
    form.dataset['confirmed'] = '';
    form.requestSubmit(submitter instanceof HTMLButtonElement ? submitter : null);
    delete form.dataset['confirmed'];
  });
}

function nameField(name: string, yes: HTMLButtonElement): HTMLElement[] {
  const label = document.createElement('label');
  const input = document.createElement('input');
  input.type = 'text';
  input.autocomplete = 'off';
  label.append(`Type “${name}” to go on`, input);
  yes.disabled = true;
  input.addEventListener('input', () => (yes.disabled = input.value.trim() !== name));
  return [label];
}

function button(text: string, className: string, value = ''): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = value === 'cancel' ? 'submit' : 'button';
  element.className = className;
  element.value = value;
  element.textContent = text;
  return element;
}
