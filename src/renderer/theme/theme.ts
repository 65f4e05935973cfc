/**
 * The look: a laboratory instrument. Slate greys, one blue accent, small type, square corners, tabular numerals.
 * Every pair of text and ground used here has a contrast of at least 4.5 : 1 (WCAG 2.2 AA).
 */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const slate: MantineColorsTuple = [
  '#f4f6f8',
  '#e8ecf0',
  '#d5dbe2',
  '#b9c2cc',
  '#97a3b0',
  '#76838f',
  '#586470',
  '#414c57',
  '#2b343d',
  '#1a2129',
];

const accent: MantineColorsTuple = [
  '#e9f2fa',
  '#d2e3f3',
  '#a7c8e7',
  '#79abda',
  '#5292cf',
  '#3a82c8',
  '#2568a8',
  '#1d568d',
  '#174772',
  '#0f3454',
];

const dark: MantineColorsTuple = [
  '#d7dde3',
  '#b8c2cc',
  '#a3aeb9',
  '#7a8792',
  '#44505b',
  '#35404a',
  '#232b33',
  '#1a2027',
  '#13181e',
  '#0d1115',
];

/** Support of the first proposition (manipulated): orange; of the second: blue. Both are told apart by everybody. */
const ember: MantineColorsTuple = [
  '#fff3e8',
  '#ffe3cb',
  '#fcc596',
  '#f5a25d',
  '#e98431',
  '#d56d16',
  '#b45309',
  '#8f4207',
  '#6f3305',
  '#4d2303',
];

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: 6,
  autoContrast: true,
  colors: { slate, accent, dark, ember, gray: slate },
  defaultRadius: 3,
  fontFamily: "Inter, 'Segoe UI', 'Helvetica Neue', 'Liberation Sans', Arial, system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono', 'Cascadia Mono', Consolas, 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.125rem', lineHeight: '1.4' },
      h2: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h3: { fontSize: '0.8125rem', lineHeight: '1.4' },
    },
  },
  spacing: { xs: '0.375rem', sm: '0.625rem', md: '0.875rem', lg: '1.25rem', xl: '1.75rem' },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs' } },
    // Hints stand below their fields, so that fields in one row stay in one line.
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] },
      vars: () => ({ description: { '--input-description-size': '0.6875rem' }, label: {}, error: {} }),
    },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', comboboxProps: { shadow: 'md' } } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    TagsInput: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Badge: { defaultProps: { size: 'sm', variant: 'light', radius: 2, tt: 'none', fw: 500 } },
    Table: { defaultProps: { verticalSpacing: 4, horizontalSpacing: 8, fz: 'sm', borderColor: 'var(--vidimus-line)' } },
    Modal: {
      defaultProps: {
        centered: false,
        yOffset: '8vh',
        transitionProps: { duration: 80 },
        overlayProps: { backgroundOpacity: 0.35 },
      },
    },
    Drawer: { defaultProps: { transitionProps: { duration: 80 }, overlayProps: { backgroundOpacity: 0.25 } } },
    Tooltip: { defaultProps: { openDelay: 400, fz: 'xs', withArrow: false } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Tabs: {
      defaultProps: { keepMounted: false },
      styles: { tab: { padding: '7px 9px', fontSize: 'var(--mantine-font-size-sm)' } },
    },
  },
});

/** Colours that Mantine derives too pale for small text. */
export const variables: CSSVariablesResolver = () => ({
  variables: {
    '--vidimus-row': '34px',
    '--mantine-line-height': '1.45',
  },
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#1a2129',
    '--mantine-color-dimmed': '#56616c',
    '--mantine-color-placeholder': '#66727e',
    '--mantine-color-default-border': '#c6ced6',
    '--mantine-color-error': '#a3261b',
    '--vidimus-ground': '#f4f6f8',
    '--vidimus-panel': '#ffffff',
    '--vidimus-line': '#d9dfe5',
    '--vidimus-strong-line': '#b9c2cc',
    '--vidimus-hover': '#edf1f5',
    '--vidimus-selected': '#dbe9f6',
    '--vidimus-accent-text': '#1d568d',
    '--vidimus-h1': '#a84a05',
    '--vidimus-h1-fill': '#d56d16',
    '--vidimus-h2': '#1d568d',
    '--vidimus-h2-fill': '#3a82c8',
    '--vidimus-undecided': '#56616c',
    '--vidimus-undecided-fill': '#97a3b0',
    '--vidimus-alarm': '#a3261b',
    '--vidimus-alarm-ground': '#fcefed',
    '--vidimus-warning': '#7a4a00',
    '--vidimus-warning-ground': '#fff5e0',
    '--vidimus-good': '#1f6b4f',
    '--vidimus-good-ground': '#eaf5f0',
  },
  dark: {
    '--mantine-color-body': '#13181e',
    '--mantine-color-text': '#dde3e9',
    '--mantine-color-dimmed': '#a3aeb9',
    '--mantine-color-placeholder': '#8a96a2',
    '--mantine-color-default': '#1a2027',
    '--mantine-color-default-hover': '#232b33',
    '--mantine-color-default-border': '#3c4853',
    '--mantine-color-error': '#ff9c8f',
    '--vidimus-ground': '#0f1318',
    '--vidimus-panel': '#161c22',
    '--vidimus-line': '#2a333c',
    '--vidimus-strong-line': '#44505b',
    '--vidimus-hover': '#1e262e',
    '--vidimus-selected': '#1b3550',
    '--vidimus-accent-text': '#8fbfec',
    '--vidimus-h1': '#f5a25d',
    '--vidimus-h1-fill': '#e98431',
    '--vidimus-h2': '#8fbfec',
    '--vidimus-h2-fill': '#5292cf',
    '--vidimus-undecided': '#a3aeb9',
    '--vidimus-undecided-fill': '#586470',
    '--vidimus-alarm': '#ff9c8f',
    '--vidimus-alarm-ground': '#33191a',
    '--vidimus-warning': '#f2c36b',
    '--vidimus-warning-ground': '#2e2413',
    '--vidimus-good': '#7fd1b0',
    '--vidimus-good-ground': '#14291f',
  },
});
