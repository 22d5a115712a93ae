/** Managing a project's labels. Each call is one step that can be undone; it gives the project as it is then, or undefined where it failed. */
import type { Label, LabelPatch, ProjectSummary, Task } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { countOf } from '../components/words.ts';
import { attempt } from './messages.svelte.ts';
import { project } from './project.svelte.ts';

async function shown(work: () => Promise<ProjectSummary>): Promise<ProjectSummary | undefined> {
  const summary = await attempt(work);
  if (summary) project.set(summary);
  return summary;
}

export const createLabel = ({ folder }: ProjectSummary, name: string) => shown(() => api.labels.create({ folder, name: name.trim() }));

export const updateLabel = ({ folder }: ProjectSummary, { id }: Label, patch: LabelPatch) =>
  shown(() => api.labels.update({ folder, id, patch }));

/** `position` is counted from 0 in the list. */
export const moveLabel = ({ folder }: ProjectSummary, { id }: Label, position: number) =>
  shown(() => api.labels.move({ folder, id, position }));

export const removeLabel = ({ folder }: ProjectSummary, { id }: Label) => shown(() => api.labels.remove({ folder, id }));

export const mergeLabel = ({ folder }: ProjectSummary, { id }: Label, into: Label) =>
  shown(() => api.labels.merge({ folder, id, into: into.id }));

/** `12 texts`, `3 spans`: what carries a label. */
export const carriers = (task: Task, count: number): string => countOf(count, task === 'ner' ? 'span' : 'text');

/** What becomes of annotations when the label goes, in a sentence. */
export function removalText(task: Task, { count }: Label): string {
  if (count === 0) return `No ${task === 'ner' ? 'span' : 'text'} carries it.`;
  const what = carriers(task, count);
  const [carry, their, become] = count === 1 ? ['carries', 'its', 'becomes'] : ['carry', 'their', 'become'];
  if (task === 'classification') return `${what} ${carry} it and ${become} unlabeled.`;
  if (task === 'multilabel')
    return `${what} ${carry} it. It is taken off ${their} list; what has no other label then counts as “none applies”.`;
  return `${what} ${carry} it and ${count === 1 ? 'is' : 'are'} removed; the texts stay labeled.`;
}

/** What becomes of annotations when one label is merged into another, in a sentence. */
export function mergeText(task: Task, from: Label, into: Label): string {
  const moved =
    from.count === 0
      ? `Nothing carries “${from.name}”`
      : `${carriers(task, from.count)} of “${from.name}” ${from.count === 1 ? 'becomes' : 'become'} “${into.name}”`;
  return `${moved}, and “${from.name}” goes. “${into.name}” keeps its guideline and its examples.`;
}
