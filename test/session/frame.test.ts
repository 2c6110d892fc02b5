import { describe, expect, it } from 'vitest'
import { chatFrame } from '../../src/main/session/frame'

const LLAMA3 = `{{- bos_token }}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}`

/** Refuses a system role and any order but user, assistant, user, …, as Gemma's and old Mistral's do. */
const STRICT = `{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}[{{ message['role'] }}]{{ message['content'] | trim }}{% endfor %}[assistant]`

const frameOf = (chatTemplate: string | null): ReturnType<typeof chatFrame> =>
  chatFrame({ name: 'test', chatTemplate, bosToken: { id: 1, text: '<s>' }, eosToken: { id: 2, text: '</s>' } })

describe('frame', () => {
  it('splits a chat template around the knowledge', () => {
    const frame = frameOf(LLAMA3)
    expect(frame.prefix).toBe(
      '<s><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n',
    )
    expect(frame.render('Why?').tail).toBe(
      '<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
    )
  })

  it('puts the history behind the knowledge; the prefix stays the same', () => {
    const frame = frameOf(LLAMA3)
    const { prefix, tail } = frame.render('And now?', [
      { role: 'user', content: 'First' },
      { role: 'assistant', content: 'Yes.' },
    ])
    expect(prefix).toBe(frame.prefix)
    expect(tail.indexOf('First')).toBeLessThan(tail.indexOf('Yes.'))
    expect(tail.indexOf('Yes.')).toBeLessThan(tail.indexOf('And now?'))
  })

  it("never shows today's date", () => {
    expect(frameOf('{{ strftime_now("%d %B %Y, %H:%M") }}|{{ messages[0].content }}').prefix).toBe(
      '26 July 2024, 00:00|',
    )
  })

  it('takes the first question where a system role is refused', () => {
    const frame = frameOf(STRICT)
    expect(frame.prefix).toBe('<s>[user]')
    expect(frame.render('Why?').tail).toBe('\n\nWhy?[assistant]')
    expect(
      frame.render('And?', [
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'Two' },
      ]),
    ).toEqual({ prefix: '<s>[user]', tail: '\n\nOne[assistant]Two[user]And?[assistant]' })
  })

  it('takes the first question where a system message is dropped', () => {
    const dropping =
      "{% for message in messages %}{% if message.role != 'system' %}<{{ message.role }}>{{ message.content }}{% endif %}{% endfor %}"
    expect(frameOf(dropping).prefix).toBe('<user>')
  })

  it('is not confused by a question that holds its placeholder', () => {
    const frame = frameOf(LLAMA3)
    const { prefix, tail } = frame.render('What is KvasirKnowledge0Here?')
    expect(prefix).toBe(frame.prefix)
    expect(tail).toContain('KvasirKnowledge0Here')
  })

  it('works without a template', () => {
    const frame = frameOf(null)
    expect(frame.prefix).toBe('')
    expect(
      frame.render('Why?', [
        { role: 'user', content: 'A' },
        { role: 'assistant', content: 'B' },
      ]).tail,
    ).toBe('\nQuestion: A\nAnswer: B\nQuestion: Why?\nAnswer:')
  })

  it.each([
    ['does not parse', '{% if %}'],
    ['always refuses', "{{ raise_exception('no') }}"],
    ['drops everything', 'Hello'],
    ['repeats everything', '{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}'],
    ['never ends', '{% for a in range(100000000) %}x{% endfor %}'],
    ['never ends in loops of loops', '{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}'],
    ['doubles a text', '{% set n = namespace(x="x") %}{% for a in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}'],
    ['doubles a list', '{% set n = namespace(x=[1]) %}{% for a in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}'],
    ['nests without end', `{{ ${'('.repeat(50_000)}1${')'.repeat(50_000)} }}`],
    ['is huge', `{{ messages[0].content }}${'x'.repeat(300_000)}`],
  ])('names a template that %s', (_, template) => {
    expect(() => frameOf(template)).toThrow(expect.objectContaining({ code: 'model.unsupported' }))
  })

  it('has what templates use', () => {
    const template =
      '{% set ns = namespace(n=0) %}{% for i in range(1, 7, 2) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}{{ none is none and true and not false }}{% if tools is defined %}tools{% endif %}|{{ messages[0].content }}'
    expect(frameOf(template).prefix).toBe('9true|')
  })
})
