import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './styles/tokens.css';
import './styles/components.css';
import './styles/domain.css';
import './styles/screens.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { theme } from './state/theme.svelte.ts';

theme.apply();
mount(App, { target: document.getElementById('app')! });
