/** A writer for crash tests: commits one object after the other and tells its parent, until it is killed. */
import { writeFile } from 'node:fs/promises'
import { openStore } from '../../src/main/store/store'
import { cacheOf, objectOf } from './objects'

const [folder = '', prefix = ''] = process.argv.slice(2)
const store = await openStore(folder)
for (let number = 0; number < 10_000; number++) {
  const name = `${prefix}${number}`
  const { content, object } = objectOf(name, 20_000)
  const staged = store.stage()
  await writeFile(staged, content)
  await store.commit(staged, cacheOf(name), object)
  process.send?.({ name })
}
