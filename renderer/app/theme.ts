import {
  Checkbox,
  createTheme,
  type CSSVariablesResolver,
  DEFAULT_THEME,
  type MantineColorsTuple,
  SegmentedControl,
  Tooltip,
} from '@mantine/core';

/**
 * Colours that hold WCAG AA in light and dark. In every palette shades 6 to 9 reach 4.5:1 on white, and shade 9 reaches it on
 * shade 2 (the "light" variant under the pointer). test/e2e/accessibility.spec.ts is the permanent gate.
 */
const channels = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = channels(hex).map((value) => {
    const c = value / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function darkened(hex: string, on: string, atLeast: number): string {
  let colour = hex;
  while (contrast(colour, on) < atLeast) {
    colour = `#${channels(colour)
      .map((value) =>
        Math.max(0, Math.floor(value * 0.97))
          .toString(16)
          .padStart(2, '0'),
      )
      .join('')}`;
  }
  return colour;
}

function readable(palette: readonly string[]): MantineColorsTuple {
  const shades = [...palette];
  const floors = [4.6, 5.2, 5.9, 6.6];
  for (const [i, floor] of floors.entries()) shades[6 + i] = darkened(shades[6 + i] as string, '#ffffff', floor);
  shades[9] = darkened(shades[9] as string, shades[2] as string, 4.6);
  // As many shades as came in: spreading a tuple makes a plain list of it.
  return shades as unknown as MantineColorsTuple;
}

/** The accent: a calm evergreen, used for what can be acted on and for what is chosen, and for nothing else. */
const evergreen: MantineColorsTuple = [
  '#eef7f4',
  '#dcece7',
  '#bbdbd2',
  '#94c8bb',
  '#6fb5a5',
  '#4ea292',
  '#2a7f70',
  '#1f6f62',
  '#175c51',
  '#0f4a41',
];
/** Greys with a little of the accent in them, so that surfaces and text belong together. */
const slate: MantineColorsTuple = [
  '#f7f9f8',
  '#eff2f1',
  '#e2e7e6',
  '#d0d7d5',
  '#b3bdbb',
  '#8b9795',
  '#626e6c',
  '#4d5957',
  '#37423f',
  '#232c2a',
];
const night: MantineColorsTuple = [
  '#dfe6e4',
  '#c3cdca',
  '#a4b0ad',
  '#7f8c89',
  '#48534f',
  '#37413e',
  '#29322f',
  '#1b2220',
  '#151b19',
  '#0f1413',
];

const colors = {
  ...Object.fromEntries(Object.entries(DEFAULT_THEME.colors).map(([name, palette]) => [name, readable(palette)])),
  evergreen: readable(evergreen),
  gray: slate,
  dark: night,
};

/** A plain scrolling list, which follows the choice that the arrows move: Mantine's own scroll area cannot. */
const combo = {
  withScrollArea: false,
  styles: { options: { maxHeight: 260, overflowY: 'auto' } },
};
const defaults = (defaultProps: object) => ({ defaultProps });

export const theme = createTheme({
  colors,
  primaryColor: 'evergreen',
  primaryShade: { light: 7, dark: 4 },
  black: '#1a2321',
  autoContrast: true,
  luminanceThreshold: 0.179,
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    '"Segoe UI Variable Text", "Segoe UI", -apple-system, BlinkMacSystemFont, "SF Pro Text", Inter, Cantarell, "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.25rem', lineHeight: '1.3' },
      h2: { fontSize: '1.125rem', lineHeight: '1.3' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  components: {
    Menu: defaults({ withInitialFocusPlaceholder: false, shadow: 'md', transitionProps: { duration: 80 } }),
    Popover: defaults({ shadow: 'md', transitionProps: { duration: 80 } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 400, transitionProps: { duration: 80 }, events: { hover: true, focus: true, touch: false } },
      styles: {
        tooltip: {
          padding: '4px 8px',
          border: '1px solid var(--fb-line-strong)',
          background: 'var(--fb-surface)',
          boxShadow: 'var(--mantine-shadow-sm)',
          color: 'var(--mantine-color-text)',
          fontSize: 'var(--mantine-font-size-sm)',
        },
      },
    }),
    SegmentedControl: SegmentedControl.extend({
      styles: { root: { border: '1px solid var(--fb-line-strong)', background: 'var(--fb-raised)' } },
    }),
    Select: defaults(combo),
    Autocomplete: defaults(combo),
    TagsInput: defaults(combo),
    MultiSelect: defaults(combo),
    Modal: defaults({
      closeButtonProps: { 'aria-label': 'Close' },
      transitionProps: { duration: 100 },
      overlayProps: { backgroundOpacity: 0.35 },
    }),
    Notification: defaults({ closeButtonProps: { 'aria-label': 'Close message' } }),
    CloseButton: defaults({ 'aria-label': 'Clear' }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'sm' } }),
    TextInput: defaults({ size: 'sm' }),
    Button: defaults({ size: 'sm' }),
  },
});

