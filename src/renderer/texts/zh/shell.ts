/** 框架：连接、标题栏、导航、状态栏、设置。 */
import type { Texts } from '../../strings'
import { count } from '../../ui/format'

export const connection: Texts['connection'] = {
  connecting: '正在连接工作台…',
  lost: '与工作台的连接已断开，正在重试。已存储的内容是安全的。',
  refusedTitle: '这个地址打不开工作台',
  refused: '缺少令牌，或令牌来自更早的一次启动。请打开 “kvasir serve” 最近一次输出的完整地址。',
  lostWhileAskingTitle: '连接已断开',
  lostWhileAsking: '回答不完整。连接恢复后请重新提问。',
  offline: '未连接',
}

export const pages: Texts['pages'] = {
  home: '主页',
  help: '帮助',
  ask: '提问',
  library: '资料库',
  race: '竞速',
  models: '模型',
  bench: '基准测试',
  caches: '缓存',
  settings: '设置',
}

export const rail: Texts['rail'] = {
  title: '页面',
  go: (page) => `前往“${page}”`,
}

export const header: Texts['header'] = {
  set: '知识集',
  newSet: '新建知识集…',
  sample: '添加示例知识集',
  find: '搜索或执行…',
  model: (id) => `模型 ${id}`,
  modelUnloaded: '首次提问时加载',
}

export const palette: Texts['palette'] = {
  open: '搜索或执行命令',
  placeholder: '命令、页面或知识集…',
  commands: '命令',
  pages: '页面',
  sets: '知识集',
  nothing: '没有匹配的内容',
}

export const workspace: Texts['workspace'] = {
  list: '列表',
  inspector: '检查器',
  toggleList: '显示或隐藏列表',
  toggleInspector: '显示或隐藏检查器',
  sizeList: '列表宽度',
  sizeInspector: '检查器宽度',
}

export const undo: Texts['undo'] = {
  undo: '撤销',
  what: (text) => `撤销：${text}`,
  undone: (text) => `已撤销：${text}`,
  failed: (text) => `无法撤销。${text}`,
  close: '关闭',
}

export const settings: Texts['settings'] = {
  look: '外观与语言',
  theme: '主题',
  themes: { light: '浅色', dark: '深色', auto: '跟随系统' },
  themeCommand: (theme) => `主题：${theme}`,
  language: '语言',
  keys: '快捷键',
  keysHint: '某个页面自己的命令在打开过该页面之后列出。',
  forgetAll: '全部恢复默认',
  command: '命令',
  keysColumn: '按键',
  change: '更改',
  changeOf: (command) => `更改“${command}”的按键`,
  remove: '移除',
  removeOf: (command) => `移除“${command}”的按键`,
  reset: '恢复默认',
  resetOf: (command) => `恢复默认：“${command}”的按键`,
  none: '无',
  alsoOf: (commands) => `同时用于 ${commands}`,
  press: '请按下新的按键；Esc 保持不变',
  needsModifier: (keys) => `单独的 ${keys} 用于输入和移动：请与 Ctrl、Cmd 或 Alt 一起按`,
}

export const exporting: Texts['exporting'] = {
  menu: (title) => `导出：${title}`,
  asPng: '图片（PNG）',
  asSvg: '矢量图（SVG）',
  asCsv: '表格（CSV）',
  asJson: '表格（JSON）',
  asMarkdown: '表格（Markdown）',
  copied: '已复制',
  copyMarkdown: '复制为 Markdown',
  table: (title) => `${title}（表格）`,
}

export const status: Texts['status'] = {
  loaded: (model, device) => `${model}，运行于 ${device}`,
  weights: (bytes) => `权重 ${bytes}`,
  store: (bytes, entries) => `缓存 ${bytes}，${count(entries)} 个文件`,
  memory: (bytes) => `内存 ${bytes}`,
  memoryOf: (bytes) => `已解码、随时可用；上限 ${bytes}`,
  today: (share) => `今日命中率 ${share}`,
  todayNone: '今天还没有问题取用知识',
  todayOf: (reused, tokens) => `今日提问的 ${tokens} 个词元中有 ${reused} 个来自缓存`,
  quarantined: (number) => `${count(number)} 个已损坏并隔离`,
  restarts: (number) => `已重启 ${count(number)} 次`,
}
