import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import config from './svelte.config.js';

export default ts.config(
  { ignores: ['dist', 'src/bindings'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig: config } },
  },
  {
    files: ['src/**/*.{ts,svelte}'],
    ignores: ['src/host/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@tauri-apps/*'], message: 'Only src/host talks to the core.' }] },
      ],
    },
  },
  {
    rules: {
      // State is replaced as a whole here; the sets and maps in between are plain ones on purpose.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    // The one place where the core's HTML becomes part of the page.
    files: ['src/thread/Html.svelte'],
    rules: { 'svelte/no-at-html-tags': 'off' },
  },
);
