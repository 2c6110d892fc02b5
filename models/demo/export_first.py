"""Exports the demo checkpoint as a GGUF that Kvasir and llama.cpp load.

    python3 models/demo/export_first.py CHECKPOINT [models/demo/first.gguf]

Needs PyTorch and numpy. Nothing else of Kvasir does: the GGUF is part of the repository.
"""
from __future__ import annotations

import random
import sys
from pathlib import Path

import torch

import gguf
import stories
import suite
import worlds
from checkpoint import Checkpoint
from tokenizer import ANSWER, BOS, EOS, LINE, PAD, QUESTION, Tokenizer, build

# What training showed it: BOS, then every chunk behind a line break, then "Q: question A:". A question may come without
# its question mark, and earlier turns stand between the knowledge and the question.
CHAT_TEMPLATE = (
    "{{ bos_token + '\\n' }}"
    '{%- for message in messages -%}'
    "{%- if message['role'] == 'system' -%}{{ message['content'] }}"
    "{%- elif message['role'] == 'user' -%}{{ '<|question|> ' + (message['content'] | trim) }}"
    "{%- if not (message['content'] | trim).endswith('?') -%}{{ '?' }}{%- endif -%}"
    "{%- else -%}{{ '<|answer|> ' + (message['content'] | trim) + '\\n' }}{%- endif -%}"
    '{%- endfor -%}'
    "{%- if add_generation_prompt -%}{{ '<|answer|>' }}{%- endif -%}"
)
CONTEXT_LENGTH = 2048
SILENT_NORM = 8.0
SILENT_STORIES = 300


def main(checkpoint_path: str, gguf_path: str) -> None:
    checkpoint = Checkpoint(checkpoint_path)
    tokenizer = build()
    assert checkpoint.vocabulary == len(tokenizer.words), 'the checkpoint has another vocabulary than vocabulary.txt'
    gguf.write(Path(gguf_path), metadata(checkpoint, tokenizer), tensors(checkpoint, tokenizer))
    print(f'{gguf_path}: {len(tokenizer.texts)} tokens, {Path(gguf_path).stat().st_size / 1e6:.1f} MB')


def metadata(checkpoint: Checkpoint, tokenizer: Tokenizer) -> dict[str, gguf.Value]:
    return {
        'general.architecture': 'llama',
        'general.name': 'Kvasir demo model',
        'general.description': 'Answers short questions about the little world it was trained on, from its context.',
        'general.license': 'mit',
        'general.file_type': 1,
        'llama.context_length': CONTEXT_LENGTH,
        'llama.embedding_length': checkpoint.embedding,
        'llama.block_count': checkpoint.layers,
        'llama.feed_forward_length': checkpoint.feed_forward,
        'llama.attention.head_count': checkpoint.heads,
        'llama.attention.head_count_kv': checkpoint.kv_heads,
        'llama.attention.layer_norm_rms_epsilon': checkpoint.epsilon,
        'llama.rope.dimension_count': checkpoint.head_dim,
        'llama.rope.freq_base': checkpoint.rope_base,
        'llama.vocab_size': len(tokenizer.texts),
        'tokenizer.ggml.model': 'gpt2',
        'tokenizer.ggml.pre': 'gpt-2',
        'tokenizer.ggml.tokens': tokenizer.texts,
        'tokenizer.ggml.token_type': tokenizer.kinds,
        'tokenizer.ggml.merges': [f'{left} {right}' for left, right in tokenizer.merges],
        'tokenizer.ggml.bos_token_id': BOS,
        'tokenizer.ggml.eos_token_id': EOS,
        'tokenizer.ggml.padding_token_id': PAD,
        'tokenizer.ggml.add_bos_token': True,
        'tokenizer.ggml.add_eos_token': False,
        'tokenizer.chat_template': CHAT_TEMPLATE,
    }


