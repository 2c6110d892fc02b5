/** Preferences: JSON by name, kept by the workbench so that they outlive windows, ports and restarts. */
import { z } from 'zod'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export const preferenceName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9.-]{0,99}$/, { message: 'Expected a name such as "theme" or "selection.set1"' })
export const preferenceValue: z.ZodType<Json> = z.json()

export const MAX_PREFERENCE_CHARS = 2_000_000
export const MAX_PREFERENCES = 5000
