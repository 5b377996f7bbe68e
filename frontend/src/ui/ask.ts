/** Modal dialogs on the native element: focus is trapped, Esc closes, and focus returns to where it was. */
import { el } from './elements';

export interface DialogAction {
  readonly label: string;
  readonly value: string;
  readonly primary?: boolean;
}

export interface DialogOptions {
  readonly title: string;
  readonly body: readonly (Node | string)[];
  readonly actions: readonly DialogAction[];
  /** Cannot be left by Esc: one of the actions has to be chosen. */
  readonly mustChoose?: boolean;
  /** Checked before a choice is accepted; false keeps the dialog open. */
  readonly accept?: (value: string) => boolean;
  /** `wide` for tables, `prose` for running text; both start with the focus on the bright button. */
  readonly shape?: 'wide' | 'prose';
}

/** Show a dialog (within `[data-dialogs]`, whose style it takes, if there is one); resolves with the chosen action's value, or null when it was closed without one. */
export function ask(options: DialogOptions): Promise<string | null> {
  const { dialog, form } = build(options);
  (document.querySelector('[data-dialogs]') ?? document.body).append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('cancel', (event) => {
      if (options.mustChoose) event.preventDefault();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const value = (event.submitter as HTMLButtonElement | null)?.value ?? primaryOf(options);
      if (options.accept?.(value) ?? true) dialog.close(value);
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
    dialog.showModal();
  });
}

const primaryOf = ({ actions }: DialogOptions): string =>
  (actions.find((action) => action.primary) ?? actions[0])?.value ?? '';

function build(options: DialogOptions): { dialog: HTMLDialogElement; form: HTMLFormElement } {
  const heading = el('h2', { id: `dialog-${crypto.randomUUID()}` }, options.title);
  const buttons = options.actions.map((action) =>
    el(
      'button',
      {
        type: 'submit',
        value: action.value,
        class: action.primary ? 'primary' : 'quiet',
        autofocus: action.primary && options.shape !== undefined,
      },
      action.label,
    ),
  );
  const form = el(
    'form',
    { method: 'dialog', on: { keydown: submitByKey } },
    heading,
    el('div', { class: 'dialog-body', tabindex: options.shape ? 0 : null }, ...options.body),
    el('div', { class: 'dialog-actions' }, ...buttons),
  );
  const dialog = el('dialog', { class: options.shape, 'aria-labelledby': heading.id }, form);
  return { dialog, form };
}

function submitByKey(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.stopPropagation();
  const form = event.currentTarget as HTMLFormElement;
  form.requestSubmit(form.querySelector<HTMLButtonElement>('button.primary'));
}

export const isDialogOpen = (): boolean => document.querySelector('dialog[open]') !== null;
