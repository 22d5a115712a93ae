import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './styles/tokens.css';
import './styles/components.css';
import './styles/domain.css';
import './styles/screens.css';
import './styles/small.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { preferences } from './state/preferences.svelte.ts';

// The token did its work: the host has answered with a cookie, and an address with a token should not be passed on.
if (location.search) history.replaceState(null, '', location.pathname + location.hash);
preferences.apply();
void preferences.load();
mount(App, { target: document.getElementById('app')! });
