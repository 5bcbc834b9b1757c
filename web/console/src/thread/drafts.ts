export interface Draft {
  text: string
  mode: 'message' | 'note'
  reply_to?: number
  at: number
}

/** What a browser's storage offers; a Map in tests. */
export interface Shelf {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

const most = 200

/**
 * Half-written answers, one per conversation and person, kept in this browser
 * until they are sent. The oldest go when there are more than 200.
 */
export class Drafts {
  private readonly all: Map<string, Draft>

  constructor(
    private readonly owner: string,
    private readonly shelf: Shelf,
  ) {
    this.all = new Map(Object.entries(this.read()))
  }

  get(conversation: string): Draft | undefined {
    return this.all.get(conversation)
  }

  /** Keeps the draft; an empty one is forgotten. */
  set(conversation: string, draft: Omit<Draft, 'at'>, at: number): void {
    this.all.delete(conversation)
    if (draft.text.trim()) this.all.set(conversation, { ...draft, at })
    for (const oldest of this.all.keys()) {
      if (this.all.size <= most) break
      this.all.delete(oldest)
    }
    this.write()
  }

  has(conversation: string): boolean {
    return this.all.has(conversation)
  }

  private get name(): string {
    return `everdesk.drafts.${this.owner}`
  }

  private read(): Record<string, Draft> {
    try {
      const kept: unknown = JSON.parse(this.shelf.getItem(this.name) ?? '{}')
      return typeof kept === 'object' && kept !== null ? (kept as Record<string, Draft>) : {}
    } catch {
      return {}
    }
  }

  private write(): void {
    try {
      if (this.all.size === 0) this.shelf.removeItem(this.name)
      else this.shelf.setItem(this.name, JSON.stringify(Object.fromEntries(this.all)))
    } catch {
      // Storage is full or blocked: the draft lives as long as the page.
    }
  }
}
