import type { Texts } from '../../strings'

export const joins: Texts['joins'] = {
  between: '、',
  list: (parts) => parts.join('、'),
  groups: (parts) => parts.join('；'),
  clauses: (...parts) => parts.join('，'),
  of: (name, value) => `${name}：${value}`,
  aside: (what, more) => `${what}（${more}）`,
  sentence: (words) => `${words}。`,
  gap: '',
  quoted: (name) => `“${name}”`,
}
