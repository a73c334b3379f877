// Lint: typed rules for TypeScript and the layer table of docs/architecture.md, so that imports point one way.
import type { Linter } from 'eslint';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import hooks from 'eslint-plugin-react-hooks';
import prettier from 'eslint-config-prettier/flat';

/** What each layer may not import: folders below src/ (and workers/), then packages. */
const LAYERS: { files: string[]; folders: string[]; packages: string[] }[] = [
  {
    files: ['src/core/**'],
    folders: ['pipeline', 'runtime', 'storage', 'rpc', 'client', 'ui', 'workers'],
    packages: ['@huggingface/transformers', 'onnxruntime-web', 'idb', 'comlink', 'react', 'openai'],
  },
  {
    files: ['src/pipeline/**'],
    folders: ['runtime', 'storage', 'rpc', 'client', 'ui', 'workers'],
    packages: ['@huggingface/transformers', 'onnxruntime-web', 'idb', 'comlink', 'react', 'openai'],
  },
  {
    files: ['src/runtime/**'],
    folders: ['storage', 'rpc', 'client', 'ui', 'workers'],
    packages: ['idb', 'comlink', 'react'],
  },
  {
    files: ['src/storage/**'],
    folders: ['runtime', 'rpc', 'client', 'ui', 'workers'],
    packages: ['@huggingface/transformers', 'onnxruntime-web', 'comlink', 'react', 'openai'],
  },
  {
    files: ['src/rpc/**'],
    folders: ['runtime', 'storage', 'client', 'ui', 'workers'],
    packages: ['@huggingface/transformers', 'onnxruntime-web', 'idb', 'react', 'openai'],
  },
  { files: ['workers/**'], folders: ['client', 'ui'], packages: ['react', 'idb', 'openai'] },
  {
    files: ['src/client/**'],
    folders: ['runtime', 'storage', 'ui'],
    packages: ['@huggingface/transformers', 'onnxruntime-web', 'idb', 'openai'],
  },
  {
    files: ['src/ui/**'],
    folders: ['pipeline', 'runtime', 'storage', 'workers'],
    packages: ['@huggingface/transformers', 'onnxruntime-web', 'idb', 'comlink', 'openai'],
  },
];

export default defineConfig(
  {
    ignores: [
      'dist',
      'node_modules',
      'public',
      'training',
      'test-results',
      'playwright-report',
      'bench/out',
      'coverage',
      'src/core/ambient.d.ts',
    ],
  },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.{ts,tsx}'] })),
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/unified-signatures': 'off',
      'max-lines': ['error', { max: 400 }],
    },
  },
  { ...hooks.configs.flat.recommended, files: ['src/ui/**/*.{ts,tsx}'] },
  ...LAYERS.map(({ files, folders, packages }): Linter.Config => ({
    files: files.flatMap((glob) => [`${glob}/*.ts`, `${glob}/*.tsx`]),
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: `(^|/)(${folders.join('|')})/`, message: 'Imports point one way: see docs/architecture.md.' },
            {
              regex: `^(${packages.join('|')})(/|$)`,
              message: 'This package has its one home: see docs/architecture.md.',
            },
          ],
        },
      ],
    },
  })),
  prettier,
);
