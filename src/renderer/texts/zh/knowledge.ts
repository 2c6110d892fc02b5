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
  importFolder: '文件夹…',
  include: (title) => `提问时使用“${title}”`,
  rowState: (state) => ` 个词元，${state}`,
  chunk: (number, preview) => `${number}. ${preview}`,
  cached: (done, all, bytes) => `${count(done)} / ${count(all)} 个分块已缓存 · ${bytes}`,
  build: (missing) => `构建缺少的 ${count(missing)} 个`,
  buildHint: '缓存只需计算一次，之后的每次提问都会复用。',
  building: '构建中…',
  legend: '圆点的含义',
  emptyTitle: '这个知识集是空的',
  emptyHint: '把 Markdown 或文本文件拖到页面任意处，或选择文件。',
  noSetTitle: '还没有可以提问的内容',
  noSetHint: '示例知识集包含几篇短文档，以及适合内置模型的问题。',
  noSetAction: '添加示例知识集',
  loading: '正在读取知识集…',
  importing: '导入中…',
}

export const imports: Texts['imports'] = {
  drop: (set) => `松开即可导入到 ${set}`,
  dropUpload: (set) => `松开即可以文本形式上传到 ${set}`,
  uploadNote: '文件以文本形式交给工作台；之后文件的改动不会被察觉。',
  notText: (name) => `${name}：应为 UTF-8 文本。请另存为 UTF-8 后重新导入。`,
  otherKind: (name) => `${name}：这里只能导入 Markdown 和文本文件（.md、.markdown、.txt、.html）。`,
  tooLarge: (name, limit) => `${name}：超过浏览器可上传的上限 ${limit}。请用 “kvasir docs add” 导入。`,
  problems: (failed) => `${count(failed)} 个文件未导入`,
  more: (number) => `另有 ${count(number)} 个`,
  dismiss: '知道了',
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
  remove: '移除文档…',
  removeConfirm: '要从知识集中移除此文档吗？它的缓存会保留到清理时。',
  removeAction: '移除',
  keep: '保留',
}
