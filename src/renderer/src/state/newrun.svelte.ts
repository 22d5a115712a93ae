/** The run that is being put together on the Train screen. */
import type { BaseModel, ProjectSummary, Run, RunConfiguration } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { fixedLayers, outputsOf, presetFreeze, presetOf, stackOf, suggestName, trainedParameters, type PresetName } from './recipe.ts';
import { configurationOf, defaultSettings, settingsFor, type Method, type SettingName, type SettingValues } from './settings.ts';

export class NewRun {
  readonly #project: ProjectSummary;
  models: BaseModel[] = $state([]);
  loaded = $state(false);
  takenNames: string[] = $state([]);
  /** Spans of the training texts, and those that the run leaves out. */
  overlaps = $state.raw({ spans: 0, leftOut: 0 });
  folder = $state('');
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
  }

  async load(): Promise<void> {
    const { folder } = this.#project;
    const [models, runs, overlaps] = await Promise.all([api.models.list(), api.runs.list({ folder }), api.labels.overlaps({ folder })]);
    this.models = models;
    this.overlaps = overlaps;
    this.takenNames = runs.map((run) => run.name);
    if (models.length > 0) this.choose(models[0].folder);
    this.loaded = true;
  }

  readonly model = $derived.by(() => this.models.find((model) => model.folder === this.folder) ?? null);
  readonly stack = $derived.by(() => (this.model ? stackOf(this.model, this.#headParameters(this.model)) : []));
  readonly preset = $derived.by(() => presetOf(this.stack, this.frozen, this.adapters));
  readonly method = $derived.by<Method>(() => (this.preset === 'head' ? 'head' : this.adapters ? 'adapters' : 'layers'));
  readonly settings = $derived.by(() => settingsFor(this.model?.maxLength ?? 512, this.method));
  readonly standard = $derived.by(() => defaultSettings(this.model?.dropout ?? 0.1, this.model?.maxLength ?? 512, this.method));
  readonly values = $derived.by<SettingValues>(() => ({ ...this.standard, ...this.#edited }));
  /** Of the adapters; 0 where there are none. */
  readonly rank = $derived.by(() => (this.adapters ? this.values.lora : 0));
  readonly parameters = $derived.by(() => trainedParameters(this.stack, this.frozen, this.rank));
  readonly fixed = $derived.by(() => new Set(fixedLayers(this.stack, this.adapters)));
  readonly changed = $derived.by(() => Object.keys(this.#edited).length > 0);
  readonly name = $derived.by(() => this.typedName ?? suggestName(this.stack, this.frozen, this.adapters, this.takenNames));
  /** Why it cannot start, or null. */
  readonly obstacle = $derived.by(() => {
    if (!this.model) return 'Choose a base model.';
    if (this.parameters.trained === 0) return 'Nothing would be trained. Thaw at least the head.';
    if (this.adapters && !this.stack.some(({ name }) => name !== 'head' && !this.frozen.has(name)))
      return 'There is no layer to put adapters into. Thaw one, or choose Head only.';
    if (this.settings.some(({ name }) => this.#invalid[name])) return 'A setting has a value that cannot be used.';
    if (this.name.trim() === '') return 'Give the run a name.';
    return null;
  });

  choose(folder: string): void {
    this.folder = folder;
    this.apply('top');
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

  mark(name: SettingName, valid: boolean): void {
    if (valid) delete this.#invalid[name];
    else this.#invalid[name] = true;
  }

  reset(): void {
    this.#edited = {};
    this.#invalid = {};
  }

  start(): Promise<Run> {
    const { model } = this;
    if (!model) throw new Error('A run needs a base model.');
    const configuration = configurationOf(model.folder, this.#freezeInOrder(), this.values, model.dropout, this.device, this.method);
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
    const outputs = outputsOf(this.#project.task, this.#project.labels.length);
    const dense = this.#project.task === 'ner' ? 0 : model.hiddenSize * (model.hiddenSize + 1);
    return dense + outputs * (model.hiddenSize + 1);
  }
}
