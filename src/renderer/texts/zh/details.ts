/** 核心所说的话：错误的原因、检查的结果、自动策略的理由。 */
import { percent, short, toThe, type Comparison, type NoiseOf } from '../../../shared/check-figures'
import type { Nested } from '../../../shared/details'
import type { Texts } from '../../strings'
import { bytes, count } from '../../ui/format'
import { models } from './models'

/** 系统调用失败的原因；其余只给出代码。 */
const ERRNO: Readonly<Record<string, string>> = {
  ENOENT: '文件或文件夹不存在',
  ENOTDIR: '路径中有一段不是文件夹',
  EISDIR: '这是一个文件夹',
  EACCES: '没有权限',
  EPERM: '不允许此操作',
  EROFS: '文件系统只读',
  ENOSPC: '空间不足',
  EDQUOT: '超出磁盘配额',
  EFBIG: '文件过大',
  EEXIST: '已存在',
  EBUSY: '正被占用',
  EMFILE: '打开的文件过多',
  ENFILE: '打开的文件过多',
  ELOOP: '链接层数过多',
  ENAMETOOLONG: '名称过长',
  EIO: '磁盘读写出错',
  ETIMEDOUT: '超时',
  ESTALE: '网络文件夹已失效',
}

export function systemReason(errno: string): string {
  if (ERRNO[errno]) return ERRNO[errno]
  return errno === '' ? '系统没有说明原因' : `系统错误 ${errno}`
}

const methods = {
  system: '列出设备',
  inspect: '读取模型文件',
  fingerprint: '计算文件指纹',
  load: '加载模型',
  unload: '卸载模型',
  memory: '查看内存',
  kept: '查看内存',
  tokenize: '把文本切成词元',
  detokenize: '把词元还原成文本',
  pieces: '把词元还原成文本',
  encode: '计算缓存',
  answer: '回答问题',
  compare: '比较答案',
  measure: '与完整预填充对比缓存',
  inspectCache: '查看缓存',
  provenance: '追溯答案的来源',
  deviation: '比较缓存',
  parity: '与 libllama 对比',
  shift: '在其他位置上对比',
  verify: '校验缓存',
  learn: '学习码本',
  recode: '重新编码缓存',
  quantise: '量化缓存',
  randomModel: '生成随机模型',
  bench: '测量',
}

/** 进程如何结束：只取信号或退出码。 */
function ending(why: string): string {
  const signal = /signal (SIG\w+)/.exec(why)?.[1]
  if (signal) return `信号 ${signal}`
  const code = /code (-?\d+)/.exec(why)?.[1]
  if (code) return `退出码 ${code}`
  const silent = /nothing for ([\d.]+) s/.exec(why)?.[1]
  return silent ? `${silent} 秒没有回应` : '原因见日志'
}

const WEIGHTS: Readonly<Record<NoiseOf['weights'], string>> = { whole: 'F32 权重', half: '16 位权重', quantised: '量化权重' }

function unlike({ maxDifference, klMean, klMax, top1 }: Comparison): string {
  if (maxDifference === 0) return '逐位相同'
  const same = top1 === 1 ? '最可能的词元处处相同' : `最可能的词元有 ${percent(top1)} 相同`
  return `KL 平均 ${short(klMean)}，最大 ${short(klMax)}，${same}`
}

function noise({ most, layers, weights }: NoiseOf): string {
  return `${count(layers)} 层、${WEIGHTS[weights]}时平均至多应为 ${short(most)}`
}

/** 写法照原样，其中的说明译出。 */
function form(written: string): string {
  return written.replace(/ \(tokens of each chunk, 1 to (\d+)\)/, '（每个分块的词元数，1 至 $1）')
}

const way = (layer: number | null): string => (layer === null ? '逐行指定' : `在第 ${layer} 层检查的 blend:1`)
const quoted = (names: readonly string[]): string => names.map((name) => `“${name}”`).join('、')

/** 一句话里的另一句；没有对应说法时为 null。 */
function nested(first: Nested | null): string | null {
  if (!first || !(first.id in details)) return null
  const say = details[first.id as keyof typeof details] as (params: object) => string
  return say(first.params)
}

