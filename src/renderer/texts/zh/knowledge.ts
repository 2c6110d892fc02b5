/** 知识集、文档、选择、导入。 */
import type { Texts } from '../../strings'
import { count } from '../../ui/format'

export const newSet: Texts['newSet'] = {
  title: '新建知识集',
  name: '名称',
  model: '模型',
  modelHint: '缓存只属于一个模型。添加模型：kvasir models add FILE.gguf',
  create: '创建',
  cancel: '取消',
}

export const knowledge: Texts['knowledge'] = {
  title: '知识',
  summary: (on, all) => (on === all ? `${count(all)} 个词元` : `${count(on)} / ${count(all)} 个词元`),
  documents: (on, all) => `${count(on)} / ${count(all)} 个文档`,
  all: '全选',
  none: '全不选',
  tree: '文档与章节',
  import: '导入',
  importFiles: '导入文件…',
  importFolder: '导入文件夹…',
  include: (title) => `提问时使用“${title}”`,
  rowState: (state) => ` 个词元，${state}`,
  chunk: (number, preview) => `${number}. ${preview}`,
  cached: (done, all, bytes) => `${count(done)} / ${count(all)} 个分块已缓存 · ${bytes}`,
  build: (missing) => `构建缺少的 ${count(missing)} 个`,
  buildHint: '缓存只需计算一次，之后的每次提问都会复用。',
  building: '构建中…',
  legend: '圆点的含义',
  emptyTitle: '这个知识集是空的',
  emptyHint: '把文件或文件夹拖到页面任意处，或选择文件：Markdown、文本、PDF、Word、HTML。',
  noSetTitle: '还没有可以提问的内容',
  noSetHint: '示例知识集包含几篇短文档，以及适合内置模型的问题。',
  noSetAction: '添加示例知识集',
  loading: '正在读取知识集…',
  importing: '导入中…',
}

export const inspector: Texts['inspector'] = {
  title: '检查器',
  empty: '选择文档、章节或分块，查看它的文本、缓存，以及是否被复用、原因何在。',
  document: '文档',
  section: '章节',
  chunk: '分块',
  source: '来源',
  version: '版本',
  imported: '导入时间',
  size: '大小',
  tokens: '词元',
  chunks: '分块',
  cache: '缓存',
  variants: '变体',
  noVariants: '尚无',
  used: '上次提问',
  notUsed: '未使用',
  text: '文本',
  loading: '正在读取文本…',
  remove: '移除文档',
  removed: (title) => `${title} 已移入回收站`,
}
