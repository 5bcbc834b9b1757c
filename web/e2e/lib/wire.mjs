// A TCP proxy between browser and desk: it can be cut, healed, and told to
// refuse WebSockets the way some office proxies do.
import net from 'node:net'

export class Wire {
  #server
  #sockets = new Set()
  refuseUpgrades = false
  /** How many upgrades were refused. */
  refused = 0
  cut = false
  frozen = false

  static async to(port, listen = 0) {
    const wire = new Wire()
    wire.#server = net.createServer((near) => wire.#connect(near, port))
    await new Promise((resolve) => wire.#server.listen(listen, '127.0.0.1', resolve))
    wire.port = wire.#server.address().port
    wire.url = `http://127.0.0.1:${wire.port}`
    return wire
  }

  #connect(near, port) {
    if (this.cut) return near.destroy()
    if (this.frozen) return void this.#sockets.add(near.pause())
    const far = net.connect(port, '127.0.0.1')
    this.#sockets.add(near).add(far)
    for (const [a, b] of [[near, far], [far, near]]) {
      a.on('error', () => b.destroy())
      a.on('close', () => { b.destroy(); this.#sockets.delete(a) })
    }
    near.on('data', (chunk) => {
      if (this.refuseUpgrades && /\r\nupgrade: websocket\r\n/i.test(chunk.toString('latin1'))) {
        this.refused++
        near.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
        return
      }
      far.write(chunk)
    })
    far.on('data', (chunk) => near.write(chunk))
  }

  /** Cuts every connection and refuses new ones. */
  break() {
    this.cut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Lets nothing through any more and closes nothing: a laptop without power sends no goodbye. */
  freeze() {
    this.frozen = true
    for (const socket of this.#sockets) socket.pause()
  }

  heal() { this.cut = false }

  close() {
    this.break()
    return new Promise((resolve) => this.#server.close(resolve))
  }
}
