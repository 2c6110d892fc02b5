/** 任务：对象、步骤、结果，以及任务面板。 */
import type { Texts } from '../../strings'
import type { JobStep } from '../../../shared/jobs'
import { count, ratio } from '../../ui/format'

const BENCHES: Texts['jobs']['benches'] = {
  engine: '引擎',
  shape: '模型形状',
  suite: '问题集',
  table1: '论文中的表格',
  novel: '新文档',
  codec: '档位',
  store: '存储',
}

const soFar = ({ number, of }: JobStep): string =>
  number === undefined || of === undefined ? '' : `，${count(number)} / ${count(of)}`

export const jobs: Texts['jobs'] = {
  benches: BENCHES,
  titles: {
    import: ({ set }) => `导入到“${set}”`,
    build: ({ set }) => `构建“${set}”`,
    keep: ({ set }) => `保存“${set}”上一次提问未命中的缓存`,
    check: ({ model }) => `检查 ${model}`,
    calibrate: ({ model, set }) => (set === null ? `校准 ${model}` : `用“${set}”校准 ${model}`),
    profiles: ({ model, set }) => (set === null ? `校准 ${model} 的档位` : `用“${set}”校准 ${model} 的档位`),
    recode: ({ set, profile }) => `将“${set}”编码为 ${profile}`,
    code: ({ caches, profile }) => `将 ${count(caches)} 个缓存编码为 ${profile}`,
    verify: ({ caches }) => `完整读取 ${count(caches)} 个缓存`,
    rebuild: ({ caches }) => `从文本重做 ${count(caches)} 个缓存`,
    scrub: ({ set }) => (set === null ? '完整读取所有缓存' : `完整读取“${set}”的缓存`),
    bench: ({ bench }) => `测量：${BENCHES[bench]}`,
  },
  steps: {
    waiting: () => '等待中',
    starting: () => '正在开始',
    pausing: () => '将在下一个安全点暂停',
    paused: () => '已暂停',
    done: () => '已完成',
    failed: () => '失败',
    cancelled: () => '已取消',
    'loading-model': () => '正在加载模型',
    'finding-files': () => '正在查找文件',
    reading: ({ name = '' }) => `正在读取 ${name}`,
    imported: () => '已导入',
    cutting: () => '正在将文档切分为分块',
    indexing: () => '正在建立索引',
    'finding-missing': () => '正在查找缺少的缓存',
    'finding-texts': () => '正在查找对应的文本',
    encoding: ({ name = '' }) => `正在编码“${name}”`,
    'encoding-alone': ({ name = '' }) => `正在单独编码“${name}”的各部分`,
    scoring: ({ name = '' }) => `正在为“${name}”的词元评分`,
    'coding-document': ({ name = '', as = '' }) => `正在将“${name}”编码为 ${as}`,
    parity: () => '正在与 libllama 比较',
    equality: () => '正在全部重新计算',
    shift: () => '正在移动上下文',
    needle: () => '正在查找埋入的数字',
    checked: () => '检查完毕',
    comparing: () => '正在比较各策略',
    blending: ({ number = 0 }) => `正在第 ${number} 层融合`,
    calibrated: () => '校准完毕',
    computing: ({ number = 0 }) => `正在计算缓存，${number} %`,
    learning: ({ number = 0, of = 0 }) => `正在学习码本，第 ${number} 步，共 ${of} 步`,
    weighing: () => '正在衡量各层',
    trying: () => '正在尝试各档位',
    coding: ({ as = '' }) => `正在编码为 ${as}`,
    verifying: () => '正在读取并校验',
    'making-model': ({ name = '' }) => `正在生成随机模型 ${name}`,
    'bringing-in': (step) => `正在导入文档${soFar(step)}`,
    'computing-caches': (step) => `正在计算缓存${soFar(step)}`,
    'learning-codebooks': (step) => `正在学习码本${soFar(step)}`,
    'coding-forms': (step) => `正在编码缓存${soFar(step)}`,
    'filling-store': (step) => `正在填充存储${soFar(step)}`,
    'warming-up': () => '正在预热',
    measuring: (step) => `正在测量 ${step.name ?? ''}${soFar(step)}`,
    asking: ({ name }) => (name === undefined ? '正在提问' : `正在提问：${name}`),
  },
  outcomes: {
    import: ({ added, updated, unchanged, failed }) => {
      const parts = [
        added > 0 && `新增 ${count(added)}`,
        updated > 0 && `更新 ${count(updated)}`,
        unchanged > 0 && `未变 ${count(unchanged)}`,
        failed > 0 && `失败 ${count(failed)}`,
      ].filter(Boolean)
      return parts.length === 0 ? '没有可导入的内容。' : `文档：${parts.join('，')}。`
    },
    build: ({ documents, chunks, tokens, scored, repaired, coded, profile }) => {
      if (chunks === 0 && scored > 0) return `已为 ${count(scored)} 个缓存的词元评分。`
      if (chunks === 0 && coded > 0) return `${count(coded)} 个缓存已编码为 ${profile}。`
      if (chunks === 0) return `${count(documents)} 个文档中没有缺少的缓存。`
      const more = [coded > 0 && `${count(coded)} 个编码为 ${profile}`, repaired > 0 && `重做了 ${count(repaired)} 个损坏的缓存`]
      return `${[`已计算 ${count(chunks)} 个缓存，共 ${count(tokens)} 个词元`, ...more].filter(Boolean).join('，')}。`
    },
    check: ({ model, verdict }) =>
      verdict.passed ? `${model} 在 ${verdict.device} 上通过检查。` : `${model} 在 ${verdict.device} 上未通过检查，其缓存不会用于融合。详见“模型”页。`,
    calibrate: ({ strategies, questions }) => `已用 ${count(questions)} 个问题测量 ${count(strategies)} 种策略。`,
    profiles: ({ profiles }) => `${profiles.map(({ profile, ratio: smaller }) => `${profile} 缩小到 1/${ratio(smaller).replace('x', '')}`).join('，')}。`,
    bench: () => '测量完毕，报告在“评测”页。',
    recode: ({ coded, damaged, lossyOnly, profile }) =>
      [
        `${count(coded)} 个缓存已编码为 ${profile}。`,
        damaged > 0 && `${count(damaged)} 个已损坏并隔离。`,
        lossyOnly > 0 && `${count(lossyOnly)} 个保持原样：它们只有另一种有损档位。`,
      ]
        .filter(Boolean)
        .join(''),
    scrub: ({ checked, damaged }) =>
      damaged === 0
        ? `已完整读取 ${count(checked)} 个文件，全部完好。`
        : `已完整读取 ${count(checked)} 个文件，其中 ${count(damaged)} 个已损坏并隔离，重新构建即可恢复。`,
    rebuild: ({ made, left }) =>
      [`已重做 ${count(made)} 个缓存。`, left > 0 && `${count(left)} 个保持原样：现在没有知识集在相同内容之后包含它们的文本。`]
        .filter(Boolean)
        .join(''),
  },
  remedies: {
    'argument.invalid': '没有任何改动。请更换参数后重新开始。',
    'not-found': '没有任何改动。请确认对应的知识集、文档或模型仍然存在。',
    conflict: '没有任何改动。请在其他工作完成后重试。',
    cancelled: '已完成的部分已保留。重试即可继续。',
    'file.unreadable': '已完成的部分已保留。请确认文件可以读取，然后重试。',
    'document.unsupported': '其他文档不受影响。请将此文件另存为文本、Markdown、HTML、PDF 或 Word。',
    'document.invalid': '其他文档不受影响。请修复此文件，然后重试。',
    'model.unreadable': '知识集和缓存是安全的。请放回模型文件，或重新添加。',
    'model.damaged': '知识集和缓存是安全的。请重新下载模型文件。',
    'model.unsupported': '知识集和缓存是安全的。请换用其他模型。',
    'model.gate-failed': '只复用缓存的策略仍可使用。请换用其他模型，或重新检查此模型。',
    'object.unreadable': '文档是安全的。请重新构建知识集。',
    'object.damaged': '损坏的缓存已隔离，文档是安全的。请重新构建知识集。',
    'object.mismatch': '文档是安全的。请为此模型重新构建知识集。',
    'store.damaged': '您自己的文件是安全的。请重新启动 Kvasir；若仍未解决，请导入到另一个数据文件夹。',
    'store.full': '已完成的部分已保留。请腾出空间后重试。',
    'engine.no-library': '知识集和缓存是安全的。请重新安装 Kvasir。',
    'engine.memory': '已完成的部分已保留。请关闭其他程序或换用较小的模型，然后重试。',
    'engine.context-too-long': '已完成的部分已保留。请减少文档，或换用上下文更长的模型。',
    'engine.died': '已完成的部分已保留，引擎会自动重启。请重试。',
    'engine.failed': '已完成的部分已保留。请重试；若仍未解决，请检查模型。',
    internal: '已完成的部分已保留。请重试；若仍未解决，请报告此问题。',
  },
  units: { tokens: '词元', files: '文件', checks: '项检查', answers: '个回答', caches: '缓存', measurements: '次测量' },
  title: '任务',
  open: (number) => (number === 0 ? '任务' : `任务：${count(number)}`),
  none: '没有进行中的任务',
  paused: (number) => `${count(number)} 个任务已暂停`,
  empty: '导入、构建、检查和测量会显示在这里，并说明进度。',
  close: '关闭',
  queue: '进行中与等待中',
  ended: '已结束',
  clear: '清除已结束的任务',
  progress: (title) => `进度：${title}`,
  amount: (done, total, unit) => `${count(done)} / ${count(total)} ${unit}`,
  speed: (speed, unit) => `${speed} ${unit}/秒`,
  left: (time) => `剩余 ${time}`,
  runs: (time) => `已运行 ${time}`,
  cancel: (title) => `取消：${title}`,
  pause: (title) => `暂停：${title}`,
  noPause: '运行时不能暂停：暂停会影响测量结果',
  resume: (title) => `继续：${title}`,
  retry: (title) => `重试：${title}`,
  up: (title) => `提前：${title}`,
  down: (title) => `推后：${title}`,
  orderHint: 'Alt+↑ 和 Alt+↓ 可调整等待任务的顺序。',
  crashed: (times) =>
    times === 1
      ? 'Kvasir 在运行此任务时崩溃过一次，现已重新开始。'
      : `Kvasir 在运行此任务时崩溃了 ${count(times)} 次。已完成的部分已保留；点击“继续”可再次尝试。`,
  announced: {
    waiting: (title) => `${title}：等待中`,
    running: (title) => `${title}：已开始`,
    paused: (title) => `${title}：已暂停`,
    done: (title) => `${title}：已完成`,
    failed: (title) => `${title}：失败`,
    cancelled: (title) => `${title}：已取消`,
  },
  commands: {
    show: '显示或隐藏任务',
    pauseAll: '暂停所有任务',
    resumeAll: '继续所有任务',
    clear: '清除已结束的任务',
  },
}
