/** Building elements without markup in strings, so that data can never become markup. */

type Child = Node | string | null | undefined | false;

export interface Props {
  readonly class?: string | null | undefined;
  readonly on?: { readonly [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };
  readonly [attribute: string]: unknown;
}

/** `el('button', { class: 'quiet', 'aria-label': 'Close', on: { click } }, '×')`; null, false and undefined are left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'on' || value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const [type, listener] of Object.entries(props.on ?? {}))
    element.addEventListener(type, listener as EventListener);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag: string, attributes: Readonly<Record<string, string | number>>, ...children: Node[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** A key as it is printed beside a command. */
export const kbd = (key: string): HTMLElement => el('kbd', { 'aria-hidden': true }, key);

/** An icon of the bundled set; decorative, so the button around it carries the name. */
export const icon = (name: string): HTMLElement => el('span', { class: `icon icon-${name}`, 'aria-hidden': true });

/** Set text only when it changed, so that live regions and selections are left in peace. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function toggleAttribute(element: Element, name: string, on: boolean): void {
  element.toggleAttribute(name, on);
}
