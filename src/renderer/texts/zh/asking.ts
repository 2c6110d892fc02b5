/** 提问页：提问之前的估算与推荐，之后的来源、复制与历史。 */
import type { Texts } from '../../strings'
import { count } from '../../ui/format'

export const dial: Texts['dial'] = {
  title: '质量与延迟',
  slider: '策略：从最快到最忠实',
  markExact: '一致',
  markCalibrated: '已校准',
  markUnknown: '未知',
  auto: '自动',
  autoWould: (strategy, why) => `将从“${strategy}”开始：${why}`,
  other: '其他写法',
  otherHint: '例如 blend:0.15:layer=2、reuse:bos',
  loading: '正在估算…',
  time: (time, isRough) => (isRough ? `大致 ${time}` : `约 ${time}`),
  timeUnknown: '尚不可知',
  firstToken: '首个词元',
  read: '读取缓存',
  computed: '计算量',
  computedOf: (tokens, all) => `${count(tokens)} / ${count(all)} 个词元`,
  fidelity: '相对上下文学习的保真度',
  exact: '完全一致',
  calibrated: (top1, kl) => `${top1} 的词元相同（KL ${kl}）`,
  notCalibrated: '未校准',
  noMatter: '有更快且同样忠实的策略',
  measured: (queries) => `时间依据此设备上的 ${count(queries)} 次提问。`,
  fromBuilds: (builds) => `此设备尚未回答过问题：时间依据 ${count(builds)} 次构建；读取时间未知。`,
  unmeasured: '此设备尚未回答过问题，无法估计时间。',
  calibratedOn: (questions, ofSet) =>
    `保真度由${ofSet ? '本知识集' : '该模型'}的另外 ${count(questions)} 个问题测得。`,
  uncalibrated: '此模型的保真度未校准：',
  calibrate: '立即校准',
  refused: '模型检查不允许以下策略：',
  check: '重新检查模型',
  started: (title) => `已开始：${title}`,
  position: (strategy, figures) => `${strategy}：${figures}`,
}

export const profiles: Texts['profiles'] = {
  label: '缓存',
  hint: '读取哪些缓存副本：最保真的，或仅某一档位的',
  best: '最佳缓存',
  only: (profile) => `仅 ${profile}`,
}

export const proposal: Texts['proposal'] = {
  propose: '推荐段落',
  title: '按问题搜索得到的段落',
  hint: '只询问勾选的段落。',
  tokens: (chunks, tokens) => `${count(chunks)} 段，${count(tokens)} 个词元`,
  none: '在所选内容中没有找到问题里的词。',
  searching: '正在搜索…',
  cancel: '询问全部所选内容',
  take: (place) => `询问 ${place}`,
  page: (page) => `第 ${count(page)} 页`,
}

export const conversation: Texts['conversation'] = {
  title: '对话',
  follow: (turns) => (turns === 1 ? '就此回答追问' : `就这 ${count(turns)} 轮对话追问`),
  followHint: '此前各轮会随下一个问题一起发送并参与计算。',
  fresh: '新对话',
  begun: '已开始新对话。',
  turn: (number) => `第 ${count(number)} 轮`,
}

export const sources: Texts['sources'] = {
  title: '答案来自哪里',
  show: '显示答案来源',
  hint: '重新组成上下文，并统计答案每个词元的注意力。',
  working: '正在统计注意力…',
  knowledge: (share) => `答案有 ${share} 的注意力落在知识上，其中：`,
  times: (ratio) => `长度占比的 ${ratio}`,
  token: (text, places) => `${text}：${places}`,
  words: '逐个词元',
  wordsHint: '指向答案中的词，或用方向键逐个查看。',
  caveat: '为除第一层外所有层、所有头的平均。模型看了哪里，并不证明它为何如此回答。',
  more: (rest) => `另有 ${count(rest)} 段占比更少`,
}

export const copying: Texts['copying'] = {
  menu: '复制为',
  command: '命令行',
  curl: 'curl',
  python: 'Python',
  copied: (form) => `已复制为${form}。`,
  copiedWithToken: (form) => `已复制为 ${form}，令牌取自 KVASIR_TOKEN。`,
  withoutHistory: '已复制为命令行，不含此前各轮。',
}

export const past: Texts['past'] = {
  knowledge: '知识',
  questions: '提问',
  tabs: '列表显示',
  none: '还没有向此知识集提过问。',
  older: '更早的提问',
  loading: '正在加载历史…',
  stopped: '已停止',
  figures: (strategy, time) => `${strategy} · ${time}`,
  hitRate: (share) => `复用 ${share}`,
  title: (id) => `提问 ${count(id)}`,
  asked: (time, set) => `${time} 向“${set}”提出`,
  askedRemoved: (time) => `${time} 向一个已移除的知识集提出`,
  again: '再问一次',
  back: '返回提问',
  onlyFigures: '此提问只保留了数据：它被中途停止，或早于最近 1,000 次提问。',
  link: '此提问的链接',
}

export const mend: Texts['mend'] = {
  title: '原因与补救',
  build: '构建缺失的缓存',
  again: '再问一次并保留缺失的缓存',
  reuse: '以“复用”再问一次',
  recode: (profile) => `将知识集编码为 ${profile}`,
  room: (bytes) => `将上限提高到 ${bytes} 并重新构建`,
  trash: '查看回收站',
  started: (title) => `已开始：${title}`,
  marked: (tokens) => `重新计算了 ${count(tokens)} 个词元，已在文本中标出。`,
  markedLegend: '重新计算',
}

export const askCommands: Texts['askCommands'] = {
  ask: '提问',
  compare: '与上下文学习比较',
  race: '用这个问题竞速',
  stop: '停止回答',
  focus: '输入问题',
  propose: '为问题推荐段落',
  fresh: '新对话',
  sources: '显示答案来源',
  again: '再问这个问题',
}
