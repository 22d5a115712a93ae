import { describe, expect, it } from 'vitest';
import { checkExamples, untrainedLabels, usedLabels, type LabeledExample } from './requirements.ts';

const example = (split: LabeledExample['split'], label: string): LabeledExample => ({ id: 1, text: 'x', split, label, spans: null });
const entity = (split: LabeledExample['split'], ...labels: string[]): LabeledExample => ({
  id: 1,
  text: 'x',
  split,
  label: null,
  spans: labels.map((label) => ({ start: 0, end: 1, label })),
});

describe('checkExamples', () => {
  it('accepts two classes and a validation split', () => {
    expect(() => checkExamples('classification', [example('train', 'a'), example('train', 'b'), example('validation', 'a')])).not.toThrow();
  });
  it('refuses one class only, naming it', () => {
    expect(() => checkExamples('classification', [example('train', 'a'), example('validation', 'b')])).toThrow(/one class only: “a”/);
  });
  it('refuses an empty training split', () => {
    expect(() => checkExamples('classification', [example('validation', 'a')])).toThrow(/training split/);
  });
  it('refuses an empty validation split', () => {
    expect(() => checkExamples('classification', [example('train', 'a'), example('train', 'b')])).toThrow(/validation split/);
  });
  it('refuses entity examples without an entity', () => {
    expect(() => checkExamples('ner', [entity('train'), entity('validation', 'PER')])).toThrow(/no entities/);
  });
});

describe('labels of a run', () => {
  it('are those that occur, in the project’s order', () => {
    expect(usedLabels(['c', 'b', 'a'], [example('train', 'a'), example('test', 'c')])).toEqual(['c', 'a']);
  });
  it('that no training example has are named', () => {
    expect(untrainedLabels([entity('train', 'PER'), entity('test', 'LOC', 'PER'), entity('validation', 'GPE')])).toEqual(['GPE', 'LOC']);
  });
});
