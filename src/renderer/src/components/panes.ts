/** F6 goes round the panes of a screen: rail, page, inspector. */

/** Focuses the pane after the one that has focus, or before it; the first where none has. */
export function focusNextPane(backwards: boolean): void {
  const panes = [...document.querySelectorAll<HTMLElement>('.rail, main.page, .inspector')];
  if (panes.length === 0) return;
  const now = panes.findIndex((pane) => pane.contains(document.activeElement));
  const step = backwards ? -1 : 1;
  const pane = panes[now === -1 ? 0 : (now + step + panes.length) % panes.length];
  // A pane takes focus itself, as a place from which Tab goes on, and is no stop of its own.
  pane.tabIndex = -1;
  pane.focus();
}
