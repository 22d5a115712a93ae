/** Base models: those embedded in the app, and any Hugging Face folder. */
import fs from 'node:fs';
import path from 'node:path';
import { parseBase } from '../../shared/base.ts';
import { embeddedBase, type BaseModel, type RunConfiguration } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { describeBase, freezingNote } from '../../engine/models/base.ts';
import { checkLayerOptions } from '../../engine/train/contradictions.ts';
import { resourcesFolder } from '../entries.ts';

const modelsFolder = (): string => path.join(resourcesFolder(), 'models');

function embeddedNames(): string[] {
  return fs
    .readdirSync(modelsFolder(), { withFileTypes: true })
    .filter((item) => item.isDirectory())
    .map((item) => item.name)
    .sort();
}

/** Folders of bases besides the embedded ones: THAW_MODELS, separated as PATH is. */
const ownFolders = (): string[] => (process.env.THAW_MODELS ?? '').split(path.delimiter).filter(Boolean);

/** The embedded bases, then the person's own. */
export function listModels(): Promise<BaseModel[]> {
  const folders = [...embeddedNames().map((name) => path.join(modelsFolder(), name)), ...ownFolders()];
  return Promise.all(folders.map((folder) => describeBase(path.resolve(folder))));
}

/** Folder of a base given by its name or path. @throws not_a_model, naming the embedded ones */
export function baseFolder(base: string): string {
  const names = embeddedNames();
  if (names.includes(base)) return path.join(modelsFolder(), base);
  if (fs.existsSync(base)) return path.resolve(base);
  throw new ThawError({
    code: 'not_a_model',
    message: `There is no base model ${base}.`,
    remedy: `Give the folder of one, the name of one that is built in (${names.join(', ')}), a run of the project, or scratch.`,
  });
}

/** How a configuration names its base, whatever folder it is read from: an embedded one by its name, others by their full path. */
function lastingName(base: string): string {
  const named = parseBase(base);
  if (named.kind === 'run') return base;
  const folder = baseFolder(named.model);
  const model = path.dirname(folder) === modelsFolder() ? path.basename(folder) : folder;
  if (named.kind === 'model') return model;
  return model === embeddedBase ? 'scratch' : `scratch:${model}`;
}

/**
 * The configuration with its base under a name that lasts and all that it freezes by name, checked against the base model in `folder`.
 * @throws unknown_option, not_a_model, unsupported_model
 */
export async function checkedConfiguration(given: RunConfiguration, folder: string): Promise<RunConfiguration> {
  const model = await describeBase(folder);
  const layers = model.layers.map((layer) => layer.name);
  const configuration =
    given.headOnly && given.freeze.length === 0 ? { ...given, freeze: layers.filter((name) => name !== 'head') } : given;
  const known = new Set([...layers, 'head']);
  const unknown = configuration.freeze.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new ThawError({
      code: 'unknown_option',
      message: `${model.name} has no layer ${unknown.join(', ')} to freeze.`,
      remedy: `Its layers are: ${[...known].join(', ')}.${freezingNote(model.family)}`,
      place: { field: 'freeze' },
    });
  if ([...known].every((name) => configuration.freeze.includes(name)))
    throw new ThawError({
      code: 'unknown_option',
      message: 'Everything is frozen: nothing is left to train.',
      remedy: 'Thaw the head or a layer.',
      place: { field: 'freeze' },
    });
  checkLayerOptions(configuration, [...known]);
  if (configuration.maxLength > model.maxLength)
    throw new ThawError({
      code: 'unknown_option',
      message: `${model.name} reads at most ${model.maxLength} tokens; ${configuration.maxLength} were asked for.`,
      remedy: `Choose a maximum length up to ${model.maxLength}.`,
      place: { field: 'maxLength' },
    });
  return { ...configuration, base: lastingName(given.base) };
}
