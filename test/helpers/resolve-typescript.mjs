// Lets plain Node run our sources in a child process: it strips types by itself, but wants file extensions.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context)
    } catch (error) {
      if (!specifier.startsWith('.') || error.code !== 'ERR_MODULE_NOT_FOUND') throw error
      return next(`${specifier}.ts`, context)
    }
  },
})
