/** 核心所用名称的说法：策略、状态、原因、阶段、错误。 */
import type { Texts } from '../../strings'

export const strategies: Texts['strategies'] = {
  reuse: { label: '复用', text: '每个分块都取自缓存，采用选择范围内最好的变体；只计算问题本身。' },
  link: { label: '衔接', text: '复用缓存，并在原位重新计算每个分块开头的若干词元，让分块彼此衔接。' },
  score: { label: '评分', text: '复用缓存，并重新计算缓存时最依赖前文的词元。' },
  mix: { label: '混合', text: '复用缓存，并重新计算每个分块的开头以及最依赖其他内容的词元。' },
  blend: { label: '融合', text: '复用缓存，并重新计算靠前一层发现受前文影响最大的词元。' },
  oracle: { label: '理想对照', text: '对照：重新计算完整预填充显示变化最大的词元，比上下文学习更慢。' },
  random: { label: '随机对照', text: '对照：重新计算随机抽取的词元。' },
  auto: { label: '自动', text: '选用对该模型足够忠实的最省策略；首个词不够确定时多算一些。' },
  prefix: { label: '前缀', text: '从开头起最长的一段已缓存分块；第一个缺口之后全部重新计算。' },
  full: { label: '上下文学习', text: '不用任何缓存：像普通提示一样重新计算全部文本。' },
}

export const isolated: Texts['isolated'] = {
  label: '孤立',
  with: (label) => `${label}（孤立）`,
  text: '每个分块都取自单独编码的缓存。跨分块的事实可能丢失，仅供比较。',
}

export const missReasons: Texts['missReasons'] = {
  strategy: '已计算：该策略会计算全部内容',
  'never-built': '未命中：从未构建过它的缓存。构建知识集后下次即可复用',
  'edited-text': '未命中：构建缓存之后文本有改动。请重新构建知识集',
  'other-model': '未命中：它的缓存属于另一个模型。请为此模型构建知识集',
  'other-context': '未命中：构建缓存时前面的文本与本次提问不同',
  'not-in-prefix': '已计算：它位于第一个没有精确缓存的分块之后',
  damaged: '未命中：它的缓存已损坏并被隔离。请重新构建知识集',
  evicted: '未命中：它的缓存因腾出空间而被清除。请重新构建，或提高配额',
  removed: '未命中：它的缓存已被手动移除或清理。若仍在回收站中可以还原，否则请重新构建知识集',
  'other-profile': '未命中：它只有其他档位的缓存。请按此档位编码，或允许任意档位',
}

export const poorerReasons: Texts['poorerReasons'] = {
  'no-document': '没有“接在本文档之后”的变体缓存：此变体不了解它前面的内容',
  'no-tail': '还没有“接在所选部分之后”的变体缓存：此变体不了解这些部分',
  'no-bos': '没有孤立变体的缓存：此变体只在提示开头之后计算',
  'no-document-nor-bos': '接在本文档之后的变体和孤立变体都没有缓存',
  'no-tail-nor-bos': '接在所选部分之后的变体和孤立变体都没有缓存',
}

export const variants: Texts['variants'] = {
  document: '接在本文档前面的分块之后',
  prefix: '接在提示开头之后',
  tail: '接在本文档所选部分之后',
  bos: '单独',
}

export const states: Texts['states'] = {
  cached: '已缓存',
  partly: '部分缓存',
  building: '构建中',
  stale: '已过期',
  missing: '未缓存',
  damaged: '已损坏',
}

export const stages: Texts['stages'] = {
  plan: '规划',
  load: '读取缓存',
  compute: '计算',
  'first-token': '首个词元',
}

export const engineStates: Texts['engineStates'] = {
  off: '引擎空闲',
  starting: '引擎启动中…',
  ready: '引擎就绪',
  busy: '引擎忙碌',
  restarting: '引擎重启中…',
}

export const jobStatus: Texts['jobStatus'] = {
  waiting: '等待中',
  running: '进行中',
  done: '已完成',
  failed: '失败',
  cancelled: '已取消',
  paused: '已暂停',
}

export const stateMeanings: Texts['stateMeanings'] = {
  cached: '可以直接复用',
  partly: '只有一部分，或只有较差的变体',
  building: '任务正在计算',
  stale: '之后文本有改动',
  missing: '提问时计算',
  damaged: '已移到一旁，重新构建即可恢复',
}

export const errorTitles: Texts['errorTitles'] = {
  'argument.invalid': '请求不符合要求',
  'not-found': '已不存在',
  conflict: '已被占用',
  cancelled: '已取消',
  'file.unreadable': '文件无法读取',
  'document.unsupported': '暂不支持导入这类文件',
  'document.invalid': '此文档无法导入',
  'model.unreadable': '模型无法读取',
  'model.damaged': '模型文件已损坏',
  'model.unsupported': '不支持此模型',
  'model.gate-failed': '此模型不可融合',
  'object.unreadable': '缓存文件无法读取',
  'object.damaged': '缓存文件已损坏',
  'object.mismatch': '缓存不匹配',
  'store.damaged': '存储库已损坏',
  'store.full': '磁盘已满',
  'engine.no-library': '缺少引擎所需的库',
  'engine.memory': '内存不足',
  'engine.context-too-long': '文本超出此模型的上限',
  'engine.died': '引擎已停止，正在重启',
  'engine.failed': '引擎报告了故障',
  internal: '出现了问题',
}
