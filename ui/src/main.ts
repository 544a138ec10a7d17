import { mount } from 'svelte';
import App from './App.svelte';
import { appPainted } from './host/commands';
import { isQuick } from './host/place';
import { guard } from './lib/guard';
import Quick from './quick/Quick.svelte';
import './styles/index.css';

guard(window);
const target = document.getElementById('app');
if (target) mount(isQuick() ? Quick : App, { target });
// The first of two frames asks for a picture, the second comes after it.
requestAnimationFrame(() => requestAnimationFrame(() => void appPainted().catch(() => undefined)));
