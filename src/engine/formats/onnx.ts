/** A trained model as one ONNX file that ONNX Runtime and transformers.js load. */
import { ThawError } from '../../shared/errors.ts';
import { familyOf, type Base, type Tensor } from '../models/base.ts';
import type { HeadKind } from '../models/family.ts';
import { inferenceGraph } from '../models/graphs.ts';

export interface InferenceModel {
  base: Pick<Base, 'family' | 'config'>;
  head: HeadKind;
  labels: string[];
  /** By Hugging Face's names. */
  parameters: Map<string, Tensor>;
}
/** Protobuf messages end at 2 GiB. */
const LARGEST = 2 ** 31 - 2 ** 20;

/**
 * Inputs: int64 input_ids, attention_mask and, in families that have them, token_type_ids [batch, sequence], both sizes symbolic. Output: `logits`,
 * [batch, classes] or [batch, sequence, classes]. Standard operators only, of opset 17; the weights are inside.
 */
export function buildInferenceOnnx({ base, head, labels, parameters }: InferenceModel): Uint8Array {
  const bytes = [...parameters.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > LARGEST)
    throw new ThawError({
      code: 'unavailable',
      message: `The model has ${bytes} bytes of weights; one ONNX file holds ${LARGEST}.`,
      remedy: 'Export it in the Hugging Face format.',
    });
  const { graph, outputs } = inferenceGraph({ family: familyOf(base.family), config: base.config, head, classes: labels.length });
  return graph.encode(outputs, new Map([...parameters].map(([name, { data }]) => [name, data])));
}
