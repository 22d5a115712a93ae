/** Splits drawn anew for a screen: what would change is shown first, and exactly that is done. */
import { randomUUID } from 'node:crypto';
import { ThawError } from '../../shared/errors.ts';
import type { ProjectSummary } from '../../shared/domain.ts';
import type { RedrawOptions, RedrawPreview } from '../../shared/splits.ts';
import type { Project } from '../database/index.ts';
import { redraw, type Moves } from '../splits/index.ts';

export class Redraws {
  /** The one shown last, of any project. */
  private shown: { plan: string; folder: string; moves: Moves } | null = null;

  async preview(project: Project, options: RedrawOptions, signal?: AbortSignal): Promise<RedrawPreview & { plan: string }> {
    const { preview, moves } = await redraw(project.folder, options, signal);
    this.shown = { plan: randomUUID(), folder: project.folder, moves };
    return { ...preview, plan: this.shown.plan };
  }

  /** Throws unavailable where another one was shown since, and test_locked. */
  async apply(project: Project, plan: string): Promise<ProjectSummary> {
    if (this.shown?.plan !== plan || this.shown.folder !== project.folder)
      throw new ThawError({ code: 'unavailable', message: 'These splits are not kept any more.', remedy: 'Draw them again.' });
    const summary = await project.applySplits(this.shown.moves);
    this.shown = null;
    return summary;
  }
}
