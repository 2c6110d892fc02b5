/** 缓存：列表、单个缓存、复用情况、清理。 */
import type { ContextKind } from '../../../shared/knowledge'
import type { CacheFront, CachePlaneName } from '../../../shared/upkeep'
import type { Tier } from '../../../shared/hits'
import { count } from '../../ui/format'

export const grid = {
  chosen: '已选',
  sortBy: (title: string) => `按${title}排序`,
}

const caches = (number: number): string => `${count(number)} 个缓存`

export const cachePage = {
  parts: '本页各部分',
  all: '全部缓存',
  reuse: '复用',
  clean: '清理',
}

export const variantNames: Record<ContextKind, string> = {
  bos: '单独',
  prefix: '接在开头之后',
  document: '接在文档之后',
  tail: '接在所选部分之后',
}

export const cacheList = {
  label: '缓存',
  filters: '条件',
  set: '知识集',
  anySet: '所有知识集',
  title: '文档标题',
  variant: '变体',
  anyVariant: '任意变体',
  profile: '保存形式',
  anyProfile: '任意形式',
  state: '状态',
  states: {
    any: '任意状态',
    pinned: '已固定',
    unused: '30 天未使用',
    damaged: '已损坏',
    duplicates: '有多种形式',
    unreferenced: '不属于任何文档',
  },
  clear: '清除条件',
  columns: {
    document: '文档 › 章节',
    variant: '变体',
    profiles: '保存形式',
    tokens: '词元数',
    size: '大小',
    hits: '使用次数',
    compute: '计算耗时',
    use: '最近使用',
    state: '状态',
  },
  nowhere: '目前没有文档含有此文本',
  morePlaces: (number: number) => `另有 ${count(number)} 处`,
  never: '从未',
  pinned: '已固定',
  damaged: '已损坏',
  inMemory: '在内存中',
  total: (number: number, bytes: string) => `${caches(number)}，${bytes}`,
  chosen: (number: number) => `已选 ${count(number)} 个`,
  chooseAll: (number: number) => `选择全部 ${count(number)} 个`,
  chooseNone: '取消选择',
  empty: '还没有缓存',
  emptyHint: '构建一个知识集：每个分块只计算一次，之后的每个问题都会复用它。',
  emptyAction: '去提问',
  nothing: '没有符合的缓存',
  nothingHint: '没有缓存同时满足所有条件。',
  open: '打开',
  compare: '比较',
  verify: '校验',
  pin: '固定',
  unpin: '取消固定',
  evict: '移除',
  rebuild: '重建',
  recode: '重新编码',
  recodeAs: (profile: string) => `重新编码为 ${profile}`,
  commands: {
    verify: '校验所选缓存',
    pin: '固定所选缓存',
    unpin: '取消固定所选缓存',
    evict: '移除所选缓存',
    rebuild: '从文本重建所选缓存',
    all: '选择所有符合条件的缓存',
    filter: '查找某文档的缓存',
  },
  pinnedNow: (number: number) => `已固定 ${caches(number)}`,
  unpinnedNow: (number: number) => `已取消固定 ${caches(number)}`,
  evicted: (number: number, bytes: string) => `${caches(number)}（${bytes}）已移到回收站`,
  pinnedStay: (number: number) => `${count(number)} 个已固定的保留不动。要移除请先取消固定。`,
}

export const cacheFacts = {
  back: '全部缓存',
  title: '缓存',
  facts: '信息',
  key: '键',
  model: '模型',
  unknownModel: '这里没有的模型',
  variant: '变体',
  tokens: '词元数',
  computed: '计算',
  computedIn: (when: string, time: string) => `${when}，耗时 ${time}`,
  used: '使用',
  uses: (number: number, when: string) => `${count(number)} 次，最近 ${when}`,
  inMemory: '在引擎内存中',
  notInMemory: '否',
  copies: '副本',
  madeAt: (when: string) => `生成于 ${when}`,
  codebook: (digest: string) => `编码本 ${digest}`,
  exact: '精确',
  setAside: (profile: string) => `${profile} 已损坏并隔离`,
  stands: '所在位置',
  stoodLast: '目前没有文档含有其文本。',
  variants: '相同文本，其他上下文',
  compareWith: (what: string) => `与 ${what} 比较`,
  usedBy: '服务过的问题',
  notUsed: '最近 2,000 个问题中没有。',
  text: '文本',
  front: (front: CacheFront): string => {
    switch (front.kind) {
      case 'bos':
        return '单独计算'
      case 'prefix':
        return `接在提示开头之后，${count(front.tokens)} 个词元`
      case 'document':
        return `接在文档的 ${count(front.chunks.length)} 个分块之后，${count(front.tokens)} 个词元`
      case 'unknown':
        return '接在目前没有文档以之开头的内容之后'
    }
  },
  frontTitle: '上下文',
  endComparison: '结束比较',
}

export const planeNames: Record<CachePlaneName, string> = {
  keyNorms: 'K 范数',
  valueNorms: 'V 范数',
  keyDeviations: 'K 偏差',
  valueDeviations: 'V 偏差',
  attention: '获得的注意力',
  questionAttention: '问题的注意力',
}

export const planeHints: Record<CachePlaneName, string> = {
  keyNorms: '每个词元的键的长度，逐层显示。',
  valueNorms: '每个词元的值的长度，逐层显示。',
  keyDeviations: '每个键与其文本现处位置的完整预填充相差多少，占该键长度的比例。',
  valueDeviations: '每个值与其文本现处位置的完整预填充相差多少，占该值长度的比例。',
  attention: '分块中后面的词元平均给予每个词元的注意力，各头取平均。',
  questionAttention: '问题的词元平均给予每个词元的注意力，各头取平均。',
}

