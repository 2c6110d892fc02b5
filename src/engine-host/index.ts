/** The engine host's entry: `engine-host.js <addon> <library folders as JSON>`, started by the bridge. */
import { createCalls } from './calls'
import { openChannel } from './channel'
import { Host } from './host'
import { lazyNative, libraryFolder } from './native'

const [addon = '', folders = '[]'] = process.argv.slice(2)
const channel = openChannel()
// The native threads may be in the middle of a job, for which a normal exit would wait.
channel.onClose(() => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C in a terminal reaches this process too; what happens then is for the bridge to say.
process.on('SIGINT', () => undefined)
new Host(channel, createCalls(lazyNative(addon, libraryFolder.array().parse(JSON.parse(folders))))).start()
