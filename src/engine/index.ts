/** The engine's core: bases, trainable models, files, devices. */
export { describeBase, layerOf, openBase, totalAndTrainable, type Base, type EncoderConfig, type Tensor } from './models/base.ts';
export { readSafetensors, writeSafetensors, type Safetensors } from './formats/safetensors.ts';
export {
  openModel,
  type Batch,
  type HeadKind,
  type ModelOptions,
  type ModelState,
  type StepOptions,
  type StepResult,
  type TrainableModel,
} from './train/step.ts';
export { buildInferenceOnnx, type InferenceModel } from './formats/onnx.ts';
export { listDevices } from './runtimes/devices.ts';
