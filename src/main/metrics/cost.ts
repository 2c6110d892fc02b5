/** What a request costs: the machine until its first token, and its share of keeping its caches. */

export interface Prices {
  readonly perHour: number
  readonly perGbMonth: number
  readonly requestsPerMonth: number
}

/** Examples, in no particular currency: a small rented machine, object storage. */
export const PRICES: Prices = { perHour: 0.1, perGbMonth: 0.023, requestsPerMonth: 10_000 }

export function costPerRequest(
  { responseSeconds, storedBytes }: { readonly responseSeconds: number; readonly storedBytes: number },
  { perHour, perGbMonth, requestsPerMonth }: Prices = PRICES,
): number {
  return (responseSeconds / 3600) * perHour + ((storedBytes / 1e9) * perGbMonth) / requestsPerMonth
}
