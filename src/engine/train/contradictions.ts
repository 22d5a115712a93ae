/** Options of a run that contradict each other or the base model. Checked in the host, so that a refusal comes at once. */
import { parseBase } from '../../shared/base.ts';
import { runConfigurationSchema, type RunConfiguration, type Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';

/** `layers`: the base's from the embeddings up, and the head. @throws unknown_option */
export function checkLayerOptions(configuration: RunConfiguration, layers: string[]): void {
  const { freeze, layerDecay, learningRateScale, reinitTop } = configuration;
  if (configuration.headOnly) return checkHeadOnly(configuration, layers);
  const isTrained = (layer: string) => !freeze.includes(layer) && (configuration.lora === 0 || layer === 'head' || isNumbered(layer));
  const trained = layers.filter(isTrained);
  for (const layer of Object.keys(learningRateScale)) {
    if (!layers.includes(layer))
      throw refusal(
        'learningRateScale',
        `The base model has no layer ${layer} to scale the learning rate of.`,
        `It has ${layers.join(', ')}.`,
      );
    if (!trained.includes(layer))
      throw refusal(
        'learningRateScale',
        `Layer ${layer} is frozen: it has no learning rate to scale.`,
        'Thaw it, or leave out its factor.',
      );
  }
  const numbered = layers.filter(isNumbered).sort((a, b) => Number(b) - Number(a));
  if (reinitTop > numbered.length)
    throw refusal(
      'reinitTop',
      `The base model has ${numbered.length} layers; ${reinitTop} of them cannot start anew.`,
      `Choose ${numbered.length} or fewer.`,
    );
  const untaught = reinitTop === 0 ? undefined : ['head', ...numbered.slice(0, reinitTop)].find((layer) => freeze.includes(layer));
  if (untaught !== undefined)
    throw refusal(
      'reinitTop',
      `${untaught === 'head' ? 'The head' : `Layer ${untaught}`} is frozen: starting anew, it would never learn.`,
      'Thaw it, or let fewer layers start anew.',
    );
  if (layerDecay !== 1 && trained.length === 1)
    throw refusal(
      'layerDecay',
      `Only ${trained[0]} is trained: there are no layers to lower the learning rate over.`,
      'Thaw more layers, or leave out the decay by layer.',
    );
  if (configuration.lora > 0) checkAdapters(configuration, trained);
  if (configuration.gradual) checkGradual(configuration, trained);
}
const isNumbered = (layer: string) => /^\d+$/.test(layer);

function checkAdapters({ base, reinitTop }: RunConfiguration, trained: string[]): void {
  if (!trained.some(isNumbered))
    throw refusal('lora', 'All layers are frozen: there is none to put adapters into.', 'Freeze fewer layers, or leave out the adapters.');
  if (parseBase(base).kind === 'scratch')
    throw refusal('lora', 'Random weights beside adapters would never learn.', 'Choose a base model or a run, or train without adapters.');
  if (reinitTop > 0)
    throw refusal(
      'reinitTop',
      'Beside adapters the layers’ own weights are not trained: starting anew, they would never learn.',
      'Let no layers start anew, or train without adapters.',
    );
}

/** What decides a run of the head alone; everything else is for training by steps. */
const HEAD_ONLY: (keyof RunConfiguration)[] = ['base', 'headOnly', 'freeze', 'maxLength', 'classWeights', 'seed', 'device', 'threads'];

function checkHeadOnly(configuration: RunConfiguration, layers: string[]): void {
  const { freeze, device } = configuration;
  if (freeze.includes('head') || layers.some((layer) => layer !== 'head' && !freeze.includes(layer)))
    throw refusal('freeze', 'With the head alone to fit, all else is frozen and the head is not.', 'Leave out what to freeze.');
  if (device !== 'cpu') throw refusal('device', 'A head alone is fitted on the processor.', 'Choose the device cpu.');
  const defaults = runConfigurationSchema.parse({});
  const meant = (Object.keys(defaults) as (keyof RunConfiguration)[]).filter(
    (field) => !HEAD_ONLY.includes(field) && JSON.stringify(configuration[field]) !== JSON.stringify(defaults[field]),
  );
  if (meant.length > 0)
    throw refusal(
      meant[0],
      `A head alone is not trained by steps but solved for: it has no ${meant.join(', ')}.`,
      'Leave that out, or freeze all layers but the head to train it by steps.',
    );
}

function checkGradual({ epochs, device }: RunConfiguration, trained: string[]): void {
  if (trained.length === 1)
    throw refusal(
      'gradual',
      `Only ${trained[0]} is trained: there is nothing to thaw layer by layer.`,
      'Freeze less, or leave out gradual unfreezing.',
    );
  if (epochs === 1) throw refusal('gradual', 'Layers are thawed from epoch to epoch, and there is only one.', 'Train two epochs or more.');
  if (device !== 'cpu')
    throw refusal('gradual', 'Gradual unfreezing works on the processor alone.', 'Choose the device cpu, or leave out gradual unfreezing.');
}

/** @throws unknown_option */
export function checkTaskOptions({ classWeights, labelSmoothing }: RunConfiguration, task: Task): void {
  // Balanced over tags, the few entities would outweigh the many words outside them so far that precision is lost.
  if (classWeights !== 'none' && task !== 'classification')
    throw refusal('classWeights', 'Classes have weights only where each text has one label.', 'Leave out the class weights.');
  if (labelSmoothing > 0 && task === 'multilabel')
    throw refusal('labelSmoothing', 'Labels are smoothed only where they exclude each other.', 'Leave out the label smoothing.');
}

const refusal = (field: string, message: string, remedy: string) =>
  new ThawError({ code: 'unknown_option', message, remedy, place: { field } });
