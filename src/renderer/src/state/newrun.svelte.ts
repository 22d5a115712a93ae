/** The run that is being put together on the Train screen. */
import type { BaseModel, Estimate, ProjectSummary, Run, RunConfiguration } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { RunEstimate } from './estimate.svelte.ts';
import {
  fixedLayers,
  outputsOf,
  presetFreeze,
  presetOf,
  presets,
  stackOf,
  suggestName,
  trainedParameters,
  type PresetName,
} from './recipe.ts';
import {
  configurationOf,
  continuedFrom,
  defaultSettings,
  settingsOf,
  settingsFor,
  type Method,
  type SettingName,
  type SettingValues,
} from './settings.ts';
import { startingPoints, type StartingPoint } from './startingpoints.ts';

export class NewRun {
  readonly #project: ProjectSummary;
  readonly estimate: RunEstimate;
  points: StartingPoint[] = $state.raw([]);
  loaded = $state(false);
  takenNames: string[] = $state([]);
  /** Spans of the training texts, and those that the run leaves out. */
  overlaps = $state.raw({ spans: 0, leftOut: 0 });
  /** As in RunConfiguration. */
  base = $state('');
  /** Goes on with the run it starts from, rather than from its best weights. */
  continues = $state(false);
  frozen: ReadonlySet<string> = $state.raw(new Set<string>());
  /** Low-rank ones are trained in place of the layers that are not frozen. */
  adapters = $state(false);
  device: RunConfiguration['device'] = $state('cpu');
  /** null: the suggested one. */
  typedName: string | null = $state(null);
  #edited: Partial<SettingValues> = $state({});
  #invalid: Partial<Record<SettingName, true>> = $state({});

  constructor(project: ProjectSummary) {
    this.#project = project;
    this.estimate = new RunEstimate(project.folder);
  }

  async load(): Promise<void> {
    const { folder } = this.#project;
    const [models, runs, overlaps] = await Promise.all([api.models.list(), api.runs.list({ folder }), api.labels.overlaps({ folder })]);
    this.points = startingPoints(models, runs);
    this.overlaps = overlaps;
    this.takenNames = runs.map((run) => run.name);
    if (this.points.length > 0) this.choose(this.points[0].base);
    this.loaded = true;
  }

