"""What Python selects by the offsets of an exported file, as JSON: [[text[start:end], label], …] for each text in order."""
import csv
import json
import sys

format_name, path = sys.argv[1:]


def spans_of(record):
    if format_name == "label-studio":
        results = [result for annotation in record["annotations"] for result in annotation["result"]]
        return record["data"]["text"], [(r["value"]["start"], r["value"]["end"], r["value"]["labels"][0]) for r in results]
    spans = record.get("spans") or record.get("entities") or record.get("label") or []
    if isinstance(spans, str):
        spans = json.loads(spans)
    return record["text"], [(s["start"], s["end"], s["label"]) if isinstance(s, dict) else tuple(s) for s in spans]


with open(path, encoding="utf-8", newline="") as file:
    if format_name == "csv":
        csv.field_size_limit(1 << 30)
        records = list(csv.DictReader(file))
    elif format_name in ("json", "label-studio"):
        records = json.load(file)
    else:
        records = [json.loads(line) for line in file.read().split("\n") if line]

selected = []
for record in records:
    text, spans = spans_of(record)
    selected.append({"text": text, "spans": [[text[start:end], label] for start, end, label in spans]})
print(json.dumps(selected))
