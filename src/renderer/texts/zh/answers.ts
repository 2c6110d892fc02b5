/** 提问及其结果。 */
import type { Texts } from '../../strings'
import { count } from '../../ui/format'

export const ask: Texts['ask'] = {
  title: '提问',
  question: '问题',
  placeholder: '你想从所选文档中了解什么？',
  suggestions: '适合此知识集的问题',
  allSuggestions: (number) => `全部 ${count(number)} 个问题`,
  fewerSuggestions: '收起',
  strategy: '策略',
  ask: '提问',
  compare: '与上下文学习比较',
  race: '用它竞速',
  raceHint: '打开“竞速”，带上这个问题和所选内容：上下文学习对阵当前策略',
  stop: '停止',
  shortcuts: 'Ctrl+Enter 提问 · Esc 停止',
  nothingSelected: '没有选择任何内容：模型只根据问题作答。',
  selected: (chunks, cached) => `已选 ${count(chunks)} 个分块，其中 ${count(cached)} 个已缓存`,
  idleTitle: '还没有回答',
  idleHint: '提出问题后，回答会显示在这里，并说明复用了什么、计算了什么以及原因。',
  answer: '回答',
  waiting: '正在打开模型并规划…',
  computing: (done, total) => `正在计算 ${count(done)} / ${count(total)} 个词元…`,
  opening: '正在打开缓存…',
  streaming: '正在回答…',
  stopped: '已停止。已有的回答予以保留。',
  empty: '（模型没有输出任何内容。）',
  image: (alt) => `[图片：${alt || '未显示'}]`,
}

export const figures: Texts['figures'] = {
  title: '本次回答的数据',
  ttft: '首个词元时间',
  reused: '复用',
  computed: '计算',
  read: '读取',
  none: '–',
  ofTokens: (part, whole) => `${count(part)} / ${count(whole)} 个词元`,
  nothingSelected: '未选择内容',
  split: (knowledge, question) => `知识 ${count(knowledge)} · 问题 ${count(question)}`,
  splitAgain: (knowledge, again, question) =>
    [knowledge > 0 && `知识 ${count(knowledge)}`, `重算 ${count(again)}`, `问题 ${count(question)}`]
      .filter(Boolean)
      .join(' · '),
  decode: (speed) => `随后 ${speed} 词元/秒`,
  versus: (time) => `上下文学习 ${time}`,
  faster: (ratio) => `快 ${ratio}`,
  slower: (ratio) => `慢 ${ratio}`,
  even: () => '一样快',
  fromCaches: '来自缓存文件',
  fromMemory: (bytes) => `来自缓存文件，另有 ${bytes} 来自内存`,
}

export const compare: Texts['compare'] = {
  title: '同一问题的两种做法',
  full: '上下文学习',
  cache: '知识缓存',
  tokens: (tokens) => `计算了 ${count(tokens)} 个词元`,
  by: (strategy, text) => `${strategy}，${text}`,
  faster: (ratio) => `首个词元快 ${ratio}`,
  slower: (ratio) => `首个词元慢 ${ratio}`,
  even: () => '首个词元一样快',
  same: '两个回答逐字相同。',
  differ: '两个回答不同。',
  pending: '接下来运行',
  notRun: '未运行',
}

export const choice: Texts['choice'] = {
  title: '回答方式',
  earlierWhy: '由较早的版本选定',
  chosen: (strategy, why) => `选用了“${strategy}”：${why}。`,
  tried: (strategy, time, share, least) =>
    `先尝试了“${strategy}”（${time}）：首个词元的概率为 ${share}，低于要求的 ${least}。`,
  unchecked: (model) => `模型 ${model} 尚未检查能否混用缓存与新算的部分：kvasir models check ${model}`,
}

export const strip: Texts['strip'] = {
  title: '分块：复用了什么、计算了什么、原因何在',
  word: '分块',
  what: '：复用了什么、计算了什么、原因何在',
  none: '没有选择任何知识。',
  reused: '复用',
  isolated: '以较差的变体复用',
  computed: '计算',
  missed: '未命中',
  stale: '已过期',
  hit: (variant) => `复用：编码方式为${variant}`,
  poorerWhy: (variant, why) => `复用：编码方式为${variant}，因为${why}`,
  noOther: '提示的开头与众不同，或文档比上下文更长',
  byChoice: '该策略对所有分块都如此',
  again: '其中重新计算',
  andAgain: (tokens) => `其中 ${count(tokens)} 个重新计算`,
  place: (document, section) => (document === section ? document : `${document} › ${section}`),
  chunk: (place, tokens, outcome) => `${place} · ${count(tokens)} 个词元 · ${outcome}`,
  hint: '指向某个分块，或用方向键浏览，即可看到原因。',
  legend: (label, tokens) => `${label} ${count(tokens)} 个词元`,
}

export const waterfall: Texts['waterfall'] = {
  title: (time, share) => `到首个词元（概率 ${share}）的 ${time} 用在了哪里`,
  rest: '模型与启动',
  tried: (strategy) => `尝试${strategy}`,
  bar: (name, start, time) => `${name}：${time}，始于 ${start}`,
  shared: (time, whole) => `${time}（共 ${whole}）`,
}
