/** Mantine's widgets in the page's own colours and density. */
import { createTheme, SegmentedControl, type CSSVariablesResolver } from '@mantine/core'

export const theme = createTheme({
  fontFamily: "Inter, system-ui, 'Noto Sans CJK SC', sans-serif",
  fontSizes: { xs: '12px', sm: '12.5px', md: '13px' },
  headings: { fontWeight: '600' },
  defaultRadius: 5,
  // From text to the deepest ground: the dark values of tokens.css where Mantine reads its palette directly.
  colors: {
    dark: [
      '#e6e7e9',
      '#c4c7cc',
      '#a0a5ad',
      '#737a84',
      '#3a4047',
      '#2c3036',
      '#1d2024',
      '#1d2024',
      '#16181b',
      '#101214',
    ],
  },
  cursorType: 'pointer',
  components: { SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'xs' } }) },
})

const ours = {
  '--mantine-color-body': 'var(--panel)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--dim)',
  '--mantine-color-placeholder': 'var(--dim)',
  '--mantine-color-default': 'var(--panel)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-hover': 'var(--soft)',
  '--mantine-color-default-border': 'var(--line)',
  '--mantine-primary-color-filled': 'var(--accent)',
  '--mantine-color-error': 'var(--miss-text)',
}

/** The same names in both themes: tokens.css has the two values. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({ variables: {}, light: ours, dark: ours })

/** The nonce that the server put into the page: Mantine's own style element carries it. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? ''
}
