/** What the app speaks of. zod schemas where a value crosses a process or comes from outside; types are inferred from them. */
export * from './domain/annotations.ts';
export * from './domain/labels.ts';
export * from './domain/files.ts';
export * from './domain/settings.ts';
export * from './domain/projects.ts';
export * from './domain/configuration.ts';
export * from './domain/models.ts';
export * from './domain/runs.ts';
export * from './domain/predictions.ts';
export * from './domain/annotators.ts';
