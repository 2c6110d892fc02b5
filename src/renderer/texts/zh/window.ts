/** What the window around the page brings: its menu, files that were opened with it, and what was healed. */

export const window = {
  language: (language: string) => `语言：${language}`,
  openModel: '打开模型（GGUF）…',
  importFiles: '导入文件…',
  importFolder: '导入文件夹…',
  saved: (path: string) => `已保存为 ${path}`,
  reloaded: '页面进程曾意外结束，页面已重新加载。已保存的内容没有丢失；报告位于数据文件夹中。',
  update: (version: string) => `您设置的更新源显示 Kvasir ${version} 已发布。没有下载任何内容。`,
  bundleTitle: '知识缓存包',
  bundle: (name: string, bytes: string) => `${name}，${bytes}`,
  bundleLater:
    '这是一个 Kvasir 缓存包（.kvb）：由他人计算好、可并入知识集的缓存。当前版本还不能导入缓存包，后续版本将支持。没有读取该文件的内容，也没有更改任何数据。',
  noSuchSet: (set: string) => `没有知识集“${set}”，它可能已被删除。`,
  close: '关闭',
  noSet: '还没有可导入的知识集，请先新建一个。',
}

export const engineNews = {
  restarted: (why: string) => `${why} 引擎已重新启动，已保存的内容没有丢失。进行中的回答需要重新提问；构建任务再次启动后会从中断处继续。`,
}
