import type { Centrifuge, Subscription } from 'centrifuge'
import { backoff } from './backoff'
import type { Frame } from './types'

export type LiveState = 'connecting' | 'live' | 'polling' | 'offline'

export interface LiveOptions {
  /** Every frame of every feed. */
  onFrame: (frame: Frame, feed: string) => void
  onState: (state: LiveState) => void
  /**
   * Frames may have been missed: read again what is on screen. Rejects when
   * the server cannot be reached, which slows the next try down.
   */
  onCatchUp: () => Promise<void>
}

/** How long a lost connection may take to come back before polling begins. */
const patience = 4000
const pollEvery = 5000

/**
 * The realtime connection: WebSocket, else HTTP stream, else SSE, else polling.
 * Frames are hints. After each connection and on each poll tick onCatchUp runs,
 * so that no feature has to know which transport it lives on.
 */
export class Live {
  private centrifuge: Centrifuge | undefined
  /** The feeds wanted; each has its subscription once the transport is loaded. */
  private readonly feeds = new Map<string, Subscription | undefined>()
  private state: LiveState = 'connecting'
  private waiting: ReturnType<typeof setTimeout> | undefined
  /** Runs while a list too busy to be told of each row is about to be read again. */
  private behind: ReturnType<typeof setTimeout> | undefined
  private failures = 0
  private stopped = false
  private readonly wake = () => this.soon(0)

  constructor(private readonly options: LiveOptions) {}

  start(): void {
    addEventListener('online', this.wake)
    addEventListener('offline', this.wake)
    this.soon(patience)
    void this.connect()
  }

  /** The transport is a fifth of the page's code and not needed for its first paint. */
  private async connect(): Promise<void> {
    const { Centrifuge } = await import('centrifuge')
    if (this.stopped) return
    const endpoint = `${location.origin}/api/v1/live`
    const centrifuge = (this.centrifuge = new Centrifuge(
      [
        { transport: 'websocket', endpoint: endpoint.replace(/^http/, 'ws') },
        { transport: 'http_stream', endpoint: `${endpoint}/stream` },
        { transport: 'sse', endpoint: `${endpoint}/sse` },
      ],
      { emulationEndpoint: `${endpoint}/emulation`, data: {}, minReconnectDelay: 400, maxReconnectDelay: 15_000 },
    ))
    centrifuge.on('connected', () => {
      clearTimeout(this.waiting)
      this.failures = 0
      this.become('live')
      void this.options.onCatchUp().catch(() => undefined)
    })
    centrifuge.on('connecting', () => {
      if (this.state === 'live') this.become('connecting')
      this.soon(patience)
    })
    centrifuge.on('disconnected', () => this.soon(patience))
    centrifuge.on('publication', (context) => this.take(context.data, context.channel))
    for (const feed of this.feeds.keys()) this.subscribe(centrifuge, feed)
    centrifuge.connect()
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.waiting)
    clearTimeout(this.behind)
    removeEventListener('online', this.wake)
    removeEventListener('offline', this.wake)
    this.centrifuge?.disconnect()
  }

  /** Joins a feed; the returned function leaves it. */
  join(feed: string): () => void {
    if (!this.feeds.has(feed)) {
      this.feeds.set(feed, undefined)
      if (this.centrifuge) this.subscribe(this.centrifuge, feed)
    }
    return () => {
      const subscription = this.feeds.get(feed)
      this.feeds.delete(feed)
      if (!subscription) return
      subscription.unsubscribe()
      this.centrifuge?.removeSubscription(subscription)
    }
  }

  private subscribe(centrifuge: Centrifuge, feed: string): void {
    const subscription = centrifuge.newSubscription(feed)
    subscription.on('publication', (context) => this.take(context.data, feed))
    this.feeds.set(feed, subscription)
    subscription.subscribe()
  }

  private take(data: unknown, feed: string): void {
    if (typeof data !== 'object' || data === null || !('type' in data)) return
    const frame = data as Frame
    if (frame.type !== 'conversations') return this.options.onFrame(frame, feed)
    for (const conversation of frame.conversations) this.options.onFrame({ type: 'conversation', conversation }, feed)
    if (frame.more) this.behind ??= setTimeout(() => this.readAgain(), backoff(0, pollEvery))
  }

  private readAgain(): void {
    this.behind = undefined
    if (!this.stopped) void this.options.onCatchUp().catch(() => undefined)
  }

  private become(state: LiveState): void {
    if (this.state === state) return
    this.state = state
    this.options.onState(state)
  }

  private get connected(): boolean {
    return this.centrifuge?.state === 'connected'
  }

  private soon(after: number): void {
    clearTimeout(this.waiting)
    if (!this.stopped) this.waiting = setTimeout(() => void this.poll(), after)
  }

  /** Without a transport: ask, at leisure while it works, ever less often while it does not. */
  private async poll(): Promise<void> {
    if (this.stopped || this.connected) return
    try {
      await this.options.onCatchUp()
      this.failures = 0
      if (!this.connected) this.become('polling')
    } catch {
      this.failures++
      if (!this.connected) this.become('offline')
    }
    this.soon(this.failures > 0 ? backoff(this.failures, 2000) : backoff(0, pollEvery * 2))
  }
}
