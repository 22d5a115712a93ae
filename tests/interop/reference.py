"""What Hugging Face transformers and ONNX Runtime make of an exported folder.
Usage: reference.py FOLDER classification|ner MAX_LENGTH < texts.json → {"transformers": [...], "onnxruntime": [...], "labels": [...], "problem": problem_type, "thresholds": by label}:
by text its logits ([classes], or [length][classes]). transformers sees one text at a time, ONNX Runtime all of them in one padded batch."""
import json, os, sys

import numpy as np
import onnxruntime
import torch
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer

folder, task, max_length = sys.argv[1], sys.argv[2], int(sys.argv[3])
texts = json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
kind = AutoModelForTokenClassification if task == "ner" else AutoModelForSequenceClassification
model, report = kind.from_pretrained(folder, local_files_only=True, output_loading_info=True)
model.eval()
for what in ("missing_keys", "mismatched_keys"):
    assert not report[what], f"{what}: {report[what]}"

reference = []
for text in texts:
    with torch.no_grad():
        reference.append(model(**tokenizer(text, truncation=True, max_length=max_length, return_tensors="pt")).logits[0].tolist())

session = onnxruntime.InferenceSession(os.path.join(folder, "onnx", "model.onnx"), providers=["CPUExecutionProvider"])
batch = tokenizer(texts, truncation=True, max_length=max_length, padding=True, return_tensors="np")
feeds = {i.name: batch[i.name].astype(np.int64) if i.name in batch else np.zeros_like(batch["input_ids"], dtype=np.int64) for i in session.get_inputs()}
logits = session.run(None, feeds)[0]
lengths = batch["attention_mask"].sum(1)
rows = [row[:n].tolist() if task == "ner" else row.tolist() for row, n in zip(logits, lengths)]
print(json.dumps({"transformers": reference, "onnxruntime": rows, "labels": [model.config.id2label[i] for i in range(model.config.num_labels)],
                  "problem": model.config.problem_type, "thresholds": getattr(model.config, "label_thresholds", None)}))
