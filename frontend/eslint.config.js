import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const NIIVUE = {
  group: ['@niivue/*', '**/viewer/niivue/**'],
  message: 'Only src/viewer/ touches NiiVue; use the ViewerPort.',
};
const PLOT = { group: ['@observablehq/*'], message: 'Only src/ui/chart.ts draws with Observable Plot.' };
const OTHER_SCREENS = {
  regex: 'screens/|^\\.\\./(?!\\.\\./)[^/]+/',
  message: 'Screens do not import each other; share through ui/, viewer/, sync/ or api/.',
};

const NO_CODEC = { '@typescript-eslint/no-extraneous-class': 'off' };

const restrict = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'tests/golden/'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: "AssignmentExpression[left.property.name='innerHTML']",
          message: 'Build elements; innerHTML lets data become markup.',
        },
      ],
    },
  },
  { files: ['src/**/*.ts'], rules: restrict(NIIVUE, PLOT) },
  { files: ['src/viewer/**/*.ts'], rules: restrict(PLOT) },
  { files: ['src/viewer/niivue/no-codec.ts'], rules: NO_CODEC },
  { files: ['src/ui/chart.ts'], rules: restrict(NIIVUE) },
  { files: ['src/screens/**/*.ts'], rules: restrict(NIIVUE, PLOT, OTHER_SCREENS) },
);
