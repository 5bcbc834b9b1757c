// Starts the real binary on a free port with a directory of its own, and kills
// it the hard way when a journey asks for that.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { until } from './until.mjs'

const binary = process.env.EVERDESK_BIN ?? path.resolve(import.meta.dirname, '../../../bin/everdesk')

/** Who works at the demo shop; a fresh desk has the same people. */
export const people = {
  owner: { email: 'owner@skylark.example', password: 'everdesk-demo', name: '苏晴', role: 'owner', locale: 'zh-CN' },
  lin: { email: 'lin@skylark.example', password: 'everdesk-demo', name: '林晓', role: 'agent', locale: 'zh-CN' },
  chen: { email: 'chen@skylark.example', password: 'everdesk-demo', name: '陈默', role: 'supervisor', locale: 'zh-CN' },
  maya: { email: 'maya@skylark.example', password: 'everdesk-demo', name: 'Maya Reed', role: 'agent', locale: 'en' },
}

const deskEnv = (env) => ({ ...process.env, EVERDESK_ADDR: '', ...env })

export class Desk {
  #child
  #args

  constructor(data, args) {
    this.data = data
    this.#args = args
  }

  /** The demo shop with its people, answers and two weeks of talk. */
  static demo(options) { return Desk.#start({ command: 'demo', ...options }) }

  /** An empty desk with the same people, all of them in the one team there is. */
  static async fresh(options) {
    const desk = await Desk.#start({ command: 'serve', prepare: addPeople, ...options })
    const owner = await signIn(desk, people.owner)
    const staff = await owner.get('/staff')
    const [team] = (await owner.get('/teams')).items
    const { version } = await owner.get(`/teams/${team.id}`)
    await owner.ok('PATCH', `/teams/${team.id}`, { members: staff.items.map((one) => one.id) }, { 'If-Match': `"${version}"` })
    return desk
  }

  static async #start({ command, args = [], env = {}, prepare }) {
    const desk = new Desk(await mkdtemp(path.join(tmpdir(), 'everdesk-e2e-')), { command, args, env })
    await prepare?.(desk)
    await desk.run()
    return desk
  }

  /** Runs a command of the binary on the desk's data, typing input. */
  command(args, input) {
    return new Promise((resolve, reject) => {
      const child = execFile(binary, [...args, '--data', this.data], { env: deskEnv(this.#args.env) }, (error, out, err) =>
        error ? reject(new Error(`everdesk ${args.join(' ')}: ${err}`)) : resolve(out))
      child.stdin.end(input)
    })
  }

  /** Runs the desk; after a kill it takes the same port again. */
  async run() {
    const { command, args, env } = this.#args
    this.#child = spawn(binary, [command, '--addr', `127.0.0.1:${this.port ?? 0}`, '--data', this.data, ...args], {
      env: deskEnv(env), stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.output = ''
    const child = this.#child
    // It does not outlive a journey that is torn down before its end.
    const end = () => child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    this.ended = new Promise((resolve) => child.once('exit', resolve))
    await new Promise((resolve, reject) => {
      const failed = (code) => reject(new Error(`the desk ended with ${code}:\n${this.output}`))
      const read = (chunk) => {
        this.output += chunk
        const found = this.output.match(/listening on (http:\/\/[^\s"]+)/)
        if (!found || this.url && this.#child !== child) return
        this.url ??= found[1]
        this.port = new URL(this.url).port
        child.off('exit', failed)
        resolve()
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('exit', failed)
    })
    await until(() => fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false), 'the desk is ready')
  }

  /** Pulls the plug: SIGKILL, no draining. */
  async kill() {
    this.#child.kill('SIGKILL')
    await this.ended
  }

  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM')
      await this.ended
    }
    await rm(this.data, { recursive: true, force: true })
  }
}

async function addPeople(desk) {
  for (const one of Object.values(people)) {
    const place = one.role === 'owner' ? ['--new-workspace', 'Skylark'] : ['--workspace', 'skylark', '--role', one.role]
    await desk.command(['user', 'add', one.email, '--name', one.name, '--locale', one.locale, '--password-stdin', ...place], one.password)
  }
}

/** A program's view of the API as one signed-in person. */
export async function signIn(desk, person) {
  const at = `${desk.url}/api/v1`
  const answer = await fetch(`${at}/session`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: person.email, password: person.password }),
  })
  if (!answer.ok) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`)
  const cookie = answer.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ')
  const call = caller(at, { Cookie: cookie })
  call.me = (await call.get('/session')).staff
  return call
}

/** A visitor of the desk's widget without a browser. */
export async function visitor(desk, key, locale = 'zh-CN') {
  const at = `${desk.url}/api/v1/client`
  const { token } = await caller(at, {}).ok('POST', '/visitors', { key, locale })
  return caller(at, { Authorization: `Bearer ${token}` })
}

function caller(at, who) {
  const call = async (method, route, body, headers = {}) => {
    const response = await fetch(at + route, {
      method, headers: { ...who, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null }
  }
  call.ok = async (method, route, body, headers) => {
    const { status, body: got } = await call(method, route, body, headers)
    if (status >= 300) throw new Error(`${method} ${route}: ${status} ${JSON.stringify(got)}`)
    return got
  }
  call.get = (route) => call.ok('GET', route)
  return call
}

/** The public key that stands in the shop's page. */
export async function widgetKey(owner) { return (await owner.get('/channels/widget')).key }