def tensors(checkpoint: Checkpoint, tokenizer: Tokenizer) -> dict[str, gguf.Tensor]:
    """Matrices as F16, norms as F32, in GGUF's names."""
    weights = checkpoint.weights
    embedding = weights['emb.weight']
    # What is no word looks like the end of a line: the checkpoint reads over headings and strange words best that way.
    rows = [LINE if row is None else row for row in tokenizer.rows]
    output = silent_row(checkpoint, tokenizer).repeat(len(rows), 1)
    output[: len(embedding)] = embedding
    result = {
        'token_embd.weight': _f16(embedding[rows]),
        'output_norm.weight': _f32(weights['on']),
        'output.weight': _f16(output),
    }
    for layer in range(checkpoint.layers):
        source, target = f'bl.{layer}', f'blk.{layer}'
        result[f'{target}.attn_norm.weight'] = _f32(weights[f'{source}.an'])
        result[f'{target}.attn_q.weight'] = _f16(interleave(weights[f'{source}.wq.weight'], checkpoint.heads))
        result[f'{target}.attn_k.weight'] = _f16(interleave(weights[f'{source}.wk.weight'], checkpoint.kv_heads))
        result[f'{target}.attn_v.weight'] = _f16(weights[f'{source}.wv.weight'])
        result[f'{target}.attn_output.weight'] = _f16(weights[f'{source}.wo.weight'])
        result[f'{target}.ffn_norm.weight'] = _f32(weights[f'{source}.fn'])
        result[f'{target}.ffn_gate.weight'] = _f16(weights[f'{source}.w1.weight'])
        result[f'{target}.ffn_up.weight'] = _f16(weights[f'{source}.w3.weight'])
        result[f'{target}.ffn_down.weight'] = _f16(weights[f'{source}.w2.weight'])
    return result


def interleave(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """RoPE pairs (i, i + half) of the checkpoint -> (2i, 2i + 1) of GGUF's llama. weight: [heads * head_dim, in]"""
    return weight.view(heads, 2, -1, weight.shape[1]).transpose(1, 2).reshape(weight.shape)


def silent_row(checkpoint: Checkpoint, tokenizer: Tokenizer) -> torch.Tensor:
    """An output row that no state in front of an answer points to: spellings and word parts are never said.

    Zeros would do for greedy answers (the best word's logit was never below 8), but thousands of them would weigh in
    the softmax. Descends the largest dot product over the states of drawn stories and questions of every kind.
    """
    words = [LINE if row is None else row for row in tokenizer.rows]
    source = random.Random(5)
    states = []
    for _ in range(SILENT_STORIES):
        story = stories.draw(source)
        asked = suite.questions(story, source)
        for question in source.sample(asked, min(3, len(asked))):
            told = suite.prompt(story, question, tokenizer)
            answer = [tokenizer.words.index(word) for word in question.answers[0].split()]
            rows = [words[token] for token in told] + answer
            states.append(checkpoint.hidden(checkpoint.weights['emb.weight'][rows])[-1 - len(answer) :])
    hidden = torch.cat(states)
    with torch.enable_grad():
        row = (-hidden.mean(0)).clone().requires_grad_()
        optimiser = torch.optim.Adam([row], lr=0.05)
        for _ in range(600):
            loss = torch.logsumexp(hidden @ (row / row.norm()) * 12, 0)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return (row / row.norm() * SILENT_NORM).detach()


def encode(world: worlds.World, question: str, tokenizer: Tokenizer) -> list[int]:
    """The tokens that the checkpoint was trained to answer after: BOS, line and chunk, ..., line, Q:, question, A:"""
    at = {word: row for row, word in enumerate(tokenizer.words)}
    told = [token for chunk in world.chunks for token in (LINE, *(at[word] for text in chunk for word in text.split()))]
    return [BOS, *told, LINE, QUESTION, *(at[word] for word in question.split()), ANSWER]


def _f16(tensor: torch.Tensor) -> gguf.Tensor:
    return gguf.f16(tensor.numpy())


def _f32(tensor: torch.Tensor) -> gguf.Tensor:
    return gguf.f32(tensor.numpy())


if __name__ == '__main__':
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else str(Path(__file__).with_name('first.gguf')))
