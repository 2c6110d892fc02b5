import { totalmem } from 'node:os'
import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryBudget } from '../../src/main/engine/memory-budget'

function constrained(bytes: number): void {
  const spy = vi.spyOn(process, 'constrainedMemory').mockReturnValue(bytes)
  onTestFinished(() => spy.mockRestore())
}

test('a quarter of the memory there is, and no more than 4 GiB', () => {
  constrained(0)
  expect(memoryBudget()).toBe(Math.min(Math.floor(totalmem() / 4), 4 * 2 ** 30))
})

test('of a container: a quarter of what it may have', () => {
  constrained(2 ** 30)
  expect(memoryBudget()).toBe(2 ** 28)
  // Some systems tell a limit beyond any memory where there is none.
  constrained(2 ** 63)
  expect(memoryBudget()).toBe(Math.min(Math.floor(totalmem() / 4), 4 * 2 ** 30))
})
