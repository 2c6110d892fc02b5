/** What a request costs: the machine until its first token, and its share of keeping its caches. */
import { BENCH_DEFAULTS } from '../../shared/bench'

export interface Prices {
  readonly perHour: number
  readonly perGbMonth: number
  readonly requestsPerMonth: number
}

const { priceHour, priceGbMonth, requestsMonth } = BENCH_DEFAULTS.table1
export const PRICES: Prices = { perHour: priceHour, perGbMonth: priceGbMonth, requestsPerMonth: requestsMonth }

export function costPerRequest(
  { responseSeconds, storedBytes }: { readonly responseSeconds: number; readonly storedBytes: number },
  { perHour, perGbMonth, requestsPerMonth }: Prices = PRICES,
): number {
  return (responseSeconds / 3600) * perHour + ((storedBytes / 1e9) * perGbMonth) / requestsPerMonth
}
