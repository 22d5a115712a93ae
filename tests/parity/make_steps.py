"""What PyTorch computes where make_fixtures.py does not look: parameter groups, clipping, other betas and epsilon, and layers frozen in the
middle. Needs: torch, transformers. Usage: make_steps.py MODELS_DIR OUT.json

Each case trains a model folder of MODELS_DIR for four steps (rows 0-4 and 5-9 of its padded batch in turn) and keeps losses, the gradient's
norm before clipping, and the norm of every trained parameter afterwards."""
import json, os, shutil, sys, tempfile, torch
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification
models, out = sys.argv[1:]
torch.set_num_threads(1)
OPTIONS = dict(learningRate=1e-3, weightDecay=0.1, clip=0.5, betas=[0.8, 0.99], epsilon=1e-6)
CASES = [("bert", "classification", ["1"]), ("roberta", "token", ["0", "2"]), ("distilbert", "classification", ["embeddings"])]

def layer(name):
    parts = name.split(".")
    return "embeddings" if "embeddings" in name else parts[parts.index("layer") + 1] if "layer" in parts else "head"
def run(folder, head, frozen):
    reference = json.load(open(os.path.join(models, folder, "expected.json")))
    cls = AutoModelForTokenClassification if head == "token" else AutoModelForSequenceClassification
    with tempfile.TemporaryDirectory() as d:
        shutil.copy(os.path.join(models, folder, "config.json"), d)
        shutil.copy(os.path.join(models, folder, "token.safetensors" if head == "token" else "model.safetensors"), os.path.join(d, "model.safetensors"))
        m = cls.from_pretrained(d, attn_implementation="eager", dtype=torch.float32)
    m.train()
    for n, p in m.named_parameters(): p.requires_grad = layer(n) not in frozen
    ps = [(n, p) for n, p in m.named_parameters() if p.requires_grad]
    decayed = [p for n, p in ps if p.dim() > 1]; spared = [p for n, p in ps if p.dim() == 1]
    opt = torch.optim.AdamW([{"params": decayed, "weight_decay": OPTIONS["weightDecay"]}, {"params": spared, "weight_decay": 0.0}],
                            lr=OPTIONS["learningRate"], betas=tuple(OPTIONS["betas"]), eps=OPTIONS["epsilon"])
    ids = [t["input_ids"] for t in reference["tokens"]]; length = max(map(len, ids)); pad = m.config.pad_token_id
    x = torch.tensor([i + [pad] * (length - len(i)) for i in ids]); mask = torch.tensor([[1] * len(i) + [0] * (length - len(i)) for i in ids])
    y = torch.tensor(reference["token_labels" if head == "token" else "labels"])
    losses, norms = [], []
    for i in range(4):
        r = slice(0, 5) if i % 2 == 0 else slice(5, 10)
        opt.zero_grad(); o = m(input_ids=x[r], attention_mask=mask[r], labels=y[r]); o.loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_([p for _, p in ps], OPTIONS["clip"]).item()); opt.step(); losses.append(o.loss.item())
    return {"folder": folder, "head": head, "frozen": frozen, "losses": losses, "gradientNorms": norms, "norms": {n: p.detach().norm().item() for n, p in ps}}
json.dump({"options": OPTIONS, "cases": [run(*case) for case in CASES]}, open(out, "w"))
