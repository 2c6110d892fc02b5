/** The engine host's entry: `engine-host.js <addon> <library folders as JSON> <bytes of memory>`, started by the bridge. */
import { createCalls } from './calls'
import { openChannel } from './channel'
import { Host } from './host'
import { LazyNative, libraryFolder } from './native'

const [file = '', folders = '[]', memoryBytes = '0'] = process.argv.slice(2)
const channel = openChannel()
// The native threads may be in the middle of a job, for which a normal exit would wait.
channel.onClose(() => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C in a terminal reaches this process too; what happens then is for the bridge to say.
process.on('SIGINT', () => undefined)
const native = new LazyNative({
  file,
  folders: libraryFolder.array().parse(JSON.parse(folders)),
  memoryBytes: Number(memoryBytes),
})
new Host(channel, createCalls(() => native.open()), () => native.memory()).start()
