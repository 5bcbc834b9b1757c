import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

const features = ['account', 'customers', 'flows', 'inbox', 'knowledge', 'settings', 'tickets']

// A feature may use kit, client and shell; what two features share moves there.
const featureWalls = features.map((feature) => ({
  files: [`console/src/${feature}/**/*.{ts,vue}`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: features.filter((other) => other !== feature).map((other) => ({
        group: [`**/${other}/*`, `@/${other}/*`],
        message: 'A feature never imports another feature.',
      })),
    }],
  },
}))

export default ts.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'client/src/schema.d.ts'] },
  ...ts.configs.recommended,
  ...vue.configs['flat/essential'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      // The language server and vue-tsc check names far better.
      'no-undef': 'off',
      'vue/multi-word-component-names': 'off',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-v-html': 'error',
    },
  },
  {
    files: ['**/*.vue'],
    rules: { 'max-lines': ['error', { max: 300 }] },
  },
  {
    // What runs in a terminal says what it does there.
    files: ['**/scripts/**', 'e2e/**'],
    rules: { 'no-console': 'off' },
  },
  ...featureWalls,
)
