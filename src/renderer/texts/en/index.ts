/** English: the texts that every other language has to have, too. One file per part of the page. */
import * as answers from './answers'
import * as jobs from './jobs'
import * as imports from './imports'
import * as caches from './caches'
import * as asking from './asking'
import * as bench from './bench'
import * as home from './home'
import * as knowledge from './knowledge'
import * as library from './library'
import * as models from './models'
import * as details from './details'
import { joins } from './joins'
import { race } from './race'
import * as shell from './shell'
import * as terms from './terms'
import * as window from './window'

export const texts = {
  product: 'Kvasir',
  retry: 'Try again',
  ...terms,
  ...shell,
  ...knowledge,
  ...library,
  ...jobs,
  ...models,
  ...imports,
  ...answers,
  inEnglish: 'Details (English)',
  ...details,
  joins,
  race,
  ...bench,
  ...caches,
  ...home,
  ...asking,
  ...window,
}
