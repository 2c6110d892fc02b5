"""Reads question suites (`docs/bench/README.md`, "Question sets"), as far as the demo's own go."""
from __future__ import annotations

import json
import re
from pathlib import Path


def read(path: Path) -> list[dict]:
    """Questions with their documents, also where they were those of an earlier one."""
    questions, documents = [], {}
    for line in path.read_text(encoding='utf-8').splitlines():
        question = json.loads(line)
        if 'documentsOf' in question:
            question['documents'] = documents[question.pop('documentsOf')]
        documents[question['id']] = question['documents']
        questions.append(question)
    return questions


def selected(question: dict) -> list[str]:
    """Texts of the chunks that are read."""
    return [
        text
        for number, document in enumerate(question['documents'], 1)
        for section, text in enumerate(chunks(document['text']), 1)
        if f'{number}.s{section}' not in question['exclude']
    ]


def chunks(text: str) -> list[str]:
    """A document's chunks as Kvasir cuts it: from heading to heading (sections here are below a chunk's limit)."""
    return re.split(r'(?m)^(?=#)', text)[1:]
