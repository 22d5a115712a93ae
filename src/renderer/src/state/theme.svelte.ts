/** Light or dark: the system's, until a person chooses. */
type Theme = 'light' | 'dark';

const KEY = 'thaw.theme';

class ThemeState {
  #system = window.matchMedia('(prefers-color-scheme: dark)');
  #chosen = $state<Theme | null>(stored());
  #systemDark = $state(this.#system.matches);

  constructor() {
    this.#system.addEventListener('change', (event) => {
      this.#systemDark = event.matches;
      this.apply();
    });
  }

  get now(): Theme {
    return this.#chosen ?? (this.#systemDark ? 'dark' : 'light');
  }

  toggle(): void {
    this.#chosen = this.now === 'dark' ? 'light' : 'dark';
    localStorage.setItem(KEY, this.#chosen);
    this.apply();
  }

  apply(): void {
    document.documentElement.dataset.theme = this.now;
  }
}

function stored(): Theme | null {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : null;
}

export const theme = new ThemeState();
