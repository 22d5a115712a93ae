import { describe, expect, it } from 'vitest';
import { checkExamples, usedLabels, type LabeledExample } from './requirements.ts';

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
  it('refuses labels that no training example has, with where they are and what to do', () => {
    const examples = [
      entity('train', 'PER'),
      entity('validation', 'GPE', 'GPE'),
      entity('test', 'LOC', 'PER'),
      entity('test', 'GPE'),
      entity('test', 'LOC'),
    ];
    expect(() => checkExamples('ner', examples)).toThrow(
      expect.objectContaining({
        code: 'not_enough_data',
        message: expect.stringContaining('“GPE” (1 in validation, 1 in test), “LOC” (2 in test)'),
        remedy: expect.stringMatching(/Label some training examples.*move.*remove/),
      }),
    );
  });
});

describe('labels of a run', () => {
  it('are those that occur, in the project’s order', () => {
    expect(usedLabels(['c', 'b', 'a'], [example('train', 'a'), example('test', 'c')])).toEqual(['c', 'a']);
  });
});

describe('checkExamples, several labels a text', () => {
  const several = (split: LabeledExample['split'], ...labels: string[]): LabeledExample => ({
    id: 1,
    text: 'x',
    split,
    label: null,
    labels,
    spans: null,
  });
  const check = (...examples: LabeledExample[]) => checkExamples('multilabel', examples);

  it('accepts one label that some examples have', () => {
    expect(() => check(several('train', 'a'), several('train'), several('validation'))).not.toThrow();
  });
  it('refuses a label that every training example has, when there is no other', () => {
    expect(() => check(several('train', 'a'), several('train', 'a'), several('validation'))).toThrow(/Every training example has “a”/);
  });
  it('refuses training examples without any label', () => {
    expect(() => check(several('train'), several('validation'))).toThrow(/none applies/);
  });
  it('refuses a label that no training example has', () => {
    expect(() => check(several('train', 'a'), several('train'), several('validation', 'b'))).toThrow(/“b” \(1 in validation\)/);
  });
});
