/** What the core says in sentences: its own words. */
import { DETAILS } from '../../../shared/details'

export const details = DETAILS

/** Of a call to the system that failed. */
export function systemReason(_errno: string, why: string): string {
  return why
}