  readonly point = $derived.by(() => this.points.find(({ base }) => base === this.base) ?? null);
  readonly model = $derived.by(() => this.point?.model ?? null);
  /** The run that it starts from. */
  readonly ancestor = $derived.by(() => (this.point?.kind === 'run' ? this.point.run : null));
  readonly continued = $derived.by(() => (this.continues ? this.ancestor : null));
  /** A run that is continued has steps, of the layers themselves; random weights beside adapters would never learn. */
  readonly presets = $derived.by(() =>
    presets.filter(
      (preset) => (preset !== 'lora' || this.point?.kind !== 'scratch') && (!this.continued || preset === 'top' || preset === 'all'),
    ),
  );
  readonly stack = $derived.by(() => (this.model ? stackOf(this.model, this.#headParameters(this.model)) : []));
  readonly preset = $derived.by(() => presetOf(this.stack, this.frozen, this.adapters));
  readonly method = $derived.by<Method>(() => {
    if (this.continued) return 'layers';
    return this.preset === 'head' ? 'head' : this.adapters ? 'adapters' : 'layers';
  });
  readonly settings = $derived.by(() => settingsFor(this.model?.maxLength ?? 512, this.method));
  readonly standard = $derived.by(() => {
    const dropout = this.model?.dropout ?? 0.1;
    if (this.continued) return settingsOf(this.continued.configuration, dropout);
    const scratch = this.point?.kind === 'scratch';
    return defaultSettings(dropout, this.model?.maxLength ?? 512, { method: this.method, scratch, examples: this.examples });
  });
  readonly values = $derived.by<SettingValues>(() => ({ ...this.standard, ...this.#edited }));
  /** Labeled training texts. */
  get examples(): number {
    return this.#project.labeledSplits.train;
  }
  /** Of the adapters; 0 where there are none. */
  readonly rank = $derived.by(() => (this.adapters ? this.values.lora : 0));
  readonly parameters = $derived.by(() => {
    const counts = trainedParameters(this.stack, this.frozen, this.rank);
    // Of a head that is solved for, the last matrix is; what stands before it only lets through what it reads.
    return this.method === 'head' && this.model ? { ...counts, trained: this.#outParameters(this.model) } : counts;
  });
  readonly fixed = $derived.by(() => new Set(fixedLayers(this.stack, this.adapters)));
  readonly changed = $derived.by(() => Object.keys(this.#edited).length > 0);
  readonly name = $derived.by(() => this.typedName ?? suggestName(this.stack, this.frozen, this.adapters, this.takenNames));
  /** Null where a setting cannot be used. */
  readonly configuration = $derived.by<RunConfiguration | null>(() => {
    const { model } = this;
    if (!model || this.parameters.trained === 0 || this.settings.some(({ name }) => this.#invalid[name])) return null;
    const under = this.continued ? continuedFrom(this.continued.configuration) : {};
    const chosen = { ...under, base: this.base, freeze: this.#freezeInOrder(), device: this.device };
    return configurationOf(chosen, this.values, this.standard.dropout, this.method);
  });
  /** Why it cannot start, or null. */
  readonly obstacle = $derived.by(() => {
    if (!this.model) return 'Choose a base model.';
    if (this.parameters.trained === 0) return 'Nothing would be trained. Thaw at least the head.';
    if (this.adapters && !this.stack.some(({ name }) => name !== 'head' && !this.frozen.has(name)))
      return 'There is no layer to put adapters into. Thaw one, or choose Head only.';
    if (this.settings.some(({ name }) => this.#invalid[name])) return 'A setting has a value that cannot be used.';
    if (this.name.trim() === '') return 'Give the run a name.';
    if (this.estimate.found?.refusal) return 'It does not fit in memory.';
    return null;
  });

  choose(base: string): void {
    this.base = base;
    this.continues = false;
    // Random weights that are frozen would never learn.
    this.apply(this.point?.kind === 'scratch' ? 'all' : 'top');
  }

  /** With the run's own settings, or with those of a new run. */
  goOn(continues: boolean): void {
    this.continues = continues;
    this.reset();
    if (!this.continued) return this.apply('top');
    this.adapters = false;
    this.frozen = new Set(this.continued.configuration.freeze);
  }

  apply(preset: PresetName): void {
    this.adapters = preset === 'lora';
    this.frozen = new Set(presetFreeze(this.stack, preset));
  }

  freeze(frozen: ReadonlySet<string>): void {
    this.frozen = new Set([...frozen, ...this.fixed]);
  }

  set(name: SettingName, value: number): void {
    if (value === this.standard[name]) delete this.#edited[name];
    else this.#edited[name] = value;
  }

  /** Takes over what would make the run fit. */
  take({ freeze, ...settings }: NonNullable<Estimate['change']>): void {
    if (freeze) this.frozen = new Set(freeze);
    for (const name of ['batchSize', 'accumulate', 'maxLength'] as const) {
      const value = settings[name];
      if (value !== undefined) this.set(name, value);
    }
  }

  mark(name: SettingName, valid: boolean): void {
    if (valid) delete this.#invalid[name];
    else this.#invalid[name] = true;
  }

  reset(): void {
    this.#edited = {};
    this.#invalid = {};
  }

  start(): Promise<Run> {
    const { configuration } = this;
    if (!configuration) throw new Error('A run needs a base model, and settings that can be used.');
    return api.runs.start({ folder: this.#project.folder, name: this.name.trim(), configuration });
  }

  /** Lowest first, as the command line writes it. */
  #freezeInOrder(): string[] {
    return this.stack
      .filter((layer) => this.frozen.has(layer.name))
      .map((layer) => layer.name)
      .reverse();
  }

  /** A dense layer (the pooler, where the base brings one) and a matrix to the outputs; for entities the matrix alone. */
  #headParameters(model: BaseModel): number {
    const dense = this.#project.task === 'ner' ? 0 : model.hiddenSize * (model.hiddenSize + 1);
    return dense + this.#outParameters(model);
  }
  /** Of the matrix to the outputs alone. */
  #outParameters({ hiddenSize }: BaseModel): number {
    return outputsOf(this.#project.task, this.#project.labels.length) * (hiddenSize + 1);
  }
}
