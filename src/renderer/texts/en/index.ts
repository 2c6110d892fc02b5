/** English: the texts that every other language has to have, too. One file per part of the page. */
import * as answers from './answers'
import * as asking from './asking'
import * as knowledge from './knowledge'
import * as library from './library'
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
  ...answers,
  race,
  ...asking,
  ...window,
}
