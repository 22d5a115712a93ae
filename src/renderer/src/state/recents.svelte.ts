/** Projects opened recently, the latest first. */
import type { ProjectSummary } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { attempt } from './messages.svelte.ts';

class Recents {
  list = $state<ProjectSummary[]>([]);
  loaded = $state(false);

  async load(): Promise<void> {
    const list = await attempt(() => api.projects.list());
    if (list) this.list = list;
    this.loaded = true;
  }

  /** Takes a project off the list; its folder stays. */
  async forget(folder: string): Promise<void> {
    await attempt(() => api.projects.forget({ folder }));
    await this.load();
  }
}

export const recents = new Recents();
