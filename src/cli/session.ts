/** Opens what a command works on, and closes it whatever happens. */
import { openProject, type Project } from '../main/database/index.ts';
import { openRuns, type Runs } from '../main/services/runs.ts';

export async function withProject<T>(
  folder: string,
  options: Parameters<typeof openProject>[1],
  work: (project: Project) => Promise<T>,
): Promise<T> {
  const project = await openProject(folder, options);
  try {
    return await work(project);
  } finally {
    await project.close();
  }
}

/** `readonly` commands work beside a host that writes. */
export function withRuns<T>(
  folder: string,
  { readonly }: { readonly: boolean },
  work: (runs: Runs, project: Project) => Promise<T>,
): Promise<T> {
  return withProject(folder, { readonly }, async (project) => {
    const runs = openRuns(project);
    try {
      return await work(runs, project);
    } finally {
      await runs.close();
    }
  });
}
