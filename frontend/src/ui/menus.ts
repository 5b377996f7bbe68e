/** Menus made of `<details class="menu">` close when one clicks elsewhere or presses Esc. */

/** Close open menus as a person expects. */
export function closeMenusOutside(root: Document): void {
  root.addEventListener('click', (event) => {
    for (const menu of openMenus(root)) {
      if (!(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
    }
  });
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of openMenus(root)) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
    }
  });
}

function openMenus(root: Document): HTMLDetailsElement[] {
  return [...root.querySelectorAll<HTMLDetailsElement>('details.menu[open]')];
}
