/** What every host serves: projects, the runs of each, base models, devices. */
import { resolve } from 'node:path';
import type { BaseModel, Device } from '../shared/domain.ts';
import type { Project } from './database/index.ts';
import { listModels } from './services/models.ts';
import { openChecks, type Checks } from './services/checks.ts';
import { Learner } from './services/learning/index.ts';
import { openProjects } from './services/projects.ts';
import type { Projects } from './services/projects.ts';
import { Redraws } from './services/redraws.ts';
import { Reviews } from './services/reviews.ts';
import { openRuns } from './services/runs.ts';
import type { Runs } from './services/runs.ts';
import { openSuggesting, type Suggesting } from './services/suggesting.ts';
import { thawHome } from './services/recent.ts';
import { runJob } from './services/trainer.ts';
import { openUploads } from './services/uploads.ts';
import type { Uploads } from './services/uploads.ts';

export interface OpenProject {
  project: Project;
  runs: Runs;
  learner: Learner;
  suggesting: Suggesting;
}

export interface Services {
  projects: Projects;
  uploads: Uploads;
  checks: Checks;
  redraws: Redraws;
  reviews: Reviews;
  /** A project with its runs and what learns beside its labeling, opened once for all who ask. Throws as openProject. */
  open(folder: string): Promise<OpenProject>;
  /** Ends the project's runs, closes it and takes it off the list of recent ones. */
  forget(folder: string): Promise<void>;
  models(): Promise<BaseModel[]>;
  devices(): Promise<Device[]>;
  /** Cancels what runs and gives every project back. */
  close(): Promise<void>;
}

export function openServices(): Services {
  const projects = openProjects();
  const uploads = openUploads(thawHome());
  const checks = openChecks(projects, uploads);
  const opened = new Map<Project, OpenProject>();
  const training = new Set<Project>();

  /** What learns beside labeling makes way for runs of whatever project. */
  function noteTraining(project: Project, isTraining: boolean): void {
    if (isTraining) training.add(project);
    else training.delete(project);
    for (const { learner } of opened.values()) learner.setTraining(training.size > 0);
  }

  function workOf(project: Project): OpenProject {
    const known = opened.get(project);
    if (known) return known;
    const runs = openRuns(project, { training: (isTraining) => noteTraining(project, isTraining) });
    const learner = new Learner(project);
    learner.setTraining(training.size > 0);
    const work = { project, runs, learner, suggesting: openSuggesting(project, runs) };
    opened.set(project, work);
    return work;
  }

  async function end({ runs, learner, suggesting }: OpenProject): Promise<void> {
    await Promise.all([suggesting.stop(), runs.close(), learner.close()]);
  }

  return {
    projects,
    uploads,
    checks,
    redraws: new Redraws(),
    reviews: new Reviews(),
    async open(folder) {
      return workOf(await projects.open(folder));
    },
    async forget(folder) {
      for (const work of opened.values()) {
        if (work.project.folder !== resolve(folder)) continue;
        await end(work);
        opened.delete(work.project);
      }
      await projects.forget(folder);
    },
    models: listModels,
    devices: async () => (await runJob<'devices'>({ type: 'devices' })).devices,
    async close() {
      await Promise.all([...opened.values()].map(end));
      await checks.closeAll();
      await Promise.all([projects.closeAll(), uploads.close()]);
    },
  };
}