export const drawing = {
  measure: '度量',
  question: '问题',
  questionHint: '输入问题，看它关注哪里',
  ask: '查看',
  draw: '绘制此缓存',
  drawHint: (tokens: number) => `按完整预填充计算 ${count(tokens)} 个词元以作比较。`,
  drawing: '正在计算完整预填充以作比较…',
  title: (measure: string) => `各层各词元的${measure}`,
  layers: '层',
  tokens: '词元',
  commonScale: (least: string, most: string) => `两幅图使用同一标度：${least} 至 ${most}。`,
  difference: (measure: string) => `${measure}，第二个减第一个`,
  differenceHint: '橙色：第二个更大；蓝色：更小。',
  map: (measure: string) =>
    `各层各词元的${measure}。方向键移动，Shift 加方向键标记词元，Enter 放大，Esc 显示全部。`,
  place: (layer: number, token: number, text: string, value: string) => `第 ${layer} 层，词元 ${token}“${text}”：${value}`,
  range: (from: number, to: number) => `词元 ${count(from)} 至 ${count(to)}`,
  zoom: '放大到这里',
  whole: '显示全部词元',
  cells: (number: number) => `每列是 ${count(number)} 个词元的平均值；放大可分开显示`,
  against: (node: string, tokens: number, profile: string) =>
    `${profile} 副本，与 ${node} 处 ${count(tokens)} 个词元之后的完整预填充比较`,
  columns: { layer: '层', token: '词元', text: '文本' },
  textTitle: '文本，按各层平均值着色',
}

export const tiers: Record<Tier, string> = {
  memory: '内存',
  disk: '磁盘',
  recomputed: '重新计算',
  missed: '计算',
}

export const reuse = {
  set: '知识集',
  allSets: '所有知识集',
  since: '时间',
  spans: { day: '24 小时', week: '7 天', month: '30 天', all: '全部' },
  rate: (rate: string, queries: number) => `${count(queries)} 个问题的命中率 ${rate}`,
  tokens: (reused: string, again: string, missed: string) => `复用 ${reused} 个词元，重新计算 ${again} 个，计算 ${missed} 个`,
  tierChart: '知识词元的来源',
  setChart: '各知识集的命中率',
  documentChart: '各文档的命中率',
  leftOut: (number: number) => `另有 ${count(number)} 个词元较少`,
  removed: (name: string) => `${name}（已移除）`,
  time: '时间',
  tokensOf: (name: string) => `${name}，词元数`,
  empty: '这段时间没有提问',
  emptyHint: '提一个问题：它复用了什么、又不得不计算什么，都会统计在这里。',
  emptyAction: '提问',
  why: '未复用的原因，词元多的在前',
  whyColumns: { reason: '原因', times: '分块', tokens: '词元', share: '占比', mend: '如何改善' },
  kinds: { poorer: '已复用，但较差', recomputed: '重新计算' },
  again: '策略为了更好的回答在原处重新计算它们',
  everything: '全部以最佳变体复用。',
  mend: {
    build: '构建知识集',
    buildAll: '构建所有知识集',
    rebuild: '重建损坏的缓存',
    quota: '查看容量上限',
    trash: '查看回收站',
    recode: '选择要重新编码的缓存',
    strategy: '选择策略',
  },
}

export const cleaning = {
  quota: '缓存空间',
  used: (used: string, quota: string) => `${used}，上限 ${quota}`,
  noQuota: (used: string) => `${used}，无上限`,
  trash: (bytes: string) => `回收站中另有 ${bytes}`,
  limit: '上限（GB）',
  setLimit: '设置上限',
  noLimit: '不设上限',
  limitSet: (limit: string) => `缓存上限：${limit}`,
  limitGone: '缓存不设上限',
  choose: '可以清理的内容',
  set: '知识集',
  anySet: '所有知识集',
  profile: '保存形式',
  anyProfile: '任意形式',
  unused: '未使用天数',
  unreferenced: '仅限没有文档含有的文本',
  duplicates: '仅限另有副本保留的',
  bytes: '最多（GB）',
  needsCondition: '请设置条件：没有条件就会清理全部。',
  preview: '将被清理的内容，越有价值越靠后',
  nothing: '没有符合条件的内容。',
  frees: (copies: number, bytes: string) => `释放 ${bytes}：${count(copies)} 个文件`,
  lost: (number: number, time: string) => (number === 0 ? '每个都另有副本。' : `将失去 ${caches(number)}；重新计算约需 ${time}。`),
  shown: (shown: number, all: number) => `显示 ${count(all)} 个中的前 ${count(shown)} 个。`,
  stays: '另有副本保留',
  goes: '不再保留',
  columns: { document: '文档 › 章节', profile: '保存形式', size: '大小', use: '最近使用', hits: '使用次数', stays: '清理之后' },
  clean: '移到回收站',
  cleaned: (copies: number, bytes: string) => `${count(copies)} 个文件（${bytes}）已移到回收站`,
  bin: '回收站',
  binHint: '在此 7 天后永久删除。',
  binEmpty: '回收站是空的。',
  batch: (copies: number, bytes: string, when: string) => `${count(copies)} 个文件，${bytes}，${when}`,
  restore: '恢复',
  restored: (number: number) => `已恢复 ${count(number)} 个文件`,
  empty: '清空回收站',
  emptyTitle: '清空回收站？',
  emptyText: (bytes: string) => `将永久删除 ${bytes}。正在使用的会保留。`,
  emptyNow: '清空',
  cancel: '取消',
  check: '健康状况',
  checkHint: '完整读取每个文件，隔离损坏的文件。',
  checkAll: '检查全部缓存',
  damaged: (number: number) => `${caches(number)}已损坏`,
  mend: '重建它们',
  sound: '没有因损坏而隔离的缓存。',
}
