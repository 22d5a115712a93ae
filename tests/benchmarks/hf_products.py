"""How quickly PyTorch multiplies the matrices of a step at 16 x 128 tokens: the work of products.ts, GFLOP/s at best. Usage: hf_products.py [ROUNDS]"""
import json, sys, time, torch
rounds = int((sys.argv[1:] + ["12"])[0])
torch.set_num_threads(2); torch.manual_seed(0)
ROWS, MATRICES = 2048, [(384, 384, 4), (1536, 384, 1), (384, 1536, 1)]
KINDS = {"forward": lambda x, dy, w: x @ w.T, "inputs": lambda x, dy, w: dy @ w, "weights": lambda x, dy, w: dy.T @ x}

def rate(product):
    operations = seconds = 0
    for out, inner, count in MATRICES:
        x, dy, w = torch.randn(ROWS, inner), torch.randn(ROWS, out), torch.randn(out, inner)
        times = []
        for _ in range(rounds):
            start = time.perf_counter(); product(x, dy, w); times.append(time.perf_counter() - start)
        operations += count * 2 * ROWS * out * inner; seconds += count * min(times)
    return round(operations / seconds / 1e9)

print(json.dumps({kind: rate(product) for kind, product in KINDS.items()}))
