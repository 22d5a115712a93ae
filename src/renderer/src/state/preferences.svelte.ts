/**
 * What a person chose for themselves. The host keeps it for every window and browser; what concerns the look is kept in the page too, so
 * that the first frame has it.
 */
import type { Settings } from '../../../shared/domain.ts';
import { api } from '../api.ts';
import { attempt } from './messages.svelte.ts';

type Look = Pick<Settings, 'theme' | 'motion'>;

const KEY = 'thaw.look';

class Preferences {
  /** Null until the host has answered. */
  #loaded = $state.raw<Settings | null>(null);
  #look = $state.raw<Look>(storedLook());
  #system = window.matchMedia('(prefers-color-scheme: dark)');
  #systemDark = $state(this.#system.matches);
  /** The name of the account, which changes are signed with where no other was given. */
  account = $state('');

  constructor() {
    this.#system.addEventListener('change', (event) => {
      this.#systemDark = event.matches;
      this.apply();
    });
  }

  get theme(): Settings['theme'] {
    return this.#look.theme;
  }

  get motion(): Settings['motion'] {
    return this.#look.motion;
  }

  get isDark(): boolean {
    return this.theme === 'system' ? this.#systemDark : this.theme === 'dark';
  }

  /** Single characters are keys (WCAG 2.1.4 lets a person turn them off). */
  get characterKeys(): boolean {
    return this.#loaded?.characterKeys ?? true;
  }

  get annotator(): string {
    return this.#loaded?.annotator ?? '';
  }

  async load(): Promise<void> {
    const answer = await attempt(() => api.settings.get());
    if (!answer) return;
    this.account = answer.account;
    this.#take(answer.settings);
  }

  async set(change: Partial<Settings>): Promise<void> {
    // At once on screen, then kept.
    this.#take({ theme: this.theme, motion: this.motion, characterKeys: this.characterKeys, annotator: this.annotator, ...change });
    const answer = await attempt(() => api.settings.set(change));
    if (answer) this.#take(answer.settings);
  }

  toggleTheme(): void {
    void this.set({ theme: this.isDark ? 'light' : 'dark' });
  }

  apply(): void {
    document.documentElement.dataset.theme = this.isDark ? 'dark' : 'light';
    document.documentElement.dataset.motion = this.motion;
  }

  #take(settings: Settings): void {
    this.#loaded = settings;
    this.#look = { theme: settings.theme, motion: settings.motion };
    localStorage.setItem(KEY, JSON.stringify(this.#look));
    this.apply();
  }
}

function storedLook(): Look {
  try {
    const look = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Look>;
    return { theme: look.theme ?? 'system', motion: look.motion ?? 'system' };
  } catch {
    return { theme: 'system', motion: 'system' };
  }
}

export const preferences = new Preferences();
