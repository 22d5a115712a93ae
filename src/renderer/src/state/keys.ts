/** Keyboard rules shared by all screens: single letters rest while a text field has focus (WCAG 2.1.4). */
import { preferences } from './preferences.svelte.ts';

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** The name of the command key on this machine. */
export const MOD = isMac ? '⌘' : 'Ctrl';

/** AltGr, with which many layouts type brackets, comes as Ctrl and Alt on Windows. */
const isAltGraph = (event: KeyboardEvent) => event.getModifierState('AltGraph');

export function withMod(event: KeyboardEvent): boolean {
  return isMac ? event.metaKey : event.ctrlKey && !isAltGraph(event);
}

export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || isTextInput(target);
}

function isTextInput(target: HTMLElement): boolean {
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range', 'file'].includes(target.type);
}

/** Keys belong to a dialog while one is open. */
export function isModalOpen(): boolean {
  return document.querySelector('dialog[open]') !== null;
}

/** A plain key for the screen: no modifier but Shift, nobody is typing, no dialog is open; no character where a person turned those off. */
export function isPlain(event: KeyboardEvent): boolean {
  // The palette's keys are no person's slip.
  if (event.isTrusted && event.key.length === 1 && event.key !== ' ' && !preferences.characterKeys) return false;
  const bare = isAltGraph(event) || (!event.ctrlKey && !event.metaKey && !event.altKey);
  return bare && !isTyping(event) && !isModalOpen();
}

/** 0 for the key 1 … 8 for the key 9, by the physical key so that Alt and other layouts do not matter; null for others. */
export function digitOf(event: KeyboardEvent): number | null {
  // A number pad without NumLock sends arrows: these move, they do not label.
  const number = event.key.length === 1 && !isAltGraph(event) ? /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] : undefined;
  const digit = /^[1-9]$/.test(event.key) ? event.key : number;
  return digit === undefined ? null : Number(digit) - 1;
}
