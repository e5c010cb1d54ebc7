interface Begun<T> {
  readonly invoke: T
  ended: boolean
}

/** First in, first out; items may be marked as ended from elsewhere. */
class Line<T> {
  readonly #begun: Begun<T>[] = []
  #first = 0

  join(one: Begun<T>): void {
    this.#begun.push(one)
  }

  /** The oldest one that has not ended. */
  oldest(): Begun<T> | undefined {
    while (this.#begun[this.#first]?.ended) this.#first++
    return this.#begun[this.#first]
  }
}

/** The invokes that have not ended, in lines by key and by key and input. Every operation takes constant time on average. */
export class OpenInvokes<T> {
  readonly #all: Begun<T>[] = []
  readonly #byKey = new Map<string, { readonly all: Line<T>; readonly byInput: Map<string, Line<T>> }>()

  begin(key: string, input: string, invoke: T): void {
    const one = { invoke, ended: false }
    const lines = this.#byKey.get(key) ?? { all: new Line<T>(), byInput: new Map<string, Line<T>>() }
    const line = lines.byInput.get(input) ?? new Line<T>()
    this.#byKey.set(key, lines)
    lines.byInput.set(input, line)
    this.#all.push(one)
    lines.all.join(one)
    line.join(one)
  }

  /** Ends the oldest open invoke of the key with this input, else the oldest of the key, and answers with it. */
  end(key: string, input: string): T | undefined {
    const lines = this.#byKey.get(key)
    const one = lines?.byInput.get(input)?.oldest() ?? lines?.all.oldest()
    if (!one) return undefined
    one.ended = true
    return one.invoke
  }

  /** In the order in which they began. */
  remaining(): T[] {
    return this.#all.filter((one) => !one.ended).map((one) => one.invoke)
  }
}
