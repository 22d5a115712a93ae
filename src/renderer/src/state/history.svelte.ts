/** Undo and redo, the same on every screen: the host has the history, the screen on show says how it goes to what was changed. */
import type { HistoryStep } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { pathTo, router } from '../router.svelte.ts';
import { attempt, messages } from './messages.svelte.ts';
import { project } from './project.svelte.ts';

export type Direction = 'undo' | 'redo';

/** Takes a step back or forth and shows what changed. */
type Shown = (direction: Direction) => Promise<void>;

class History {
  #screen: Shown | null = null;

  /** The screen on show takes steps itself; what it returns ends that. */
  shownBy(screen: Shown): () => void {
    this.#screen = screen;
    return () => {
      if (this.#screen === screen) this.#screen = null;
    };
  }

  back(direction: Direction): Promise<void> {
    return (this.#screen ?? goThere)(direction);
  }

  /** One step, with a word on what it was; null where there was nothing to take, or that failed. */
  async take(direction: Direction): Promise<HistoryStep | null> {
    const folder = project.summary?.folder;
    if (folder === undefined) return null;
    const step = await attempt(() => api.labels[direction]({ folder }));
    if (!step) return null;
    if (step.title === null) messages.notify({ text: `Nothing to ${direction}.` });
    else {
      const other = direction === 'undo' ? 'redo' : 'undo';
      messages.notify({
        text: `${direction === 'undo' ? 'Undone' : 'Done again'}: ${step.title}.`,
        action: { label: other === 'redo' ? 'Redo' : 'Undo', run: () => void this.back(other) },
      });
    }
    return step.title === null ? null : step;
  }
}

export const history = new History();

/** From a screen that shows no texts: to the one that does. */
async function goThere(direction: Direction): Promise<void> {
  const step = await history.take(direction);
  const folder = project.summary?.folder;
  if (!step || folder === undefined) return;
  await project.refresh();
  if (step.labels) router.go(pathTo(folder, 'labels'));
  else if (step.examples === 1 && step.example) router.go(pathTo(folder, 'label', step.example.id));
  else router.go(pathTo(folder));
}
