"""复算抽取：python3 redraw.py population.csv --seed 数字 [--rate P 层=P …] [--minimum N 层=N …] [--published draw.json]"""

import argparse, csv, fractions, hashlib, json, pathlib, sys
from collections import Counter

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("population")
parser.add_argument("--seed", required=True)
parser.add_argument("--rate", nargs="+", action="extend", default=["0"])
parser.add_argument("--minimum", nargs="+", action="extend", default=["1"])
parser.add_argument("--published")
given = parser.parse_args()
with open(given.population, encoding="utf-8-sig", newline="") as file:
    rows = [row | {"weight": (row.get("weight") or "").strip() or "1"} for row in csv.DictReader(file)]
rows.sort(key=lambda row: row["id"])
seed, size, reached = given.seed.replace(" ", ""), Counter("=" + row["stratum"] for row in rows), Counter()
rate, least = (dict(("=" + one).rpartition("=")[::2] for one in each) for each in (given.rate, given.minimum))
bad = set(seed) - set("0123456789") or len(seed) < 20 or {*rate, *least} - {"", *size}
ids, weights = {row["id"] for row in rows} - {""}, {row["weight"] for row in rows}
if bad or len(ids) < len(rows) or weights - set("123456789"):
    sys.exit("不能复算：种子须为至少 20 位数字，代码不空不重复，权数为 1–9，比例和最少数只写名录中的层。")
digest = hashlib.sha256("".join(f"{row['id']}\t{row['stratum']}\t{row['weight']}\n" for row in rows).encode())
mine = {"population_sha256": digest.hexdigest(), "seed": seed, "order": []}
for row in rows:
    texts = [f"{seed}\n{row['id']}\n{number + 1}" for number in range(int(row["weight"]))]
    row["ticket"] = min(hashlib.sha256(text.encode()).hexdigest() for text in texts)
for row in sorted(rows, key=lambda row: (row["ticket"], row["id"])):
    reached[own := "=" + row["stratum"]] += 1
    share = fractions.Fraction(rate.get(own, rate[""])) * size[own] / 100  # 精确计算，不足一户进一
    drawn = reached[own] <= max(int(least.get(own, least[""])), -(-share // 1))
    mine["order"].append(row | {"position": reached[own], "drawn": drawn})
told = json.loads(pathlib.Path(given.published).read_text("utf-8-sig")) if given.published else mine
for record in (mine, told):
    record["out"] = {"名录指纹": record["population_sha256"], "种子": record["seed"]}
    for one in record["order"]:
        word = "抽中" if one["drawn"] else "候补"
        record["out"][one["id"]] = f"{one['stratum']}\t{one['position']}\t{word}\t{one['ticket']}"
print("\n".join(f"{key}\t{value}" for key, value in mine["out"].items()))
wrong = [key for key in mine["out"] | told["out"] if mine["out"].get(key) != told["out"].get(key)]
sys.exit("\n".join(f"与公布的不同：{key}\t{told['out'].get(key)}" for key in wrong) or None)
