/** A binary heap of numbers (places in a table): `top` is the preferred one. */
export class Heap {
  readonly #items: number[] = [];
  readonly #better: (a: number, b: number) => boolean;

  constructor(better: (a: number, b: number) => boolean) {
    this.#better = better;
  }

  get top(): number | undefined {
    return this.#items[0];
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#better(items[at]!, items[parent]!)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): void {
    const items = this.#items;
    const end = items.pop();
    if (items.length === 0 || end === undefined) return;
    items[0] = end;
    let at = 0;
    for (;;) {
      let best = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < items.length && this.#better(items[child]!, items[best]!)) best = child;
      }
      if (best === at) return;
      this.#swap(at, best);
      at = best;
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    [items[a], items[b]] = [items[b]!, items[a]!];
  }
}
