/** 简体中文. */
import type { Texts } from '../../strings'
import * as answers from './answers'
import * as asking from './asking'
import * as knowledge from './knowledge'
import * as library from './library'
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
  ...answers,
  race,
  ...asking,
  ...window,
}
