/** 简体中文. */
import type { Texts } from '../../strings'
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

export const texts: Texts = {
  product: 'Kvasir',
  retry: '重试',
  ...terms,
  ...shell,
  ...knowledge,
  ...library,
  ...jobs,
  ...models,
  ...imports,
  ...answers,
  inEnglish: '详情（英文）',
  ...details,
  joins,
  race,
  ...bench,
  ...caches,
  ...home,
  ...asking,
  ...window,
}
