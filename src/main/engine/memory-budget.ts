/** How much memory decoded caches may take, where nobody says. */
import { totalmem } from 'node:os'

const SHARE = 0.25
const MOST_BYTES = 4 * 2 ** 30

/** A quarter of the machine's or the container's memory, at most 4 GiB. */
export function memoryBudget(): number {
  // 0 where nothing constrains the process.
  const total = Math.min(totalmem(), process.constrainedMemory() || Infinity)
  return Math.min(Math.floor(total * SHARE), MOST_BYTES)
}
