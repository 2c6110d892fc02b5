"""Small GGUF (version 3) files: what a Llama with a BPE tokenizer needs, and nothing else.

Layout: magic, version, number of tensors, number of metadata entries; the metadata; the tensors' descriptions;
padding to 32 bytes; the tensors, each padded to 32 bytes. Little-endian throughout.
"""
from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ALIGNMENT = 32
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
F32, F16, Q8_0 = 0, 1, 8
# Values that share a scale in Q8_0.
BLOCK = 32

Value = bool | int | float | str | list[str] | list[int]


@dataclass(frozen=True)
class Tensor:
    """Data as it stands in the file."""

    kind: int
    shape: tuple[int, ...]
    data: bytes


def f32(values: np.ndarray) -> Tensor:
    return Tensor(F32, values.shape, values.astype('<f4').tobytes())


def f16(values: np.ndarray) -> Tensor:
    return Tensor(F16, values.shape, values.astype('<f2').tobytes())


def q8_0(values: np.ndarray) -> Tensor:
    """Blocks of an f16 scale and 32 bytes, rounded as ggml does. Rows hold a multiple of 32 values."""
    assert values.shape[-1] % BLOCK == 0, f'expected rows of a multiple of {BLOCK}, got {values.shape[-1]}'
    blocks = values.astype(np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(1, keepdims=True) / 127
    whole = np.divide(blocks, scale, out=np.zeros_like(blocks), where=scale > 0)
    rounded = np.copysign(np.floor(np.abs(whole) + 0.5), whole).astype(np.int8)
    packed = np.zeros(len(blocks), np.dtype([('scale', '<f2'), ('values', 'i1', BLOCK)]))
    packed['scale'], packed['values'] = scale[:, 0], rounded
    return Tensor(Q8_0, values.shape, packed.tobytes())


def write(path: Path, metadata: dict[str, Value], tensors: dict[str, Tensor]) -> None:
    """Metadata types follow from the values: bool, int (u32), float (f32), str, lists of str or int (i32)."""
    head = [b'GGUF', struct.pack('<IQQ', 3, len(tensors), len(metadata))]
    head += [_string(key) + _value(value) for key, value in metadata.items()]
    offset = 0
    for name, tensor in tensors.items():
        shape = tensor.shape[::-1]  # ggml counts the contiguous dimension first
        head.append(_string(name) + struct.pack(f'<I{len(shape)}Q', len(shape), *shape))
        head.append(struct.pack('<IQ', tensor.kind, offset))
        offset += _padded(len(tensor.data))
    with path.open('wb') as file:
        file.write(b''.join(head))
        file.write(bytes(_padded(file.tell()) - file.tell()))
        for tensor in tensors.values():
            file.write(tensor.data)
            file.write(bytes(_padded(len(tensor.data)) - len(tensor.data)))


def read(path: Path) -> tuple[dict[str, Value], dict[str, np.ndarray]]:
    """Metadata and tensors (as f32) of a file that `write` has written."""
    data = _Reader(path.read_bytes())
    magic, version, tensors, entries = data.unpack('<4sIQQ')
    assert (magic, version) == (b'GGUF', 3), f'{path} is no GGUF of version 3'
    metadata = {data.string(): data.value(data.unpack('<I')[0]) for _ in range(entries)}
    described = []
    for _ in range(tensors):
        name = data.string()
        shape = data.unpack(f'<{data.unpack("<I")[0]}Q')[::-1]
        described.append((name, shape, *data.unpack('<IQ')))
    start = _padded(data.at)
    return metadata, {name: _values(data.data, start + offset, shape, kind) for name, shape, kind, offset in described}


def _values(data: bytes, at: int, shape: tuple[int, ...], kind: int) -> np.ndarray:
    count = int(np.prod(shape))
    if kind == Q8_0:
        blocks = np.frombuffer(data, np.dtype([('scale', '<f2'), ('values', 'i1', BLOCK)]), count // BLOCK, at)
        values = blocks['scale'].astype(np.float32)[:, None] * blocks['values']
    else:
        values = np.frombuffer(data, {F32: '<f4', F16: '<f2'}[kind], count, at)
    return values.astype(np.float32).reshape(shape)


class _Reader:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def unpack(self, form: str) -> tuple:
        values = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return values

    def string(self) -> str:
        (size,) = self.unpack('<Q')
        self.at += size
        return self.data[self.at - size : self.at].decode('utf-8')

    def value(self, kind: int) -> Value:
        match kind:
            case 8:
                return self.string()
            case 9:
                of, count = self.unpack('<IQ')
                return [self.value(of) for _ in range(count)]
            case _:
                return self.unpack({UINT32: '<I', INT32: '<i', FLOAT32: '<f', BOOL: '<?'}[kind])[0]


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
