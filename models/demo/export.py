"""Writes a trained model as a GGUF that Kvasir and llama.cpp load, and reads it back for PyTorch.

    python3 models/demo/export.py FOLDER/state.pt [models/demo/demo.gguf] [--type f16|q8_0]

Needs PyTorch and numpy. Nothing else of Kvasir does: the GGUF is part of the repository.
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

import bpe
import gguf
from bpe import ANSWER, BOS, CONTROL, EOS, PAD, QUESTION, Tokenizer
from llama import Llama, Shape

# What training showed it: the beginning, the knowledge, then a question and where its answer starts.
CHAT_TEMPLATE = (
    '{{ bos_token }}'
    '{%- for message in messages -%}'
    "{%- if message['role'] == 'system' -%}{{ message['content'] }}"
    f"{{%- elif message['role'] == 'user' -%}}{{{{ '{CONTROL[QUESTION]} ' + (message['content'] | trim) }}}}"
    "{%- if not (message['content'] | trim).endswith('?') -%}{{ '?' }}{%- endif -%}"
    f"{{%- else -%}}{{{{ '{CONTROL[ANSWER]} ' + (message['content'] | trim) }}}}"
    '{%- endif -%}'
    '{%- endfor -%}'
    f"{{%- if add_generation_prompt -%}}{{{{ '{CONTROL[ANSWER]}' }}}}{{%- endif -%}}"
)
CONTEXT_LENGTH = 8192
NORMAL_TOKEN, CONTROL_TOKEN = 1, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('state')
    parser.add_argument('file', nargs='?', default=str(Path(__file__).with_name('demo.gguf')))
    parser.add_argument('--type', default='f16', choices=('f16', 'q8_0'))
    options = parser.parse_args()
    state = torch.load(options.state, map_location='cpu')
    shape, tokenizer = Shape(**state['shape']), bpe.load()
    path = Path(options.file)
    gguf.write(path, metadata(shape, tokenizer, options.type), tensors(shape, state['model'], options.type))
    print(f'{path}: {path.stat().st_size / 1e6:.1f} MB')


def metadata(shape: Shape, tokenizer: Tokenizer, kind: str) -> dict[str, gguf.Value]:
    kinds = [CONTROL_TOKEN] * len(CONTROL) + [NORMAL_TOKEN] * (shape.vocabulary - len(CONTROL))
    return {
        'general.architecture': 'llama',
        'general.name': 'Kvasir demo model',
        'general.description': 'Answers short questions about small invented worlds from the documents in its context.',
        'general.license': 'mit',
        'general.file_type': {'f16': 1, 'q8_0': 7}[kind],
        'llama.context_length': CONTEXT_LENGTH,
        'llama.embedding_length': shape.embedding,
        'llama.block_count': shape.layers,
        'llama.feed_forward_length': shape.feed_forward,
        'llama.attention.head_count': shape.heads,
        'llama.attention.head_count_kv': shape.kv_heads,
        'llama.attention.key_length': shape.head_dim,
        'llama.attention.value_length': shape.head_dim,
        'llama.attention.layer_norm_rms_epsilon': shape.epsilon,
        'llama.rope.dimension_count': shape.head_dim,
        'llama.rope.freq_base': shape.rope_base,
        'llama.vocab_size': shape.vocabulary,
        'tokenizer.ggml.model': 'gpt2',
        'tokenizer.ggml.pre': 'gpt-2',
        'tokenizer.ggml.tokens': tokenizer.texts,
        'tokenizer.ggml.token_type': kinds,
        'tokenizer.ggml.merges': [f'{left} {right}' for left, right in tokenizer.merges],
        'tokenizer.ggml.bos_token_id': BOS,
        'tokenizer.ggml.eos_token_id': EOS,
        'tokenizer.ggml.padding_token_id': PAD,
        'tokenizer.ggml.add_bos_token': True,
        'tokenizer.ggml.add_eos_token': False,
        'tokenizer.chat_template': CHAT_TEMPLATE,
    }


def tensors(shape: Shape, weights: dict[str, torch.Tensor], kind: str) -> dict[str, gguf.Tensor]:
    """Matrices as F16 or Q8_0, norms as F32, in GGUF's names. The embedding also makes the logits."""
    matrix = {'f16': gguf.f16, 'q8_0': gguf.q8_0}[kind]
    written = {}
    for name, weight in weights.items():
        values = weight.float()
        if name.endswith(('attn_q.weight', 'attn_k.weight')):
            values = _interleaved(values, shape.head_dim)
        written[name] = matrix(values.numpy()) if values.dim() == 2 else gguf.f32(values.numpy())
    return written


def load(path: Path) -> Llama:
    """The model of a GGUF that was written here, for PyTorch."""
    shape, weights = read_weights(path)
    model = Llama(shape)
    model.load_state_dict(weights)
    return model


def read_weights(path: Path) -> tuple[Shape, dict[str, torch.Tensor]]:
    """Of a GGUF that was written here: f32, RoPE pairs as in training."""
    metadata, tensors = gguf.read(path)
    shape = Shape(
        vocabulary=metadata['llama.vocab_size'], embedding=metadata['llama.embedding_length'],
        layers=metadata['llama.block_count'], heads=metadata['llama.attention.head_count'],
        kv_heads=metadata['llama.attention.head_count_kv'], head_dim=metadata['llama.attention.key_length'],
        feed_forward=metadata['llama.feed_forward_length'], rope_base=metadata['llama.rope.freq_base'],
        epsilon=metadata['llama.attention.layer_norm_rms_epsilon'],
    )
    weights = {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in tensors.items()}
    for name in weights:
        if name.endswith(('attn_q.weight', 'attn_k.weight')):
            weights[name] = _halved(weights[name], shape.head_dim)
    return shape, weights


def _interleaved(weight: torch.Tensor, head_dim: int) -> torch.Tensor:
    """RoPE pairs (i, i + half) of training -> (2i, 2i + 1) of GGUF's llama. weight: [heads * head_dim, in]"""
    return weight.view(-1, 2, head_dim // 2, weight.shape[1]).transpose(1, 2).reshape(weight.shape)


def _halved(weight: torch.Tensor, head_dim: int) -> torch.Tensor:
    """The other way round."""
    return weight.view(-1, head_dim // 2, 2, weight.shape[1]).transpose(1, 2).reshape(weight.shape)


if __name__ == '__main__':
    main()