export const resolver: CSSVariablesResolver = (resolved) => ({
  variables: {},
  light: {
    '--mantine-color-placeholder': slate[6] as string,
    '--mantine-color-dimmed': slate[7] as string,
    '--mantine-color-default-border': slate[4] as string,
    '--mantine-color-error': (resolved.colors.red as MantineColorsTuple)[8],
    '--fb-frame': slate[1] as string,
    '--fb-surface': '#ffffff',
    '--fb-raised': slate[0] as string,
    '--fb-line': slate[2] as string,
    '--fb-line-strong': slate[3] as string,
    '--fb-hover': '#f0f4f3',
    '--fb-chosen': '#e0efea',
    '--fb-chosen-hover': '#d5e9e2',
    '--fb-dim': slate[7] as string,
    '--fb-accent': evergreen[7] as string,
    '--fb-focus': '#1f6f62',
    '--fb-danger': (resolved.colors.red as MantineColorsTuple)[8],
    '--fb-warning-text': '#8a4b00',
    '--fb-star': '#c27c0e',
    '--fb-skeleton': slate[2] as string,
  },
  dark: {
    ...Object.fromEntries(
      Object.keys(resolved.colors)
        .filter((name) => name !== 'dark')
        .map((name) => [`--mantine-color-${name}-6`, (resolved.colors[name] as MantineColorsTuple)[4]]),
    ),
    // Text on a filled button is chosen once for both schemes: white. What is filled must carry it in the dark too.
    '--mantine-color-evergreen-filled': evergreen[6] as string,
    '--mantine-color-evergreen-filled-hover': evergreen[7] as string,
    '--mantine-color-red-filled': (resolved.colors.red as MantineColorsTuple)[7],
    '--mantine-color-red-filled-hover': (resolved.colors.red as MantineColorsTuple)[8],
    '--mantine-color-body': night[8] as string,
    '--mantine-color-error': (resolved.colors.red as MantineColorsTuple)[4],
    '--mantine-color-dimmed': '#a4b0ad',
    '--mantine-color-placeholder': '#93a09d',
    '--mantine-color-anchor': evergreen[3] as string,
    '--mantine-color-default': night[7] as string,
    '--mantine-color-default-hover': night[6] as string,
    '--mantine-color-default-border': night[4] as string,
    '--fb-frame': night[9] as string,
    '--fb-surface': night[8] as string,
    '--fb-raised': night[7] as string,
    '--fb-line': '#262e2c',
    '--fb-line-strong': night[5] as string,
    '--fb-hover': '#1d2422',
    '--fb-chosen': '#1d3530',
    '--fb-chosen-hover': '#22403a',
    '--fb-dim': '#a4b0ad',
    '--fb-accent': evergreen[4] as string,
    '--fb-focus': evergreen[3] as string,
    '--fb-danger': (resolved.colors.red as MantineColorsTuple)[4],
    '--fb-warning-text': '#f0b45b',
    '--fb-star': '#f0b45b',
    '--fb-skeleton': night[6] as string,
  },
});
