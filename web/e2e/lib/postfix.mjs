// A real mail server for a journey: Debian's Postfix in a directory of its own,
// with one mailbox domain and nothing that leaves the machine. Its master must
// be started by root; its own processes then run as the postfix user.
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { until } from './until.mjs'

const run = promisify(execFile)
const domain = 'customer.test'
const nobody = 65534

export class Postfix {
  /** Starts it with mailboxes: "lin" is lin@customer.test. */
  static async start(...mailboxes) {
    const postfix = new Postfix()
    const dir = (postfix.dir = await mkdtemp(path.join(tmpdir(), 'everdesk-mail-')))
    postfix.port = await freePort()
    await chmod(dir, 0o755)
    for (const sub of ['config', 'queue', 'data', 'mail']) await mkdir(path.join(dir, sub))
    await run('chown', ['postfix', path.join(dir, 'data')])
    await run('chown', [`${nobody}`, path.join(dir, 'mail')])
    const boxes = mailboxes.map((name) => `${name}@${domain}=${name}/`).join(',')
    await writeFile(path.join(dir, 'config/main.cf'), `compatibility_level = 3.6
queue_directory = ${dir}/queue
data_directory = ${dir}/data
maillog_file = ${dir}/mail.log
maillog_file_prefixes = ${dir}
myhostname = mx.${domain}
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps =
smtpd_relay_restrictions = reject_unauth_destination
virtual_mailbox_domains = ${domain}
virtual_mailbox_base = ${dir}/mail
virtual_mailbox_maps = inline:{${boxes}}
virtual_uid_maps = static:${nobody}
virtual_gid_maps = static:${nobody}
alias_maps =
alias_database =
`)
    await writeFile(path.join(dir, 'config/master.cf'), `127.0.0.1:${postfix.port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
virtual unix - n n - - virtual
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
`)
    await postfix.#control('start')
    return postfix
  }

  #control(verb) {
    // Its daemons keep what they are given as output open, so they get nothing.
    return new Promise((resolve, reject) => {
      const child = execFile('/bin/sh', ['-c', `exec /usr/sbin/postfix -c '${this.dir}/config' ${verb} >'${this.dir}/output' 2>&1`])
      child.once('exit', async (code) => code === 0 ? resolve() : reject(new Error(`postfix ${verb}: ${await readFile(`${this.dir}/output`, 'utf8')}`)))
    })
  }

  /** Waits until a mailbox holds n letters and returns them as { head, text }, the oldest first. */
  mail(mailbox, n) {
    const folder = path.join(this.dir, 'mail', mailbox, 'new')
    return until(async () => {
      const files = (await readdir(folder).catch(() => [])).sort()
      return files.length >= n && Promise.all(files.map(async (file) => letter(await readFile(path.join(folder, file), 'utf8'))))
    }, `${mailbox} has ${n} letters`, { within: 60_000 })
  }

  async stop() {
    await this.#control('abort').catch(() => undefined)
    await rm(this.dir, { recursive: true, force: true })
  }
}

/** The head and the plain text of a letter. */
function letter(raw) {
  const part = (text) => {
    const [, head, body] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(text)
    const header = (name) => new RegExp(`^${name}:\\s*((?:.|\\r?\\n[ \\t])*)`, 'im').exec(head)?.[1].replace(/\r?\n[ \t]/g, ' ') ?? ''
    const boundary = /boundary="?([^";\s]+)/i.exec(header('Content-Type'))?.[1]
    if (boundary) {
      const parts = body.split(`--${boundary}`).slice(1, -1).map((one) => part(one.replace(/^\r?\n/, '')))
      return { head, header, text: (parts.find((one) => /text\/plain/i.test(one.header('Content-Type'))) ?? parts[0]).text }
    }
    const encoding = header('Content-Transfer-Encoding').toLowerCase()
    const bytes = encoding.includes('base64') ? Buffer.from(body, 'base64')
      : encoding.includes('quoted') ? Buffer.from(body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1')
      : Buffer.from(body)
    return { head, header, text: bytes.toString('utf8') }
  }
  return part(raw)
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