export const details: Texts['details'] = {
  'file.unreadable': ({ path, errno }) => `无法读取 ${path}：${systemReason(errno)}。请检查路径和权限。`,
  'file.not-a-file': ({ name }) => `${name} 不是文件。`,
  'folder.none': ({ path, errno }) => `${path} 不是可用的文件夹：${systemReason(errno)}。`,
  'folder.is-file': ({ path }) => `${path} 是文件，不是文件夹。文件请用“导入”。`,
  'document.empty': ({ name }) => `${name} 是空的。请导入有文字的文件。`,
  'document.utf16': ({ name }) => `${name} 不是 UTF-8 文本，看起来是 UTF-16。请另存为 UTF-8 后再导入。`,
  'document.not-utf8': ({ name, byte }) => `${name} 不是 UTF-8 文本：第 ${count(byte)} 个字节不属于任何字符。请另存为 UTF-8 后再导入。`,
  'document.half-character': ({ name }) => `${name} 中有半个字符（孤立的代理项）。请导入完整的文本。`,
  'document.nul': ({ name }) => `${name} 含有 NUL 字符，不是文本。请导出为纯文本或 Markdown。`,
  'document.too-large': ({ name, bytes: size, most }) => `${name} 有 ${bytes(size)}，一个文档最多 ${bytes(most)}。请拆分成几个文件。`,
  'document.headings': ({ name, headings, most }) =>
    `${name} 有 ${count(headings)} 个标题，一个文档最多 ${count(most)} 个。请拆分，或作为 .txt 导入。`,
  'document.unsupported': ({ name }) => `不支持导入 ${name}：请用 Markdown、纯文本、HTML、PDF 或 Word（.docx）文件，或含有这些文件的文件夹。`,
  'document.not-text': ({ name }) => `${name} 不是文本，不能这样交付。请按路径导入。`,
  'document.memory': ({ name, mib }) => `无法读取 ${name}：需要超过 ${count(mib)} MiB 内存。请导出为 Markdown 或纯文本。`,
  'document.slow': ({ name, seconds }) => `读取 ${name} 超过 ${count(seconds)} 秒。请拆分，或导出为文本。`,
  'document.ended': ({ name }) => `无法读取 ${name}：读取它的程序中断了。请导出为 Markdown 或纯文本。`,
  'document.broken': ({ name }) => `无法读取 ${name}：内容有误。请导出为其他格式。`,
  'word.old': ({ name }) => `${name} 有密码保护，或出自 2007 之前的 Word。请另存为普通的 .docx 后再导入。`,
  'word.broken': ({ name }) => `${name} 不是完好的 Word 文档。请在文字处理软件中打开并重新保存为 .docx。`,
  'word.password': ({ name }) => `${name} 有密码保护。请去掉密码保存后再导入。`,
  'word.parts': ({ name, files, most }) => `${name} 内含 ${count(files)} 个文件，最多可有 ${count(most)} 个。`,
  'word.unpacked': ({ name, mib }) => `${name} 解压后超过 ${count(mib)} MiB。请去掉其中的图片，或保存为文本。`,
  'pdf.password': ({ name }) => `${name} 有密码保护。请另存一份没有密码的再导入。`,
  'pdf.broken': ({ name }) => `${name} 不是完好的 PDF。请从来源重新导出。`,
  'pdf.page': ({ name, page }) => `${name} 的第 ${count(page)} 页无法读取。请重新导出这个 PDF。`,
  'pdf.pages': ({ name, pages, most }) => `${name} 有 ${count(pages)} 页，一个文档最多 ${count(most)} 页。请拆分成几个文件。`,
  'pdf.scan': ({ name, pages }) => `${name} 的 ${count(pages)} 页都没有文字，是图片（扫描件）。请先做文字识别（OCR）再导入。`,
  'html.encoding': ({ name, encoding }) => `${name} 声明的编码是 ${encoding}，但无法照此读取。请另存为 UTF-8。`,
  'html.unknown-encoding': ({ name }) => `${name} 不是 UTF-8，也没有声明编码。请另存为 UTF-8 后再导入。`,
  'html.too-large': ({ name, characters, most }) =>
    `${name} 的 HTML 有 ${count(characters)} 个字符，一页最多 ${count(most)} 个。请拆分，或导出为 Markdown。`,
  'html.depth': ({ name, most }) => `${name} 的元素嵌套超过 ${count(most)} 层。请导出为 Markdown 或纯文本。`,

  'import.nothing': () => '没有可以导入的内容：请选择 Markdown、纯文本、HTML、PDF 或 Word 文件，或含有这些文件的文件夹。',
  'import.failed': ({ first, others }) => `${nested(first) ?? '有文件无法导入。'}另有 ${count(others)} 个文件也无法导入。`,
  'import.too-many': ({ most }) => `一次最多导入 ${count(most)} 个文件。请逐个文件夹导入。`,
  'upload.gone': () => '这次上传已不在：它已导入或已放弃，或者 Kvasir 重新启动过。请重新上传。',
  'upload.too-many': ({ most }) => `一次最多上传 ${count(most)} 个文件。请逐个文件夹上传。`,
  'upload.too-large': ({ name, mib }) => `${name} 放不下：一次最多上传 ${count(mib)} MiB。请单独上传它。`,
  'upload.twice': ({ name }) => `${name} 出现了两次：浏览器只按名称区分文件。请改名，或先后上传。`,
  'upload.cut': ({ name, arrived, bytes: size }) => `${name} 只到达 ${count(arrived)} 字节，共 ${count(size)} 字节。请重新上传。`,
  'upload.full': ({ path, errno }) => `上传内容无法保存到 ${path}：${systemReason(errno)}。请腾出空间。`,

  'set.unknown': ({ name }) => `没有名为“${name}”的知识集。`,
  'set.taken': ({ name }) => `已有名为“${name}”的知识集。请换一个名称，或先移除那个知识集。`,
  'set.name': ({ most }) => `名称应有 1 至 ${count(most)} 个字符，且不能像编号（set1）。`,
  'set.removed-meanwhile': () => '导入文档期间，这个知识集被移除了。',
  'set.part-gone': ({ part }) => `知识集中没有 ${part}。文档改动后可能分成了别的章节：请重新查看。`,
  'set.no-folder': ({ name }) => `“${name}”还没有跟踪任何文件夹。请给出一个。`,
  'document.unknown': ({ id }) => `没有文档 ${id}；它可能在回收站里。`,
  'document.part-gone': ({ title, id }) => `“${title}”中没有 ${id}。文档改动后可能分成了别的部分：请重新查看。`,
  'selection.unknown': ({ set, name }) => `“${set}”没有名为“${name}”的选择。`,
  'selection.name': ({ most }) => `名称应有 1 至 ${count(most)} 个字符。`,
  'selection.most': ({ set, most }) => `“${set}”已有 ${count(most)} 个选择，达到上限。请先移除一个。`,
  'trash.unknown': ({ id }) => `回收站里没有 ${id}。`,
  'trash.model-first': ({ set, model }) => `“${set}”需要模型 ${model}，而它已被移除。请先用同样的名称重新添加该模型，再还原知识集。`,
  'trash.set-first': ({ id, set }) => `${id} 属于“${set}”，而它自己也在回收站里。请先恢复这个知识集。`,

  'store.full': ({ path, errno }) => `${path} 所在的磁盘已满（${errno}）。已存内容完好；腾出空间后即可继续。`,
  'store.quota': ({ quota, used }) =>
    `缓存的配额是 ${bytes(quota)}，现有 ${bytes(used)}，其中太多被固定、正在使用或是一小时内刚生成的。请提高配额，或清理缓存。`,
  'store.damaged': ({ path, errno }) => `索引 ${path} 已损坏（${errno}）。把它移走即可重新开始（其中的缓存会重新计算），或恢复它的备份。`,
  'store.locked': ({ path, errno }) => `另一个程序锁住了索引 ${path}（${errno}）。请等它结束，或关闭它。`,
  'store.unreadable': ({ path, errno }) => `无法读写 ${path} 处的存储（${errno}）。请检查文件夹是否存在、是否属于你，或换一个数据文件夹。`,
  'store.disk': ({ path, errno }) => `${path} 所在的磁盘出错（${errno}）。请检查磁盘。`,
  'cache.damaged': ({ path }) => `缓存文件 ${path} 已损坏；需要隔离它，再由文本重新构建。`,
  'cache.unknown': ({ key }) => `存储中没有键为 ${key} 的缓存。`,
  'cache.no-text': () => '已没有文档含有这份缓存的文本（文档已移除），因此无从对比。',
  'cache.no-model': ({ model }) => `生成这份缓存的模型（${model}…）不在这里。请先添加它。`,
  'profile.uncalibrated': ({ model, profile }) => `${model} 的“${profile}”档位还没有校准。请先校准，或选用 f16。`,

  'model.unknown': ({ id, known }) => `没有名为“${id}”的模型。${known.length > 0 ? `现有：${known.join('、')}。` : '请先添加一个。'}`,
  'model.missing': ({ path, errno }) => `模型文件 ${path} 无法读取：${systemReason(errno)}。`,
  'model.replaced': ({ id, path }) => `${path} 已不是添加时的“${id}”，而是另一个文件。请放回原来的文件，或重新添加新的。`,
  'model.changed': ({ path }) => `${path} 在加载之后有改动；请重新添加这个模型。`,
  'model.bundled': ({ id }) => `${id} 随 Kvasir 附带，不能移除。`,
  'model.in-use': ({ id, sets }) => `${id} 正用于知识集${quoted(sets)}。请先移除这些知识集。`,
  'model.part': ({ part, parts }) =>
    `这是 ${count(parts)} 个文件中的第 ${count(part)} 个：不读取分成多个文件的模型。请用 llama.cpp 的“llama-gguf-split --merge”合并后再添加。`,
  'model.unreadable': ({ path, why }) => `模型文件 ${path} ${/empty/.test(why) ? '是空的' : /regular/.test(why) ? '不是普通文件' : '无法读取'}。`,
  'model.no-gguf': ({ path }) => `${path} 不是 GGUF 文件：开头不是“GGUF”。`,
  'model.cut': ({ path }) => `GGUF 文件 ${path} 不完整或有误，可能下载时中断了。请重新下载。`,
  'model.version': ({ path, version }) => `${path} 是第 ${version} 版 GGUF，这里读取小端序的第 2、3 版。请重新转换模型。`,
  'model.architecture': ({ path, architecture, known }) => `${path} 的架构是 ${architecture}，这里运行的是 ${known}。请另选模型。`,
  'model.no-architecture': ({ path }) => `${path} 没有写明架构（general.architecture）。`,
  'model.tokenizer': ({ path, kind }) =>
    `${path} 的分词器是 ${kind}，这里支持 gpt2（字节级 BPE）和 llama（SentencePiece）。请另选模型。`,
  'model.contradicts': ({ path }) => `模型文件 ${path} 自相矛盾。请重新下载，或另选模型。`,
  'gate.failed': ({ model, strategy, device, failed }) =>
    `${strategy} 会混用缓存与新算的部分，为此 ${model} 须先通过检查，但它在 ${device} 上没有通过：` +
    `${failed.map((name) => models.checks[name].name).join('、')}。请改用复用或上下文学习，或重新检查模型。`,
  'strategy.one-layer': ({ model, strategy, layers }) =>
    `${model} 有 ${count(layers)} 层，从 0 数起，没有 ${strategy} 所要的检查层。${layers < 2 ? '请改用衔接或复用。' : `请用 1 至 ${layers - 1}。`}`,
  'strategy.unknown': ({ text, forms, ratio }) =>
    `“${text}”不是策略的写法；应为 ${forms.map(form).join('、')}${forms.length > 1 ? ' 之一' : ''}${ratio ? '，比例为 0 至 1' : ''}。`,
  'context.too-long': ({ limit, model, set, knowledge, question }) =>
    `“${set}”中所选的部分有 ${count(knowledge)} 个词元，问题连同模板有 ${count(question)} 个，而 ${model} 的上下文只有 ${count(limit)} 个。` +
    '请排除一些文档或章节，或改用上下文更长的模型。',
  'engine.memory': ({ path, needed, free }) =>
    `${path} 的权重需要 ${needed} 内存，${free === null ? '但分配不到' : `但只剩 ${free}`}。请关闭其他程序，少放几层到设备上，或选更小的模型。`,
  'engine.died': ({ method, model, why }) =>
    `引擎在${methods[method]}时停止${model === null ? '' : `（${model}）`}：${ending(why)}。已存内容完好，引擎会重新启动；请再试一次。`,
  'engine.no-start': ({ why }) => `引擎刚启动就停止了：${ending(why)}。`,
  'engine.not-started': ({ why }) => `引擎无法启动：${ending(why)}。`,
  'engine.ended': ({ why }) => `引擎停止了：${ending(why)}。`,

  'query.unknown': ({ id }) => `历史中没有第 ${count(id)} 个问题，或已不再保留。`,
  'query.not-whole': ({ id }) => `第 ${count(id)} 个问题没有完整保留：只保留最近答完的那些。请重新提问。`,
  'query.changed': ({ id }) => `第 ${count(id)} 个问题所用的文档在回答之后有改动。请重新提问。`,
  'query.no-words': ({ id }) => `第 ${count(id)} 个问题的答案没有文字。`,
  'query.no-knowledge': ({ id }) => `第 ${count(id)} 个问题没有选用任何知识，答案无从追溯。`,
  'race.unknown': ({ id, kept }) => `没有第 ${count(id)} 场竞速；只保留最近 ${count(kept)} 场。`,
  'job.unknown': ({ id }) => `没有任务 ${id}。已结束的任务在关闭 Kvasir 后不再保留。`,
  'job.no-pause': () => '这个任务进行时不能暂停：暂停会影响测量。请等它结束，或取消它。',
  'bench.goes-on': ({ kept, of }) => `接着中断的测试继续：已有 ${count(kept)} / ${count(of)} 次测量（选“从头开始”则全部重测）。`,
  'report.unknown': ({ id }) => `没有报告 ${id}。`,
  'report.none': ({ where }) => `${where} 不是由“kvasir bench --out”写出的报告。`,
  'calibrate.no-documents': ({ set, context }) =>
    `“${set}”中没有可供提问的文档，或没有放得进 ${count(context)} 个词元的分块。请添加文档，或不指定知识集进行校准。`,
  'calibrate.few-documents': ({ set, found }) =>
    `“${set}”中有文字的文档只有 ${count(found)} 个；至少需要两个，一部分用于学习，一部分用于提问。请添加文档，或不指定知识集进行校准。`,

  'check.too-short': ({ context, chunks }) =>
    `它的上下文只有 ${count(context)} 个词元，${chunks === null ? '放不下一段文本' : `放不下 ${count(chunks)} 个分块`}。`,
  'check.parity': ({ tokens, own, noise: most }) => `对照 libllama，${count(tokens)} 个词元：${unlike(own)}；${noise(most)}。`,
  'check.parity-kernels': ({ tokens, same, most, own, noise: usual }) =>
    `对照 libllama，${count(tokens)} 个词元，用它的内核：${unlike(same)}；平均至多应为 ${short(most)}。` +
    `用我们自己的注意力：${unlike(own)}；${noise(usual)}。`,
  'check.equal': ({ ways }) => `全部重算后与完整预填充的输出逐位相同：${ways.map(way).join('、')}。`,
  'check.unequal': ({ ways }) => `全部重算后应与完整预填充的输出逐位相同，但以下方式得出了别的结果：${ways.map(way).join('、')}。`,
  'check.no-room': ({ context }) => `模型的上下文只有 ${count(context)} 个词元，没有移动一段文本的余地。`,
  'check.shift': ({ offsets, worst, own, noise: most }) =>
    `移动 ${offsets.map(count).join('、')} 个位置，差别最大的是 ${count(worst)} 个：${unlike(own)}；${noise(most)}。`,
  'check.needle-too-short': () => '它的上下文放不下寻针所用的文档。',
  'check.needle-unknown': () => '完整预填充自己也找不到埋在普通英文里的数字，因此无从对比复用。',
  'check.needle': ({ found, tried, reuse, link, isolated, tokens, least }) =>
    `完整预填充知道 ${count(tried)} 个埋入数字中的 ${count(found)} 个；其所知，提示开头之后的缓存保留 ${percent(reuse)}，` +
    `孤立缓存加 link:${tokens} 保留 ${percent(link)}（不加为 ${percent(isolated)}）；前两者至少应为 ${percent(least)}。`,

  'auto.distrusted': () => '该模型没有通过检查，所以不信任它的缓存',
  'auto.exact': () => '每个已缓存的分块都读过它前面的全部内容，复用毫无损失',
  'auto.uncalibrated': () => '该模型还没有校准，因此采用通常的衔接词元数；校准后能选得更好',
  'auto.cheapest': ({ target, kl, cost, questions }) =>
    `在 KL ${target} 以内最省的一个：KL 为 ${toThe(kl)}，耗时为完整预填充的 ${percent(cost)}，由 ${count(questions)} 个问题测得`,
  'auto.unsure': () => '之前尝试的策略对首个词元不够确定',
  'auto.none': ({ target, closest, questions }) =>
    `没有更省的策略能保持在 KL ${target} 以内${closest ? `；最接近的是 ${closest.strategy}，KL 为 ${toThe(closest.kl)}` : ''}，由 ${count(questions)} 个问题测得`,
}
