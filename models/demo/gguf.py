"""A small GGUF (version 3) writer: what a Llama with a BPE tokenizer needs, and nothing else.

Layout: magic, version, number of tensors, number of metadata entries; the metadata; the tensors' descriptions;
padding to 32 bytes; the tensors, each padded to 32 bytes. Little-endian throughout.
"""
from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

ALIGNMENT = 32
UINT32, FLOAT32, BOOL, STRING, ARRAY, INT32 = 4, 6, 7, 8, 9, 5
TENSOR_TYPES = {np.dtype(np.float32): 0, np.dtype(np.float16): 1}

Value = bool | int | float | str | list[str] | list[int]


def write(path: Path, metadata: dict[str, Value], tensors: dict[str, np.ndarray]) -> None:
    """Metadata types follow from the values: bool, int (u32), float (f32), str, lists of str or int (i32)."""
    head = [b'GGUF', struct.pack('<IQQ', 3, len(tensors), len(metadata))]
    head += [_string(key) + _value(value) for key, value in metadata.items()]
    offset = 0
    for name, tensor in tensors.items():
        shape = tensor.shape[::-1]  # ggml counts the contiguous dimension first
        head.append(_string(name) + struct.pack(f'<I{len(shape)}Q', len(shape), *shape))
        head.append(struct.pack('<IQ', TENSOR_TYPES[tensor.dtype], offset))
        offset += _padded(tensor.nbytes)
    with path.open('wb') as file:
        file.write(b''.join(head))
        file.write(bytes(_padded(file.tell()) - file.tell()))
        for tensor in tensors.values():
            file.write(np.ascontiguousarray(tensor).tobytes())
            file.write(bytes(_padded(tensor.nbytes) - tensor.nbytes))


def _padded(size: int) -> int:
    return (size + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


def _string(text: str) -> bytes:
    data = text.encode('utf-8')
    return struct.pack('<Q', len(data)) + data


def _value(value: Value) -> bytes:
    match value:
        case bool():
            return struct.pack('<I?', BOOL, value)
        case int():
            return struct.pack('<II', UINT32, value)
        case float():
            return struct.pack('<If', FLOAT32, value)
        case str():
            return struct.pack('<I', STRING) + _string(value)
        case [str(), *_]:
            return struct.pack('<IIQ', ARRAY, STRING, len(value)) + b''.join(map(_string, value))
        case _:
            return struct.pack(f'<IIQ{len(value)}i', ARRAY, INT32, len(value), *value)
