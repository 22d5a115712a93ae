/** Options of a run that contradict each other or the base model. Checked in the host, so that a refusal comes at once. */
import type { RunConfiguration, Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';

/** `layers`: the base's from the embeddings up, and the head. @throws unknown_option */
export function checkLayerOptions(configuration: RunConfiguration, layers: string[]): void {
  const { freeze, layerDecay, learningRateScale, reinitTop } = configuration;
  const trained = layers.filter((layer) => !freeze.includes(layer));
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
  const numbered = layers.filter((layer) => /^\d+$/.test(layer)).sort((a, b) => Number(b) - Number(a));
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
  if (configuration.gradual) checkGradual(configuration, trained);
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
