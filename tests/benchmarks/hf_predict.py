"""What a user would run instead: Hugging Face Trainer.predict on the CPU, lengths grouped, each batch padded to its longest. Prints one JSON line.
Usage: hf_predict.py BASE FILE [BATCH ROUNDS]; FILE: text<TAB>label without a header."""
import inspect, json, os, resource, sys, tempfile, time
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments
base, file, batch, rounds = (sys.argv[1:] + ["64", "3"][len(sys.argv) - 3:])[:4]
torch.set_num_threads(2); torch.manual_seed(0)
texts = [line.rstrip("\n").rsplit("\t", 1)[0] for line in open(file, encoding="utf8") if line.strip()]
tokenizer = AutoTokenizer.from_pretrained(base)
model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=2, dtype=torch.float32)
options = dict(output_dir=tempfile.mkdtemp(), per_device_eval_batch_size=int(batch), report_to=[], use_cpu=True, disable_tqdm=True)
grouped = {"train_sampling_strategy": "group_by_length"} if "train_sampling_strategy" in inspect.signature(TrainingArguments).parameters else {"group_by_length": True}
trainer = Trainer(model=model, args=TrainingArguments(**options, **grouped), data_collator=DataCollatorWithPadding(tokenizer), processing_class=tokenizer)
encoded = [dict(tokenizer(text, truncation=True, max_length=128)) for text in texts]
seconds = []
for _ in range(int(rounds)):
    start = time.perf_counter(); trainer.predict(encoded); seconds.append(time.perf_counter() - start)
print(json.dumps({"examples": len(texts), "seconds": round(min(seconds), 2), "examples_per_s": round(len(texts) / min(seconds), 1),
                  "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
