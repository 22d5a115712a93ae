/** Learning rates that differ by layer. */

export interface LayerRates {
  /** Factor from one layer to the next lower one. */
  layerDecay: number;
  /** Factors by layer name, besides. */
  learningRateScale: Record<string, number>;
}

/**
 * Factor of the learning rate for each layer of a model of `layers` layers: d^n · scale, where n is the distance from the head, 0 for the
 * head, layers − k for layer k, layers + 1 for the embeddings. Discriminative fine-tuning (Howard and Ruder 2018, §3.1: each layer's rate is
 * that of the layer above times a constant). ELECTRA's code has one power more below the head. A pooler belongs to the head. What some families
 * have besides goes with the layer it begins to have an effect in: a projection of the embeddings with those, relative positions with layer 0.
 */
export function layerRates(layers: number, { layerDecay, learningRateScale }: LayerRates): ReadonlyMap<string, number> {
  const downwards = ['head', ...Array.from({ length: layers }, (_, above) => `${layers - 1 - above}`), 'embeddings'];
  const distances: [string, number][] = downwards.map((layer, distance) => [layer, distance]);
  distances.push(['projection', layers + 1], ['positions', layers]);
  return new Map(distances.map(([layer, distance]) => [layer, layerDecay ** distance * (learningRateScale[layer] ?? 1)]));
}
