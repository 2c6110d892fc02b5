/** The trash of the fake workbench: what is removed comes back where it was. */
import type { TrashItem } from '../../src/shared/trash'

type Facts = Pick<TrashItem, 'id' | 'kind' | 'name'> & Partial<TrashItem>

export class FakeTrash {
  readonly #lying: { readonly item: TrashItem; readonly putBack: () => void }[] = []
  #count = 0

  put(facts: Facts, putBack: () => void): void {
    const removedAt = new Date(Date.UTC(2025, 0, 31, 12, this.#count++)).toISOString()
    const expiresAt = new Date(Date.parse(removedAt) + 30 * 86_400_000).toISOString()
    this.#lying.push({ item: { source: null, set: null, count: 1, bytes: 1200, removedAt, expiresAt, ...facts }, putBack })
  }

  readonly api = {
    list: (): TrashItem[] => this.#lying.map(({ item }) => item).toReversed(),
    restore: async (ids: readonly string[]): Promise<void> => {
      for (const each of this.#take(ids)) each.putBack()
    },
    empty: async (ids?: readonly string[]): Promise<TrashItem[]> => this.#take(ids).map(({ item }) => item),
  }

  #take(ids?: readonly string[]) {
    const taken = this.#lying.filter(({ item }) => ids === undefined || ids.includes(item.id))
    for (const each of taken) this.#lying.splice(this.#lying.indexOf(each), 1)
    return taken
  }
}
