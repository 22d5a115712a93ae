/** What every host serves: projects, the runs of each, base models, devices. */
import { resolve } from 'node:path';
import type { BaseModel, Device } from '../shared/domain.ts';
import type { Project } from './database/index.ts';
import { listModels } from './services/models.ts';
import { openChecks, type Checks } from './services/checks.ts';
import { openProjects } from './services/projects.ts';
import type { Projects } from './services/projects.ts';
import { Redraws } from './services/redraws.ts';
import { openRuns } from './services/runs.ts';
import type { Runs } from './services/runs.ts';
import { thawHome } from './services/recent.ts';
import { runJob } from './services/trainer.ts';
import { openUploads } from './services/uploads.ts';
import type { Uploads } from './services/uploads.ts';

export interface OpenProject {
  project: Project;
  runs: Runs;
}

export interface Services {
  projects: Projects;
  uploads: Uploads;
  checks: Checks;
  redraws: Redraws;
  /** A project with its runs, opened once for all who ask. Throws as openProject. */
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
  const opened = new Map<Project, Runs>();

  function runsOf(project: Project): Runs {
    const known = opened.get(project);
    if (known) return known;
    const runs = openRuns(project);
    opened.set(project, runs);
    return runs;
  }

  return {
    projects,
    uploads,
    checks,
    redraws: new Redraws(),
    async open(folder) {
      const project = await projects.open(folder);
      return { project, runs: runsOf(project) };
    },
    async forget(folder) {
      for (const [project, runs] of opened) {
        if (project.folder !== resolve(folder)) continue;
        await runs.close();
        opened.delete(project);
      }
      await projects.forget(folder);
    },
    models: listModels,
    devices: async () => (await runJob<'devices'>({ type: 'devices' })).devices,
    async close() {
      await Promise.all([...opened.values()].map((runs) => runs.close()));
      await checks.closeAll();
      await Promise.all([projects.closeAll(), uploads.close()]);
    },
  };
}
