#!/usr/bin/env node
// The `kvasir` command: right Node, built code, then the command line itself.
import { ensureNode } from '../scripts/node-version.mjs'

ensureNode()
const { ensureBuilt } = await import('../scripts/build.mjs')
ensureBuilt()
await import('../out/main/cli.js')
